//! Contracts and solicitations are found by the numbers and titles that people use.
use candor_schema::bidding::service as bidding;
use candor_schema::contracting::service as contracting;
use candor_schema::disclosure::service as disclosure;
use candor_schema::organization::service as organization;
use candor_schema::waiver::service as waiver;
use candor_tests::contracts::{CLAIM_EXEMPTION, SCREEN_CONTRACTS};
use candor_tests::due_times::march::{AFTER, DUE};
use candor_tests::fixtures::{agreements_statement, e_verify_agreement};
use candor_tests::steps::{AMEND_SOLICITATION, format_user_errors, text};
use candor_tests::{Role, TestApp, stories};
use serde_json::{Value, json};

stories![
    a_contract_is_found_by_its_number,
    a_solicitation_is_found_by_its_number,
    a_lookup_that_is_unclear_is_explained,
    solicitations_are_listed_by_words_and_by_whether_they_are_open,
    screening_finds_numbers_and_titles,
    the_search_indexes_are_filled_after_an_upgrade,
    words_are_found_in_any_spelling,
];

const LATER: &str = "2026-04-14T21:00:00Z";
const DAYS: (&str, &str) = ("2025-01-01", "2026-12-31");
const CONTRACT: &str = "query($id: ID, $number: String, $department: String) {
    contract(id: $id, number: $number, department: $department) { id } }";
const SOLICITATION: &str = "query($id: ID, $number: String, $department: String) {
    solicitation(id: $id, number: $number, department: $department) { id } }";
const SOLICITATIONS: &str = "query($open: Boolean, $text: String) {
    solicitations(open: $open, text: $text) { totalCount nodes { number } } }";

/// Returns the only user error of a query: its path and code, and its message.
async fn refusal(app: &TestApp, token: &str, document: &str, variables: Value) -> (String, String) {
    let answer = app.execute(token, document, variables).await;
    let errors = &answer["errors"][0]["extensions"]["userErrors"];
    let described = format_user_errors(errors);
    assert_eq!(described.len(), 1, "{answer:#}");
    (described[0].clone(), text(&errors[0]["message"]))
}

/// Returns the identifier that a look-up by number finds; null if it finds nothing.
async fn find_contract(
    app: &TestApp,
    token: &str,
    number: &str,
    department: Option<&str>,
) -> Value {
    let variables = json!({ "number": number, "department": department });
    app.query(token, CONTRACT, variables).await["contract"]["id"].take()
}

/// Returns the numbers of the listed solicitations, in their order.
async fn list_numbers(app: &TestApp, token: &str, variables: Value) -> Vec<String> {
    let data = app.query(token, SOLICITATIONS, variables).await;
    let nodes = data["solicitations"]["nodes"].as_array().expect("nodes");
    assert_eq!(data["solicitations"]["totalCount"], nodes.len());
    nodes.iter().map(|node| text(&node["number"])).collect()
}

async fn a_contract_is_found_by_its_number(app: TestApp) {
    let (streets, library) =
        (app.create_department("BSS").await, app.create_department("LIB").await);
    let (firm, rival) = (app.register_firm("Prime Paving").await, app.register_firm("Rival").await);
    let ours = app.record_contract(&streets, &firm, "C-17", DAYS, json!({})).await;
    let theirs = app.record_contract(&library, &rival, "C-17", DAYS, json!({})).await;
    let alone = app.record_contract(&streets, &firm, "Straße 7/b", DAYS, json!({})).await;
    // Each sees one contract of that number.
    for (token, contract) in [
        (&streets.token, &ours),
        (&firm.token, &ours),
        (&library.token, &theirs),
        (&rival.token, &theirs),
    ] {
        assert_eq!(find_contract(&app, token, " c-17 ", None).await, json!(contract));
    }
    let reviewer = app.reviewer_token();
    for (department, contract) in [
        ("BSS", &ours),
        ("bss", &ours),
        ("department bss", &ours),
        (&streets.id, &ours),
        ("Department LIB", &theirs),
        (&library.id, &theirs),
    ] {
        let found = find_contract(&app, &reviewer, "C-17", Some(department)).await;
        assert_eq!(found, json!(contract), "{department}");
    }
    let several = json!({ "number": "c-17" });
    let (error, message) = refusal(&app, &reviewer, CONTRACT, several.clone()).await;
    assert_eq!(error, "department required");
    assert!(message.ends_with("Enter one of them as department: BSS, LIB."), "{message}");
    assert_eq!(find_contract(&app, &reviewer, "Straße 7/b", None).await, json!(alone));
    assert_eq!(find_contract(&app, &reviewer, "STRAßE 7/B", None).await, json!(alone));
    // What a viewer may not see does not exist, in its own department neither.
    for (token, number, department) in [
        (&rival.token, "Straße 7/b", None),
        (&rival.token, "C-17", Some("BSS")),
        (&library.token, "Straße 7/b", None),
        (&reviewer, "C-18", None),
        (&reviewer, "Straße 7/b", Some("LIB")),
    ] {
        assert_eq!(find_contract(&app, token, number, department).await, Value::Null, "{number}");
    }
    // Two spellings in one department.
    let upper = app.record_contract(&library, &rival, "D-1a", DAYS, json!({})).await;
    let lower = app.record_contract(&library, &rival, "D-1A", DAYS, json!({})).await;
    for (number, contract) in [("D-1a", &upper), ("D-1A", &lower)] {
        assert_eq!(find_contract(&app, &reviewer, number, None).await, json!(contract));
    }
    let (error, message) = refusal(&app, &reviewer, CONTRACT, json!({ "number": "d-1a" })).await;
    assert_eq!(error, "number invalid");
    assert!(message.contains("exactly: D-1A, D-1a."), "{message}");
    app.assert_verifies().await;
}

async fn a_solicitation_is_found_by_its_number(app: TestApp) {
    let (streets, library) =
        (app.create_department("BSS").await, app.create_department("LIB").await);
    let bidder = app.register_firm("Prime Paving").await;
    let number = json!({ "number": "RFB-2026/17" });
    let draft = app.create_solicitation(&streets, DUE, number.clone()).await;
    let published = app.publish_solicitation_with(&library, DUE, number.clone()).await;
    let found = async |token: &str, variables: Value| {
        app.query(token, SOLICITATION, variables).await["solicitation"]["id"].take()
    };
    let typed = json!({ "number": "rfb-2026/17" });
    // A bidder sees what is published; a draft changes nothing for it.
    assert_eq!(found(&bidder.token, typed.clone()).await, json!(published));
    assert_eq!(found(&library.token, typed.clone()).await, json!(published));
    let of_streets = json!({ "number": "RFB-2026/17", "department": "BSS" });
    assert_eq!(found(&bidder.token, of_streets.clone()).await, Value::Null);
    assert_eq!(found(&streets.token, of_streets).await, json!(draft));
    let (error, message) = refusal(&app, &streets.token, SOLICITATION, typed).await;
    assert_eq!(error, "department required");
    assert!(message.contains("BSS, LIB"), "{message}");
    assert_eq!(found(&bidder.token, json!({ "number": "RFB-2026" })).await, Value::Null);
    assert_eq!(found(&bidder.token, json!({ "id": published })).await, json!(published));
}

async fn a_lookup_that_is_unclear_is_explained(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_firm("Prime Paving").await;
    let contract = app.record_contract(&department, &firm, "C-17", DAYS, json!({})).await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    for (document, id) in [(CONTRACT, &contract), (SOLICITATION, &solicitation)] {
        for (variables, expected, words) in [
            (json!({ "id": id, "number": "C-17" }), "number contradiction", "Send either the id"),
            (json!({}), "number contradiction", "Send either the id"),
            (json!({ "department": "BSS" }), "number contradiction", "Send either the id"),
            (json!({ "id": id, "department": "BSS" }), "department contradiction", "Leave it out"),
            (json!({ "number": " " }), "number required", "Fill this in"),
            (json!({ "number": "C\u{202E}-17" }), "number invalid", "U+202E"),
            (json!({ "number": "7".repeat(301) }), "number too_long", "at most 300"),
            (json!({ "number": "C-17", "department": "" }), "department required", "Fill this in"),
            (
                json!({ "number": "C-17", "department": "Harbor" }),
                "department invalid",
                "There is no department Harbor.",
            ),
            (
                json!({ "number": "C-17", "department": firm.id }),
                "department invalid",
                "There is no department org_",
            ),
        ] {
            let (error, message) =
                refusal(&app, &department.token, document, variables.clone()).await;
            assert_eq!(error, expected, "{variables}");
            assert!(message.contains(words), "{variables}: {message}");
        }
    }
}

async fn solicitations_are_listed_by_words_and_by_whether_they_are_open(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_firm("Prime Paving").await;
    let parts = |number: &str, title: &str| json!({ "number": number, "title": title });
    app.publish_solicitation_with(&department, DUE, parts("RFB-17", "Street sweeping")).await;
    app.publish_solicitation_with(&department, LATER, parts("RFB-18", "Bridge paint")).await;
    let draft =
        app.create_solicitation(&department, LATER, parts("RFB-19", "Sweeping brooms")).await;
    let open = |open: bool| json!({ "open": open });
    // The due time itself is in time.
    app.advance_to(DUE);
    assert_eq!(list_numbers(&app, &firm.token, open(true)).await, ["RFB-17", "RFB-18"]);
    assert_eq!(list_numbers(&app, &firm.token, open(false)).await, Vec::<String>::new());
    app.advance_to(AFTER);
    assert_eq!(list_numbers(&app, &firm.token, open(true)).await, ["RFB-18"]);
    assert_eq!(list_numbers(&app, &firm.token, open(false)).await, ["RFB-17"]);
    assert_eq!(list_numbers(&app, &department.token, open(false)).await, ["RFB-17", "RFB-19"]);

    let words = |text: &str| json!({ "text": text });
    for (text, of_firm, of_officer) in [
        ("sweep", &["RFB-17"][..], &["RFB-17", "RFB-19"][..]),
        ("rfb-18", &["RFB-18"], &["RFB-18"]),
        ("PAINT bri", &["RFB-18"], &["RFB-18"]),
        ("17 paint", &[], &[]),
        ("\"AND* (", &[], &[]),
        ("", &[], &[]),
    ] {
        assert_eq!(list_numbers(&app, &firm.token, words(text)).await, of_firm, "{text}");
        assert_eq!(list_numbers(&app, &department.token, words(text)).await, of_officer, "{text}");
    }
    let title = json!({ "input": { "id": draft, "title": "Dust pans" } });
    app.mutate_ok(&department.token, AMEND_SOLICITATION, title).await;
    assert_eq!(list_numbers(&app, &department.token, words("broom")).await, Vec::<String>::new());
    assert_eq!(list_numbers(&app, &department.token, words("dust rfb")).await, ["RFB-19"]);
    let long = words(&"a".repeat(301));
    assert_eq!(refusal(&app, &firm.token, SOLICITATIONS, long).await.0, "text too_long");
    app.assert_verifies().await;
}

async fn screening_finds_numbers_and_titles(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_disclosing_firm("Prime Paving").await;
    let parts = json!({ "number": "RFB-17", "title": "Street sweeping" });
    let solicitation = app.publish_solicitation_with(&department, DUE, parts).await;
    let bid = app.submit_admitted_bid(&firm, &solicitation, "1000").await;
    let other = app.publish_solicitation(&department, DUE).await;
    app.submit_admitted_bid(&firm, &other, "1000").await;
    let title = json!({ "title": "Bridge paint" });
    let contract = app.record_contract(&department, &firm, "C-17", DAYS, title).await;
    app.record_contract(&department, &firm, "C-18", DAYS, json!({})).await;
    let reviewer = app.reviewer_token();
    let bids = "query($text: String) { screenBids(filter: { text: $text }) { nodes { id } } }";
    let sealed = app.query(&reviewer, bids, json!({ "text": "rfb-17" })).await;
    assert_eq!(sealed["screenBids"]["nodes"], json!([]));
    app.advance_to(AFTER);
    for text in ["rfb-17", "street sweep 17", "prime rfb-17"] {
        let found = app.query(&reviewer, bids, json!({ "text": text })).await;
        assert_eq!(found["screenBids"]["nodes"], json!([{ "id": bid }]), "{text}");
    }
    let renewals = "query($text: String) { renewalsDue(from: \"2026-01-01\", to: \"2026-12-31\",
        filter: { text: $text }) { nodes { id } } }";
    for text in ["c-17", "BRIDGE", "paving bridge 17"] {
        let filter = json!({ "filter": { "text": text } });
        let found = app.query(&reviewer, SCREEN_CONTRACTS, filter).await;
        let nodes = found["screenContracts"]["nodes"].as_array().expect("nodes");
        assert_eq!(nodes.len(), 1, "{text}");
        assert_eq!(nodes[0]["id"], json!(contract), "{text}");
        let found = app.query(&reviewer, renewals, json!({ "text": text })).await;
        assert_eq!(found["renewalsDue"]["nodes"], json!([{ "id": contract }]), "{text}");
    }
}

async fn the_search_indexes_are_filled_after_an_upgrade(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_firm("Prime Paving").await;
    let statement = agreements_statement(&[e_verify_agreement()]);
    app.file_and_load_disclosure(&firm, statement).await;
    app.publish_solicitation(&department, DUE).await;
    app.record_contract(&department, &firm, "C-17", DAYS, json!({})).await;
    let claim = json!({ "input": {
        "departmentId": department.id, "contractNumber": "C-99", "kind": "GOVERNMENT_ENTITY",
        "reason": "A county.", "authority": "Government Code 23000",
    } });
    app.mutate_ok(&department.token, CLAIM_EXEMPTION, claim).await;
    app.assert_verifies().await;
    for (table, subject) in [
        ("search_organization", "organization org_"),
        ("search_filing", "filing "),
        ("search_solicitation", "solicitation sol_"),
        ("search_contract", "contract con_"),
        ("search_relief", "exemption exm_"),
    ] {
        app.run_sql(&format!("DELETE FROM {table}")).await.expect("an empty index");
        let found = app.find_inconsistency().await;
        assert!(found.starts_with(subject), "{found}");
        let database = &app.database;
        let indexed = match table {
            "search_organization" => organization::fill_empty_search_index(database).await,
            "search_filing" => disclosure::fill_empty_search_index(database).await,
            "search_solicitation" => bidding::fill_search_index(database).await,
            "search_contract" => contracting::fill_search_index(database).await,
            _ => waiver::fill_empty_search_index(database).await,
        };
        assert_eq!(indexed.expect("an index"), 1, "{table}");
        app.assert_verifies().await;
    }
    let stray = "INSERT INTO search_contract (subject_id, words)
        SELECT subject_id, 'stray' FROM search_solicitation";
    app.run_sql(stray).await.expect("a stray entry");
    let found = app.find_inconsistency().await;
    assert!(found.contains("contracts that do not exist"), "{found}");
    let auditor = app.token("auditor", &[Role::Auditor]);
    assert_eq!(find_contract(&app, &auditor, "C-99", None).await, Value::Null, "not awarded yet");
}

async fn words_are_found_in_any_spelling(app: TestApp) {
    for (subject, name) in
        [("jaeger", "Jäger Straßenbau"), ("thor", "Þór O'Brien"), ("gazprom", "ООО Газпром")]
    {
        let input = json!({ "kind": "CORPORATION", "legalName": name });
        app.register_organization(subject, input).await;
    }
    let search = "query($text: String) { organizations(text: $text) { nodes { legalName } } }";
    let reviewer = app.reviewer_token();
    for (text, name) in [
        ("jager", "Jäger Straßenbau"),
        ("JAEGER strassen", "Jäger Straßenbau"),
        ("jäger", "Jäger Straßenbau"),
        ("thor obrien", "Þór O'Brien"),
        ("o'br", "Þór O'Brien"),
        ("brien", "Þór O'Brien"),
        ("gazprom", "ООО Газпром"),
        ("газпр", "ООО Газпром"),
    ] {
        let found = app.query(&reviewer, search, json!({ "text": text })).await;
        let nodes = &found["organizations"]["nodes"];
        assert_eq!(nodes, &json!([{ "legalName": name }]), "{text}");
    }
    app.assert_verifies().await;
}
