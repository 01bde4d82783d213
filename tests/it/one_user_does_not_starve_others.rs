//! While one person asks for all that it can, another's draft is still saved soon, and nothing is
//! saved that was refused.
use candor_tests::hostile_user::{Observation, Workload, ScenarioSize, HostileScenario, quantile};
use candor_tests::{TestApp, stories};

stories![alone:
    beside_firms_that_name_each_other,
    beside_someone_who_creates_everything,
    beside_heavy_queries,
    beside_large_drafts,
];

const SMALL: ScenarioSize =
    ScenarioSize { firms: 6, agreements: 40, connections: 4, draft_bytes: 100_000, saves: 9 };
/// How much longer a save may take beside a hostile person than it takes alone.
const MOST: u32 = 50;

async fn saves_are_not_held_up(app: TestApp, workload: Workload) {
    let mut stage = HostileScenario::prepare(app, SMALL).await;
    let alone = quantile(&stage.measure_alone().await, 0.5);
    let Observation { saves, refused, answers } = stage.measure_during(workload).await;
    let took = quantile(&saves, 0.5);
    println!("{:.1} x, {answers:?}", took.as_secs_f64() / alone.as_secs_f64());
    assert!(took <= alone * MOST, "{took:?}, alone {alone:?}, {answers:?}");
    assert_eq!(refused, 0, "{answers:?}");
    assert!(answers.contains_key("OK"), "the scene was not played: {answers:?}");
    assert!(!answers.contains_key("INTERNAL"), "{answers:?}");
}

async fn beside_firms_that_name_each_other(app: TestApp) {
    saves_are_not_held_up(app, Workload::FirmsNameEachOther).await;
}

async fn beside_someone_who_creates_everything(app: TestApp) {
    saves_are_not_held_up(app, Workload::CreatesEverything).await;
}

async fn beside_heavy_queries(app: TestApp) {
    saves_are_not_held_up(app, Workload::HeavyQueries).await;
}

async fn beside_large_drafts(app: TestApp) {
    saves_are_not_held_up(app, Workload::LargeDrafts).await;
}
