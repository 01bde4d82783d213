//! An export of 1,000,000 contracts on both databases: rows per second, peak memory of the process, and on
//! PostgreSQL the speed as a share of the database's own `COPY` of the same columns.
//!
//! `cargo bench -p candor-tests --bench exports`
use std::env;
use std::process::{Command, id};
use std::time::Instant;

use candor::export::{ExportArguments, ExportFormat, ExportKind, Exporter};
use candor_schema::database::Database;
use candor_schema::organization::model::{Role, Viewer};
use candor_schema::principal::ServiceActor;
use candor_tests::many_contracts::insert_only_contracts;
use candor_tests::memory::peak_bytes;
use candor_tests::{Engine, STORY_START, TestApp, parse_instant, run_story};
use futures_util::TryStreamExt;
use serde_json::{Value, json};
use sqlx::postgres::PgPoolCopyExt;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Number of rows.
const ROWS: usize = if cfg!(debug_assertions) { 20_000 } else { 1_000_000 };
/// The share of COPY to reach, and the memory not to exceed.
const GOAL_SHARE: f64 = 0.2;
const GOAL_BYTES: u64 = 150 << 20;
/// The first argument of the child process; the second is the database.
const CHILD: &str = "export";
/// The columns of the export, from the tables.
const COPY: &str = "COPY (SELECT contract.id, contract.number, contract.title, department.id,
        department.code, department.name, organization.id, organization.legal_name,
        contract.value_cents, contract.currency, contract.signed_on, contract.start_date,
        contract.end_date, contract.options_left, contract.clause_version, contract.readiness,
        contract.readiness_at_end, disclosure.id, contract.disclosure_lapses_on,
        contract.noncompliance_code, contract.noncompliant_since
    FROM contract JOIN department ON department.id = contract.department_id
        JOIN organization ON organization.id = contract.organization_id
        LEFT JOIN disclosure ON disclosure.organization_id = contract.organization_id
            AND disclosure.status = 'FILED') TO STDOUT WITH (FORMAT csv)";

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let arguments: Vec<String> = env::args().skip(1).collect();
    if arguments.first().is_some_and(|it| it == CHILD) {
        runtime.block_on(export(&arguments[1]));
        return;
    }
    for engine in [Engine::Sqlite, Engine::Postgres] {
        runtime.block_on(run_story(engine, measure));
    }
}

async fn measure(app: TestApp) {
    insert_only_contracts(&app, ROWS).await;
    app.run_sql("ANALYZE").await.expect("statistics");
    let mut command = Command::new(env::current_exe().expect("this benchmark's binary"));
    command.args([CHILD, app.database_url()]);
    let output = command.output().expect("a process of its own");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let result: Value = serde_json::from_slice(&output.stdout).expect("a result");
    let seconds = result["seconds"].as_f64().expect("seconds");
    let peak = result["peakBytes"].as_u64().expect("bytes");
    let rows = result["rows"].as_u64().expect("rows");
    assert_eq!(rows, ROWS as u64);
    let reached = if peak < GOAL_BYTES { "reached" } else { "MISSED" };
    println!(
        "{:?}: {rows} rows, {:.0} a second, {} MiB of lines, peak memory {} MiB (goal {}: {reached})",
        app.engine,
        result["rows"].as_f64().unwrap_or_default() / seconds,
        result["bytes"].as_u64().unwrap_or_default() >> 20,
        peak >> 20,
        GOAL_BYTES >> 20,
    );
    if app.engine == Engine::Postgres {
        let copied = copy(&app).await;
        let share = copied / seconds;
        let reached = if share >= GOAL_SHARE { "reached" } else { "MISSED" };
        println!("  {share:.2} of COPY (goal {GOAL_SHARE}: {reached})");
    }
}

/// Copies the same columns out of the database; returns the seconds.
async fn copy(app: &TestApp) -> f64 {
    let pool = app.database.migration_connection().get_postgres_connection_pool();
    let start = Instant::now();
    let mut lines = pool.copy_out_raw(COPY).await.expect("rows to copy");
    let mut bytes = 0;
    while let Some(part) = lines.try_next().await.expect("rows to copy") {
        bytes += part.len();
    }
    assert!(bytes > ROWS, "lines were copied");
    start.elapsed().as_secs_f64()
}

/// Exports all contracts and prints the result as JSON.
async fn export(database: &str) {
    let start = Instant::now();
    let database = Database::open_for_work(database).await.expect("the database");
    let mut viewer = Viewer::of_service(ServiceActor::Operator, parse_instant(STORY_START));
    viewer.roles.insert(Role::ExportReader);
    let form = (ExportFormat::Csv, false);
    let arguments = ExportArguments::default();
    let exporter = Exporter::new(database, viewer, ExportKind::Contracts, form, arguments).await;
    let mut exporter = exporter.expect("an export");
    let mut bytes = 0;
    while let Some(lines) = exporter.next().await.expect("lines") {
        bytes += lines.len();
    }
    let (seconds, peak) = (start.elapsed().as_secs_f64(), peak_bytes(id()));
    let rows = exporter.rows();
    println!("{}", json!({ "rows": rows, "seconds": seconds, "bytes": bytes, "peakBytes": peak }));
}
