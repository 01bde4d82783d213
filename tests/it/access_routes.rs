//! The routes of `access.toml`: each is sent as each user, and the table has a row for each operation of the
//! OpenAPI document.
use std::collections::{BTreeMap, BTreeSet};

use candor_tests::due_times::march::{AFTER, DUE};
use candor_tests::fixtures::usd;
use candor_tests::portal::portal_bid;
use candor_tests::steps::text;
use candor_tests::{Method, Role, TestApp, stories};
use serde::Deserialize;
use serde_json::{Value, json};

stories![every_route_matches_the_access_table];

const LATER: &str = "2026-04-14T21:00:00Z";

/// The part of `access.toml` about routes.
#[derive(Deserialize)]
struct Table {
    columns: Vec<String>,
    route: BTreeMap<String, Vec<String>>,
    /// Sent by `access_table`.
    export: BTreeMap<String, Vec<String>>,
}

/// A request for one row of the table: its operation and, after a colon, its object.
struct RouteCase {
    row: &'static str,
    path: String,
    body: Option<Value>,
}

fn route(row: &'static str, path: impl Into<String>, body: Option<Value>) -> RouteCase {
    RouteCase { row, path: path.into(), body }
}

/// The users of the table's columns, with their tokens; none for anonymous.
type Users = Vec<(&'static str, Option<String>)>;

/// Creates what the requests refer to, and returns the users and the requests.
async fn create_world(app: &TestApp) -> (Users, Vec<RouteCase>) {
    let (department, neighbor) =
        (app.create_department("BSS").await, app.create_department("LIB").await);
    let key = app.create_api_key("PROCUREMENT_SYSTEM").await.secret;
    let firm = app.register_vendor(&key, "Prime Paving", "V-1").await;
    let rival = app.register_disclosing_firm("Rival").await;
    let preparer = app.invite_member(&firm, "PREPARER").await;
    let days = ("2020-07-01", "2026-06-30");
    app.record_contract(&department, &firm, "C-1", days, json!({})).await;
    app.create_solicitation(&department, DUE, json!({ "number": "DRAFT-1" })).await;
    app.put_published_solicitation(&key, "BSS", "OPENED-1", DUE).await;
    app.put_published_solicitation(&key, "BSS", "SEALED-1", LATER).await;
    let bid = async |solicitation: &str| {
        let bid = portal_bid(solicitation, "V-1", "1000");
        let taken = app.rest_post(&key, "/v1/gate/bids", &bid).await.expect(200);
        assert_eq!(taken["decision"], "ADMIT", "{taken:#}");
        text(&taken["reference"])
    };
    let (opened, sealed) = (bid("OPENED-1").await, bid("SEALED-1").await);
    app.advance_to(AFTER);

    let staff = |role| Some(app.token("staff", &[role]));
    let users = vec![
        ("anonymous", None),
        ("signatory", Some(firm.token.clone())),
        ("preparer", Some(preparer)),
        ("rival", Some(rival.token)),
        ("officer", Some(department.token)),
        ("other_officer", Some(neighbor.token)),
        ("bca_reviewer", staff(Role::BcaReviewer)),
        ("bca_supervisor", staff(Role::BcaSupervisor)),
        ("cao_analyst", staff(Role::CaoAnalyst)),
        ("auditor", staff(Role::Auditor)),
        ("admin", staff(Role::Admin)),
        ("procurement_system", staff(Role::ProcurementSystem)),
        ("procurement_key", Some(key)),
        ("exports_key", Some(app.create_api_key("EXPORTS").await.secret)),
        ("events_key", Some(app.create_api_key("EVENTS").await.secret)),
    ];
    let award = json!({
        "contract": "C-2", "department": "BSS", "vendor": "V-9", "startDate": "2026-04-01",
        "endDate": "2027-03-31",
    });
    let renewal = json!({ "contract": "C-9", "action": "RENEWAL", "endDate": "2027-06-30" });
    let solicitation = json!({
        "department": "BSS", "title": "Paving", "method": "BIDS", "dueAt": LATER, "published": false,
    });
    let contract = json!({
        "department": "BSS", "vendor": "V-9", "title": "Paving", "value": usd("1000.00"),
        "startDate": "2020-07-01", "endDate": "2026-06-30",
    });
    let graphql = json!({ "query": "{ __typename }" });
    let cases = vec![
        route("GET /", "/", None),
        route("GET /healthz", "/healthz", None),
        route("GET /readyz", "/readyz", None),
        route("GET /openapi.json", "/openapi.json", None),
        route("GET /graphiql/{file}", "/graphiql/page.js", None),
        route("POST /graphql", "/graphql", Some(graphql)),
        route("POST /v1/gate/bids", "/v1/gate/bids", Some(portal_bid("S-9", "V-9", "1"))),
        route("POST /v1/gate/awards", "/v1/gate/awards", Some(award)),
        route("POST /v1/gate/renewals", "/v1/gate/renewals", Some(renewal)),
        route(
            "GET /v1/decisions/{reference}: of an opened bid",
            format!("/v1/decisions/{opened}"),
            None,
        ),
        route(
            "GET /v1/decisions/{reference}: of a sealed bid",
            format!("/v1/decisions/{sealed}"),
            None,
        ),
        route("GET /v1/vendors/{number}", "/v1/vendors/V-1", None),
        route("PUT /v1/vendors/{number}", "/v1/vendors/V-2", Some(json!({ "legalName": "New" }))),
        route("GET /v1/vendors/{number}/status", "/v1/vendors/V-1/status", None),
        route("GET /v1/solicitations/{number}: published", "/v1/solicitations/OPENED-1", None),
        route("GET /v1/solicitations/{number}: a draft", "/v1/solicitations/DRAFT-1", None),
        route("PUT /v1/solicitations/{number}", "/v1/solicitations/NEW-1", Some(solicitation)),
        route("GET /v1/solicitations/{number}/status", "/v1/solicitations/SEALED-1/status", None),
        route("GET /v1/contracts/{number}", "/v1/contracts/C-1", None),
        route("PUT /v1/contracts/{number}", "/v1/contracts/C-2", Some(contract)),
    ];
    (users, cases)
}

fn method_of(row: &str) -> Method {
    match row.split(' ').next() {
        Some("POST") => Method::POST,
        Some("PUT") => Method::PUT,
        _ => Method::GET,
    }
}

/// Classifies an answer in the table's words.
async fn classify_answer(app: &TestApp, token: Option<&String>, case: &RouteCase) -> String {
    let mut request = app.http_request(method_of(case.row), &case.path);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(body) = &case.body {
        request = request.json(body);
    }
    let answer = request.send().await.expect("an answer");
    let (status, body) = (answer.status().as_u16(), answer.text().await.expect("a text"));
    match status {
        401 => "unauthenticated".to_owned(),
        403 => "forbidden".to_owned(),
        404 => "nothing".to_owned(),
        200 | 201 | 409 | 412 | 422 => "yes".to_owned(),
        status => format!("{status} {body}"),
    }
}

/// The operations of the OpenAPI document, as `GET /path`.
async fn documented_operations(app: &TestApp) -> BTreeSet<String> {
    let document = app.http_request(Method::GET, "/openapi.json").send().await.expect("an answer");
    let document: Value = document.json().await.expect("JSON");
    let paths = document["paths"].as_object().expect("paths").iter();
    let operations = paths.flat_map(|(path, item)| {
        let methods = item.as_object().expect("operations").keys();
        methods.map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    operations.collect()
}

async fn every_route_matches_the_access_table(app: TestApp) {
    let table: Table = toml::from_str(include_str!("../access.toml")).expect("a table");
    let (users, cases) = Box::pin(create_world(&app)).await;
    let columns: Vec<&str> = users.iter().map(|(who, _)| *who).collect();
    assert_eq!(table.columns, columns);
    let operation = |row: &String| row.split(": ").next().unwrap_or_default().to_owned();
    let rows = table.route.keys().chain(table.export.keys());
    let tabled: BTreeSet<String> = rows.map(operation).collect();
    let mut differences: Vec<String> = documented_operations(&app)
        .await
        .symmetric_difference(&tabled)
        .map(|name| format!("{name}: in the OpenAPI document or in the table, not in both"))
        .collect();
    let mut untested: BTreeSet<&str> = table.route.keys().map(String::as_str).collect();
    for (column, (who, token)) in users.iter().enumerate() {
        for case in &cases {
            untested.remove(case.row);
            let cell = table.route.get(case.row).and_then(|cells| cells.get(column));
            let answer = classify_answer(&app, token.as_ref(), case).await;
            if cell != Some(&answer) {
                let cell = cell.map_or("no cell", String::as_str);
                differences.push(format!("{}, {who}: {answer}; the table: {cell}", case.row));
            }
        }
    }
    for (row, cells) in table.route.iter().filter(|(_, cells)| cells.len() != users.len()) {
        differences.push(format!("{row} has {} cells", cells.len()));
    }
    differences.extend(untested.iter().map(|row| format!("{row} is never tested")));
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    app.assert_verifies().await;
}
