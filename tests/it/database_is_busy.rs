//! Whoever asks while the database is busy or away is told so soon, and may try again.
use std::time::{Duration, Instant};

use candor_tests::steps::find_fault_code;
use candor_tests::{TestApp, Engine, Role, stories};
use serde_json::json;

stories![nobody_waits_long_for_a_connection, a_connection_that_ended_is_no_failure_of_ours];

const DEPARTMENT: &str = "mutation($input: DepartmentInput!) { createDepartment(input: $input) {
    department { id } userErrors { path code message } } }";
/// The most connections of a pool, to write with.
const OF_POSTGRES: usize = 10;

async fn nobody_waits_long_for_a_connection(app: TestApp) {
    let admin = app.token("administrator", &[Role::Admin]);
    let input = json!({ "input": { "code": "LIB", "name": "Library", "contact": "A desk" } });
    let mut held = Vec::new();
    for _ in 0..if app.engine == Engine::Postgres { OF_POSTGRES } else { 1 } {
        held.push(app.database.begin().await.expect("a connection"));
    }
    let asked = Instant::now();
    assert_eq!(app.fault_code(&admin, DEPARTMENT, input.clone()).await, "UNAVAILABLE");
    assert!(asked.elapsed() < Duration::from_secs(8), "{:?}", asked.elapsed());
    drop(held);
    app.mutate_ok(&admin, DEPARTMENT, input).await;
}

async fn a_connection_that_ended_is_no_failure_of_ours(app: TestApp) {
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
    // As many times as there may be a dead connection in the pool.
    for _ in 0..=OF_POSTGRES {
        let answer = app.execute(&app.reviewer_token(), query, json!({})).await;
        assert!(matches!(find_fault_code(&answer).as_deref(), None | Some("UNAVAILABLE")), "{answer:#}");
    }
    let seen = app.query(&app.reviewer_token(), query, json!({})).await;
    assert_eq!(seen["departments"]["nodes"], json!([{ "code": "BSS" }]));
}
