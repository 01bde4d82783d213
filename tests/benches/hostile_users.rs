//! Duration of one user's draft saves, alone and while another user sends as much as possible, on
//! both databases.
//!
//! `cargo bench -p candor-tests --bench hostile_users`
use std::time::Duration;

use candor_tests::hostile_user::{HostileScenario, ScenarioSize, Workload, quantile};
use candor_tests::{Engine, TestApp, run_story};

/// Debug builds are far slower: these sizes only check that the benchmark runs.
const SIZE: ScenarioSize = if cfg!(debug_assertions) {
    ScenarioSize { firms: 12, agreements: 100, connections: 8, draft_bytes: 400_000, saves: 15 }
} else {
    ScenarioSize { firms: 60, agreements: 500, connections: 16, draft_bytes: 1_000_000, saves: 200 }
};
/// Goal for the 99th percentile with optimization.
const P99_GOAL: Duration = Duration::from_millis(500);

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for engine in [Engine::Sqlite, Engine::Postgres] {
        runtime.block_on(run_story(engine, measure));
    }
}

async fn measure(app: TestApp) {
    println!("{:?}, {SIZE:?}", app.engine);
    let mut stage = HostileScenario::prepare(app, SIZE).await;
    let alone = stage.measure_alone().await;
    let median = quantile(&alone, 0.5);
    let report = |what: &str, saves: &[Duration]| {
        let [p50, p99] = [0.5, 0.99].map(|share| quantile(saves, share));
        let ratio = |took: Duration| took.as_secs_f64() / median.as_secs_f64();
        let goal = if p99 < P99_GOAL { "under" } else { "OVER" };
        println!(
            "  {what:<20} p50 {:>7.1} x  p99 {:>7.1} x  p99 {p99:>10.1?}, {goal} {P99_GOAL:?}",
            ratio(p50),
            ratio(p99)
        );
    };
    report("alone", &alone);
    for workload in Workload::ALL {
        let observed = stage.measure_during(workload).await;
        report(&format!("{workload:?}"), &observed.saves);
        println!("  {:<20} {} saves refused; {:?}", "", observed.refused, observed.answers);
    }
}
