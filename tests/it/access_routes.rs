//! The routes of `access.toml`: each is sent as each user, and the table has a row for each operation of the
//! OpenAPI document.
use std::collections::{BTreeMap, BTreeSet};

use candor::import::ImportLimits;
use candor_tests::due_times::march::{AFTER, DUE};
use candor_tests::fixtures::{no_dealings, usd};
use candor_tests::portal::portal_bid;
use candor_tests::steps::text;
use candor_tests::{Method, Role, TestApp, stories};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Duration, sleep};

stories![every_route_matches_the_access_table];

const LATER: &str = "2026-04-14T21:00:00Z";

/// The part of `access.toml` about routes.
#[derive(Deserialize)]
struct Table {
    columns: Vec<String>,
    route: BTreeMap<String, Vec<String>>,
}

/// The body of a request.
enum Body {
    None,
    Json(Value),
    /// A content type and a text.
    Text(&'static str, String),
}

impl From<Option<Value>> for Body {
    fn from(json: Option<Value>) -> Self {
        json.map_or(Self::None, Self::Json)
    }
}

/// A request for one row of the table: its operation and, after a colon, its object.
struct RouteCase {
    row: &'static str,
    /// The address; the sender's token in place of `{key}`.
    path: String,
    body: Body,
    /// A text without which an answer counts as `nothing`; empty if any answer counts.
    expected: String,
}

fn route(row: &'static str, path: impl Into<String>, body: Option<Value>) -> RouteCase {
    RouteCase { row, path: path.into(), body: body.into(), expected: String::new() }
}

/// A request that looks for something.
fn search(row: &'static str, path: impl Into<String>, expected: &str) -> RouteCase {
    RouteCase { expected: expected.to_owned(), ..route(row, path, None) }
}

/// A request that sends a file.
fn import(row: &'static str, table: &str) -> RouteCase {
    let path = row.trim_start_matches("POST ");
    RouteCase { body: Body::Text("text/csv", table.to_owned()), ..route(row, path, None) }
}

/// What the requests for exports, open data, reconciliation and imports look for, by identifier.
struct Sought {
    firm: String,
    contract: String,
    filed: String,
    draft: String,
    published: String,
    bid: String,
    sealed: String,
    /// The addresses of an import and of its report.
    job: String,
    report: String,
}

impl Sought {
    fn cases(&self) -> Vec<RouteCase> {
        let window = "/v1/exports/renewals-due?from=2026-01-01&to=2030-12-31";
        let queries = "queries=%7B%22q0%22%3A%7B%22query%22%3A%22Prime+Paving%22%7D%7D";
        let (releases, extension) = ("/v1/ocds/releases", "/v1/ocds/extension/extension.json");
        let reconcile = "/v1/reconcile/{key}";
        let body = Body::Text("application/x-www-form-urlencoded", queries.to_owned());
        let firm = &self.firm;
        vec![
            search("GET /v1/exports/bids: an opened bid", "/v1/exports/bids", &self.bid),
            search("GET /v1/exports/bids: a sealed bid", "/v1/exports/bids", &self.sealed),
            search("GET /v1/exports/contracts", "/v1/exports/contracts", &self.contract),
            search("GET /v1/exports/disclosures: filed", "/v1/exports/disclosures", &self.filed),
            search("GET /v1/exports/disclosures: a draft", "/v1/exports/disclosures", &self.draft),
            search("GET /v1/exports/renewals-due", window, &self.contract),
            search("GET /v1/ocds/releases: a published solicitation", releases, &self.published),
            search("GET /v1/ocds/releases: a sealed bid", releases, &self.sealed),
            search("GET /v1/ocds/records", "/v1/ocds/records", &self.published),
            search("GET /v1/bods/statements", "/v1/bods/statements", firm),
            search("GET /v1/ocds/extension/{file}", extension, "Disclosures"),
            search("GET /v1/reconcile/{key}", format!("{reconcile}?{queries}"), firm),
            RouteCase { body, ..search("POST /v1/reconcile/{key}", reconcile, firm) },
            search(
                "GET /v1/reconcile/{key}/suggest/entity",
                format!("{reconcile}/suggest/entity?prefix=prime%20pav"),
                firm,
            ),
            search(
                "GET /v1/reconcile/{key}/preview",
                format!("{reconcile}/preview?id={firm}"),
                "Prime Paving",
            ),
            import("POST /v1/imports/awards", "number\n"),
            import("POST /v1/imports/contracts", "number\n"),
            import("POST /v1/imports/vendors", "number,name\nV-77,Imported Paving\n"),
            route("GET /v1/imports/{id}", &self.job, None),
            route("GET /v1/imports/{id}/report", &self.report, None),
        ]
    }
}

/// The users of the table's columns, with their tokens; none for anonymous.
type Users = Vec<(&'static str, Option<String>)>;

/// Creates what the requests refer to, and returns the users and the requests.
async fn create_world(app: &TestApp) -> (Users, Vec<RouteCase>) {
    let (department, neighbor) =
        (app.create_department("BSS").await, app.create_department("LIB").await);
    let key = app.create_api_key("PROCUREMENT_SYSTEM").await.secret;
    let firm = app.register_silent_vendor(&key, "Prime Paving", "V-1").await;
    let filed = text(&app.file_and_load_disclosure(&firm, no_dealings()).await["id"]);
    let (draft, _) = app.save_draft(&firm, no_dealings()).await;
    let rival = app.register_disclosing_firm("Rival").await;
    let preparer = app.invite_member(&firm, "PREPARER").await;
    let days = ("2020-07-01", "2026-06-30");
    let contract = app.record_contract(&department, &firm, "C-1", days, json!({})).await;
    app.create_solicitation(&department, DUE, json!({ "number": "DRAFT-1" })).await;
    let published = app.put_published_solicitation(&key, "BSS", "OPENED-1", DUE).await;
    app.put_published_solicitation(&key, "BSS", "SEALED-1", LATER).await;
    let bid = async |solicitation: &str| {
        let bid = portal_bid(solicitation, "V-1", "1000");
        let taken = app.rest_post(&key, "/v1/gate/bids", &bid).await.expect(200);
        assert_eq!(taken["decision"], "ADMIT", "{taken:#}");
        [text(&taken["reference"]), text(&taken["subject"])]
    };
    let ([opened, bid], [sealed, sealed_bid]) = (bid("OPENED-1").await, bid("SEALED-1").await);
    let job = app.send_import(&key, "vendors", "number,name\n").await.expect(202);
    app.advance_to(AFTER);
    let sought = Sought {
        firm: firm.id.clone(),
        contract,
        filed,
        draft,
        published: text(&published["id"]),
        bid,
        sealed: sealed_bid,
        job: format!("/v1/imports/{}", text(&job["id"])),
        report: text(&job["report"]),
    };

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
    let recorded = json!({
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
        route("PUT /v1/contracts/{number}", "/v1/contracts/C-2", Some(recorded)),
    ];
    (users, cases.into_iter().chain(sought.cases()).collect())
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
    let has_key = case.path.contains("{key}");
    let path = case.path.replace("{key}", token.map_or("nobody", String::as_str));
    let mut request = app.http_request(method_of(case.row), &path);
    if let Some(token) = token.filter(|_| !has_key) {
        request = request.bearer_auth(token);
    }
    request = match &case.body {
        Body::None => request,
        Body::Json(body) => request.json(body),
        Body::Text(kind, body) => request.header("content-type", *kind).body(body.clone()),
    };
    let answer = request.send().await.expect("an answer");
    let (status, body) = (answer.status().as_u16(), answer.text().await.expect("a text"));
    match status {
        401 => "unauthenticated".to_owned(),
        403 => "forbidden".to_owned(),
        404 => "nothing".to_owned(),
        200 if !body.contains(&case.expected) => "nothing".to_owned(),
        200 | 201 | 202 | 409 | 412 | 422 => "yes".to_owned(),
        status => format!("{status} {body}"),
    }
}

/// Waits until no import waits or runs.
async fn wait_for_imports(app: &TestApp) {
    while app.select_number("SELECT COUNT(*) FROM import_job WHERE ended_at IS NULL").await > 0 {
        sleep(Duration::from_millis(50)).await;
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
    let app = app.with_imports(ImportLimits::default()).await;
    let table: Table = toml::from_str(include_str!("../access.toml")).expect("a table");
    let (users, cases) = Box::pin(create_world(&app)).await;
    let columns: Vec<&str> = users.iter().map(|(who, _)| *who).collect();
    assert_eq!(table.columns, columns);
    let operation = |row: &String| row.split(": ").next().unwrap_or_default().to_owned();
    let tabled: BTreeSet<String> = table.route.keys().map(operation).collect();
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
            if matches!(case.body, Body::Text("text/csv", _)) {
                wait_for_imports(&app).await;
            }
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
