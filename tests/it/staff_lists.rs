//! City staff list disclosures, waivers and exemptions by dates, status and words.
use candor_tests::contracts::{APPROVE_WAIVER, CLAIM_EXEMPTION, REQUEST_WAIVER};
use candor_tests::due_times::march::{AFTER, DUE};
use candor_tests::fixtures::{Department, agreements_statement, no_dealings, usd};
use candor_tests::steps::{ACCEPT_DISCLOSURE, detention_agreement, format_user_errors, text};
use candor_tests::{Role, TestApp, stories};
use serde_json::{Value, json};

stories![
    disclosures_are_listed_by_day_state_and_words,
    firms_and_solicitations_are_paged_by_words,
    an_officer_lists_the_disclosures_behind_opened_bids,
    waivers_are_listed,
    exemptions_are_listed,
    lists_are_for_staff,
    a_filter_that_cannot_be_is_explained,
];

const LATER: &str = "2026-04-14T21:00:00Z";
const DAYS: (&str, &str) = ("2025-01-01", "2026-12-31");

/// The document of a list with one argument, such as a filter, the arguments of its pages, and what is asked of a row.
macro_rules! document {
    ($list:literal, $argument:literal, $type:literal, $node:literal) => {
        concat!(
            "query($",
            $argument,
            ": ",
            $type,
            ", $first: Int, $after: String, $last: Int, ",
            "$before: String) { ",
            $list,
            "(",
            $argument,
            ": $",
            $argument,
            ", first: $first, ",
            "after: $after, last: $last, before: $before) { totalCount ",
            "pageInfo { hasNextPage endCursor hasPreviousPage startCursor } nodes { ",
            $node,
            " } } }"
        )
    };
}

const DISCLOSURES: &str =
    document!("disclosures", "filter", "DisclosureFilter", "id organization { legalName }");
const WAIVERS: &str = document!("waivers", "filter", "WaiverFilter", "id");
const EXEMPTIONS: &str = document!("exemptions", "filter", "ExemptionFilter", "id");
const FIRMS: &str = document!("organizations", "text", "String", "id");
const SOLICITATIONS: &str = document!("solicitations", "text", "String", "id");

/// Returns the identifiers that a list has with a filter, in its order.
async fn list(app: &TestApp, token: &str, document: &str, filter: Value) -> Vec<String> {
    list_with(app, token, document, json!({ "filter": filter })).await
}

/// Returns the identifiers of a list, in its order. Pages of one row, in both directions, have the same rows: on
/// SQLite they are found among the next rows, and the last one among all.
async fn list_with(app: &TestApp, token: &str, document: &str, variables: Value) -> Vec<String> {
    let (all, more, _) = read_page(app, token, document, &variables, json!({})).await;
    assert!(!more, "at most a page of rows");
    for size in ["first", "last"] {
        let (mut found, mut cursor, mut has_more) = (Vec::new(), Value::Null, true);
        while has_more {
            let from = if size == "first" { "after" } else { "before" };
            let page = json!({ size: 1, from: cursor });
            let (ids, more, next) = read_page(app, token, document, &variables, page).await;
            found.extend(ids);
            (has_more, cursor) = (more, next);
        }
        if size == "last" {
            found.reverse();
        }
        assert_eq!(found, all, "{size}: {variables}");
    }
    all
}

/// Returns the identifiers of a page, whether more follow in its direction, and the cursor to go on from.
async fn read_page(
    app: &TestApp,
    token: &str,
    document: &str,
    variables: &Value,
    page: Value,
) -> (Vec<String>, bool, Value) {
    let backward = page.get("last").is_some();
    let mut asked = variables.clone();
    asked.as_object_mut().expect("variables").extend(page.as_object().expect("a page").clone());
    let mut data = app.query(token, document, asked).await;
    let (_, list) = data.as_object_mut().expect("data").iter_mut().next().expect("a list");
    let nodes = list["nodes"].as_array().expect("nodes");
    if page == json!({}) {
        assert_eq!(list["totalCount"], nodes.len());
    }
    let (more, cursor) =
        if backward { ("hasPreviousPage", "startCursor") } else { ("hasNextPage", "endCursor") };
    let ids = nodes.iter().map(|node| text(&node["id"])).collect();
    let info = &list["pageInfo"];
    (ids, info[more] == true, info[cursor].clone())
}

async fn disclosures_are_listed_by_day_state_and_words(app: TestApp) {
    // Noon of February 2 in the City.
    let paving = app.register_firm("Prime Paving").await;
    let first = text(&app.file_and_load_disclosure(&paving, no_dealings()).await["id"]);
    // Half an hour before the midnight that ends February 3.
    app.advance_to("2026-02-04T07:30:00Z");
    let pumps = app.register_firm("Silent Pumps").await;
    let second = text(&app.file_and_load_disclosure(&pumps, no_dealings()).await["id"]);
    app.advance_to("2026-02-04T08:00:00Z");
    let agreements = agreements_statement(&[detention_agreement()]);
    let third = text(&app.file_and_load_disclosure(&paving, agreements).await["id"]);
    app.save_draft(&pumps, no_dealings()).await;
    let reviewer = app.reviewer_token();
    app.mutate_ok(&reviewer, ACCEPT_DISCLOSURE, json!({ "id": second })).await;

    let all = [third.as_str(), &second, &first];
    for (filter, expected) in [
        (json!({}), &[0, 1, 2][..]),
        (json!({ "organizationId": paving.id }), &[0, 2]),
        (json!({ "status": "FILED" }), &[0, 1]),
        (json!({ "status": ["SUPERSEDED", "WITHDRAWN"] }), &[2]),
        (json!({ "status": "DRAFT" }), &[]),
        (json!({ "review": "ACCEPTED" }), &[1]),
        (json!({ "review": ["UNREVIEWED"], "status": "FILED" }), &[0]),
        (json!({ "filedFrom": "2026-02-03" }), &[0, 1]),
        (json!({ "filedFrom": "2026-02-03", "filedTo": "2026-02-03" }), &[1]),
        (json!({ "filedTo": "2026-02-02" }), &[2]),
        (json!({ "filedTo": "2025-12-31" }), &[]),
        (json!({ "text": "paving" }), &[0, 2]),
        (json!({ "text": "custody beds" }), &[0]),
        (json!({ "text": "prime beds", "filedFrom": "2026-02-04" }), &[0]),
        (json!({ "text": "beds pumps" }), &[]),
        (json!({ "text": "?" }), &[]),
    ] {
        let expected: Vec<&str> = expected.iter().map(|index: &usize| all[*index]).collect();
        assert_eq!(list(&app, &reviewer, DISCLOSURES, filter.clone()).await, expected, "{filter}");
    }
}

/// Rows with the same name or due time follow one another by their identifiers.
async fn firms_and_solicitations_are_paged_by_words(app: TestApp) {
    let department = app.create_department("BSS").await;
    for (number, name) in ["Harbor", "Harbor", "Harbor", "Prime", "Harbor West"].iter().enumerate()
    {
        let input = json!({ "kind": "CORPORATION", "legalName": format!("{name} Paving") });
        app.register_organization(&format!("signatory-{number}"), input).await;
        let parts = json!({ "number": format!("RFB-{number}"), "title": format!("{name} bridge") });
        app.publish_solicitation_with(&department, DUE, parts).await;
    }
    let reviewer = app.reviewer_token();
    for document in [FIRMS, SOLICITATIONS] {
        for (words, count) in [("harbor", 4), ("harb wes", 1), ("prime", 1), ("paint", 0)] {
            let found = list_with(&app, &reviewer, document, json!({ "text": words })).await;
            assert_eq!(found.len(), count, "{words}: {document}");
        }
    }
}

async fn an_officer_lists_the_disclosures_behind_opened_bids(app: TestApp) {
    let (streets, library) =
        (app.create_department("BSS").await, app.create_department("LIB").await);
    let (opened, sealed) = (app.register_firm("Opened").await, app.register_firm("Sealed").await);
    let first = text(&app.file_and_load_disclosure(&opened, no_dealings()).await["id"]);
    let second = text(&app.file_and_load_disclosure(&sealed, no_dealings()).await["id"]);
    let soon = app.publish_solicitation(&streets, DUE).await;
    let later = app.publish_solicitation(&streets, LATER).await;
    app.submit_admitted_bid(&opened, &soon, "1000").await;
    app.submit_admitted_bid(&sealed, &later, "1000").await;
    let none = Vec::<String>::new();
    assert_eq!(list(&app, &streets.token, DISCLOSURES, json!({})).await, none, "sealed");
    app.advance_to(AFTER);
    let reviewer = app.reviewer_token();
    let of = |department: &Department| json!({ "departmentId": department.id });
    for (token, filter, expected) in [
        (&streets.token, json!({}), vec![first.clone()]),
        (&streets.token, of(&streets), vec![first.clone()]),
        (&streets.token, of(&library), none.clone()),
        (&library.token, json!({}), none.clone()),
        (&library.token, of(&streets), none.clone()),
        (&reviewer, json!({}), vec![second, first.clone()]),
        // That a sealed bid names it is not shown to City-wide readers either.
        (&reviewer, of(&streets), vec![first]),
        (&reviewer, of(&library), none),
    ] {
        assert_eq!(list(&app, token, DISCLOSURES, filter.clone()).await, expected, "{filter}");
    }
}

/// Requests a waiver of a rule until a day; returns its identifier.
async fn request(app: &TestApp, of: &Department, subject: Value, rule: &str, to: &str) -> String {
    let mut input = json!({
        "rule": rule, "expiresOn": to, "authority": "Council File 26-0417", "purpose": "Pumps.",
        "alternatives": "None.", "cost": "A rented pump.", "costAmount": usd("1"),
    });
    input.as_object_mut().expect("an input").extend(subject.as_object().expect("it").clone());
    let payload = app.mutate_ok(&of.token, REQUEST_WAIVER, json!({ "input": input })).await;
    text(&payload["waiver"]["id"])
}

async fn waivers_are_listed(app: TestApp) {
    let (streets, library) =
        (app.create_department("BSS").await, app.create_department("LIB").await);
    let (holder, bidder) =
        (app.register_firm("Silent Pumps").await, app.register_firm("Quiet Roads").await);
    let title = json!({ "title": "Storm drains" });
    let contract = app.record_contract(&streets, &holder, "C-17", DAYS, title).await;
    let parts = json!({ "number": "RFB-18", "title": "Bridge paint" });
    let solicitation = app.publish_solicitation_with(&library, DUE, parts).await;
    let subject = json!({ "contractId": contract });
    let first = request(&app, &streets, subject, "disclosure.missing", "2026-02-20").await;
    app.advance_to("2026-02-04T08:00:00Z");
    let subject = json!({ "solicitationId": solicitation, "organizationId": bidder.id });
    let rule = "subcontractor.missing_disclosure";
    let second = request(&app, &library, subject, rule, "2026-03-20").await;
    app.advance_to("2026-02-05T08:00:00Z");
    let subject = json!({ "departmentId": streets.id, "contractNumber": "D-19" });
    let third = request(&app, &streets, subject, "disclosure.missing", "2026-02-20").await;
    let supervisor = app.supervisor_token("supervisor");
    app.mutate_ok(&supervisor, APPROVE_WAIVER, json!({ "id": first })).await;

    let all = [third.as_str(), &second, &first];
    for (filter, expected) in [
        (json!({}), &[0, 1, 2][..]),
        (json!({ "departmentId": streets.id }), &[0, 2]),
        (json!({ "status": "REQUESTED" }), &[0, 1]),
        (json!({ "status": ["APPROVED", "REVOKED"] }), &[2]),
        (json!({ "rule": rule }), &[1]),
        (json!({ "rule": ["disclosure.missing"], "status": "REQUESTED" }), &[0]),
        (json!({ "expiresFrom": "2026-02-20", "expiresTo": "2026-02-20" }), &[0, 2]),
        (json!({ "expiresFrom": "2026-02-21" }), &[1]),
        (json!({ "requestedFrom": "2026-02-04", "requestedTo": "2026-02-04" }), &[1]),
        (json!({ "requestedTo": "2026-02-03" }), &[2]),
        (json!({ "text": "c-17" }), &[2]),
        (json!({ "text": "storm" }), &[2]),
        (json!({ "text": "silent pumps" }), &[2]),
        (json!({ "text": "rfb-18 paint" }), &[1]),
        (json!({ "text": "quiet bridge" }), &[1]),
        (json!({ "text": "d-19" }), &[0]),
        (json!({ "text": "d-20" }), &[]),
    ] {
        let expected: Vec<&str> = expected.iter().map(|index: &usize| all[*index]).collect();
        assert_eq!(list(&app, &supervisor, WAIVERS, filter.clone()).await, expected, "{filter}");
    }
    assert_eq!(list(&app, &streets.token, WAIVERS, json!({})).await, [third, first]);
    let of_streets = json!({ "departmentId": streets.id });
    assert_eq!(list(&app, &library.token, WAIVERS, of_streets).await, Vec::<String>::new());
    app.assert_verifies().await;
}

async fn exemptions_are_listed(app: TestApp) {
    let (streets, library) =
        (app.create_department("BSS").await, app.create_department("LIB").await);
    let holder = app.register_firm("Silent Pumps").await;
    let claim = async |of: &Department, subject: Value, kind: &str| {
        let mut input = json!({ "kind": kind, "reason": "A storm.", "authority": "Charter 371" });
        input.as_object_mut().expect("an input").extend(subject.as_object().expect("it").clone());
        let payload = app.mutate_ok(&of.token, CLAIM_EXEMPTION, json!({ "input": input })).await;
        text(&payload["exemption"]["id"])
    };
    let contract =
        app.record_contract(&streets, &holder, "C-17", DAYS, json!({ "clauseVersion": 1 })).await;
    let first = claim(&streets, json!({ "contractId": contract }), "EMERGENCY").await;
    app.advance_to("2026-02-04T08:00:00Z");
    let subject = json!({ "departmentId": library.id, "contractNumber": "D-19" });
    let second = claim(&library, subject, "GOVERNMENT_ENTITY").await;
    let analyst = app.analyst_token();
    let all = [second.as_str(), &first];
    for (filter, expected) in [
        (json!({}), &[0, 1][..]),
        (json!({ "departmentId": library.id }), &[0]),
        (json!({ "kind": "EMERGENCY" }), &[1]),
        (json!({ "claimedFrom": "2026-02-04" }), &[0]),
        (json!({ "claimedFrom": "2026-02-02", "claimedTo": "2026-02-03" }), &[1]),
        (json!({ "text": "pumps 17" }), &[1]),
        (json!({ "text": "d-19" }), &[0]),
    ] {
        let expected: Vec<&str> = expected.iter().map(|index: &usize| all[*index]).collect();
        assert_eq!(list(&app, &analyst, EXEMPTIONS, filter.clone()).await, expected, "{filter}");
    }
    assert_eq!(list(&app, &streets.token, EXEMPTIONS, json!({})).await, [first]);
    assert_eq!(list(&app, &library.token, EXEMPTIONS, json!({})).await, [second]);
    app.assert_verifies().await;
}

async fn lists_are_for_staff(app: TestApp) {
    let firm = app.register_disclosing_firm("Prime Paving").await;
    let system = app.token("system", &[Role::ProcurementSystem]);
    for document in [DISCLOSURES, WAIVERS, EXEMPTIONS] {
        for token in [&firm.token, &system] {
            assert_eq!(app.fault_code(token, document, json!({})).await, "FORBIDDEN");
        }
        // An officer without a department sees an empty list.
        let officer = app.token("nobody", &[Role::ContractOfficer]);
        assert_eq!(list(&app, &officer, document, json!({})).await, Vec::<String>::new());
    }
}

async fn a_filter_that_cannot_be_is_explained(app: TestApp) {
    let reviewer = app.reviewer_token();
    for (document, filter, expected) in [
        (
            DISCLOSURES,
            json!({
                "filedFrom": "2026-02-30", "filedTo": "tomorrow", "text": "a".repeat(301),
                "status": vec!["FILED"; 51],
            }),
            &[
                "filter.filedFrom invalid",
                "filter.filedTo invalid",
                "filter.status too_long",
                "filter.text too_long",
            ][..],
        ),
        (
            DISCLOSURES,
            json!({ "filedFrom": "2026-02-02", "filedTo": "2026-02-01" }),
            &["filter.filedTo contradiction"],
        ),
        (
            WAIVERS,
            json!({
                "rule": ["disclosure.missing", "disclosure.absent"],
                "expiresFrom": "2026-02-02", "expiresTo": "2026-02-01", "requestedFrom": "",
            }),
            &[
                "filter.expiresTo contradiction",
                "filter.requestedFrom invalid",
                "filter.rule.1 invalid",
            ],
        ),
        (
            EXEMPTIONS,
            json!({ "claimedFrom": "2026-02-02", "claimedTo": "2026-02-01" }),
            &["filter.claimedTo contradiction"],
        ),
    ] {
        let answer = app.execute(&reviewer, document, json!({ "filter": filter })).await;
        let errors = format_user_errors(&answer["errors"][0]["extensions"]["userErrors"]);
        assert_eq!(errors, expected, "{answer:#}");
    }
}
