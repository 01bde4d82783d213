//! Taking up what a request, a crash or the time left undone.
use std::time::Duration;

use candor_schema::contracting::service::{Extent, settle};
use tokio::time::{MissedTickBehavior, interval};

use super::App;

/// How often it is looked whether a time has come.
const EVERY: Duration = Duration::from_mins(1);

impl App {
    /// Decides anew, at the start, once a minute, and when a request left something, whatever
    /// hangs on what has changed or on a time that is over. Never ends: run it beside the service.
    pub async fn sweep(self) {
        let mut minute = interval(EVERY);
        minute.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = minute.tick() => {}
                () = self.unsettled.notified() => {}
            }
            match settle(&self.database, self.clock.now(), Extent::Sweep).await {
                Ok(settled) if settled.decided > 0 => {
                    tracing::info!(bids = settled.decided, "decided anew");
                }
                Ok(_) => {}
                Err(fault) => tracing::error!(?fault, "the sweep failed; it goes on in a minute"),
            }
        }
    }

    /// Has the sweep begin now.
    pub(super) fn wake_sweep(&self) {
        self.unsettled.notify_one();
    }
}
