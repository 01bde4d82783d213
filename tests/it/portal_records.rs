//! The City's procurement portals send their records: vendors, solicitations and contracts, each as often as
//! they like.
use candor_tests::due_times::march::{AFTER, DUE};
use candor_tests::fixtures::usd;
use candor_tests::portal::list_field_problems;
use candor_tests::steps::text;
use candor_tests::{Method, TestApp, stories};
use reqwest::header::{IF_MATCH, IF_NONE_MATCH};
use serde_json::{Value, json};

stories![
    a_vendor_from_the_portal_is_verified,
    a_published_solicitation_changes_only_by_an_addendum,
    a_contract_that_the_gate_decides_needs_its_reference,
    a_condition_that_fails_changes_nothing,
    the_first_page_says_where_the_documents_are,
];

const KEY: &str = "PROCUREMENT_SYSTEM";
const LATER: &str = "2026-03-17T21:00:00Z";

async fn count_entries(app: &TestApp) -> i64 {
    app.select_number("SELECT COUNT(*) FROM ledger").await
}

async fn a_vendor_from_the_portal_is_verified(app: TestApp) {
    let key = app.create_api_key(KEY).await.secret;
    let put = async |number: &str, body: Value| {
        app.rest_put(&key, &format!("/v1/vendors/{number}"), &body).await
    };
    // A new firm, with its first signatory.
    let body = json!({
        "legalName": "New Paving Inc", "city": "Los Angeles", "state": "CA",
        "email": "signer@newpaving.example", "taxNumber": "T-1",
    });
    let created = put("V-1", body.clone()).await;
    assert_eq!(created.status.as_u16(), 201, "{:#}", created.body);
    let tag = created.entity_tag();
    assert_eq!(created.body["city"], "Los Angeles");
    let entries = count_entries(&app).await;
    let again = put("v-1", body).await;
    assert_eq!((again.status.as_u16(), again.entity_tag()), (200, tag.clone()));
    assert_eq!(count_entries(&app).await, entries, "sending it again changes nothing");
    let read = app.rest_get(&key, "/v1/vendors/V-1").await;
    assert_eq!(read.entity_tag(), tag);
    assert_eq!(read.body["identifiers"][0]["state"], "VERIFIED");

    // A firm that claims its number is verified; another name is not taken over.
    let number = json!([{ "scheme": "CITY_VENDOR", "id": "V-2" }]);
    let input =
        json!({ "kind": "CORPORATION", "legalName": "Own Name LLC", "identifiers": number });
    let firm = app.register_organization("own", input).await;
    let verified = put("V-2", json!({ "legalName": "Own Name, LLC" })).await.expect(200);
    assert_eq!(verified["organizationId"], json!(firm.id));
    assert_eq!(verified["warnings"], json!([]));
    let renamed = put("V-2", json!({ "legalName": "Another Name" })).await.expect(200);
    assert_eq!(renamed["legalName"], "Own Name LLC");
    assert!(text(&renamed["warnings"][0]).contains("the firm itself changes it"), "{renamed:#}");

    // Whoever claims another firm's number loses it, and a person decides whether they are one firm.
    let number = json!([{ "scheme": "CITY_VENDOR", "id": "V-3" }]);
    let input = json!({ "kind": "CORPORATION", "legalName": "Squatter", "identifiers": number });
    let squatter = app.register_organization("squatter", input).await;
    let rightful = put("V-3", json!({ "legalName": "Rightful Inc" })).await.expect(201);
    assert_ne!(rightful["organizationId"], json!(squatter.id));
    assert!(!rightful["warnings"].as_array().expect("warnings").is_empty());

    // A tax number that the City has verified for another firm.
    let taken = put("V-4", json!({ "legalName": "Thief Inc", "taxNumber": "T-1" })).await;
    assert!(!text(&taken.expect(409)["detail"]).is_empty());
    let invalid = put("123-45-6789", json!({ "legalName": " ", "email": "x", "uei": "\u{202e}" }));
    let invalid = invalid.await.expect(422);
    let errors = list_field_problems(&invalid);
    assert_eq!(errors, ["legalName required", "number invalid", "uei invalid", "email invalid"]);
    put("V-5", json!({ "legalName": "X", "bogus": 1 })).await.expect(422);
    app.rest_get(&key, "/v1/vendors/V-404").await.expect(404);

    let status = app.rest_get(&key, "/v1/vendors/V-2/status").await.expect(200);
    assert_eq!((&status["disclosure"], &status["filedOn"]), (&json!("MISSING"), &Value::Null));
    app.file_disclosure(&firm, candor_tests::fixtures::no_dealings()).await;
    let status = app.rest_get(&firm.token, "/v1/vendors/V-2/status").await.expect(200);
    assert_eq!(
        (&status["disclosure"], &status["filedOn"]),
        (&json!("CURRENT"), &json!("2026-02-02"))
    );
    let lapses = text(&status["lapsesOn"]);
    app.advance_to(&format!("{lapses}T20:00:00Z"));
    let key = app.create_api_key(KEY).await.secret;
    let status = app.rest_get(&key, "/v1/vendors/V-2/status").await.expect(200);
    assert_eq!(status["disclosure"], "LAPSED", "{status:#}");
    app.assert_verifies().await;
}

async fn a_published_solicitation_changes_only_by_an_addendum(app: TestApp) {
    app.create_department("BSS").await;
    let key = app.create_api_key(KEY).await.secret;
    let put = async |body: &Value| app.rest_put(&key, "/v1/solicitations/S-1", body).await;
    let mut body = json!({
        "department": "BSS", "title": "Paving", "method": "BIDS", "dueAt": DUE, "published": false,
    });
    assert_eq!(put(&body).await.expect(201)["status"], "DRAFT");
    body["title"] = json!("Paving, Harbor district");
    body["published"] = json!(true);
    let published = put(&body).await.expect(200);
    assert_eq!(
        (&published["status"], &published["title"], &published["sealed"]),
        (&json!("PUBLISHED"), &body["title"], &json!(true))
    );
    let entries = count_entries(&app).await;
    put(&body).await.expect(200);
    assert_eq!(count_entries(&app).await, entries, "sending it again changes nothing");

    let with = |field: &str, value: Value| {
        let mut changed = body.clone();
        changed[field] = value;
        changed
    };
    let titled = put(&with("title", json!("Other"))).await.expect(422);
    let errors = list_field_problems(&titled);
    assert_eq!(errors, ["title contradiction", "addendum required"]);
    let moved = put(&with("dueAt", json!(LATER))).await.expect(422);
    assert_eq!(list_field_problems(&moved), ["addendum required"]);
    put(&with("method", json!("PROPOSALS"))).await.expect(409);
    put(&with("published", json!(false))).await.expect(409);
    put(&with("department", json!("XXX"))).await.expect(422);
    put(&with("dueAt", json!("tomorrow"))).await.expect(422);
    put(&with("method", json!("BARTER"))).await.expect(422);
    assert_eq!(count_entries(&app).await, entries, "refusals change nothing");

    let mut extended = with("dueAt", json!(LATER));
    extended["addendum"] = json!("Bids are due a week later.");
    let amended = put(&extended).await.expect(200);
    assert_eq!(amended["dueAt"], json!(LATER));
    assert_eq!(amended["addenda"][0]["text"], extended["addendum"]);
    let entries = count_entries(&app).await;
    let again = put(&extended).await.expect(200);
    assert_eq!(again["addenda"].as_array().expect("addenda").len(), 1);
    extended["addendum"] = json!("  Bids are due a week later.  ");
    put(&extended).await.expect(200);
    assert_eq!(count_entries(&app).await, entries, "the last addendum is not issued again");
    extended["addendum"] = json!("The site is open on Mondays.");
    let second = put(&extended).await.expect(200);
    assert_eq!(second["addenda"][1]["number"], 2);
    // After the due time the same record is still confirmed.
    app.advance_to("2026-03-17T22:00:00Z");
    put(&extended).await.expect(200);
    extended["addendum"] = json!("Too late.");
    put(&extended).await.expect(409);
    app.assert_verifies().await;
}

async fn a_contract_that_the_gate_decides_needs_its_reference(app: TestApp) {
    app.create_department("BSS").await;
    let key = app.create_api_key(KEY).await.secret;
    app.register_vendor(&key, "Prime Paving", "V-1").await;
    app.register_vendor(&key, "Other", "V-2").await;
    let put = async |number: &str, body: &Value| {
        app.rest_put(&key, &format!("/v1/contracts/{number}"), body).await
    };
    // Signed on the last day before the first policy.
    let old = json!({
        "department": "BSS", "vendor": "V-1", "title": "Paving", "value": usd("1000.00"),
        "signedOn": "2024-12-31", "startDate": "2025-02-01", "endDate": "2027-01-31",
    });
    let created = put("C-1", &old).await.expect(201);
    assert_eq!((&created["basis"], &created["vendor"]), (&json!("RECORDED"), &json!("V-1")));
    let entries = count_entries(&app).await;
    put("C-1", &old).await.expect(200);
    assert_eq!(count_entries(&app).await, entries, "sending it again changes nothing");
    let with = |field: &str, value: Value| {
        let mut changed = old.clone();
        changed[field] = value;
        changed
    };
    for (field, value) in [
        ("endDate", json!("2028-01-31")),
        ("value", usd("2000.00")),
        ("vendor", json!("V-2")),
        ("optionsLeft", json!(3)),
    ] {
        let refused = put("C-1", &with(field, value)).await.expect(409);
        let detail = text(&refused["detail"]);
        assert!(detail.contains(field) && detail.contains("only by a contract action"), "{detail}");
    }
    for (field, value) in [
        ("title", json!("Other")),
        ("method", json!("BIDS")),
        ("publicWorks", json!(true)),
        ("signedOn", json!("2024-12-30")),
        ("startDate", json!("2025-02-02")),
    ] {
        let refused = put("C-1", &with(field, value)).await.expect(409);
        assert!(text(&refused["detail"]).contains(field), "{refused:#}");
    }
    let dec = "dec_01kb0000000000000000000000";
    put("C-1", &with("reference", json!(dec))).await.expect(409);
    // A day later a policy gates it.
    let gated = with("signedOn", json!("2025-01-01"));
    let refused = put("C-2", &gated).await.expect(409);
    assert!(text(&refused["detail"]).contains("send its award to the gate"), "{refused:#}");
    let mut referenced = gated.clone();
    referenced["reference"] = json!(dec);
    put("C-2", &referenced).await.expect(409);
    assert_eq!(count_entries(&app).await, entries, "refusals change nothing");
    let clause = put("C-1", &with("clauseVersion", json!(1))).await.expect(200);
    assert_eq!(clause["clauseVersion"], 1);

    // The gate makes it, and its reference confirms it.
    let award = json!({
        "contract": "C-3", "department": "BSS", "method": "SOLE_SOURCE", "vendor": "V-1",
        "title": "Sweeping", "value": usd("9000.00"), "startDate": "2026-04-01",
        "endDate": "2027-03-31", "clauseVersion": 1,
    });
    let awarded = app.rest_post(&key, "/v1/gate/awards", &award).await.expect(200);
    assert_eq!(awarded["decision"], "ADMIT", "{awarded:#}");
    let mut contract = json!({
        "department": "BSS", "vendor": "V-1", "title": "Sweeping", "value": usd("9000"),
        "startDate": "2026-04-01", "endDate": "2027-03-31",
    });
    let missing = put("C-3", &contract).await.expect(409);
    assert!(text(&missing["detail"]).contains("send the reference"), "{missing:#}");
    contract["reference"] = json!(dec);
    put("C-3", &contract).await.expect(409);
    contract["reference"] = awarded["reference"].clone();
    let confirmed = put("C-3", &contract).await.expect(200);
    assert_eq!(
        (&confirmed["basis"], &confirmed["reference"]),
        (&json!("GATED"), &awarded["reference"])
    );
    let mut unknown = contract.clone();
    unknown["vendor"] = json!("V-404");
    put("C-3", &unknown).await.expect(409);
    let wrong = json!({
        "department": "BSS", "vendor": "V-1", "title": "", "value": usd("x"), "startDate": "y",
        "endDate": "z",
    });
    let errors = put("C-4", &wrong).await;
    let errors = list_field_problems(&errors.expect(422));
    assert_eq!(
        errors,
        ["title required", "value.amount invalid", "startDate invalid", "endDate invalid"]
    );
    app.assert_verifies().await;
}

async fn a_condition_that_fails_changes_nothing(app: TestApp) {
    app.create_department("BSS").await;
    let key = app.create_api_key(KEY).await.secret;
    app.register_vendor(&key, "Prime Paving", "V-1").await;
    let contract = json!({
        "department": "BSS", "vendor": "V-1", "title": "Paving", "value": usd("1000.00"),
        "startDate": "2020-07-01", "endDate": "2027-06-30",
    });
    let solicitation = json!({
        "department": "BSS", "title": "Paving", "method": "BIDS", "dueAt": DUE, "published": false,
    });
    for (path, body) in [
        ("/v1/vendors/V-8", json!({ "legalName": "Eighth" })),
        ("/v1/solicitations/S-8", solicitation),
        ("/v1/contracts/C-8", contract),
    ] {
        let send = async |condition| app.rest_put_if(&key, path, condition, &body).await;
        let entries = count_entries(&app).await;
        for condition in [(IF_MATCH, "*"), (IF_MATCH, "\"0\"")] {
            let problem = send(condition).await.expect(412);
            assert_eq!(problem["code"], "PRECONDITION_FAILED");
        }
        for condition in [(IF_MATCH, "0"), (IF_MATCH, ""), (IF_NONE_MATCH, "\"0\"")] {
            send(condition).await.expect(400);
        }
        assert_eq!(count_entries(&app).await, entries, "nothing was stored");
        let created = send((IF_NONE_MATCH, "*")).await;
        let tag = created.entity_tag();
        created.expect(201);
        let entries = count_entries(&app).await;
        send((IF_NONE_MATCH, "*")).await.expect(412);
        let (weak, among) = (format!("W/{tag}"), format!("\"0\", {tag}"));
        for stale in ["\"0\"", &weak] {
            send((IF_MATCH, stale)).await.expect(412);
        }
        for current in [&*tag, "*", &among] {
            let again = send((IF_MATCH, current)).await;
            assert_eq!(again.entity_tag(), tag);
            again.expect(200);
        }
        assert_eq!(app.rest_get(&key, path).await.entity_tag(), tag);
        assert_eq!(count_entries(&app).await, entries, "nothing was stored");
    }
    // A change has another version.
    let published = app.put_published_solicitation(&key, "BSS", "S-9", DUE).await;
    let tag = app.rest_get(&key, "/v1/solicitations/S-9").await.entity_tag();
    let mut extended = json!({
        "department": "BSS", "title": published["title"], "method": "BIDS", "dueAt": LATER,
        "published": true, "addendum": "A week later.",
    });
    let path = "/v1/solicitations/S-9";
    let amended = app.rest_put_if(&key, path, (IF_MATCH, &tag), &extended).await;
    assert_ne!(amended.entity_tag(), tag);
    extended["addendum"] = json!("Two weeks later.");
    app.rest_put_if(&key, path, (IF_MATCH, &tag), &extended).await.expect(412);
    app.advance_to(AFTER);
    app.assert_verifies().await;
}

async fn the_first_page_says_where_the_documents_are(app: TestApp) {
    for (accept, media) in [
        ("*/*", "text/plain; charset=utf-8"),
        ("text/html,*/*;q=0.8", "text/html; charset=utf-8"),
        ("application/json", "application/json"),
    ] {
        let answer = app.http_request(Method::GET, "/").header("accept", accept).send().await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status().as_u16(), 200);
        assert_eq!(answer.headers()["content-type"], media);
        assert_eq!(answer.headers()["vary"], "accept");
        let text = answer.text().await.expect("a text");
        assert!(text.contains("/openapi.json") && text.contains("Candor"), "{text}");
        assert!(!text.contains("<script"), "{text}");
    }
}
