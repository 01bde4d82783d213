//! The roles of PostgreSQL: the owner of the tables migrates, and the service connects as a role that may
//! only read and write rows. Every story on PostgreSQL runs as that role.
use std::time::{Duration, Instant};

use candor::command::migrate::up_for;
use candor::command::serve::{PolicyFiles, prepare_database};
use candor_migrations::Migrator;
use candor_schema::clock::Clock;
use candor_schema::database::Database;
use candor_tests::cluster::{DurableServer, RUNTIME_ROLE};
use candor_tests::{
    Engine, Role, TestApp, administer_on, run, run_on_durable_postgres, run_on_empty_postgres,
    run_story,
};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use sea_orm_migration::MigratorTrait;
use serde_json::json;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::sleep;
use uuid::Uuid;

/// The number of processes that start at once.
const PROCESSES: usize = 5;
/// How long the service may take to answer after a restart of the database.
const RECOVERY_TIMEOUT: Duration = Duration::from_secs(5);

async fn texts(database: &Database, select: &str) -> Vec<String> {
    let rows = Statement::from_string(DbBackend::Postgres, select);
    let rows = database.read.query_all_raw(rows).await.expect(select);
    rows.iter().map(|row| row.try_get_by_index(0).expect("a text")).collect()
}

async fn only_rows(app: TestApp) {
    // A role that may grant nothing gets a warning and no error.
    let tx = app.database.begin().await.expect("a transaction");
    let grant = "GRANT TRUNCATE, TRIGGER ON person TO candor_runtime";
    tx.execute_unprepared(grant).await.expect("a warning");
    tx.commit().await.expect("nothing is granted");
    let privileges =
        "SELECT DISTINCT privilege_type::text FROM information_schema.role_table_grants
        WHERE grantee = 'candor_runtime' ORDER BY 1";
    let privileges = texts(&app.database, privileges).await;
    assert_eq!(privileges, ["DELETE", "INSERT", "SELECT", "UPDATE"]);
    let owned = "SELECT relname::text FROM pg_class WHERE relowner = 'candor_runtime'::regrole";
    assert_eq!(texts(&app.database, owned).await, Vec::<String>::new());
    // What the ordinary role is refused, because the triggers keep filings, decisions and the ledger.
    for statement in [
        "DROP TRIGGER filing_no_update ON filing",
        "ALTER TABLE filing DISABLE TRIGGER ALL",
        "ALTER TABLE ledger DISABLE TRIGGER ledger_no_delete",
        "CREATE TRIGGER mine BEFORE UPDATE ON filing FOR EACH ROW EXECUTE FUNCTION refuse('x')",
        "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            RETURN NEW; END $$",
        "DROP FUNCTION refuse() CASCADE",
        "SET session_replication_role = replica",
        "TRUNCATE person",
        "TRUNCATE ledger CASCADE",
        "DROP TABLE person",
        "DROP VIEW review_item",
        "ALTER TABLE person ADD COLUMN x text",
        "ALTER TABLE person OWNER TO candor_runtime",
        "CREATE TABLE mine (id int)",
        "CREATE INDEX mine ON person (name)",
        "ALTER ROLE candor_runtime SUPERUSER",
        "INSERT INTO seaql_migrations VALUES ('x', 1)",
        "DELETE FROM seaql_migrations",
        "COPY person TO PROGRAM 'cat'",
        "UPDATE filing SET version = version",
        "DELETE FROM ledger",
    ] {
        // Rows that a trigger has to refuse must exist.
        let tx = app.database.begin_at_any_time().await.expect("a transaction");
        let refused = tx.execute_unprepared(statement).await;
        let is_empty = refused.as_ref().is_ok_and(|done| done.rows_affected() == 0);
        let is_row = statement.starts_with("UPDATE filing") || statement == "DELETE FROM ledger";
        assert!(refused.is_err() || (is_row && is_empty), "{statement}");
    }
    let refused = app.database.begin().await.expect("a transaction");
    let drop = "DROP TRIGGER filing_no_update ON filing";
    let refused = refused.execute_unprepared(drop).await.expect_err("a refusal").to_string();
    assert!(refused.contains("must be owner"), "{refused}");
}

/// The service's role may read and write rows; it cannot drop a trigger, and it owns nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(no_postgres, ignore = "no PostgreSQL binaries")]
async fn the_runtime_role_may_only_read_and_write_rows() {
    run_story(Engine::Postgres, only_rows).await;
}

async fn prepare(database: &Database) -> Result<(), String> {
    let done = prepare_database(database, &PolicyFiles::default(), &Clock::system()).await;
    done.map_err(|error| error.to_string())
}

async fn open(address: &str) -> Database {
    Database::open_for_work(address).await.expect("a database")
}

async fn refusals(server: DurableServer) {
    let superuser = server.owner_address("postgres");
    for statement in [
        "CREATE ROLE city_owner LOGIN",
        "CREATE ROLE city_member LOGIN IN ROLE city_owner",
        "CREATE ROLE \"odd \"\" name\" LOGIN",
        "CREATE DATABASE city OWNER city_owner",
    ] {
        administer_on(&superuser, statement).await;
    }
    let owner = open(&server.address_of("city_owner", "city")).await;
    let runtime = open(&server.address_of(RUNTIME_ROLE, "city")).await;
    let refused = prepare(&runtime).await.expect_err("no tables");
    assert!(refused.contains("has no tables") && refused.contains("candor migrate"), "{refused}");
    // The role itself cannot migrate.
    let refused = up_for(&runtime, None).await.expect_err("no privilege").to_string();
    assert!(!refused.is_empty());
    for (role, expected) in [
        ("nobody_here", "there is no role nobody_here; create it first: CREATE ROLE"),
        ("city_owner", "owns the tables or is a member of their owner"),
        ("city_member", "owns the tables or is a member of their owner"),
        ("candor", "is a superuser"),
    ] {
        let refused = up_for(&owner, Some(role)).await.expect_err(role).to_string();
        assert!(refused.contains(expected), "{refused}");
    }
    // A refused role leaves nothing behind: the migrations are in the same transaction.
    let refused = prepare(&runtime).await.expect_err("no tables");
    assert!(refused.contains("has no tables"), "{refused}");
    let all = Migrator::migrations().len();
    assert_eq!(up_for(&owner, Some(RUNTIME_ROLE)).await.expect("migrations"), all);
    assert_eq!(up_for(&owner, Some("odd \" name")).await.expect("a quoted role"), 0);
    prepare(&runtime).await.expect("a prepared database");

    Migrator::down(owner.migration_connection(), Some(2)).await.expect("two migrations down");
    let refused = prepare(&runtime).await.expect_err("pending migrations");
    let [.., second, last] = &*Migrator::migrations() else { panic!("two migrations") };
    for name in [second.name(), last.name()] {
        assert!(refused.contains(name), "{refused}");
    }
    assert!(refused.contains("are pending. Run `candor migrate`"), "{refused}");
    // Later migrations need no second permission.
    assert_eq!(up_for(&owner, None).await.expect("migrations"), 2);
    prepare(&runtime).await.expect("a prepared database");
    let tables = "SELECT relname::text FROM pg_class WHERE relkind IN ('r', 'v')
        AND relnamespace = 'public'::regnamespace AND NOT has_table_privilege(oid, 'SELECT')";
    assert_eq!(texts(&runtime, tables).await, Vec::<String>::new());

    // An older build does not start on a newer database.
    let newer = "INSERT INTO seaql_migrations VALUES ('m29991231_000001_later', 1)";
    owner.migration_connection().execute_unprepared(newer).await.expect("a newer migration");
    let refused = prepare(&runtime).await.expect_err("a newer database");
    assert!(refused.contains("a newer version of candor"), "{refused}");
}

/// On PostgreSQL the service does not start while a migration is pending, and names it. `candor migrate`
/// runs as an owner without other privileges, and permits no role that could drop a trigger.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(no_postgres, ignore = "no PostgreSQL binaries")]
async fn a_pending_migration_is_named() {
    run_on_empty_postgres(refusals).await;
}

/// SQLite has no roles.
#[tokio::test]
async fn sqlite_has_no_runtime_role() {
    let database = open(&format!("sqlite://{}", new_file().display())).await;
    let refused = up_for(&database, Some("candor")).await.expect_err("no roles").to_string();
    assert!(refused.contains("leave out --runtime-role"), "{refused}");
}

fn new_file() -> std::path::PathBuf {
    run::directory().join(format!("{}.db", Uuid::now_v7().simple()))
}

/// Prepares one database from five processes' pools at once, each with the same policy file.
async fn start_at_once(address: &str) {
    let text =
        candor_tests::policy_text().replace("value = \"2026-07-01\"", "value = \"2020-07-01\"");
    let mut starting = JoinSet::new();
    for _ in 0..PROCESSES {
        let (address, text) = (address.to_owned(), text.clone());
        starting.spawn(async move {
            let database = open(&address).await;
            let policies = PolicyFiles { files: vec![("p.toml".to_owned(), text)], as_draft: true };
            prepare_database(&database, &policies, &Clock::system()).await
        });
    }
    while let Some(done) = starting.join_next().await {
        done.expect("a task").expect("a prepared database");
    }
    let database = open(address).await;
    let count = "SELECT COUNT(*) FROM policy";
    let count = Statement::from_string(database.read.get_database_backend(), count);
    let row = database.read.query_one_raw(count).await.expect("a count").expect("a row");
    assert_eq!(row.try_get_by_index::<i64>(0).expect("a number"), 1);
}

/// Five processes that start at once on a new SQLite file migrate it once and publish the policy once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_processes_start_at_once_on_sqlite() {
    start_at_once(&format!("sqlite://{}", new_file().display())).await;
}

/// Five processes that start at once on PostgreSQL publish the policy once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(no_postgres, ignore = "no PostgreSQL binaries")]
async fn five_processes_start_at_once_on_postgres() {
    run_on_empty_postgres(|server| async move {
        let owner = open(&server.owner_address("postgres")).await;
        up_for(&owner, Some(RUNTIME_ROLE)).await.expect("migrations");
        start_at_once(&server.address("postgres")).await;
    })
    .await;
}

async fn restart(app: TestApp, server: DurableServer) {
    let token = app.token("administrator", &[Role::Admin]);
    let departments = "{ departments(first: 1) { nodes { id } } }";
    app.query(&token, departments, json!({})).await;
    let server = spawn_blocking(move || {
        server.stop_immediately();
        server
    });
    let server = server.await.expect("a stop");
    let failed = app.execute(&token, departments, json!({})).await;
    assert_eq!(failed["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{failed}");
    let server = spawn_blocking(move || {
        server.start_again();
        server
    });
    let _server = server.await.expect("a start");
    let started = Instant::now();
    loop {
        let answer = app.execute(&token, departments, json!({})).await;
        if answer.get("errors").is_none() {
            break;
        }
        assert!(started.elapsed() < RECOVERY_TIMEOUT, "{answer}");
        sleep(Duration::from_millis(50)).await;
    }
    app.create_department("BOE").await;
    assert!(started.elapsed() < RECOVERY_TIMEOUT);
}

/// After a crash of the database the service answers again within seconds, without a restart.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(no_postgres, ignore = "no PostgreSQL binaries")]
async fn the_service_recovers_from_a_restart_of_the_database() {
    run_on_durable_postgres(restart).await;
}
