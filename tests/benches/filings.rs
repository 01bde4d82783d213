//! How many firms register, draft and file within a second, over 1, 4 and 16 connections, on both
//! databases: as ratios against 4 connections of the same run.
//!
//! `cargo bench -p candor-tests --bench filings`
use std::sync::Arc;
use std::time::Instant;

use candor_tests::fixtures::no_dealings;
use candor_tests::{TestApp, Engine, run_story};
use tokio::task::JoinSet;

/// How many firms file in each round.
const FIRMS: usize = if cfg!(debug_assertions) { 32 } else { 640 };
/// How many connections there are in each round; all file once before, so that all start warm.
const CONNECTIONS: [usize; 3] = [1, 4, 16];
/// The round that the others are compared with.
const REFERENCE: usize = 1;
/// With many connections, at least this share of what a few file.
const GOAL: f64 = 0.9;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for engine in [Engine::Sqlite, Engine::Postgres] {
        runtime.block_on(run_story(engine, measured));
    }
}

async fn measured(app: TestApp) {
    println!("{:?}, {FIRMS} firms in each round:", app.engine);
    let app = Arc::new(app.as_in_production().await);
    firms_a_second(&app, "warm", CONNECTIONS[2], CONNECTIONS[2]).await;
    let mut speeds = Vec::new();
    for connections in CONNECTIONS {
        let round = format!("round {connections}");
        speeds.push(firms_a_second(&app, &round, connections, FIRMS).await);
    }
    for (connections, speed) in CONNECTIONS.iter().zip(&speeds) {
        let ratio = speed / speeds[REFERENCE];
        println!("  {connections:>2} connections {ratio:>6.2} x  ({speed:.1} firms a second)");
    }
    let ratio = speeds[2] / speeds[REFERENCE];
    let reached = if ratio >= GOAL { "reached" } else { "MISSED" };
    println!("  the goal of {GOAL} at {} connections is {reached}", CONNECTIONS[2]);
}

/// Each firm has a signatory of its own, so that nobody's quota is used up.
async fn firms_a_second(app: &Arc<TestApp>, round: &str, connections: usize, firms: usize) -> f64 {
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
