//! Response times for benchmarks, which report them as ratios within one run.
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::TestApp;

/// Number of the page, of twenty rows, that is compared with the first page.
pub const DEEP_PAGE_NUMBER: usize = 2_000;

/// How responses are timed.
pub struct Timing<'a> {
    pub app: &'a TestApp,
    /// Bearer token of the requests.
    pub token: String,
    /// Number of measured requests; the median counts.
    pub rounds: usize,
}

impl Timing<'_> {
    /// Returns the median response time, after one request to warm up.
    pub async fn median(&self, query: &str, variables: &Value) -> Duration {
        self.app.query(&self.token, query, variables.clone()).await;
        let mut durations = Vec::new();
        for _ in 0..self.rounds {
            let start = Instant::now();
            self.app.query(&self.token, query, variables.clone()).await;
            durations.push(start.elapsed());
        }
        durations.sort_unstable();
        durations[self.rounds / 2]
    }

    /// Returns the cursor before the deep page of the list in the root field `field`.
    pub async fn find_deep_cursor(&self, query: &str, field: &str, order: &Value) -> Value {
        let mut after = Value::Null;
        for _ in 0..(DEEP_PAGE_NUMBER - 1) / 5 {
            let page = json!({ "order": order, "first": 100, "after": after });
            let mut data = self.app.query(&self.token, query, page).await;
            after = data[field]["pageInfo"]["endCursor"].take();
        }
        after
    }
}

/// Returns the median of the speeds of some rounds, at least one.
#[must_use]
pub fn median_speed(mut speeds: Vec<f64>) -> f64 {
    speeds.sort_by(f64::total_cmp);
    speeds[speeds.len() / 2]
}
