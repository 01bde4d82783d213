//! What a screening costs over a hundred thousand bids, on both databases: as ratios against the
//! first page of the same run, since a machine's own speed says nothing.
//!
//! `cargo bench -p candor-tests --bench screen_bids`
use std::time::{Duration, Instant};

use candor_tests::many_bids::{BIDS, ManyBids};
use candor_tests::{City, Engine, tell};
use serde_json::{Value, json};

const SCREEN: &str = "query($filter: BidFilter, $order: ScreenOrder, $first: Int, $after: String) {
    screenBids(filter: $filter, orderBy: $order, first: $first, after: $after) {
        pageInfo { endCursor } nodes { id findings { code } components { component } } } }";
const COUNT: &str = "query($filter: BidFilter) { screenBids(filter: $filter, first: 0) {
    totalCount } }";
const FACETS: &str = "query($filter: BidFilter) { screenBids(filter: $filter, first: 0) {
    totalCount facets { outcome { count } status { count } department { count } review { count }
    reviewer { count } finding { count } component { count } natureOfWork { count } } } }";
/// How often each is asked; the median counts.
const ROUNDS: usize = 15;
/// The page that is compared with the first, of twenty rows.
const PAGE: usize = 2_000;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for engine in [Engine::Sqlite, Engine::Postgres] {
        runtime.block_on(tell(engine, measured));
    }
}

async fn measured(city: City) {
    println!("{:?}, {BIDS} bids, the median of {ROUNDS}:", city.engine);
    ManyBids::sown(&city).await;
    let first = median(&city, SCREEN, &json!({ "first": 20 })).await;
    let told = |what: &str, took: Duration| {
        println!("  {what:<44} {:>8.2} x", took.as_secs_f64() / first.as_secs_f64());
    };
    told("page 1 of 20, the last submitted first", first);
    for field in ["SUBMITTED_AT", "DECIDED_AT", "AMOUNT"] {
        for direction in ["ASC", "DESC"] {
            let order = json!({ "field": field, "direction": direction });
            let page = json!({ "order": order, "first": 20 });
            told(&format!("page 1, {field} {direction}"), median(&city, SCREEN, &page).await);
            let mut deep = page.clone();
            deep["after"] = place(&city, &order).await;
            told(&format!("page {PAGE}, {field} {direction}"), median(&city, SCREEN, &deep).await);
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
        told(&format!("page 1, {what}"), median(&city, SCREEN, &filter).await);
        told(&format!("count, {what}"), median(&city, COUNT, &filter).await);
    }
    told("count of everything", median(&city, COUNT, &json!({})).await);
    told("eight facets of everything", median(&city, FACETS, &json!({})).await);
}

/// The cursor before the deep page.
async fn place(city: &City, order: &Value) -> Value {
    let mut after = Value::Null;
    for _ in 0..(PAGE - 1) / 5 {
        let page = json!({ "order": order, "first": 100, "after": after });
        let mut seen = city.data(&city.reviewer(), SCREEN, page).await;
        after = seen["screenBids"]["pageInfo"]["endCursor"].take();
    }
    after
}

async fn median(city: &City, query: &str, variables: &Value) -> Duration {
    let reviewer = city.reviewer();
    city.data(&reviewer, query, variables.clone()).await;
    let mut took = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        city.data(&reviewer, query, variables.clone()).await;
        took.push(start.elapsed());
    }
    took.sort_unstable();
    took[ROUNDS / 2]
}
