//! A reviewer reads long lists page by page.
use std::collections::HashMap;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use candor_schema::graphql::sdl;
use candor_tests::due_times::march::DUE;
use candor_tests::fixtures::{Firm, agreements_statement, no_dealings};
use candor_tests::steps::{WITHDRAW_BID, classified_agreement, text};
use candor_tests::{TestApp, parse_instant, stories};
use chrono::TimeDelta;
use serde_json::{Value, json};

stories![
    every_bid_is_read_once_in_every_order,
    bids_are_listed_by_status,
    solicitations_are_read_once_in_every_order,
    every_other_list_pages_from_a_cursor,
    a_cursor_of_another_order_is_refused,
    a_page_has_at_most_a_hundred_rows,
    each_field_of_a_filing_can_be_asked_alone,
];

/// Submits `number` attempts at a solicitation, of every status possible before it is due, several
/// at each time and amount, and then advances past the due time.
async fn submit_attempts(app: &TestApp, number: usize) -> String {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let forgetful = app.register_firm("Forgetful Paving").await;
    let fickle = app.register_disclosing_firm("Fickle Paving").await;
    let quiet = app.register_firm("Quiet Paving").await;
    app.file_and_load_disclosure(&quiet, agreements_statement(&[classified_agreement()])).await;
    let steady = app.register_disclosing_firm("Steady Paving").await;
    let live = |index| [&steady, &quiet].get(index).copied();
    for index in 0..number {
        if index % 4 == 0 {
            let later = app.now() + TimeDelta::microseconds(1);
            app.advance_to(&later.to_rfc3339());
        }
        let amount = format!("{}.5", index * 37 % 20 * 100);
        let firm: &Firm = live(index).unwrap_or(if index % 2 == 0 { &forgetful } else { &fickle });
        let payload = app.submit_bid(firm, &solicitation, &amount).await;
        assert_ne!(payload["decision"], Value::Null, "{payload}");
        if firm.id == fickle.id {
            let bid = json!({ "id": payload["bid"]["id"] });
            app.mutate_ok(&fickle.token, WITHDRAW_BID, bid).await;
        }
    }
    app.advance_to("2026-03-10T22:00:15Z");
    solicitation
}

const BIDS: &str = "query($id: ID!, $order: BidOrder, $status: [BidStatus!]! = [], $first: Int,
    $after: String, $last: Int, $before: String) {
    within: solicitation(id: $id) { list: bids(orderBy: $order, status: $status, first: $first,
        after: $after, last: $last, before: $before) {
        totalCount nodes { id status submittedAt amount { amount } } edges { cursor node { id } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }";

const SOLICITATIONS: &str = "query($order: SolicitationOrder, $first: Int, $after: String,
    $last: Int, $before: String) {
    list: solicitations(orderBy: $order, first: $first, after: $after, last: $last,
        before: $before) {
        totalCount nodes { id number title dueAt } edges { cursor node { id } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

/// Reads a whole list in pages, forward or backward; returns its rows in the list's order.
async fn read_list(
    app: &TestApp,
    query: &str,
    variables: &Value,
    size: usize,
    backward: bool,
) -> Vec<Value> {
    let reviewer = app.reviewer_token();
    let (count, cursor) = if backward { ("last", "before") } else { ("first", "after") };
    let (more, less, end) = if backward {
        ("hasPreviousPage", "hasNextPage", "startCursor")
    } else {
        ("hasNextPage", "hasPreviousPage", "endCursor")
    };
    let (mut rows, mut total): (Vec<Value>, _) = (Vec::new(), None);
    let mut variables = variables.clone();
    variables[count] = json!(size);
    loop {
        let mut data = app.query(&reviewer, query, variables.clone()).await;
        let list = match data.get_mut("within") {
            Some(inside) => inside["list"].take(),
            None => data["list"].take(),
        };
        let page = list["nodes"].as_array().expect("rows").clone();
        let edges = list["edges"].as_array().expect("edges");
        let info = &list["pageInfo"];
        assert!(page.len() <= size);
        assert_eq!(edges.len(), page.len());
        assert!(edges.iter().zip(&page).all(|(edge, node)| edge["node"]["id"] == node["id"]));
        assert_eq!(
            info["startCursor"],
            edges.first().map_or(Value::Null, |it| it["cursor"].clone())
        );
        assert_eq!(info["endCursor"], edges.last().map_or(Value::Null, |it| it["cursor"].clone()));
        assert_eq!(info[less], json!(!rows.is_empty()));
        // The total is the same on every page.
        let all = list["totalCount"].as_u64().expect("a number");
        assert_eq!(*total.get_or_insert(all), all);
        if backward {
            rows = [page, rows].concat();
        } else {
            rows.extend(page);
        }
        if info[more] == false {
            assert_eq!(rows.len() as u64, all, "none is lost, none repeated");
            return rows;
        }
        assert!(rows.len() < 1_000, "it has no end");
        variables[cursor] = info[end].clone();
    }
}

/// Sorts rows by a key and returns their identifiers.
fn sort_ids<K: Ord>(
    mut rows: Vec<Value>,
    descending: bool,
    key: impl Fn(&Value) -> K,
) -> Vec<String> {
    rows.sort_by_key(|row| (key(row), text(&row["id"])));
    if descending {
        rows.reverse();
    }
    rows.iter().map(|row| text(&row["id"])).collect()
}

fn ids(rows: &[Value]) -> Vec<String> {
    rows.iter().map(|row| text(&row["id"])).collect()
}

/// Returns a bid's sort key as text whose order is the order of bids.
fn bid_key(field: &str, bid: &Value) -> String {
    match field {
        "AMOUNT" => format!("{:0>20}", text(&bid["amount"]["amount"])),
        "STATUS" => text(&bid["status"]),
        _ => format!("{:0>20}", parse_instant(&text(&bid["submittedAt"])).timestamp_micros()),
    }
}

async fn every_bid_is_read_once_in_every_order(app: TestApp) {
    let solicitation = submit_attempts(&app, 130).await;
    for field in ["SUBMITTED_AT", "AMOUNT", "STATUS"] {
        for direction in ["ASC", "DESC"] {
            for (size, backward) in [(7, false), (7, true), (65, false), (100, true)] {
                let order = json!({ "field": field, "direction": direction });
                let variables = json!({ "id": solicitation, "order": order });
                let rows = read_list(&app, BIDS, &variables, size, backward).await;
                assert_eq!(rows.len(), 130);
                let expected =
                    sort_ids(rows.clone(), direction == "DESC", |bid| bid_key(field, bid));
                assert_eq!(ids(&rows), expected, "{field} {direction} {size} {backward}");
            }
        }
    }
    // Default order: earliest submission first.
    let rows = read_list(&app, BIDS, &json!({ "id": solicitation }), 50, false).await;
    let expected = sort_ids(rows.clone(), false, |bid| bid_key("SUBMITTED_AT", bid));
    assert_eq!(ids(&rows), expected);
    app.assert_verifies().await;
}

async fn bids_are_listed_by_status(app: TestApp) {
    let solicitation = submit_attempts(&app, 40).await;
    let all = read_list(&app, BIDS, &json!({ "id": solicitation }), 100, false).await;
    let mut parts = 0;
    for status in ["ADMITTED", "HELD", "REFUSED", "WITHDRAWN", "AWARDED", "CLOSED"] {
        let variables = json!({ "id": solicitation, "status": [status] });
        let rows = read_list(&app, BIDS, &variables, 3, false).await;
        assert!(rows.iter().all(|bid| bid["status"] == status), "{status}");
        parts += rows.len();
    }
    assert_eq!((parts, all.len()), (40, 40), "each has one status");
    let variables = json!({ "id": solicitation, "status": ["ADMITTED", "HELD"] });
    assert_eq!(read_list(&app, BIDS, &variables, 100, false).await.len(), 2);
}

async fn solicitations_are_read_once_in_every_order(app: TestApp) {
    let department = app.create_department("BSS").await;
    for index in 0_i64..30 {
        let due = parse_instant(DUE) + TimeDelta::days(index % 4);
        let title = ["Sweeping", "sweeping", "Äsche & Co", "A/C"]
            [usize::try_from(index % 4).expect("small")];
        app.publish_solicitation_with(&department, &due.to_rfc3339(), json!({ "title": title }))
            .await;
    }
    for (field, name) in [("DUE_AT", "dueAt"), ("NUMBER", "number"), ("TITLE", "title")] {
        for direction in ["ASC", "DESC"] {
            for backward in [false, true] {
                let order = json!({ "order": { "field": field, "direction": direction } });
                let rows = read_list(&app, SOLICITATIONS, &order, 4, backward).await;
                assert_eq!(rows.len(), 30);
                let expected = sort_ids(rows.clone(), direction == "DESC", |it| text(&it[name]));
                assert_eq!(ids(&rows), expected, "{field} {direction} {backward}");
            }
        }
    }
}

async fn every_other_list_pages_from_a_cursor(app: TestApp) {
    let firm = app.register_firm("Sons & Daughters, A/C").await;
    for number in 1..5 {
        app.create_department(&format!("D{number}")).await;
        app.register_firm(&format!("Firm {number}")).await;
        app.file_and_load_disclosure(&firm, no_dealings()).await;
    }
    // Each is invited and signs in: with the registration, five entries.
    for role in ["PREPARER", "SIGNATORY"] {
        app.invite_member(&firm, role).await;
    }
    for version in 2..=4 {
        app.publish_policy_version(version, &format!("203{version}-01-01"), &[]).await;
    }
    for (list, number) in [
        ("list: organizations(PAGE) { ROWS } ", 5),
        ("list: departments(PAGE) { ROWS }", 4),
        ("list: policies(PAGE) { ROWS }", 4),
        ("list: auditTrail(subject: $id, PAGE) { ROWS }", 5),
        ("within: organization(id: $id) { list: disclosures(PAGE) { ROWS } }", 4),
    ] {
        let rows = "totalCount nodes { id } edges { cursor node { id } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";
        let page = "first: $first, after: $after, last: $last, before: $before";
        let list = list.replace("PAGE", page).replace("ROWS", rows);
        let query = format!(
            "query($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {{
            organization(id: $id) {{ id }} {list} }}"
        );
        let variables = json!({ "id": firm.id });
        let forward = read_list(&app, &query, &variables, 1, false).await;
        assert_eq!(forward.len(), number, "{list}");
        assert_eq!(read_list(&app, &query, &variables, 3, true).await, forward, "{list}");
    }
}

/// Forged cursors of the right order: JSON in URL-safe Base64, `{"order": …, "key": {<kind>: …},
/// "id": …}`.
const FORGED_CURSORS: [(&str, &str, &str); 9] = [
    // The key is a text; a time.
    (
        "AMOUNT",
        "a text",
        "eyJvcmRlciI6IkFNT1VOVCBBU0MiLCJrZXkiOnsidGV4dCI6IngifSwiaWQiOiIwMTg5MDAwMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDAifQ",
    ),
    (
        "AMOUNT",
        "a time",
        "eyJvcmRlciI6IkFNT1VOVCBBU0MiLCJrZXkiOnsidGltZSI6IjIwMjYtMDEtMDFUMDA6MDA6MDBaIn0sImlkIjoiMDE4OTAwMDAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAwIn0",
    ),
    (
        "SUBMITTED_AT",
        "a text",
        "eyJvcmRlciI6IlNVQk1JVFRFRF9BVCBBU0MiLCJrZXkiOnsidGV4dCI6Im5vdyJ9LCJpZCI6IjAxODkwMDAwLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMCJ9",
    ),
    (
        "SUBMITTED_AT",
        "the year -262143",
        "eyJvcmRlciI6IlNVQk1JVFRFRF9BVCBBU0MiLCJrZXkiOnsidGltZSI6Ii0yNjIxNDMtMDEtMDFUMDA6MDA6MDBaIn0sImlkIjoiMDE4OTAwMDAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAwIn0",
    ),
    (
        "SUBMITTED_AT",
        "the year 262142",
        "eyJvcmRlciI6IlNVQk1JVFRFRF9BVCBBU0MiLCJrZXkiOnsidGltZSI6IisyNjIxNDItMTItMzFUMjM6NTk6NTkuOTk5OTk5OTk5WiJ9LCJpZCI6IjAxODkwMDAwLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMCJ9",
    ),
    (
        "STATUS",
        "a number",
        "eyJvcmRlciI6IlNUQVRVUyBBU0MiLCJrZXkiOnsid2hvbGUiOjF9LCJpZCI6IjAxODkwMDAwLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMCJ9",
    ),
    (
        "STATUS",
        "U+0000",
        "eyJvcmRlciI6IlNUQVRVUyBBU0MiLCJrZXkiOnsidGV4dCI6Ilx1MDAwMCJ9LCJpZCI6IjAxODkwMDAwLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMCJ9",
    ),
    (
        "STATUS",
        "a field more",
        "eyJvcmRlciI6IlNUQVRVUyBBU0MiLCJrZXkiOnsidGV4dCI6IkEifSwiaWQiOiIwMTg5MDAwMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDAiLCJleHRyYSI6MX0",
    ),
    ("STATUS", "no Base64", "' OR 1=1 --"),
];

async fn a_cursor_of_another_order_is_refused(app: TestApp) {
    let solicitation = submit_attempts(&app, 6).await;
    let reviewer = app.reviewer_token();
    let order = |field: &str| json!({ "field": field, "direction": "ASC" });
    for (field, what, cursor) in FORGED_CURSORS {
        for (place, count) in [("after", "first"), ("before", "last")] {
            let mut variables = json!({ "id": solicitation, "order": order(field) });
            variables[place] = json!(cursor);
            variables[count] = json!(5);
            let answer = app.execute(&reviewer, BIDS, variables).await;
            let fault = &answer["errors"][0]["extensions"];
            assert_eq!(fault["code"], "BAD_USER_INPUT", "{what} as {field}: {answer:#}");
            assert_eq!(fault["userErrors"][0]["path"], json!([place]));
        }
    }
    // A cursor that another order returned.
    let variables = json!({ "id": solicitation, "order": order("AMOUNT"), "first": 1 });
    let data = app.query(&reviewer, BIDS, variables.clone()).await;
    let cursor = &data["within"]["list"]["pageInfo"]["endCursor"];
    let descending = json!({ "field": "AMOUNT", "direction": "DESC" });
    for other in [order("STATUS"), order("SUBMITTED_AT"), descending, Value::Null] {
        let mut variables = variables.clone();
        (variables["order"], variables["after"]) = (other, cursor.clone());
        assert_eq!(app.fault_code(&reviewer, BIDS, variables).await, "BAD_USER_INPUT");
    }
    let variables = json!({ "after": cursor, "first": 1 });
    assert_eq!(app.fault_code(&reviewer, SOLICITATIONS, variables).await, "BAD_USER_INPUT");
    // In its own order the cursor works; with one byte changed it is refused.
    let mut variables = json!({ "id": solicitation, "order": order("AMOUNT"), "after": cursor });
    let data = app.query(&reviewer, BIDS, variables.clone()).await;
    assert_eq!(data["within"]["list"]["nodes"].as_array().map(Vec::len), Some(5));
    let cut = text(cursor);
    variables["after"] = json!(cut[..cut.len() - 2]);
    assert_eq!(app.fault_code(&reviewer, BIDS, variables).await, "BAD_USER_INPUT");
}

async fn a_page_has_at_most_a_hundred_rows(app: TestApp) {
    let solicitation = submit_attempts(&app, 3).await;
    let reviewer = app.reviewer_token();
    for (first, last) in [
        (json!(-1), Value::Null),
        (json!(101), Value::Null),
        (json!(i32::MAX), Value::Null),
        (json!(i32::MIN), Value::Null),
        (Value::Null, json!(-1)),
        (Value::Null, json!(101)),
        (json!(1), json!(1)),
    ] {
        let variables = json!({ "id": solicitation, "first": first, "last": last });
        let fault = app.fault_code(&reviewer, BIDS, variables).await;
        assert_eq!(fault, "BAD_USER_INPUT", "first {first}, last {last}");
        let variables = json!({ "first": first, "last": last });
        let fault = app.fault_code(&reviewer, SOLICITATIONS, variables).await;
        assert_eq!(fault, "BAD_USER_INPUT", "first {first}, last {last}");
    }
    // A number beyond 32 bits is not an Int: GraphQL itself refuses it.
    for first in [json!(4_294_967_296_i64), json!(1e30), json!("1"), json!(1.5)] {
        let variables = json!({ "id": solicitation, "first": first });
        let answer = app.execute(&reviewer, BIDS, variables).await;
        assert!(answer["errors"][0]["message"].is_string(), "{first}: {answer:#}");
        assert_ne!(answer["errors"][0]["extensions"]["code"], "INTERNAL", "{first}");
    }
    let none = json!({ "id": solicitation, "first": 0 });
    let data = app.query(&reviewer, BIDS, none).await;
    let list = &data["within"]["list"];
    assert_eq!((&list["nodes"], &list["totalCount"]), (&json!([]), &json!(3)));
    assert_eq!(list["pageInfo"]["hasNextPage"], true);
}

/// Returns each field of a type of the schema, with a selection if it returns an object.
fn list_fields(name: &str) -> Vec<String> {
    let definitions = parse_schema(sdl()).expect("the schema").definitions;
    let types = definitions.iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(definition) => Some(&definition.node),
        _ => None,
    });
    let types: HashMap<&str, &TypeKind> =
        types.map(|definition| (definition.name.node.as_str(), &definition.kind)).collect();
    let TypeKind::Object(object) = types[name] else { panic!("{name} is an object") };
    let fields = object.fields.iter().map(|field| {
        let base = field.node.ty.node.to_string();
        let base = base.trim_matches(['[', ']', '!']);
        let is_leaf =
            types.get(base).is_none_or(|kind| matches!(kind, TypeKind::Scalar | TypeKind::Enum(_)));
        let selection = if is_leaf { "" } else { " { __typename }" };
        format!("{}{selection}", field.node.name.node)
    });
    fields.collect()
}

/// What a list of firms reads for their filings depends on the fields that are asked.
async fn each_field_of_a_filing_can_be_asked_alone(app: TestApp) {
    let firm = app.register_disclosing_firm("Bright Sweeping").await;
    let fields = list_fields("Disclosure");
    assert!(fields.len() > 20, "{fields:?}");
    for field in fields {
        for selection in [
            format!("{{ nodes {{ {field} }} }}"),
            format!("{{ edges {{ node {{ ... on Disclosure {{ it: {field} }} }} }} }}"),
            "{ ...page }".to_owned(),
        ] {
            let page = format!("fragment page on DisclosureConnection {{ nodes {{ {field} }} }}");
            let page = if selection.contains("...page") { page } else { String::new() };
            let of_all = format!(
                "{{ organizations(first: 5) {{ nodes {{ disclosures(first: 1) {selection} }} }} }} {page}"
            );
            app.query(&app.reviewer_token(), &of_all, json!({})).await;
            let of_one = format!(
                "query($id: ID!) {{ organization(id: $id) {{ disclosures(first: 1) {selection} }} }} {page}"
            );
            app.query(&firm.token, &of_one, json!({ "id": firm.id })).await;
        }
    }
}
