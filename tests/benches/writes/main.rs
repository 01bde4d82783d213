//! The statements that each write asks of the database; and on PostgreSQL, firms per second that register, draft
//! and file, as a share of what the server does with the same statements in the same transactions without
//! Candor (pgbench), and with `commit_delay`.
//!
//! `cargo bench -p candor-tests --bench writes`
//!
//! `CANDOR_BENCH_LIST=1` lists the statements.
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::sync::Arc;

use candor_tests::recording::record;
use candor_tests::replay::{Replay, list_uuids};
use candor_tests::timing::median_speed;
use candor_tests::writes::{file_over, record_writes, register_and_file};
use candor_tests::{Engine, TestApp, administer_on, run_on_durable_postgres, run_story};
use uuid::Uuid;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Number of firms in each round.
const FIRMS_PER_ROUND: usize = if cfg!(debug_assertions) { 32 } else { 512 };
/// Number of interleaved rounds.
const ROUNDS: usize = if cfg!(debug_assertions) { 1 } else { 3 };
/// Over how many connections firms are registered.
const CONNECTIONS: [usize; 3] = [1, 4, 16];
/// The smallest share of the statements' own speed.
const MIN_SHARE: f64 = 0.5;
/// `commit_delay` in microseconds.
const COMMIT_DELAYS: [u32; 3] = [0, 200, 1_000];

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for engine in [Engine::Sqlite, Engine::Postgres] {
        runtime.block_on(run_story(engine, print_statements));
    }
    runtime.block_on(run_story(Engine::Postgres, measure_share));
    runtime.block_on(run_on_durable_postgres(|app, server| async move {
        measure_commit_delays(app).await;
        drop(server);
    }));
}

/// Prints how many statements each write takes.
async fn print_statements(app: TestApp) {
    println!("{:?}, statements of each write:", app.engine);
    for write in record_writes(&app).await {
        let mut kinds = BTreeMap::<&str, usize>::new();
        for statement in &write.statements {
            let kind = statement.sql.split_whitespace().next().unwrap_or_default();
            *kinds.entry(kind).or_default() += 1;
        }
        println!("  {:<20} {:>3} {kinds:?}", write.name, write.statements.len());
        if env::var("CANDOR_BENCH_LIST").is_ok() {
            for statement in &write.statements {
                println!("      {}", statement.sql);
            }
        }
    }
}

/// Candor and its statements alone, measured in turn.
async fn measure_share(app: TestApp) {
    register_and_file(&app, "Warm").await;
    // What several firms have in common, such as the policy, is the same in each replay. A single pair may
    // also share a register by chance.
    let mut kept: Option<BTreeSet<Uuid>> = None;
    for name in ["Zqalpha", "Zqcharlie", "Zqdelta", "Zqecho"] {
        let (steps, _) = record(&app, async || register_and_file(&app, name).await).await;
        let uuids = list_uuids(&steps);
        kept = Some(match kept {
            Some(kept) => &kept & &uuids,
            None => uuids,
        });
    }
    let (steps, _) = record(&app, async || register_and_file(&app, "Zqbravo").await).await;
    println!("Postgres, {} statements, begins and commits of a firm:", steps.len());
    let replay = Replay::prepare(&app, &steps, "Zqbravo", &kept.unwrap_or_default()).await;
    let app = Arc::new(app.as_in_production().await);
    file_over(&app, "warm", CONNECTIONS[2], CONNECTIONS[2]).await;
    let mut speeds = vec![(Vec::new(), Vec::new()); CONNECTIONS.len()];
    for round in 0..ROUNDS {
        // PostgreSQL counts the rows of its tables by itself in production.
        administer_on(app.owner_url(), "ANALYZE").await;
        for (at, connections) in CONNECTIONS.into_iter().enumerate() {
            let name = format!("{round} of {connections}");
            speeds[at].0.push(file_over(&app, &name, connections, FIRMS_PER_ROUND).await);
            let number = round * CONNECTIONS.len() + at;
            speeds[at].1.push(replay.run(number, connections, FIRMS_PER_ROUND));
        }
    }
    for (connections, (candor, bare)) in CONNECTIONS.iter().zip(speeds) {
        let (candor, bare) = (median_speed(candor), median_speed(bare));
        let share = candor / bare;
        let reached = if share >= MIN_SHARE { "reached" } else { "MISSED" };
        println!(
            "  {connections:>2} connections: {candor:.1} firms a second, {share:.2} of the statements' own \
            {bare:.1} ({reached})"
        );
    }
}

/// What `commit_delay` changes where a commit waits for the disk.
async fn measure_commit_delays(app: TestApp) {
    println!("Postgres with durable commits, 16 connections:");
    let owner = app.owner_url().to_owned();
    let app = Arc::new(app.as_in_production().await);
    file_over(&app, "warm", CONNECTIONS[2], CONNECTIONS[2]).await;
    let mut speeds = vec![Vec::new(); COMMIT_DELAYS.len()];
    for round in 0..ROUNDS {
        for (delay, speeds) in COMMIT_DELAYS.iter().zip(&mut speeds) {
            administer_on(&owner, &format!("ALTER SYSTEM SET commit_delay = {delay}")).await;
            administer_on(&owner, "SELECT pg_reload_conf()").await;
            let name = format!("{round} with {delay}");
            speeds.push(file_over(&app, &name, CONNECTIONS[2], FIRMS_PER_ROUND).await);
        }
    }
    let speeds: Vec<f64> = speeds.into_iter().map(median_speed).collect();
    for (delay, speed) in COMMIT_DELAYS.iter().zip(&speeds) {
        println!(
            "  commit_delay {delay:>4}: {speed:.1} firms a second, {:.2} x of none",
            speed / speeds[0]
        );
    }
}
