//! For any input, the response says what to fix, nothing is partly written, and the service keeps
//! running.
mod characters;
mod requests;
mod scene;
mod texts;
mod values;

use std::collections::BTreeMap;

use candor_tests::{Method, StatusCode, TestApp, steps};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

/// Maximum bytes of a response: input is not echoed in full.
const MAX_ANSWER_BYTES: usize = 20_000;

/// A request and its expected errors: paths and codes of user errors, or the code of a top-level
/// error.
struct Case<'a> {
    token: &'a str,
    document: &'a str,
    variables: Value,
    expected: Vec<String>,
}

/// Counts the rows of each table that the engine knows.
async fn count_rows(app: &TestApp) -> BTreeMap<String, i64> {
    let engine = app.database.read.get_database_backend();
    let tables = match engine {
        sea_orm::DbBackend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table'",
        _ => {
            "SELECT table_name AS name FROM information_schema.tables
                WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        }
    };
    let tables = app.database.read.query_all_raw(Statement::from_string(engine, tables)).await;
    let mut count_rows = BTreeMap::new();
    for table in tables.expect("the catalogue") {
        let name: String = table.try_get("", "name").expect("a name");
        let number = app.select_number(&format!("SELECT COUNT(*) FROM \"{name}\"")).await;
        count_rows.insert(name, number);
    }
    assert!(count_rows.contains_key("ledger") && count_rows.len() > 10, "{count_rows:?}");
    count_rows
}

/// Asserts that the service still answers and that no row was added or removed.
async fn assert_unharmed(app: &TestApp, before: BTreeMap<String, i64>) {
    app.check_health().await;
    let ready = app.http_request(Method::GET, "/readyz").send().await.expect("an answer");
    assert_eq!(ready.status(), StatusCode::OK);
    let response = app.query(&app.reviewer_token(), "{ policy { version } }", json!({})).await;
    assert_eq!(response["policy"]["version"], 1);
    assert_eq!(count_rows(app).await, before);
    app.assert_verifies().await;
}

/// Sends each request and compares the errors.
async fn assert_each_is_refused(app: &TestApp, cases: impl IntoIterator<Item = Case<'_>>) {
    for case in cases {
        let sent = case.variables.to_string().chars().take(300).collect::<String>();
        let answer = app.execute(case.token, case.document, case.variables).await;
        let whole = answer.to_string();
        assert!(whole.len() < MAX_ANSWER_BYTES, "{} bytes\n{}\n{sent}", whole.len(), case.document);
        assert_eq!(list_errors(&answer), case.expected, "{}\n{sent}\n{answer:#}", case.document);
    }
}

/// Returns a response's errors: path and code of each user error, else the code of each error.
fn list_errors(answer: &Value) -> Vec<String> {
    let payloads = answer["data"].as_object().into_iter().flat_map(|data| data.values());
    let mut all: Vec<String> =
        payloads.flat_map(|payload| format_errors(&payload["userErrors"])).collect();
    for error in answer["errors"].as_array().into_iter().flatten() {
        assert_readable_message(error);
        let extensions = &error["extensions"];
        let user_errors = format_errors(&extensions["userErrors"]);
        let code = extensions["code"].as_str().expect("a code").to_owned();
        all.extend(if user_errors.is_empty() { vec![code] } else { user_errors });
    }
    all
}

fn format_errors(errors: &Value) -> Vec<String> {
    let errors = errors.as_array().cloned().unwrap_or_default();
    errors.iter().for_each(assert_readable_message);
    steps::format_user_errors(&errors.into())
}

/// Asserts that a message is a sentence for a person, without database or program text.
fn assert_readable_message(error: &Value) {
    let message = error["message"].as_str().expect("a message");
    assert!(message.trim().len() > 10, "{error:#}");
    for word in ["sqlx", "SQL", "constraint", "panicked", "DbErr", "Utf8Error"] {
        assert!(!message.contains(word), "{message}");
    }
}

/// Returns the variables with one value replaced.
fn with(variables: &Value, pointer: &str, value: &Value) -> Value {
    let mut changed = variables.clone();
    *changed.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer} in {variables}")) =
        value.clone();
    changed
}

/// Converts a JSON pointer to the dotted path of user errors.
fn dotted(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}
