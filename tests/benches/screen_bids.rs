//! Cost of screening 100,000 bids on both databases, as ratios to the first page in the same run,
//! because absolute times depend on the machine.
//!
//! `cargo bench -p candor-tests --bench screen_bids`
use std::time::Duration;

use candor_tests::many_bids::{BIDS, ManyBids};
use candor_tests::timing::{DEEP_PAGE_NUMBER, Timing};
use candor_tests::{Engine, TestApp, run_story};
use serde_json::json;

const SCREEN: &str = "query($filter: BidFilter, $order: ScreenOrder, $first: Int, $after: String) {
    screenBids(filter: $filter, orderBy: $order, first: $first, after: $after) {
        pageInfo { endCursor } nodes { id findings { code } components { component } } } }";
const COUNT: &str = "query($filter: BidFilter) { screenBids(filter: $filter, first: 0) {
    totalCount } }";
const FACETS: &str = "query($filter: BidFilter) { screenBids(filter: $filter, first: 0) {
    totalCount facets { outcome { count } status { count } department { count } review { count }
    reviewer { count } finding { count } component { count } natureOfWork { count } } } }";
/// Number of measured requests; the median counts.
const ROUNDS: usize = 15;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for engine in [Engine::Sqlite, Engine::Postgres] {
        runtime.block_on(run_story(engine, measure));
    }
}

async fn measure(app: TestApp) {
    println!("{:?}, {BIDS} bids, the median of {ROUNDS}:", app.engine);
    ManyBids::insert(&app).await;
    let timing = Timing { app: &app, token: app.reviewer_token(), rounds: ROUNDS };
    let first = timing.median(SCREEN, &json!({ "first": 20 })).await;
    let report = |what: &str, took: Duration| {
        println!("  {what:<44} {:>8.2} x", took.as_secs_f64() / first.as_secs_f64());
    };
    report("page 1 of 20, the last submitted first", first);
    for field in ["SUBMITTED_AT", "DECIDED_AT", "AMOUNT"] {
        for direction in ["ASC", "DESC"] {
            let order = json!({ "field": field, "direction": direction });
            let page = json!({ "order": order, "first": 20 });
            report(&format!("page 1, {field} {direction}"), timing.median(SCREEN, &page).await);
            let mut deep = page.clone();
            deep["after"] = timing.find_deep_cursor(SCREEN, "screenBids", &order).await;
            report(
                &format!("page {DEEP_PAGE_NUMBER}, {field} {direction}"),
                timing.median(SCREEN, &deep).await,
            );
        }
    }
    for (what, filter) in [
        (
            "ICE and detention in one agreement",
            json!({ "agreement": {
            "components": ["ICE"], "natureOfWork": ["DETENTION"] } }),
        ),
        ("anything withheld", json!({ "withheld": true })),
        ("two words", json!({ "text": "shelter harb" })),
        ("held", json!({ "status": ["HELD"] })),
    ] {
        let filter = json!({ "filter": filter, "first": 20 });
        report(&format!("page 1, {what}"), timing.median(SCREEN, &filter).await);
        report(&format!("count, {what}"), timing.median(COUNT, &filter).await);
    }
    report("count of everything", timing.median(COUNT, &json!({})).await);
    report("eight facets of everything", timing.median(FACETS, &json!({})).await);
}
