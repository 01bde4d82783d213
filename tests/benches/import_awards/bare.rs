//! The database's own speed: the rows of an import, written into a new database.
use std::time::Instant;

use candor_schema::database::Database;
use candor_tests::{Engine, cluster, run_on_database};
use futures_util::TryStreamExt;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use sqlx::postgres::PgPoolCopyExt;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, AssertSqlSafe, Executor, Row, SqlSafeStr, TypeInfo, Value, ValueRef};

/// The tables that an import fills, each after those that it refers to.
const TABLES: [&str; 4] = ["award_recipient", "federal_award", "award_transaction", "award_holder"];

/// Rows that are read before they are inserted, so that the reading is not timed.
const ROWS_READ_AT_ONCE: usize = 10_000;

/// A way to write the rows, and the seconds that it took.
type Timed = (&'static str, f64);

/// Copies the rows into a new PostgreSQL database.
pub async fn copy(source: &Database) -> Vec<Timed> {
    let mut copied = Vec::new();
    for table in TABLES {
        let pool = source.migration_connection().get_postgres_connection_pool();
        let mut stream =
            pool.copy_out_raw(&format!("COPY {table} TO STDOUT")).await.expect("rows to copy");
        let mut bytes = Vec::new();
        while let Some(part) = stream.try_next().await.expect("rows to copy") {
            bytes.extend_from_slice(&part);
        }
        copied.push((table, bytes));
    }
    let mut seconds = 0.0;
    run_on_database(Engine::Postgres, async |target: Database| {
        let pool = target.migration_connection().get_postgres_connection_pool();
        let mut connection = pool.acquire().await.expect("a connection");
        let start = Instant::now();
        connection.execute("BEGIN").await.expect("a transaction");
        for (table, bytes) in &copied {
            let mut into = connection
                .copy_in_raw(&format!("COPY {table} FROM STDIN"))
                .await
                .expect("a table to copy into");
            into.send(&bytes[..]).await.expect("rows that fit");
            into.finish().await.expect("rows that fit");
        }
        connection.execute("COMMIT").await.expect("a commit");
        seconds = start.elapsed().as_secs_f64();
    })
    .await;
    vec![("COPY", seconds)]
}

/// Inserts the rows into a new SQLite database.
pub async fn insert(source: &Database) -> Vec<Timed> {
    let file = address(source).await;
    let file = file.trim_start_matches("sqlite://").replace('\'', "''");
    let mut seconds = 0.0;
    run_on_database(Engine::Sqlite, async |target: Database| {
        let connection = target.migration_connection();
        let run = async |statement: &str| {
            connection.execute_unprepared(statement).await.expect(statement);
        };
        run(&format!("ATTACH '{file}' AS source")).await;
        let start = Instant::now();
        run("BEGIN IMMEDIATE").await;
        for table in TABLES {
            run(&format!("INSERT INTO main.{table} SELECT * FROM source.{table}")).await;
        }
        run("COMMIT").await;
        seconds = start.elapsed().as_secs_f64();
    })
    .await;
    vec![("INSERT … SELECT", seconds), ("prepared inserts", insert_each(source).await)]
}

/// Inserts the rows one by one with prepared statements into a new database, in one transaction. Returns
/// the seconds without the reading.
async fn insert_each(source: &Database) -> f64 {
    let source = source.migration_connection().get_sqlite_connection_pool();
    let mut seconds = 0.0;
    run_on_database(Engine::Sqlite, async |target: Database| {
        let pool = target.migration_connection().get_sqlite_connection_pool();
        let mut connection = pool.acquire().await.expect("a connection");
        connection.execute("BEGIN IMMEDIATE").await.expect("a transaction");
        for table in TABLES {
            let all = format!("SELECT * FROM {table}");
            let mut rows =
                sqlx::query(AssertSqlSafe(all)).fetch(source).try_chunks(ROWS_READ_AT_ONCE);
            while let Some(rows) = rows.try_next().await.expect("rows") {
                let marks = vec!["?"; rows[0].len()].join(", ");
                let insert = AssertSqlSafe(format!("INSERT INTO {table} VALUES ({marks})"));
                let insert = insert.into_sql_str();
                let bound: Vec<SqliteArguments> = rows.iter().map(arguments).collect();
                let start = Instant::now();
                for row in bound {
                    let inserted = sqlx::query_with(insert.clone(), row);
                    inserted.execute(&mut *connection).await.expect("a row that fits");
                }
                seconds += start.elapsed().as_secs_f64();
            }
        }
        let start = Instant::now();
        connection.execute("COMMIT").await.expect("a commit");
        seconds += start.elapsed().as_secs_f64();
    })
    .await;
    seconds
}

/// Returns the values of a row, to bind.
fn arguments(row: &SqliteRow) -> SqliteArguments {
    let mut arguments = SqliteArguments::default();
    for at in 0..row.len() {
        let value = row.try_get_raw(at).expect("a value").to_owned();
        let added = match value.type_info().name() {
            "INTEGER" => arguments.add(value.try_decode_unchecked::<i64>().expect("a number")),
            "REAL" => arguments.add(value.try_decode_unchecked::<f64>().expect("a number")),
            "BLOB" => arguments.add(value.try_decode_unchecked::<Vec<u8>>().expect("bytes")),
            _ => arguments.add(value.try_decode_unchecked::<Option<String>>().expect("text")),
        };
        added.expect("a value of SQLite");
    }
    arguments
}

/// Returns the address of a test's database.
pub async fn address(database: &Database) -> String {
    let connection = database.migration_connection();
    let (backend, statement, column) = match connection.get_database_backend() {
        DbBackend::Sqlite => (DbBackend::Sqlite, "PRAGMA database_list", "file"),
        backend => (backend, "SELECT current_database() AS name", "name"),
    };
    let row = connection.query_one_raw(Statement::from_string(backend, statement)).await;
    let name: String =
        row.expect("a row").expect("a database").try_get("", column).expect("a name");
    match backend {
        DbBackend::Sqlite => format!("sqlite://{name}"),
        _ => cluster::address(&name),
    }
}
