//! Firms per second that register, draft and file over 1, 4 and 16 connections on both databases,
//! as ratios to 4 connections in the same run.
//!
//! `cargo bench -p candor-tests --bench filings`
use std::sync::Arc;
use std::time::Instant;

use candor_tests::fixtures::no_dealings;
use candor_tests::{Engine, TestApp, run_story};
use tokio::task::JoinSet;

/// Number of firms in each round.
const FIRMS_PER_ROUND: usize = if cfg!(debug_assertions) { 32 } else { 640 };
/// Number of connections in each round, after one warm-up round of each.
const CONNECTIONS: [usize; 3] = [1, 4, 16];
/// Index of the round that the others are compared with.
const REFERENCE_ROUND: usize = 1;
/// Minimum ratio for many connections.
const MIN_RATIO: f64 = 0.9;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for engine in [Engine::Sqlite, Engine::Postgres] {
        runtime.block_on(run_story(engine, measure));
    }
}

async fn measure(app: TestApp) {
    println!("{:?}, {FIRMS_PER_ROUND} firms in each round:", app.engine);
    let app = Arc::new(app.as_in_production().await);
    measure_firms_per_second(&app, "warm", CONNECTIONS[2], CONNECTIONS[2]).await;
    let mut speeds = Vec::new();
    for connections in CONNECTIONS {
        let round = format!("round {connections}");
        speeds.push(measure_firms_per_second(&app, &round, connections, FIRMS_PER_ROUND).await);
    }
    for (connections, speed) in CONNECTIONS.iter().zip(&speeds) {
        let ratio = speed / speeds[REFERENCE_ROUND];
        println!("  {connections:>2} connections {ratio:>6.2} x  ({speed:.1} firms a second)");
    }
    let ratio = speeds[2] / speeds[REFERENCE_ROUND];
    let reached = if ratio >= MIN_RATIO { "reached" } else { "MISSED" };
    println!("  the goal of {MIN_RATIO} at {} connections is {reached}", CONNECTIONS[2]);
}

/// Each firm has its own signatory, so that no quota is exhausted.
async fn measure_firms_per_second(
    app: &Arc<TestApp>,
    round: &str,
    connections: usize,
    firms: usize,
) -> f64 {
    let start = Instant::now();
    let mut all = JoinSet::new();
    for connection in 0..connections {
        let (app, round) = (Arc::clone(app), round.to_owned());
        all.spawn(async move {
            for firm in (connection..firms).step_by(connections) {
                let firm = app.register_firm(&format!("Firm {round} {firm}")).await;
                app.file_disclosure(&firm, no_dealings()).await;
            }
        });
    }
    all.join_all().await;
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let firms = firms as f64;
    firms / start.elapsed().as_secs_f64()
}
