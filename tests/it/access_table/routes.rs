//! The section `[export]` of `access.toml`: exports, open data and reconciliation as each user.
use std::collections::{BTreeMap, BTreeSet};

use candor_tests::{Method, StatusCode, TestApp};

use super::Seed;

/// A request for one row of the table.
struct RouteCase {
    /// The method, the address as the OpenAPI document has it, and after a colon what it looks for.
    row: &'static str,
    /// The parameters of the address, and its query string.
    query: String,
    /// The form of a POST.
    form: Option<String>,
    /// A text that the answer has if it counts as `yes`.
    expected: String,
}

impl Seed {
    fn route_cases(&self) -> Vec<RouteCase> {
        let get = |row, query: String, expected: &str| RouteCase {
            row,
            query,
            form: None,
            expected: expected.to_owned(),
        };
        let window = "?from=2026-01-01&to=2030-12-31".to_owned();
        let queries = "queries=%7B%22q0%22%3A%7B%22query%22%3A%22Prime+Paving%22%7D%7D";
        let firm = &self.firm.id;
        vec![
            get("GET /v1/exports/bids: an opened bid", String::new(), &self.bid),
            get("GET /v1/exports/bids: a sealed bid", String::new(), &self.sealed),
            get("GET /v1/exports/contracts", String::new(), &self.contract),
            get("GET /v1/exports/disclosures: filed", String::new(), &self.filed),
            get("GET /v1/exports/disclosures: a draft", String::new(), &self.draft),
            get("GET /v1/exports/renewals-due", window, &self.contract),
            get("GET /v1/ocds/releases: a published solicitation", String::new(), &self.published),
            get("GET /v1/ocds/releases: a sealed bid", String::new(), &self.sealed),
            get("GET /v1/ocds/records", String::new(), &self.published),
            get("GET /v1/bods/statements", String::new(), firm),
            get("GET /v1/ocds/extension/{file}", String::new(), "Disclosures"),
            get("GET /v1/reconcile/{key}", format!("?{queries}"), firm),
            RouteCase {
                row: "POST /v1/reconcile/{key}",
                query: String::new(),
                form: Some(queries.to_owned()),
                expected: firm.clone(),
            },
            get("GET /v1/reconcile/{key}/suggest/entity", "?prefix=prime%20pav".to_owned(), firm),
            get("GET /v1/reconcile/{key}/preview", format!("?id={firm}"), "Prime Paving"),
        ]
    }
}

/// Sends a request as a user and classifies the answer in the table's words.
async fn classify(app: &TestApp, token: Option<&String>, case: &RouteCase) -> String {
    let operation = case.row.split(':').next().expect("an operation");
    let (method, path) = operation.split_once(' ').expect("a method and an address");
    let method: Method = method.parse().expect("a method");
    let has_key = path.contains("{key}");
    let path = path.replace("{key}", token.map_or("nobody", String::as_str));
    let path = path.replace("{file}", "extension.json");
    let mut request = app.http_request(method, &format!("{path}{}", case.query));
    if let Some(token) = token.filter(|_| !has_key) {
        request = request.bearer_auth(token);
    }
    if let Some(form) = &case.form {
        let content_type = "application/x-www-form-urlencoded";
        request = request.header("content-type", content_type).body(form.clone());
    }
    let answer = request.send().await.expect("an answer");
    let status = answer.status();
    let body = answer.text().await.expect("a text");
    match status {
        StatusCode::OK if body.contains(&case.expected) => "yes".to_owned(),
        StatusCode::OK | StatusCode::NOT_FOUND => "nothing".to_owned(),
        StatusCode::UNAUTHORIZED => "unauthenticated".to_owned(),
        StatusCode::FORBIDDEN => "forbidden".to_owned(),
        _ => format!("{status} {body}"),
    }
}

/// Returns where the service differs from the table, and the rows without a request.
pub(super) async fn list_differences(
    app: &TestApp,
    seed: &Seed,
    table: &BTreeMap<String, Vec<String>>,
) -> Vec<String> {
    let tokens = seed.viewer_tokens(app);
    let mut differences = Vec::new();
    let mut untested: BTreeSet<&str> = table.keys().map(String::as_str).collect();
    for case in seed.route_cases() {
        untested.remove(case.row);
        let cells = table.get(case.row).map(Vec::as_slice).unwrap_or_default();
        if cells.len() != tokens.len() {
            differences.push(format!("{} has {} cells", case.row, cells.len()));
        }
        for ((who, token), cell) in tokens.iter().zip(cells) {
            let answer = classify(app, token.as_ref(), &case).await;
            if answer != *cell {
                differences.push(format!("{}, {who}: {answer}; the table: {cell}", case.row));
            }
        }
    }
    differences.extend(untested.iter().map(|row| format!("{row} is never tested")));
    differences
}
