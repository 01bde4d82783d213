//! Firms per second that register, draft and file over 1, 4, 16 and 64 connections on both databases, each as a
//! ratio to the smaller number of connections; and over three processes on one PostgreSQL, as a ratio to one
//! process. Medians of interleaved rounds.
//!
//! `cargo bench -p candor-tests --bench filings`
use std::sync::Arc;

use candor_tests::process::{ServiceProcess, serve_until_killed};
use candor_tests::timing::median_speed;
use candor_tests::writes::file_over;
use candor_tests::{Engine, TestApp, administer_on, run_story};
use chrono::Utc;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Number of firms in each round.
const FIRMS_PER_ROUND: usize = if cfg!(debug_assertions) { 64 } else { 512 };
/// Number of firms before a round of processes that have just started: each of three processes prepares the 70
/// statements on each of its connections.
const FIRMS_BEFORE_ROUND: usize = FIRMS_PER_ROUND / 2;
/// Number of interleaved rounds.
const ROUNDS: usize = if cfg!(debug_assertions) { 1 } else { 5 };
/// Number of connections, ascending.
const CONNECTIONS: [usize; 4] = [1, 4, 16, 64];
/// The smallest ratio to the smaller number of connections, from 4 to 16 and from 16 to 64.
const MIN_RATIO: f64 = 0.95;
/// Number of processes, ascending, and over how many connections they are asked.
const PROCESSES: [usize; 2] = [1, 3];
const CONNECTIONS_TO_PROCESSES: usize = 16;
/// The smallest ratio of three processes to one.
const MIN_RATIO_OF_PROCESSES: f64 = 0.9;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    // In a process that is measured, this does not return.
    runtime.block_on(serve_until_killed());
    for engine in [Engine::Sqlite, Engine::Postgres] {
        runtime.block_on(run_story(engine, measure_connections));
    }
    runtime.block_on(run_story(Engine::Postgres, measure_processes));
}

async fn measure_connections(app: TestApp) {
    println!("{:?}, {FIRMS_PER_ROUND} firms in each of {ROUNDS} rounds:", app.engine);
    let app = Arc::new(app.as_in_production().await);
    file_over(&app, "warm", CONNECTIONS[2], CONNECTIONS[2]).await;
    let mut speeds = vec![Vec::new(); CONNECTIONS.len()];
    for round in 0..ROUNDS {
        analyze(&app).await;
        for (connections, speeds) in CONNECTIONS.iter().zip(&mut speeds) {
            let name = format!("round {round} of {connections}");
            speeds.push(file_over(&app, &name, *connections, FIRMS_PER_ROUND).await);
        }
    }
    let speeds: Vec<f64> = speeds.into_iter().map(median_speed).collect();
    println!("   1 connection  {:.1} firms a second", speeds[0]);
    for at in 1..speeds.len() {
        let ratio = speeds[at] / speeds[at - 1];
        let reached = match at {
            1 => "",
            _ if ratio >= MIN_RATIO => " (reached)",
            _ => " (MISSED)",
        };
        let (connections, speed) = (CONNECTIONS[at], speeds[at]);
        println!(
            "  {connections:>2} connections {speed:.1} firms a second, {ratio:.2} x of {}{reached}",
            CONNECTIONS[at - 1]
        );
    }
}

/// Has PostgreSQL count the rows of its tables, as it does by itself in production.
async fn analyze(app: &TestApp) {
    if app.engine == Engine::Postgres {
        administer_on(app.owner_url(), "ANALYZE").await;
    }
}

/// The processes are measured in turn, each number of them on its own, on the system's clock.
async fn measure_processes(app: TestApp) {
    let mut app = app;
    app.set_clock(Utc::now());
    let mut speeds = vec![Vec::new(); PROCESSES.len()];
    for round in 0..ROUNDS {
        analyze(&app).await;
        for (count, speeds) in PROCESSES.iter().zip(&mut speeds) {
            let mut services = Vec::new();
            for _ in 0..*count {
                services.push(ServiceProcess::start_in_benchmark(&app).await);
            }
            let address =
                |it: &ServiceProcess| it.address().trim_end_matches("/graphql").to_owned();
            let asking = Arc::new(app.asking(services.iter().map(address).collect()));
            let name = format!("round {round} of {count} processes");
            let warm = format!("warm {name}");
            file_over(&asking, &warm, CONNECTIONS_TO_PROCESSES, FIRMS_BEFORE_ROUND).await;
            speeds.push(file_over(&asking, &name, CONNECTIONS_TO_PROCESSES, FIRMS_PER_ROUND).await);
            app = Arc::into_inner(asking).expect("no request is left");
        }
    }
    let speeds: Vec<f64> = speeds.into_iter().map(median_speed).collect();
    let ratio = speeds[1] / speeds[0];
    let reached = if ratio >= MIN_RATIO_OF_PROCESSES { "reached" } else { "MISSED" };
    println!(
        "Postgres, {} processes: {:.1} firms a second, {ratio:.2} x of one ({reached})",
        PROCESSES[1], speeds[1]
    );
}
