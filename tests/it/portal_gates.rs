//! The City's procurement portals ask the gate by their own numbers: bids, awards and contract actions.
use candor_tests::due_times::march::{AFTER, DUE};
use candor_tests::fixtures::{no_dealings, usd};
use candor_tests::portal::{list_field_problems, portal_bid};
use candor_tests::steps::text;
use candor_tests::{Method, Role, StatusCode, TestApp, stories};
use serde_json::{Value, json};

stories![
    a_portal_bids_awards_and_renews_by_numbers,
    a_preview_decides_and_writes_nothing,
    an_unknown_or_ambiguous_vendor_is_a_conflict_with_what_to_do,
    an_array_has_a_status_for_each,
    nobody_but_the_submitting_key_learns_of_a_sealed_bid,
    an_action_that_is_not_admitted_waits_and_is_sent_again,
    bad_input_is_refused_with_words,
];

const KEY: &str = "PROCUREMENT_SYSTEM";

/// The numbers of rows that a request to the gate may write.
async fn count_rows(app: &TestApp) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in
        ["ledger", "decision", "bid", "contract", "renewal", "award_attempt", "reevaluation"]
    {
        counts.push(app.select_number(&format!("SELECT COUNT(*) FROM {table}")).await);
    }
    counts
}

async fn a_portal_bids_awards_and_renews_by_numbers(app: TestApp) {
    app.create_department("BSS").await;
    let key = app.create_api_key(KEY).await;
    let (actor, key) = (format!("candor {}", key.id), key.secret);
    let firm = app.register_vendor(&key, "Prime Paving", "V-1").await;
    app.put_published_solicitation(&key, "BSS", "S-1", DUE).await;

    let taken = app.rest_post(&key, "/v1/gate/bids", &portal_bid("S-1", "v-1 ", "125000")).await;
    let taken = taken.expect(200);
    assert_eq!(
        (&taken["decision"], &taken["committed"], &taken["carriedOut"]),
        (&json!("ADMIT"), &json!(true), &json!(true)),
        "{taken:#}"
    );
    assert_eq!(taken["vendor"]["number"], "V-1");
    assert_eq!(taken["vendor"]["organizationId"], json!(firm.id));
    assert!(text(&taken["letter"]).contains("Prime Paving"), "{taken:#}");
    assert_eq!(taken["decidedAt"], json!(app.now()), "the time is the service's");
    let (bid, reference) = (text(&taken["subject"]), text(&taken["reference"]));
    assert!(bid.starts_with("bid_") && reference.starts_with("dec_"));
    // The firm sees it as its own bid; the actor is the key.
    let own = "query($id: ID!) { node(id: $id) { ... on Bid { decision { id } } } }";
    let own = app.query(&firm.token, own, json!({ "id": bid })).await;
    assert_eq!(own["node"]["decision"]["id"], json!(reference));
    assert_eq!(app.select_text("SELECT submitted_by FROM bid").await, actor);

    // It replaces its own bid.
    let mut again = portal_bid("S-1", "V-1", "120000");
    let refused = app.rest_post(&key, "/v1/gate/bids", &again).await.expect(409);
    assert!(text(&refused["detail"]).contains(&bid), "{refused:#}");
    again["replaces"] = json!(bid);
    let replaced = app.rest_post(&key, "/v1/gate/bids", &again).await.expect(200);
    assert_ne!(replaced["subject"], json!(bid));

    let award = json!({
        "contract": "C-1", "solicitation": "S-1", "vendor": "V-1", "startDate": "2026-04-01",
        "endDate": "2026-12-31", "clauseVersion": 1,
    });
    let early = app.rest_post(&key, "/v1/gate/awards", &award).await.expect(409);
    assert!(text(&early["detail"]).contains("bids are not due yet"), "{early:#}");
    app.advance_to(AFTER);
    let awarded = app.rest_post(&key, "/v1/gate/awards", &award).await.expect(200);
    assert_eq!(awarded["decision"], "ADMIT", "{awarded:#}");
    assert!(text(&awarded["subject"]).starts_with("con_"));
    let contract = app.rest_get(&key, "/v1/contracts/C-1").await.expect(200);
    assert_eq!(contract["basis"], "GATED");
    assert_eq!(contract["reference"], awarded["reference"]);
    assert_eq!(contract["value"]["amount"], "120000.00");

    let renewal = json!({ "contract": "C-1", "action": "RENEWAL", "endDate": "2027-12-31" });
    let renewed = app.rest_post(&key, "/v1/gate/renewals", &renewal).await.expect(200);
    assert_eq!(
        (&renewed["decision"], &renewed["carriedOut"]),
        (&json!("ADMIT"), &json!(true)),
        "{renewed:#}"
    );
    assert!(text(&renewed["subject"]).starts_with("ren_"));
    let contract = app.rest_get(&key, "/v1/contracts/C-1").await.expect(200);
    assert_eq!(contract["endDate"], "2027-12-31");
    app.advance_to("2026-04-06T20:00:00Z");
    // An amendment needs no decision, and is carried out.
    let amendment = json!({
        "contract": "C-1", "action": "AMENDMENT", "value": usd("500.00"), "number": "A-1",
    });
    let amended = app.rest_post(&key, "/v1/gate/renewals", &amendment).await.expect(200);
    assert_eq!(
        (&amended["decision"], &amended["reference"], &amended["carriedOut"]),
        (&Value::Null, &Value::Null, &json!(true)),
        "{amended:#}"
    );
    let other = app.register_vendor(&key, "Heir Paving", "V-2").await;
    let assignment = json!({ "contract": "C-1", "action": "ASSIGNMENT", "assignee": "V-2" });
    let assigned = app.rest_post(&key, "/v1/gate/renewals", &assignment).await.expect(200);
    assert_eq!(assigned["carriedOut"], true, "{assigned:#}");
    let contract = app.rest_get(&key, "/v1/contracts/C-1").await.expect(200);
    assert_eq!(contract["organizationId"], json!(other.id));
    assert_eq!(contract["vendor"], "V-2");

    let decision = app.rest_get(&key, &format!("/v1/decisions/{reference}")).await.expect(200);
    assert_eq!(decision["decision"], "ADMIT");
    app.assert_verifies().await;
}

async fn a_preview_decides_and_writes_nothing(app: TestApp) {
    app.create_department("BSS").await;
    let key = app.create_api_key(KEY).await.secret;
    app.register_vendor(&key, "Prime Paving", "V-1").await;
    let silent = app.register_silent_vendor(&key, "Silent", "V-2").await;
    app.put_published_solicitation(&key, "BSS", "S-1", DUE).await;
    let direct = json!({
        "contract": "C-1", "department": "BSS", "method": "SOLE_SOURCE", "vendor": "V-1",
        "title": "Paving", "value": usd("9000.00"), "startDate": "2026-04-01",
        "endDate": "2026-12-31", "clauseVersion": 1,
    });
    let renewal = json!({ "contract": "C-1", "action": "RENEWAL", "endDate": "2027-12-31" });

    let before = count_rows(&app).await;
    let preview = async |door: &str, body: &Value| {
        let path = format!("/v1/gate/{door}?commit=false");
        let answer = app.rest_post(&key, &path, body).await.expect(200);
        assert_eq!(
            (&answer["committed"], &answer["reference"], &answer["subject"]),
            (&json!(false), &Value::Null, &Value::Null),
            "{answer:#}"
        );
        answer
    };
    let admitted = preview("bids", &portal_bid("S-1", "V-1", "1000")).await;
    assert_eq!((&admitted["decision"], &admitted["carriedOut"]), (&json!("ADMIT"), &json!(true)));
    let blocked = preview("bids", &portal_bid("S-1", "V-2", "1000")).await;
    assert_eq!((&blocked["decision"], &blocked["carriedOut"]), (&json!("BLOCK"), &json!(false)));
    assert_eq!(blocked["findings"][0]["code"], "disclosure.missing");
    let award = preview("awards", &direct).await;
    assert_eq!((&award["decision"], &award["carriedOut"]), (&json!("ADMIT"), &json!(true)));
    let mut to_silent = direct.clone();
    to_silent["vendor"] = json!("V-2");
    let award = preview("awards", &to_silent).await;
    assert_eq!((&award["decision"], &award["carriedOut"]), (&json!("BLOCK"), &json!(false)));
    assert!(!text(&award["letter"]).contains("dec_"), "{award:#}");
    assert_eq!(count_rows(&app).await, before, "previews write nothing");

    app.rest_post(&key, "/v1/gate/awards", &direct).await.expect(200);
    let before = count_rows(&app).await;
    let renewed = preview("renewals", &renewal).await;
    assert_eq!((&renewed["decision"], &renewed["carriedOut"]), (&json!("ADMIT"), &json!(true)));
    let several = json!([renewal, renewal]);
    let several = app.rest_post(&key, "/v1/gate/renewals?commit=false", &several).await.expect(200);
    assert_eq!(several[1]["answer"]["decision"], "ADMIT", "{several:#}");
    assert_eq!(count_rows(&app).await, before, "previews write nothing");
    // The firm files, and the same preview admits.
    app.file_disclosure(&silent, no_dealings()).await;
    let admitted = preview("bids", &portal_bid("S-1", "V-2", "1000")).await;
    assert_eq!(admitted["decision"], "ADMIT");
    let wrong = app.rest_post(&key, "/v1/gate/bids?commit=maybe", &json!({})).await.expect(400);
    assert!(text(&wrong["detail"]).contains("commit"), "{wrong:#}");
    app.assert_verifies().await;
}

async fn an_unknown_or_ambiguous_vendor_is_a_conflict_with_what_to_do(app: TestApp) {
    app.create_department("BSS").await;
    let key = app.create_api_key(KEY).await.secret;
    app.put_published_solicitation(&key, "BSS", "S-1", DUE).await;
    let bid = async |vendor: &str| {
        let answer = app.rest_post(&key, "/v1/gate/bids", &portal_bid("S-1", vendor, "1")).await;
        text(&answer.expect(409)["detail"])
    };
    let unknown = bid("V-404").await;
    assert!(unknown.contains("no firm here has the vendor number V-404; send"), "{unknown}");
    // Whoever claims a number is not its vendor: it would read the vendor's sealed bids.
    let number = json!([{ "scheme": "CITY_VENDOR", "id": "V-7" }]);
    let claim = async |name: &str, disputed: bool| {
        let input = json!({
            "kind": "CORPORATION", "legalName": name, "identifiers": number, "disputed": disputed,
        });
        app.register_organization(name, input).await
    };
    claim("squatter", false).await;
    let claimed = bid("V-7").await;
    assert!(
        claimed.contains("the City has not verified it; send the vendor's record"),
        "{claimed}"
    );
    claim("second", true).await;
    let several = bid("V-7").await;
    assert!(several.contains("several firms here claim the vendor number V-7"), "{several}");
    assert_eq!(app.select_number("SELECT COUNT(*) FROM bid").await, 0);
    app.assert_verifies().await;
}

async fn an_array_has_a_status_for_each(app: TestApp) {
    app.create_department("BSS").await;
    let key = app.create_api_key(KEY).await.secret;
    app.register_vendor(&key, "Prime Paving", "V-1").await;
    app.put_published_solicitation(&key, "BSS", "S-1", DUE).await;
    let bids = json!([
        portal_bid("S-1", "V-404", "1"),
        portal_bid("S-1", "V-1", "1000"),
        portal_bid("S-404", "V-1", "1000"),
        { "solicitation": "S-1", "vendor": "V-1", "bogus": true },
        7,
        portal_bid("S-1", "V-1", "2000"),
    ]);
    let answers = app.rest_post(&key, "/v1/gate/bids", &bids).await.expect(200);
    let statuses: Vec<&Value> =
        answers.as_array().expect("a list").iter().map(|it| &it["status"]).collect();
    assert_eq!(statuses, [409, 200, 422, 422, 422, 409], "{answers:#}");
    assert_eq!(answers[1]["answer"]["decision"], "ADMIT");
    assert_eq!(answers[1]["problem"], Value::Null);
    assert_eq!(list_field_problems(&answers[2]["problem"]), ["solicitation invalid"]);
    assert!(text(&answers[3]["problem"]["detail"]).contains("bogus"), "{answers:#}");
    assert_eq!(app.select_number("SELECT COUNT(*) FROM bid").await, 1);
    let none = app.rest_post(&key, "/v1/gate/bids", &json!([])).await.expect(200);
    assert_eq!(none, json!([]));
    let many = Value::Array(vec![json!({}); 501]);
    let many = app.rest_post(&key, "/v1/gate/bids", &many).await.expect(422);
    assert!(text(&many["detail"]).contains("at most 500"), "{many:#}");
    app.assert_verifies().await;
}

/// One microsecond before the due time and until late bids are settled, no door tells anybody else of a bid.
async fn nobody_but_the_submitting_key_learns_of_a_sealed_bid(app: TestApp) {
    let department = app.create_department("BSS").await;
    let key = app.create_api_key(KEY).await.secret;
    let rival = app.create_api_key(KEY).await.secret;
    app.register_vendor(&key, "Prime Paving", "V-1").await;
    app.register_vendor(&key, "Elsewhere", "V-2").await;
    app.put_published_solicitation(&key, "BSS", "S-1", DUE).await;
    let taken = app.rest_post(&key, "/v1/gate/bids", &portal_bid("S-1", "V-1", "1000")).await;
    let taken = taken.expect(200);
    let (bid, reference) = (text(&taken["subject"]), text(&taken["reference"]));
    let decision = format!("/v1/decisions/{reference}");
    let status = "/v1/solicitations/S-1/status";
    let award = |vendor: &str| {
        json!({
            "contract": "C-1", "solicitation": "S-1", "vendor": vendor, "startDate": "2026-04-01",
            "endDate": "2027-03-31",
        })
    };
    for time in ["2026-03-10T21:59:59Z", DUE, "2026-03-10T22:00:14.999999Z"] {
        app.advance_to(time);
        let own = app.rest_get(&key, status).await.expect(200);
        assert_eq!(own["bidsOpened"], false);
        assert_eq!(own["bids"][0]["id"], json!(bid), "{own:#}");
        assert_eq!(own["bids"][0]["vendor"], "V-1");
        app.rest_get(&key, &decision).await.expect(200);
        let staff = app.token("staff", &[Role::Auditor]);
        let system = app.token("system", &[Role::ProcurementSystem]);
        for other in [&rival, &staff, &system, &department.token] {
            let seen = app.rest_get(other, status).await.expect(200);
            assert_eq!(seen["bids"], json!([]), "{seen:#}");
            assert!(!seen.to_string().contains(&bid));
            app.rest_get(other, &decision).await.expect(404);
        }
        // The refusal to award says the same for a vendor that has bid and for one that has not.
        let [bidder, none] = ["V-1", "V-2"].map(award);
        for asking in [&rival, &key] {
            let bidder = app.rest_post(asking, "/v1/gate/awards", &bidder).await.expect(409);
            let none = app.rest_post(asking, "/v1/gate/awards", &none).await.expect(409);
            assert_eq!(bidder, none);
        }
        // So does a preview of another bid.
        for vendor in ["V-1", "V-2"] {
            if time != DUE && time.contains("22:00:14") {
                continue;
            }
            let bid = portal_bid("S-1", vendor, "5");
            let foreseen = app.rest_post(&rival, "/v1/gate/bids?commit=false", &bid).await;
            assert_eq!(foreseen.expect(200)["decision"], "ADMIT");
        }
    }
    app.advance_to("2026-03-10T21:00:00Z");
    // A bid of the same firm from elsewhere is not taken, and its words name no bid.
    let second = app.rest_post(&rival, "/v1/gate/bids", &portal_bid("S-1", "V-1", "9")).await;
    let second = second.expect(409);
    assert!(!second.to_string().contains("bid_"), "{second:#}");
    let mut replacing = portal_bid("S-1", "V-1", "9");
    replacing["replaces"] = json!(bid);
    let replacing = app.rest_post(&rival, "/v1/gate/bids", &replacing).await.expect(422);
    assert!(!replacing.to_string().contains("bid_"), "{replacing:#}");
    assert_eq!(list_field_problems(&replacing), ["replaces invalid"]);

    app.advance_to(AFTER);
    for reader in [&key, &rival, &department.token] {
        let opened = app.rest_get(reader, status).await.expect(200);
        assert_eq!(opened["bidsOpened"], true);
        assert_eq!(opened["bids"][0]["reference"], json!(reference));
        app.rest_get(reader, &decision).await.expect(200);
    }
    let metrics = app.metrics().await;
    assert!(!metrics.contains("gate/bids") && !metrics.contains("decisions"), "{metrics}");
    app.assert_verifies().await;
}

async fn an_action_that_is_not_admitted_waits_and_is_sent_again(app: TestApp) {
    let department = app.create_department("BSS").await;
    let key = app.create_api_key(KEY).await.secret;
    let firm = app.register_silent_vendor(&key, "Prime Paving", "V-1").await;
    let days = ("2020-07-01", "2026-06-30");
    app.record_contract(&department, &firm, "C-1", days, json!({ "clauseVersion": 1 })).await;
    let renewal = json!({ "contract": "C-1", "action": "RENEWAL", "endDate": "2027-06-30" });
    let send = async |body: &Value| app.rest_post(&key, "/v1/gate/renewals", body).await;
    let held = send(&renewal).await.expect(200);
    assert_eq!((&held["decision"], &held["carriedOut"]), (&json!("BLOCK"), &json!(false)));
    let waiting = text(&held["subject"]);
    // The same action again is decided again; another one has to name it.
    let again = send(&renewal).await.expect(200);
    assert_eq!(again["subject"], json!(waiting));
    assert_ne!(again["reference"], held["reference"]);
    let other = json!({ "contract": "C-1", "action": "RENEWAL", "endDate": "2026-12-31" });
    let refused = send(&other).await.expect(422);
    assert_eq!(list_field_problems(&refused), ["replaces taken"]);
    assert!(text(&refused["detail"]).contains(&waiting), "{refused:#}");
    app.file_disclosure(&firm, no_dealings()).await;
    let admitted = send(&renewal).await.expect(200);
    assert_eq!(admitted["subject"], json!(waiting));
    assert_eq!((&admitted["decision"], &admitted["carriedOut"]), (&json!("ADMIT"), &json!(true)));
    let over = send(&renewal).await.expect(422);
    assert_eq!(list_field_problems(&over), ["endDate contradiction"]);
    app.assert_verifies().await;
}

async fn bad_input_is_refused_with_words(app: TestApp) {
    app.create_department("BSS").await;
    app.create_department("LIB").await;
    let key = app.create_api_key(KEY).await.secret;
    app.register_vendor(&key, "Prime Paving", "V-1").await;
    for department in ["BSS", "LIB"] {
        app.put_published_solicitation(&key, department, "S-1", DUE).await;
    }
    let before = count_rows(&app).await;
    let (bids, awards) = ("/v1/gate/bids", "/v1/gate/awards");
    for (path, body, status, words) in [
        (bids, "", 400, "not JSON"),
        (bids, "{", 400, "not JSON"),
        (bids, "nonsense", 400, "not JSON"),
        (bids, "{\"vendor\": \"V-1\", \"vendor\": \"V-2\"}", 400, "two members"),
        (bids, "null", 422, "invalid type"),
        (bids, "\"text\"", 422, "invalid type"),
        (bids, "{}", 422, "solicitation"),
        (bids, "{\"solicitation\": 7, \"vendor\": \"V-1\"}", 422, "string"),
        (bids, "{\"solicitation\": \"S-1\", \"vendor\": \"V-1\", \"x\": 1}", 422, "unknown field"),
        (bids, "{\"solicitation\": \"S-1\", \"vendor\": \"V-1\"}", 422, "department"),
        (bids, "{\"solicitation\": \"\", \"vendor\": \"V-1\"}", 422, "Fill this in"),
        (bids, "{\"solicitation\": \"S-1\", \"vendor\": \"\"}", 422, "Fill this in"),
        (bids, "{\"solicitation\": \"S\\u0000\", \"vendor\": \"V-1\"}", 422, "U+0000"),
        (
            awards,
            "{\"contract\": \"C\", \"vendor\": \"V-1\", \"department\": \"XXX\", \
            \"startDate\": \"x\", \"endDate\": \"y\"}",
            422,
            "department",
        ),
        (
            awards,
            "{\"contract\": \"\", \"vendor\": \"V-1\", \"department\": \"BSS\", \
            \"startDate\": \"x\", \"endDate\": \"y\"}",
            422,
            "date",
        ),
        ("/v1/gate/renewals", "{\"contract\": \"C-1\", \"action\": \"RENEWAL\"}", 422, "C-1"),
        ("/v1/gate/renewals", "{\"contract\": \"C-1\", \"action\": \"x\"}", 422, "RENEWAL"),
    ] {
        let answer = app.rest_send_text(Method::POST, &key, path, body).await;
        let media = answer.headers["content-type"].to_str().expect("ASCII").to_owned();
        let problem = answer.expect(status);
        assert_eq!(media, "application/problem+json", "{problem:#}");
        assert_eq!(problem["code"], "BAD_USER_INPUT", "{body} {problem:#}");
        assert!(text(&problem["detail"]).contains(words), "{body} {problem:#}");
    }
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    app.rest_send_text(Method::POST, &key, bids, &deep).await.expect(400);
    let large = format!("\"{}\"", "x".repeat(1024 * 1024));
    app.rest_send_text(Method::POST, &key, bids, &large).await.expect(413);
    let form = app.http_request(Method::POST, bids).bearer_auth(&key).body("{}");
    let form = form.send().await.expect("an answer");
    assert_eq!(form.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let wrong = app.rest_post(&key, "/v1/gate/bids?x=1", &json!({})).await.expect(400);
    assert!(text(&wrong["detail"]).contains('x'), "{wrong:#}");
    for path in ["/v1/decisions/nonsense", "/v1/vendors/V-9/status", "/v1/solicitations/X/status"] {
        app.rest_get(&key, path).await.expect(404);
    }
    app.rest_get(&key, "/v1/vendors/%ff/status").await.expect(400);
    let ambiguous = app.rest_get(&key, "/v1/solicitations/S-1/status").await.expect(422);
    assert_eq!(list_field_problems(&ambiguous), ["department required"]);
    app.rest_get(&key, "/v1/solicitations/S-1/status?department=lib").await.expect(200);
    let anonymous = app.http_request(Method::GET, "/v1/vendors/V-1").send().await;
    let anonymous = anonymous.expect("an answer");
    assert_eq!(anonymous.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(anonymous.headers()["www-authenticate"], "Bearer");
    assert_eq!(count_rows(&app).await, before, "nothing is half written");
    app.assert_verifies().await;
}
