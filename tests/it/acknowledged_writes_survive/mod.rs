//! Whatever happens to the database, acknowledged changes are stored, refused changes are not, and
//! a service that cannot write does not report ready.
mod attempts;
mod clock;
mod deadlines;
mod postgres;
mod sqlite;

use candor_tests::{Role, TestApp};
use sea_orm::ConnectionTrait;
use serde_json::json;

use attempts::Attempts;

/// Runs a statement that exceeds the request's time limit.
async fn interrupt_a_write(app: &TestApp) {
    let endless = if app.database.is_sqlite() {
        "INSERT INTO department (id, code, name, contact, created_at)
            WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)
            SELECT randomblob(16), 'X' || x, 'X', 'X', 'X' FROM n WHERE x < 0"
    } else {
        "SELECT pg_sleep(60)"
    };
    let tx = app.database.begin().await.expect("a transaction");
    let refusal = tx.execute_unprepared(endless).await.expect_err("it is ended");
    let fault = candor_schema::fault::Fault::from(refusal);
    assert!(format!("{fault:?}").contains("Unavailable(Busy)"), "{fault:?}");
    drop(tx);
}

async fn an_interrupted_write_does_not_affect_later_writes(app: TestApp) {
    let mut attempts = Attempts::new(&app);
    attempts.write(3).await;
    for _ in 0..2 {
        interrupt_a_write(&app).await;
        attempts.write(5).await;
    }
    assert_eq!(attempts.acknowledged(), 13, "nothing is refused after it");
    attempts.assert_match_answers().await;
    app.check_health().await;
    let ready =
        app.http_request(candor_tests::Method::GET, "/readyz").send().await.expect("an answer");
    assert_eq!(ready.status(), 200);
}

/// A failed statement rolls back its whole transaction, whatever the service does next.
async fn a_change_that_fails_halfway_leaves_nothing(app: TestApp) {
    let admin = app.token("administrator", &[Role::Admin]);
    app.run_sql("ALTER TABLE ledger RENAME TO ledger_away").await.expect("no ledger");
    let input = json!({ "input": { "code": "LIB", "name": "Library", "contact": "A desk" } });
    let code = app.fault_code(&admin, attempts::CREATE, input).await;
    assert_eq!(code, "INTERNAL");
    app.run_sql("ALTER TABLE ledger_away RENAME TO ledger").await.expect("the ledger");
    assert_eq!(app.select_number("SELECT COUNT(*) FROM department").await, 0);
    let mut attempts = Attempts::new(&app);
    attempts.write(4).await;
    assert_eq!(attempts.acknowledged(), 4);
    attempts.assert_match_answers().await;
}

candor_tests::stories![
    an_interrupted_write_does_not_affect_later_writes,
    a_change_that_fails_halfway_leaves_nothing
];
