//! Candor's statements without Candor.
use candor_tests::TestApp;
use candor_tests::recording::record;
use candor_tests::replay::Replay;

use crate::candor_data::CandorData;

/// The number of requests whose statements are replayed in turn.
const REQUESTS: usize = 40;

/// The statements of some requests of one kind.
pub struct Statements {
    pub what: &'static str,
    replay: Replay,
}

impl Statements {
    /// Records the statements of requests of a kind, by an analyst who has signed in.
    pub async fn record(app: &TestApp, what: &'static str, data: &CandorData) -> Self {
        data.ask(app, what, 1).await;
        let (steps, ()) = record(app, async || data.ask(app, what, REQUESTS).await).await;
        assert!(!steps.is_empty(), "a {what} has statements");
        Self { what, replay: Replay::of_reads(app, &steps).await }
    }

    /// Runs them over some connections for some seconds; returns the requests per second.
    pub fn run(&self, connections: usize, seconds: usize) -> f64 {
        let requests = u32::try_from(REQUESTS).expect("a small number");
        self.replay.run_for(connections, seconds) * f64::from(requests)
    }
}
