//! Requests while the database is busy or unreachable fail soon and may be retried.
use std::time::{Duration, Instant};

use candor_tests::steps::find_fault_code;
use candor_tests::{Engine, Role, TestApp, stories};
use serde_json::json;

stories![waiting_for_a_connection_is_limited, a_closed_connection_is_replaced];

const DEPARTMENT: &str = "mutation($input: DepartmentInput!) { createDepartment(input: $input) {
    department { id } userErrors { path code message } } }";
/// Maximum number of write connections in the pool.
const MAX_POSTGRES_WRITE_CONNECTIONS: usize = 10;

async fn waiting_for_a_connection_is_limited(app: TestApp) {
    let admin = app.token("administrator", &[Role::Admin]);
    let input = json!({ "input": { "code": "LIB", "name": "Library", "contact": "A desk" } });
    let mut held = Vec::new();
    for _ in 0..if app.engine == Engine::Postgres { MAX_POSTGRES_WRITE_CONNECTIONS } else { 1 } {
        held.push(app.database.begin().await.expect("a connection"));
    }
    let start = Instant::now();
    assert_eq!(app.fault_code(&admin, DEPARTMENT, input.clone()).await, "UNAVAILABLE");
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    drop(held);
    app.mutate_ok(&admin, DEPARTMENT, input).await;
}

async fn a_closed_connection_is_replaced(app: TestApp) {
    if app.engine == Engine::Sqlite {
        return;
    }
    app.create_department("BSS").await;
    let query = "{ departments { nodes { code } } }";
    let ended = app.select_number(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    assert!(ended.await > 0);
    // As often as there may be dead connections in the pool.
    for _ in 0..=MAX_POSTGRES_WRITE_CONNECTIONS {
        let answer = app.execute(&app.reviewer_token(), query, json!({})).await;
        assert!(
            matches!(find_fault_code(&answer).as_deref(), None | Some("UNAVAILABLE")),
            "{answer:#}"
        );
    }
    let data = app.query(&app.reviewer_token(), query, json!({})).await;
    assert_eq!(data["departments"]["nodes"], json!([{ "code": "BSS" }]));
}
