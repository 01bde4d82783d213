//! What the database does for a statement: the buffers that PostgreSQL touches, and the steps of SQLite's
//! virtual machine.
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use candor_schema::database::Reads;
use candor_tests::{Engine, TestApp};
use sea_orm::{ConnectionTrait, DatabaseConnection, SqlxSqliteConnector, Statement};
use serde_json::Value;
use sqlx::sqlite::SqlitePoolOptions;

/// Measures statements on the database of an app.
pub enum Meter {
    Postgres(Reads),
    Sqlite { connection: DatabaseConnection, steps: Arc<AtomicU64> },
}

impl Meter {
    pub async fn open(app: &TestApp) -> Self {
        if app.engine == Engine::Postgres {
            return Self::Postgres(app.database.read.clone());
        }
        let steps = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&steps);
        let pool =
            SqlitePoolOptions::new().max_connections(1).after_connect(move |connection, _| {
                let counted = Arc::clone(&counted);
                Box::pin(async move {
                    let count = move || {
                        counted.fetch_add(1, Ordering::Relaxed);
                        true
                    };
                    connection.lock_handle().await?.set_progress_handler(1, count);
                    Ok(())
                })
            });
        let pool = pool.connect(app.database_url()).await.expect("the database");
        Self::Sqlite { connection: SqlxSqliteConnector::from_sqlx_sqlite_pool(pool), steps }
    }

    /// Runs a statement again; returns the buffers or the steps.
    pub async fn measure(&self, statement: Statement) -> u64 {
        match self {
            Self::Postgres(connection) => {
                let sql = format!("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {}", statement.sql);
                let row = connection.query_one_raw(Statement { sql, ..statement }).await;
                let row = row.expect("a plan").expect("a plan");
                let plan: Value = row.try_get_by_index(0).expect("a plan");
                let blocks = |kind: &str| plan[0]["Plan"][kind].as_u64().expect("a number");
                blocks("Shared Hit Blocks") + blocks("Shared Read Blocks")
            }
            Self::Sqlite { connection, steps } => {
                let before = steps.load(Ordering::Relaxed);
                connection.query_all_raw(statement).await.expect("rows");
                steps.load(Ordering::Relaxed) - before
            }
        }
    }
}
