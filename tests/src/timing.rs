//! How long an answer takes: for benchmarks, which tell it as a ratio of their own run.
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::TestApp;

/// The page that is compared with the first, of twenty rows.
pub const DEEP_PAGE_NUMBER: usize = 2_000;

/// Who asks, and how often.
pub struct Timing<'a> {
    pub app: &'a TestApp,
    /// The bearer token of who asks.
    pub token: String,
    /// How often each is asked; the median counts.
    pub rounds: usize,
}

impl Timing<'_> {
    /// The median of what an answer takes; it is asked once before, so that all start warm.
    pub async fn median(&self, query: &str, variables: &Value) -> Duration {
        self.app.query(&self.token, query, variables.clone()).await;
        let mut took = Vec::new();
        for _ in 0..self.rounds {
            let start = Instant::now();
            self.app.query(&self.token, query, variables.clone()).await;
            took.push(start.elapsed());
        }
        took.sort_unstable();
        took[self.rounds / 2]
    }

    /// The cursor before the deep page of a list, by the name of its field.
    pub async fn place(&self, query: &str, field: &str, order: &Value) -> Value {
        let mut after = Value::Null;
        for _ in 0..(DEEP_PAGE_NUMBER - 1) / 5 {
            let page = json!({ "order": order, "first": 100, "after": after });
            let mut seen = self.app.query(&self.token, query, page).await;
            after = seen[field]["pageInfo"]["endCursor"].take();
        }
        after
    }
}
