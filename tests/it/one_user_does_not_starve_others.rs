//! While one user sends as much as possible, another user's draft is saved soon, and no refused
//! change is saved.
use candor_tests::hostile_user::{HostileScenario, Observation, ScenarioSize, Workload, quantile};
use candor_tests::{TestApp, stories};

stories![alone:
    beside_firms_that_name_each_other,
    beside_someone_who_creates_everything,
    beside_heavy_queries,
    beside_large_drafts,
];

const SMALL_SCENARIO: ScenarioSize =
    ScenarioSize { firms: 6, agreements: 40, connections: 4, draft_bytes: 100_000, saves: 9 };
/// Maximum slowdown of a save beside a hostile user.
const MAX_SLOWDOWN: u32 = 50;

async fn assert_saves_are_not_delayed(app: TestApp, workload: Workload) {
    let mut stage = HostileScenario::prepare(app, SMALL_SCENARIO).await;
    let alone = quantile(&stage.measure_alone().await, 0.5);
    let Observation { saves, refused, answers } = stage.measure_during(workload).await;
    let took = quantile(&saves, 0.5);
    println!("{:.1} x, {answers:?}", took.as_secs_f64() / alone.as_secs_f64());
    assert!(took <= alone * MAX_SLOWDOWN, "{took:?}, alone {alone:?}, {answers:?}");
    assert_eq!(refused, 0, "{answers:?}");
    assert!(answers.contains_key("OK"), "the workload did not run: {answers:?}");
    assert!(!answers.contains_key("INTERNAL"), "{answers:?}");
}

async fn beside_firms_that_name_each_other(app: TestApp) {
    assert_saves_are_not_delayed(app, Workload::FirmsNameEachOther).await;
}

async fn beside_someone_who_creates_everything(app: TestApp) {
    assert_saves_are_not_delayed(app, Workload::CreatesEverything).await;
}

async fn beside_heavy_queries(app: TestApp) {
    assert_saves_are_not_delayed(app, Workload::HeavyQueries).await;
}

async fn beside_large_drafts(app: TestApp) {
    assert_saves_are_not_delayed(app, Workload::LargeDrafts).await;
}
