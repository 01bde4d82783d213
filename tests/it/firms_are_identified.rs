//! Who a firm is: found by its exact name or by a number, identified by a person, verified by the City,
//! registered by staff, and found under its former name.
use candor_tests::contracts::{AWARD_CONTRACT, CLAIM_EXEMPTION};
use candor_tests::due_times::february::{AFTER, DUE};
use candor_tests::fixtures::{Firm, list_finding_codes, no_dealings, usd};
use candor_tests::steps::{
    CREATE_ORGANIZATION, ENTER_PAPER_DISCLOSURE, UPDATE_ORGANIZATION, format_user_errors,
    signatory_attestation, text,
};
use candor_tests::{Role, TestApp, stories};
use serde_json::{Value, json};

stories![
    a_subcontractor_is_found_by_its_exact_name,
    two_firms_of_one_name_are_told_apart_by_a_person,
    only_a_firm_that_fits_is_chosen,
    a_reviewer_corrects_a_party,
    the_city_verifies_and_releases_numbers,
    registering_twice_returns_the_first,
    staff_register_firms_that_are_not_there,
    firms_are_looked_up,
    an_update_keeps_what_is_not_sent,
];

const UEI: &str = "L997DB4PEJL8";
const OTHER_UEI: &str = "ENR9ZAAGMWJ5";
const UNIDENTIFIED: &str = "party.unidentified";
const IDENTIFY: &str = "mutation($input: IdentifyPartyInput!) { identifyParty(input: $input) {
    bid { id status decision { findings { code } } } contract { id readiness }
    userErrors { path code message } } }";
const REGISTER: &str = "mutation($input: OrganizationInput!, $another: Boolean! = false) {
    registerOrganization(input: $input, anotherOfSameName: $another) {
        organization { id kind legalName members { id } identifiers { id state } }
        userErrors { path code message } } }";
const VERIFY: &str =
    "mutation($input: IdentifierDecisionInput!) { verifyIdentifier(input: $input) {
    organization { id identifiers { scheme id state verifiedAt } }
    userErrors { path code message } } }";
const RELEASE: &str =
    "mutation($input: IdentifierDecisionInput!) { releaseIdentifier(input: $input) {
    organization { id identifiers { scheme id state verifiedAt } }
    userErrors { path code message } } }";
const FIND_PARTY: &str = "query($text: String, $identifier: IdentifierInput) {
    findParty(text: $text, identifier: $identifier) { organizationId name city } }";

fn uei(id: &str) -> Value {
    json!({ "scheme": "UEI", "id": id })
}

fn named(name: &str) -> Value {
    json!([{ "name": name, "amount": usd("40000") }])
}

fn named_with(name: &str, id: &str) -> Value {
    json!([{ "name": name, "identifier": uei(id), "amount": usd("40000") }])
}

/// Registers a firm of any name, whose signatory is `who`, with a disclosure that has no dealings.
async fn register_current(app: &TestApp, who: &str, name: &str, identifiers: Value) -> Firm {
    let input = json!({ "kind": "CORPORATION", "legalName": name, "identifiers": identifiers });
    let firm = app.register_organization(who, input).await;
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    firm
}

fn error_paths(payload: &Value) -> Vec<String> {
    format_user_errors(&payload["userErrors"])
}

async fn a_subcontractor_is_found_by_its_exact_name(app: TestApp) {
    let department = app.create_department("BSS").await;
    let prime = app.register_disclosing_firm("Prime Paving").await;
    register_current(&app, "acme", "Acme Paint, LLC", json!([])).await;
    register_current(&app, "numbered", "Delta Doors Inc", json!([uei(UEI)])).await;
    // The name as it was given, the code of the finding if there is one.
    for (name, given, found) in [
        ("Acme Paint, LLC", None, None),
        ("ACME   PAINT L.L.C.", None, None),
        ("acme paint", None, None),
        ("Acme Paint Inc", None, Some(UNIDENTIFIED)),
        ("Acme Paints LLC", None, Some(UNIDENTIFIED)),
        ("Nobody Knows", None, Some(UNIDENTIFIED)),
        // A number that nobody claims yet: by the name.
        ("Acme Paint", Some(OTHER_UEI), None),
        // The firm of this name has another number: it is another firm.
        ("Delta Doors Inc", Some(OTHER_UEI), Some(UNIDENTIFIED)),
        ("By number alone", Some(UEI), None),
    ] {
        let solicitation = app.publish_solicitation(&department, DUE).await;
        let subcontractors = given.map_or_else(|| named(name), |id| named_with(name, id));
        let payload = app.submit_bid_with(&prime, &solicitation, "1000000", subcontractors).await;
        let expected: Vec<&str> = found.into_iter().collect();
        assert_eq!(list_finding_codes(&payload["decision"]), expected, "{name}");
        let status = if found.is_some() { "HELD" } else { "ADMITTED" };
        assert_eq!(payload["bid"]["status"], status, "{name}");
        assert!(!payload.to_string().contains("no current disclosure"), "{payload:#}");
    }
    // Below the threshold nobody is looked for.
    let small = json!([{ "name": "Nobody Knows", "amount": usd("100") }]);
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let payload = app.submit_bid_with(&prime, &solicitation, "1000000", small).await;
    assert_eq!(payload["bid"]["status"], "ADMITTED");
    // A firm is no subcontractor of its own, by its name either.
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let own = app.submit_bid_with(&prime, &solicitation, "1000000", named("Prime Paving")).await;
    assert_eq!(error_paths(&own), ["input.subcontractors.0.name contradiction"]);
    app.assert_verifies().await;
}

async fn two_firms_of_one_name_are_told_apart_by_a_person(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let prime = app.register_disclosing_firm("Prime Paving").await;
    let one = register_current(&app, "one", "Twin Striping", json!([])).await;
    let two = app
        .register_organization(
            "two",
            json!({ "kind": "CORPORATION",
        "legalName": "Twin Striping" }),
        )
        .await;
    let held = app.submit_bid_with(&prime, &solicitation, "1000000", named("Twin Striping")).await;
    assert_eq!(list_finding_codes(&held["decision"]), [UNIDENTIFIED]);
    let letter = "query($id: ID!) { node(id: $id) { ... on Bid { decision {
        letter findings { message remedy } } } } }";
    let shown = app.query(&prime.token, letter, json!({ "id": held["bid"]["id"] })).await;
    let shown = shown.to_string();
    assert!(shown.contains("could not be identified"), "{shown}");
    assert!(!shown.contains("no current disclosure"), "{shown}");
    // A third firm of the name registers later: it changes no submitted bid, and neither does a merge of
    // names: only a person chooses.
    app.sweep().await;
    app.advance_to(AFTER);
    let choose = |firm: &Firm| {
        json!({ "input": { "bidId": held["bid"]["id"], "name": "twin striping",
            "organizationId": firm.id } })
    };
    let chosen = app.mutate_ok(&prime.token, IDENTIFY, choose(&one)).await;
    assert_eq!(chosen["bid"]["status"], "ADMITTED", "{chosen:#}");
    assert_eq!(chosen["bid"]["decision"]["findings"], json!([]));
    // The bidder chooses once; a reviewer corrects.
    let again = app.mutate(&prime.token, IDENTIFY, choose(&two)).await;
    assert_eq!(error_paths(&again), ["input.name invalid"]);
    let corrected = app.mutate_ok(&app.reviewer_token(), IDENTIFY, choose(&two)).await;
    assert_eq!(
        list_finding_codes(&corrected["bid"]["decision"]),
        ["subcontractor.missing_disclosure"]
    );
    app.file_and_load_disclosure(&two, no_dealings()).await;
    let bid = app.load_bid(&prime.token, &held["bid"]["id"]).await;
    assert_eq!(bid["status"], "ADMITTED", "{bid:#}");
    app.assert_verifies().await;
}

async fn only_a_firm_that_fits_is_chosen(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let prime = app.register_disclosing_firm("Prime Paving").await;
    let rival = app.register_disclosing_firm("Rival Paving").await;
    let fits = register_current(&app, "fits", "Late Striping Company LLC", json!([])).await;
    let other = register_current(&app, "other", "Other Striping", json!([])).await;
    let subcontractors = named_with("Late Striping Corp", OTHER_UEI);
    let held = app.submit_bid_with(&prime, &solicitation, "1000000", subcontractors).await;
    assert_eq!(list_finding_codes(&held["decision"]), [UNIDENTIFIED], "{held:#}");
    let choose = |name: &str, firm: &str| json!({ "input": { "bidId": held["bid"]["id"], "name": name, "organizationId": firm } });
    let name = "Late Striping Corp";
    for (choice, error) in [
        (choose("Nobody", &fits.id), "input.name invalid"),
        (choose(name, &other.id), "input.organizationId invalid"),
        (choose(name, &prime.id), "input.organizationId contradiction"),
        (choose(name, "org_01kb0000000000000000000000"), "input.organizationId invalid"),
        (json!({ "input": { "name": name, "organizationId": fits.id } }), "input.bidId required"),
    ] {
        let payload = app.mutate(&prime.token, IDENTIFY, choice.clone()).await;
        assert_eq!(error_paths(&payload), [error], "{choice}");
        assert!(text(&payload["userErrors"][0]["message"]).len() > 30, "{payload:#}");
    }
    assert_eq!(app.fault_code(&rival.token, IDENTIFY, choose(name, &fits.id)).await, "NOT_FOUND");
    // Its former name fits: the bid names the firm as it was called.
    app.update_organization(&other, json!({ "legalName": name })).await;
    app.update_organization(&other, json!({ "legalName": "Quite Another" })).await;
    let chosen = app.mutate_ok(&prime.token, IDENTIFY, choose(name, &other.id)).await;
    assert_eq!(chosen["bid"]["status"], "ADMITTED", "{chosen:#}");
    app.assert_verifies().await;
}

async fn a_reviewer_corrects_a_party(app: TestApp) {
    let department = app.create_department("BSS").await;
    let prime = app.register_disclosing_firm("Prime Paving").await;
    let weld = register_current(&app, "weld", "Pier Welding", json!([])).await;
    let subcontractors = named("Pier Welders");
    let recorded = app
        .record_contract(
            &department,
            &prime,
            "C-1",
            ("2026-01-01", "2026-12-31"),
            json!({ "clauseVersion": 1, "subcontractors": subcontractors }),
        )
        .await;
    let readiness = "query($id: ID!) { contract(id: $id) { readiness } }";
    let of_contract = json!({ "id": recorded });
    let data = app.query(&department.token, readiness, of_contract.clone()).await;
    assert_eq!(data["contract"]["readiness"], "REVIEW", "{data:#}");
    let choice = json!({ "input": { "contractId": recorded, "name": "Pier Welders",
        "organizationId": weld.id } });
    let reviewer = app.reviewer_token();
    let refused = app.mutate(&reviewer, IDENTIFY, choice.clone()).await;
    assert_eq!(error_paths(&refused), ["input.organizationId invalid"]);
    assert_eq!(app.fault_code(&department.token, IDENTIFY, choice.clone()).await, "FORBIDDEN");
    app.update_organization(&weld, json!({ "doingBusinessAs": ["Pier Welders"] })).await;
    let chosen = app.mutate_ok(&reviewer, IDENTIFY, choice).await;
    assert_eq!(chosen["contract"]["readiness"], "ADMIT", "{chosen:#}");
    app.assert_verifies().await;
}

async fn the_city_verifies_and_releases_numbers(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let later = app.publish_solicitation(&department, DUE).await;
    let prime = app.register_disclosing_firm("Prime Paving").await;
    let first = register_current(&app, "first", "First Claimant", json!([uei(UEI)])).await;
    let bearer = app.register_firm("True Bearer").await;
    let admitted =
        app.submit_bid_with(&prime, &solicitation, "1000000", named_with("Sub", UEI)).await;
    assert_eq!(admitted["bid"]["status"], "ADMITTED");
    let decide = |firm: &Firm, id: &str| {
        json!({ "input": { "organizationId": firm.id, "identifier": uei(id),
            "reason": "Compared with SAM.gov." } })
    };
    let reviewer = app.reviewer_token();
    let verified = app.mutate_ok(&reviewer, VERIFY, decide(&bearer, UEI)).await;
    let claim = &verified["organization"]["identifiers"][0];
    assert_eq!(
        (&claim["state"], &claim["verifiedAt"]),
        (&json!("VERIFIED"), &json!("2026-02-02T20:00:00+00:00"))
    );
    let states = "query($id: ID!) { organization(id: $id) { identifiers { id state } } }";
    let data = app.query(&first.token, states, json!({ "id": first.id })).await;
    assert_eq!(data["organization"]["identifiers"][0]["state"], "DISPUTED");
    // No submitted bid changes; a new one resolves to the verified bearer.
    app.sweep().await;
    let bid = app.load_bid(&prime.token, &admitted["bid"]["id"]).await;
    assert_eq!(
        (&bid["status"], bid["decisions"].as_array().map(Vec::len)),
        (&json!("ADMITTED"), Some(1))
    );
    let held = app.submit_bid_with(&prime, &later, "1000000", named_with("Sub", UEI)).await;
    assert_eq!(list_finding_codes(&held["decision"]), ["subcontractor.missing_disclosure"]);
    // Verifying again changes nothing; another organization must be released first.
    app.mutate_ok(&reviewer, VERIFY, decide(&bearer, UEI)).await;
    for (call, input, path, word) in [
        (VERIFY, decide(&first, UEI), "input.identifier taken", "Release it there"),
        (RELEASE, decide(&prime, UEI), "input.identifier invalid", "is claimed by"),
        (RELEASE, decide(&prime, OTHER_UEI), "input.identifier invalid", "No organization claims"),
    ] {
        let refused = app.mutate(&reviewer, call, input).await;
        assert_eq!(error_paths(&refused), [path]);
        let message = text(&refused["userErrors"][0]["message"]);
        assert!(message.contains(word), "{message}");
    }
    let empty = json!({ "input": { "organizationId": bearer.id,
        "identifier": { "scheme": "UEI", "id": " " }, "reason": "" } });
    let refused = app.mutate(&reviewer, VERIFY, empty).await;
    assert_eq!(error_paths(&refused), ["input.identifier.id required", "input.reason required"]);
    // The firm does not remove what the City has verified.
    let removed = app.update_organization(&bearer, json!({ "identifiers": [] })).await;
    assert_eq!(error_paths(&removed), ["input.identifiers contradiction"]);
    // Released, the number resolves to nobody until the City decides again.
    let released = app.mutate_ok(&reviewer, RELEASE, decide(&bearer, UEI)).await;
    assert_eq!(released["organization"]["identifiers"], json!([]));
    let found = "query($identifier: IdentifierInput!) {
        organization(identifier: $identifier) { id } }";
    let data = app.query(&reviewer, found, json!({ "identifier": uei(UEI) })).await;
    assert_eq!(data["organization"], Value::Null);
    app.mutate_ok(&reviewer, VERIFY, decide(&first, UEI)).await;
    let data = app.query(&reviewer, found, json!({ "identifier": uei(UEI) })).await;
    assert_eq!(data["organization"]["id"], json!(first.id));
    app.assert_verifies().await;
}

async fn registering_twice_returns_the_first(app: TestApp) {
    let token = app.token("owner", &[Role::Bidder]);
    let call = "mutation($input: OrganizationInput!) { createOrganization(input: $input) {
        organization { id members { role } } userErrors { path code message } } }";
    let input = |name: &str, ids: Value| json!({ "input": { "kind": "CORPORATION", "legalName": name, "identifiers": ids } });
    let first = app.mutate_ok(&token, call, input("Once Only LLC", json!([uei(UEI)]))).await;
    assert_eq!(first["organization"]["members"], json!([{ "role": "SIGNATORY" }]));
    for again in [
        input("Once Only LLC", json!([])),
        input("ONCE ONLY, L.L.C.", json!([uei(UEI)])),
        input("Another Name", json!([uei(UEI)])),
    ] {
        let payload = app.mutate(&token, call, again).await;
        assert_eq!(payload["organization"]["id"], first["organization"]["id"], "{payload:#}");
        assert_eq!(error_paths(&payload), ["input.legalName taken"]);
        let message = text(&payload["userErrors"][0]["message"]);
        assert!(message.contains(&text(&first["organization"]["id"])), "{message}");
    }
    // Sent twice at once: one organization.
    let twice = input("Double Click LLC", json!([]));
    let (one, two) = tokio::join!(
        app.mutate(&token, CREATE_ORGANIZATION, twice.clone()),
        app.mutate(&token, CREATE_ORGANIZATION, twice.clone())
    );
    assert_eq!(one["organization"]["id"], two["organization"]["id"]);
    // Another person reads how to join or to dispute; a name alone is no claim.
    let stranger = app.token("stranger", &[Role::Bidder]);
    let refused = app.mutate(&stranger, call, input("Mine", json!([uei(UEI)]))).await;
    assert_eq!(error_paths(&refused), ["input.identifiers.0 taken"]);
    let message = text(&refused["userErrors"][0]["message"]);
    assert!(message.contains("invite you") && message.contains("dispute it"), "{message}");
    app.mutate_ok(&stranger, call, input("Once Only LLC", json!([]))).await;
    assert_eq!(app.select_number("SELECT COUNT(*) FROM organization").await, 3);
    app.assert_verifies().await;
}

async fn staff_register_firms_that_are_not_there(app: TestApp) {
    let department = app.create_department("BSS").await;
    let input = |name: &str| json!({ "input": { "kind": "UNKNOWN", "legalName": name } });
    let registered = app.mutate_ok(&department.token, REGISTER, input("Night Pumps LLC")).await;
    assert_eq!(registered["organization"]["members"], json!([]));
    let id = &registered["organization"]["id"];
    // An emergency award in the same minute.
    let award = json!({ "input": {
        "organizationId": id, "departmentId": department.id, "method": "EMERGENCY",
        "number": "E-1", "title": "Pumps", "value": usd("50000"), "startDate": "2026-02-02",
        "endDate": "2026-03-31", "clauseVersion": 1,
    } });
    let claim = json!({ "input": { "departmentId": department.id, "contractNumber": "E-1",
        "kind": "EMERGENCY", "reason": "The pumps fail tonight." } });
    app.mutate_ok(&department.token, CLAIM_EXEMPTION, claim).await;
    let awarded = app.mutate_ok(&department.token, AWARD_CONTRACT, award).await;
    assert_eq!(awarded["contract"]["basis"], "GATED", "{awarded:#}");
    // A paper form from a firm that a reviewer registers.
    let reviewer = app.reviewer_token();
    let paper = app.mutate_ok(&reviewer, REGISTER, input("Paper Works")).await;
    let form = json!({ "input": {
        "organizationId": paper["organization"]["id"], "statement": no_dealings(),
        "signedOn": "2026-01-30", "attestation": signatory_attestation("Paper Works"),
        "paper": { "name": "form.pdf", "sha256": "ab".repeat(32), "link": "https://files.city.example/17" },
    } });
    app.mutate_ok(&reviewer, ENTER_PAPER_DISCLOSURE, form).await;
    // Registered already: found instead, unless it is another firm of the same name.
    let again = app.mutate(&reviewer, REGISTER, input("NIGHT PUMPS")).await;
    assert_eq!(
        (error_paths(&again), &again["organization"]["id"]),
        (vec!["input.legalName taken".to_owned()], id)
    );
    let mut another = input("Night Pumps LLC");
    another["another"] = json!(true);
    app.mutate_ok(&reviewer, REGISTER, another).await;
    let several = app.mutate(&reviewer, REGISTER, input("Night Pumps LLC")).await;
    assert_eq!(error_paths(&several), ["input.legalName taken"]);
    assert_eq!(several["organization"], Value::Null);
    let bidder = app.token("bidder", &[Role::Bidder]);
    assert_eq!(app.fault_code(&bidder, REGISTER, input("Mine")).await, "FORBIDDEN");
    app.assert_verifies().await;
}

async fn firms_are_looked_up(app: TestApp) {
    let department = app.create_department("BSS").await;
    let address = json!({ "street": "1 Pier", "city": "Port Ambrose", "region": "CA",
        "postalCode": "90001", "country": "US" });
    let firm = app
        .register_organization(
            "acosta",
            json!({
                "kind": "CORPORATION", "legalName": "Acosta Sweeping", "address": address,
                "doingBusinessAs": ["Harbor Brooms"],
                "identifiers": [uei(UEI), { "scheme": "CITY_VENDOR", "id": "000123-A" }],
            }),
        )
        .await;
    app.update_organization(&firm, json!({ "legalName": "Acosta Cleaning" })).await;
    let rival = app.register_firm("Rival Paving").await;
    let list = "query($text: String, $identifier: IdentifierInput) {
        organizations(text: $text, identifier: $identifier) { totalCount nodes { id
            formerNames { name } } } }";
    for staff in [&department.token, &app.reviewer_token()] {
        for typed in ["clean aco", "ACOSTA sweep", "brooms", "L997DB", "l997db4pejl8", "000123"] {
            let data = app.query(staff, list, json!({ "text": typed })).await;
            let found = &data["organizations"];
            assert_eq!(found["totalCount"], 1, "{typed}: {found:#}");
            assert_eq!(found["nodes"][0]["id"], json!(firm.id), "{typed}");
            assert_eq!(found["nodes"][0]["formerNames"], json!([{ "name": "Acosta Sweeping" }]));
        }
        let data = app.query(staff, list, json!({ "identifier": uei(UEI) })).await;
        assert_eq!(data["organizations"]["totalCount"], 1);
        let data = app.query(staff, list, json!({ "text": "97DB" })).await;
        assert_eq!(data["organizations"]["totalCount"], 0);
    }
    let data = app.query(&rival.token, list, json!({ "text": "acosta" })).await;
    assert_eq!(data["organizations"]["totalCount"], 0, "a rival finds nothing of ours");
    // A bidder looks a party up and learns its name and city.
    let expected = json!([{
        "organizationId": firm.id, "name": "Acosta Cleaning", "city": "Port Ambrose",
    }]);
    for search in [
        json!({ "text": "acosta" }),
        json!({ "text": "har bro" }),
        json!({ "identifier": uei(UEI) }),
    ] {
        let data = app.query(&rival.token, FIND_PARTY, search.clone()).await;
        assert_eq!(data["findParty"], expected, "{search}");
    }
    for nothing in ["L997DB", "000123"] {
        let data = app.query(&rival.token, FIND_PARTY, json!({ "text": nothing })).await;
        assert_eq!(data["findParty"], json!([]), "numbers are not found by their beginning");
    }
    for (bad, path) in [
        (json!({ "text": "ac" }), "text"),
        (json!({ "text": " -- " }), "text"),
        (json!({}), "text"),
        (json!({ "text": "acosta", "identifier": uei(UEI) }), "text"),
    ] {
        let answer = app.execute(&rival.token, FIND_PARTY, bad.clone()).await;
        let error = &answer["errors"][0]["extensions"]["userErrors"][0];
        assert_eq!(error["path"], json!([path]), "{bad}: {answer:#}");
    }
    for number in 0..12 {
        app.register_firm(&format!("Copious Firm {number}")).await;
    }
    let data = app.query(&rival.token, FIND_PARTY, json!({ "text": "copious" })).await;
    assert_eq!(data["findParty"].as_array().map(Vec::len), Some(10));
    app.assert_verifies().await;
}

async fn an_update_keeps_what_is_not_sent(app: TestApp) {
    let firm = app
        .register_organization(
            "owner",
            json!({
                "kind": "CORPORATION", "legalName": "Before LLC", "identifiersChecked": true,
                "identifiers": [uei("TREASU364044")], "doingBusinessAs": ["Trade"],
                "immediateOwner": { "name": "Owner Inc", "identifier": uei("TREASU364044") },
            }),
        )
        .await;
    let load = "query($id: ID!) { organization(id: $id) { revision legalName doingBusinessAs
        identifiers { id } immediateOwner { name } address { city } formerNames { name } } }";
    let renamed = app.update_organization(&firm, json!({ "legalName": "After LLC" })).await;
    assert_eq!(renamed["userErrors"], json!([]), "what is on record is not questioned again");
    let data = app.query(&firm.token, load, json!({ "id": firm.id })).await;
    let expected = json!({
        "revision": 2, "legalName": "After LLC", "doingBusinessAs": ["Trade"],
        "identifiers": [{ "id": "TREASU364044" }], "immediateOwner": { "name": "Owner Inc" },
        "address": null, "formerNames": [{ "name": "Before LLC" }],
    });
    assert_eq!(data["organization"], expected);
    app.update_organization(&firm, json!({ "immediateOwner": null, "doingBusinessAs": [] })).await;
    let data = app.query(&firm.token, load, json!({ "id": firm.id })).await;
    assert_eq!(data["organization"]["immediateOwner"], Value::Null);
    assert_eq!(data["organization"]["doingBusinessAs"], json!([]));
    assert_eq!(data["organization"]["legalName"], "After LLC");
    // An earlier revision changes nothing.
    let stale = json!({ "id": firm.id, "revision": 1, "input": { "legalName": "Lost LLC" } });
    assert_eq!(app.fault_code(&firm.token, UPDATE_ORGANIZATION, stale).await, "CONFLICT");
    app.assert_verifies().await;
}
