//! Whatever is sent, the answer says what to mend, nothing is half written, and the service lives.
mod characters;
mod requests;
mod scene;
mod texts;
mod values;

use std::collections::BTreeMap;

use candor_tests::{TestApp, Method, StatusCode, steps};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

/// The most bytes of an answer: what was sent is not sent back whole.
const LONGEST: usize = 20_000;

/// One thing that is sent, and what is told of it: paths and codes of user errors, or the code of
/// what is no use case's to tell.
struct Case<'a> {
    token: &'a str,
    document: &'a str,
    variables: Value,
    told: Vec<String>,
}

/// How many rows each table has, of all that the engine knows.
async fn rows(app: &TestApp) -> BTreeMap<String, i64> {
    let engine = app.database.read.get_database_backend();
    let tables = match engine {
        sea_orm::DbBackend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table'",
        _ => {
            "SELECT table_name AS name FROM information_schema.tables
                WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        }
    };
    let tables = app.database.read.query_all_raw(Statement::from_string(engine, tables)).await;
    let mut rows = BTreeMap::new();
    for table in tables.expect("the catalogue") {
        let name: String = table.try_get("", "name").expect("a name");
        let number = app.select_number(&format!("SELECT COUNT(*) FROM \"{name}\"")).await;
        rows.insert(name, number);
    }
    assert!(rows.contains_key("ledger") && rows.len() > 10, "{rows:?}");
    rows
}

/// The service answers as if nothing had been, and what was written is what was there before.
async fn unharmed(app: &TestApp, before: BTreeMap<String, i64>) {
    app.check_health().await;
    let ready = app.http_request(Method::GET, "/readyz").send().await.expect("an answer");
    assert_eq!(ready.status(), StatusCode::OK);
    let seen = app.query(&app.reviewer_token(), "{ policy { version } }", json!({})).await;
    assert_eq!(seen["policy"]["version"], 1);
    assert_eq!(rows(app).await, before);
    app.assert_verifies().await;
}

/// Sends each, and compares what is told.
async fn told_of_each(app: &TestApp, cases: impl IntoIterator<Item = Case<'_>>) {
    for case in cases {
        let sent = case.variables.to_string().chars().take(300).collect::<String>();
        let answer = app.execute(case.token, case.document, case.variables).await;
        let whole = answer.to_string();
        assert!(whole.len() < LONGEST, "{} bytes\n{}\n{sent}", whole.len(), case.document);
        assert_eq!(told(&answer), case.told, "{}\n{sent}\n{answer:#}", case.document);
    }
}

/// What an answer tells: each user error's path and code, else each error's code.
fn told(answer: &Value) -> Vec<String> {
    let payloads = answer["data"].as_object().into_iter().flat_map(|data| data.values());
    let mut all: Vec<String> =
        payloads.flat_map(|payload| to_mend(&payload["userErrors"])).collect();
    for error in answer["errors"].as_array().into_iter().flatten() {
        in_words(error);
        let extensions = &error["extensions"];
        let mend = to_mend(&extensions["userErrors"]);
        let code = extensions["code"].as_str().expect("a code").to_owned();
        all.extend(if mend.is_empty() { vec![code] } else { mend });
    }
    all
}

fn to_mend(errors: &Value) -> Vec<String> {
    let errors = errors.as_array().cloned().unwrap_or_default();
    errors.iter().for_each(in_words);
    steps::format_user_errors(&errors.into())
}

/// A message is a sentence for a person, and none of a database's or of a program's.
fn in_words(error: &Value) {
    let message = error["message"].as_str().expect("a message");
    assert!(message.trim().len() > 10, "{error:#}");
    for word in ["sqlx", "SQL", "constraint", "panicked", "DbErr", "Utf8Error"] {
        assert!(!message.contains(word), "{message}");
    }
}

/// The variables with one value in place of another.
fn with(variables: &Value, pointer: &str, value: &Value) -> Value {
    let mut changed = variables.clone();
    *changed.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer} in {variables}")) =
        value.clone();
    changed
}

/// A pointer as user errors write it: with dots between.
fn dotted(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}
