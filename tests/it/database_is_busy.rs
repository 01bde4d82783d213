//! Requests while the database is busy or unreachable fail soon and may be retried.
use std::num::NonZeroU32;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use candor_schema::database::{Database, ServiceDatabase};
use candor_tests::steps::find_fault_code;
use candor_tests::{Engine, Role, TestApp, stories};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::timeout;

stories![
    waiting_for_a_connection_is_limited,
    a_closed_connection_is_replaced,
    few_connections_serve_many_reads_and_writes,
    threads_divide_the_connections,
];

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

/// A connection that is kept for the next read is given back as soon as a write waits for it, an interrupted
/// read leaves none in a state of its own, and the pool opens no more than it may.
async fn few_connections_serve_many_reads_and_writes(app: TestApp) {
    let database = Database::open_with_connections(app.database_url(), NonZeroU32::new(2)).await;
    let database = database.expect("the database");
    let mut tasks = JoinSet::new();
    for task in 0..16 {
        let database = database.clone();
        tasks.spawn(async move {
            for number in 0..25_u32 {
                match (number + task) % 5 {
                    0 => drop(database.begin().await.expect("a connection")),
                    1 => {
                        let pause = Duration::from_micros(u64::from(number) * 150);
                        // Interrupted or not, as the machine is busy or not.
                        let _ = timeout(pause, read(&database)).await;
                    }
                    2 => drop(database.snapshot().await.expect("a connection")),
                    _ => read(&database).await,
                }
            }
        });
    }
    tasks.join_all().await;
    for usage in database.pool_usage() {
        assert!(usage.open <= usage.max && usage.idle <= usage.open, "{usage:?}");
    }
    // Kept connections are closed with the others.
    timeout(Duration::from_secs(5), database.close()).await.expect("in time").expect("it closes");
}

/// On PostgreSQL each thread has at least five of the connections, so that there may be fewer threads than
/// asked for; on SQLite they share them. All see the same rows, and what is cached in memory.
async fn threads_divide_the_connections(app: TestApp) {
    let threads = NonZeroU32::new(4).expect("not zero");
    let cases = match app.engine {
        Engine::Postgres => [
            (None, 4, 20, 4),
            (NonZeroU32::new(1), 1, 1, 3),
            (NonZeroU32::new(9), 1, 9, 3),
            (NonZeroU32::new(10), 2, 10, 4),
            (NonZeroU32::new(17), 3, 15, 3),
            (NonZeroU32::new(200), 4, 200, 4),
        ],
        Engine::Sqlite => [
            (None, 4, 4, 3),
            (NonZeroU32::new(1), 4, 1, 3),
            (NonZeroU32::new(9), 4, 9, 3),
            (NonZeroU32::new(10), 4, 10, 3),
            (NonZeroU32::new(17), 4, 17, 3),
            (NonZeroU32::new(200), 4, 200, 3),
        ],
    };
    let (pool, other) = match app.engine {
        Engine::Postgres => ("requests", ("service", 2)),
        Engine::Sqlite => ("read", ("write", 1)),
    };
    for (connections, expected_threads, expected_connections, expected_sign_in) in cases {
        let opened = ServiceDatabase::open(app.database_url(), connections, threads).await;
        let databases = opened.expect("the database");
        assert_eq!(databases.requests.len(), expected_threads, "{connections:?}");
        let usage = databases.pool_usage();
        let max = |name: &str| usage.iter().find(|it| it.name == name).map(|it| it.max);
        assert_eq!(usage.len(), 3, "{usage:?}");
        assert_eq!(max(pool), Some(expected_connections), "{connections:?}");
        assert_eq!(max("sign_in"), Some(expected_sign_in), "{connections:?}");
        assert_eq!(max(other.0), Some(other.1));
        let first = databases.requests[0].cached::<AtomicU32>();
        first.fetch_add(1, Relaxed);
        for database in databases.requests.iter().chain([&databases.service]) {
            read(database).await;
            drop(database.begin().await.expect("a connection"));
            assert_eq!(database.cached::<AtomicU32>().load(Relaxed), 1);
        }
    }
}

/// Reads a row; on PostgreSQL for two milliseconds, so that some reads are interrupted while they run.
async fn read(database: &Database) {
    let engine = database.read.get_database_backend();
    let select = match engine {
        DbBackend::Postgres => "SELECT 1 FROM pg_sleep(0.002)",
        _ => "SELECT 1",
    };
    let row = database.read.query_one_raw(Statement::from_string(engine, select)).await;
    assert!(row.expect("a connection").is_some());
}
