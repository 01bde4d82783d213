//! How the work of each request grows from a city of 1,000 firms with 50,000 agreements, 10,000 bids and 10,000
//! contracts to one ten and a hundred times as large: buffers that PostgreSQL touches, and steps of SQLite's
//! virtual machine. Both depend on the data alone, not on the machine. Times are of one request each.
//!
//! `cargo bench -p candor-tests --bench scale`
//!
//! `CANDOR_BENCH_FACTORS` sets the sizes, such as `1,10`, and `CANDOR_BENCH_ENGINE` one database.
//! `CANDOR_BENCH_LIST` prints each statement with its work.
mod requests;
mod work;

use std::env;
use std::time::{Duration, Instant};

use candor::command::serve::fill_derived_rows;
use candor_schema::award::service::{Reevaluation, match_organizations};
use candor_schema::database::Database;
use candor_schema::verify::verify;
use candor_tests::many_contracts::organization_id;
use candor_tests::memory::resident_bytes;
use candor_tests::scaled_city::CitySize;
use candor_tests::{Engine, TestApp, administer_on, run_story};

use crate::requests::{Kind, add_officer, requests};
use crate::work::Meter;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The most that the work of a page may grow.
const MAX_GROWTH: f64 = 1.3;

/// What a request took.
#[derive(Clone, Copy, Debug)]
struct Sample {
    work: u64,
    time: Duration,
    is_answered: bool,
}

fn main() {
    let factors = env::var("CANDOR_BENCH_FACTORS");
    let factors = factors
        .unwrap_or_else(|_| if cfg!(debug_assertions) { "1" } else { "1,10,100" }.to_owned());
    let factors: Vec<usize> = factors
        .split(',')
        .map(|factor| factor.trim().parse().expect("numbers with commas"))
        .collect();
    let engine = env::var("CANDOR_BENCH_ENGINE").map(|engine| engine.to_lowercase());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for (name, runs_on, unit) in
        [("sqlite", Engine::Sqlite, "steps"), ("postgres", Engine::Postgres, "buffers")]
    {
        if engine.as_deref().is_ok_and(|only| only != name) {
            continue;
        }
        let mut samples = Vec::new();
        for factor in &factors {
            runtime.block_on(run_story(runs_on, async |app| {
                samples.push(Box::pin(measure(app, CitySize::times(*factor))).await);
            }));
        }
        report(runs_on, unit, &factors, &samples);
    }
}

/// Measures every request on a city of this size.
async fn measure(app: TestApp, size: CitySize) -> Vec<Sample> {
    let start = Instant::now();
    size.insert(&app).await;
    add_officer(&app).await;
    println!("{:?}: {size:?} inserted in {:.0} s", app.engine, start.elapsed().as_secs_f64());
    if app.engine == Engine::Postgres {
        // As autovacuum does in production; SQLite plans without statistics.
        administer_on(app.owner_url(), "VACUUM ANALYZE").await;
    }
    let (before, start) = (resident_bytes(std::process::id()), Instant::now());
    let meter = Meter::open(&app).await;
    let mut samples = Vec::new();
    for request in requests() {
        // The first request prepares statements and reads what is kept in memory.
        request.send(&app).await;
        app.start_recording_statements();
        let start = Instant::now();
        let is_answered = request.send(&app).await;
        let time = start.elapsed();
        let mut work = 0;
        for statement in app.take_recorded_statements() {
            let sql = statement.sql.clone();
            let of_statement = meter.measure(statement).await;
            if env::var_os("CANDOR_BENCH_LIST").is_some() {
                println!("{}\t{of_statement}\t{sql}", request.name);
            }
            work += of_statement;
        }
        samples.push(Sample { work, time, is_answered });
    }
    let grown = resident_bytes(std::process::id()).saturating_sub(before) >> 20;
    println!(
        "  all requests in {:.0} s, memory grown by {grown} MiB",
        start.elapsed().as_secs_f64()
    );
    measure_start(&app).await;
    verify_city(&app).await;
    samples
}

/// Prints how long a start looks for missing derived rows, and the time and memory until the service first matches a
/// firm with federal awards.
async fn measure_start(app: &TestApp) {
    let start = Instant::now();
    let database = Database::open_for_work(&app.url).await.expect("the database");
    assert_eq!(fill_derived_rows(&database).await.expect("derived rows"), 0);
    let ready = start.elapsed().as_secs_f64();
    let (before, start) = (resident_bytes(std::process::id()), Instant::now());
    let firm = organization_id(7).parse().expect("an id");
    match_organizations(&database, app.now(), vec![firm], Reevaluation::Skip)
        .await
        .expect("a match");
    let grown = resident_bytes(std::process::id()).saturating_sub(before) >> 20;
    println!(
        "  derived rows checked in {ready:.1} s; the index of federal recipients in {:.1} s and {grown} MiB",
        start.elapsed().as_secs_f64()
    );
}

/// Checks the city as `candor verify` does.
async fn verify_city(app: &TestApp) {
    let start = Instant::now();
    let database = Database::open_for_work(&app.url).await.expect("the database");
    let report = verify(&database, app.now(), |_| {}).await.expect("a report");
    println!(
        "  verified in {:.0} s: {:?}, not compared: {:?}",
        start.elapsed().as_secs_f64(),
        report.checked,
        report.uncompared
    );
    assert_eq!(report.wrong, None);
}

/// Prints a row for each request, with how its work grew from the smallest city to the largest.
#[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
fn report(engine: Engine, unit: &str, factors: &[usize], samples: &[Vec<Sample>]) {
    let sizes: Vec<String> = factors.iter().map(|it| format!("x{it} {unit} | ms")).collect();
    println!("\n{engine:?}\n| request | {} | growth |", sizes.join(" | "));
    println!("|{}", " --- |".repeat(2 + 2 * factors.len()));
    let mut grown = 0;
    for (at, request) in requests().iter().enumerate() {
        let cells: Vec<String> = samples
            .iter()
            .map(|of_size| {
                let Sample { work, time, is_answered } = of_size[at];
                let timed_out = if is_answered { "" } else { " (timed out)" };
                format!("{work} | {:.1}{timed_out}", time.as_secs_f64() * 1_000.0)
            })
            .collect();
        let (Some(first), Some(last)) = (samples.first(), samples.last()) else { return };
        let growth = last[at].work as f64 / first[at].work.max(1) as f64;
        let missed = request.kind == Kind::Page && growth > MAX_GROWTH;
        grown += u32::from(missed);
        let mark = if missed { " MISSED" } else { "" };
        println!("| {} | {} | {growth:.2}{mark} |", request.name, cells.join(" | "));
    }
    println!("{grown} pages grew by more than {MAX_GROWTH}\n");
}
