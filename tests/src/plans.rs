//! Query plans of both databases.
use sea_orm::{ConnectionTrait, Statement};

use crate::engine::Engine;
use crate::test_app::TestApp;

/// Returns the steps of the database's plan for a statement. On PostgreSQL sequential scans are
/// disabled, so that one remains only where no index is usable.
pub async fn explain(app: &TestApp, statement: &Statement) -> Vec<String> {
    let with_sql = |sql: String| {
        let values = statement.values.clone();
        Statement { sql, values, db_backend: statement.db_backend }
    };
    match app.engine {
        Engine::Sqlite => {
            let explain = with_sql(format!("EXPLAIN QUERY PLAN {}", statement.sql));
            let rows = app.database.read.query_all_raw(explain).await.expect("a plan");
            rows.iter().map(|row| row.try_get("", "detail").expect("a step")).collect()
        }
        Engine::Postgres => {
            let tx = app.database.begin().await.expect("a transaction");
            tx.execute_unprepared("SET LOCAL enable_seqscan = off").await.expect("a setting");
            let explain = with_sql(format!("EXPLAIN {}", statement.sql));
            let rows = tx.query_all_raw(explain).await.expect("a plan");
            rows.iter().map(|row| row.try_get_by_index(0).expect("a step")).collect()
        }
    }
}

/// Asserts that lists of different filters took the same number of statements, or one more where the page is not
/// among the next rows, so that all matches are looked for.
pub fn assert_same_statements(counts: &[usize]) {
    let (min, max) = (counts.iter().min(), counts.iter().max());
    assert!(max <= min.map(|min| min + 1).as_ref(), "{counts:?} statements");
}

/// Asserts that the plan does not scan any of these tables in full.
pub async fn assert_uses_index(app: &TestApp, statement: &Statement, tables: &[&str], name: &str) {
    let plan = explain(app, statement).await;
    for step in &plan {
        let is_full_scan = tables.iter().any(|table| match app.engine {
            Engine::Sqlite => {
                step == &format!("SCAN {table}")
                    || step.starts_with(&format!("SCAN {table} VIRTUAL"))
            }
            Engine::Postgres => step.contains(&format!("Seq Scan on {table} ")),
        });
        assert!(!is_full_scan, "{name}: {step}\n{}\n{}", statement.sql, plan.join("\n"));
    }
}
