//! Background workers: they process the re-evaluation queue and deadlines, store the time, and
//! read the issuers' keys again.
use std::sync::Arc;
use std::time::Duration;

use candor_schema::contracting::service::{
    ReevaluationSummary, process_awards, process_deadlines, process_queue,
};
use candor_schema::database::Database;
use candor_schema::idempotency;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::App;
use super::import_worker::sweep_imports;

/// The interval between two runs over deadlines and unfinished work.
const DEADLINE_INTERVAL: Duration = Duration::from_mins(1);
/// The interval at which a worker checks the queue. Another process may have added items.
const QUEUE_INTERVAL: Duration = Duration::from_secs(2);
/// The interval at which the time is stored, which also checks that the database is writable.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(1);
/// The number of queue workers on PostgreSQL. SQLite has one, because it allows one writer.
const POSTGRES_WORKERS: usize = 2;
/// The delay before a worker that panicked starts again.
const RESTART_DELAY: Duration = Duration::from_secs(1);

impl App {
    /// Runs the workers. `database` is a separate pool ([`Database::for_workers`]), so that requests
    /// do not wait for its connections. Never returns: spawn it beside the server.
    pub async fn run_workers(self, database: Database) {
        let queue_workers = if database.is_sqlite() { 1 } else { POSTGRES_WORKERS };
        let mut workers = JoinSet::new();
        for _ in 0..queue_workers {
            let (app, database) = (self.clone(), database.clone());
            let run = move || app.clone().process_queue(database.clone());
            workers.spawn(run_with_restarts("queue", run));
        }
        let app = self.clone();
        let for_deadlines = database.clone();
        let run = move || app.clone().run_deadlines(for_deadlines.clone());
        workers.spawn(run_with_restarts("deadlines", run));
        let (keys, clock) = (Arc::clone(&self.authenticator), self.clock.clone());
        let run = move || Arc::clone(&keys).keep_keys_current(clock.clone());
        workers.spawn(run_with_restarts("issuers' keys", run));
        let (app, for_imports) = (self.clone(), database.clone());
        let run = move || app.clone().run_imports(for_imports.clone());
        workers.spawn(run_with_restarts("imports", run));
        workers.spawn(run_with_restarts("heartbeat", move || self.clone().run_heartbeat()));
        workers.join_all().await;
    }

    /// Processes the queue every two seconds, and whenever a request notifies it.
    async fn process_queue(self, database: Database) {
        let mut timer = interval(QUEUE_INTERVAL);
        timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = timer.tick() => {}
                () = self.queued.notified() => {}
            }
            if database.is_clock_behind() {
                continue;
            }
            match process_queue(&database, &self.clock, false).await {
                Ok(settled) => log(settled),
                Err(fault) => tracing::error!(
                    ?fault,
                    "processing the queue failed; retrying at the next interval"
                ),
            }
        }
    }

    /// Processes settled deadlines, and deletes old idempotency keys and imports, at the start and once a
    /// minute.
    async fn run_deadlines(self, database: Database) {
        let mut timer = interval(DEADLINE_INTERVAL);
        timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            timer.tick().await;
            if database.is_clock_behind() {
                continue;
            }
            let (now, mut settled) = (self.clock.now(), ReevaluationSummary::default());
            if let Err(fault) = idempotency::delete_expired(&database, now).await {
                tracing::warn!(
                    ?fault,
                    "deleting old idempotency keys failed; retrying in a minute"
                );
            }
            if let Some(spool) = &self.imports
                && let Err(fault) = sweep_imports(&database, spool, now).await
            {
                tracing::warn!(?fault, "ending and deleting imports failed; retrying in a minute");
            }
            process_awards(&database, now).await;
            match process_deadlines(&database, now, &mut settled).await {
                Ok(()) => log(settled),
                Err(fault) => {
                    tracing::error!(?fault, "processing deadlines failed; retrying in a minute");
                }
            }
        }
    }

    /// Stores the time and checks readiness, once a second.
    async fn run_heartbeat(self) {
        let mut timer = interval(HEARTBEAT_INTERVAL);
        timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            timer.tick().await;
            self.check_health().await;
        }
    }

    /// Wakes the workers to process the queue now.
    pub(super) fn wake_workers(&self) {
        self.queued.notify_one();
    }
}

fn log(settled: ReevaluationSummary) {
    if settled.changed > 0 {
        tracing::info!(decided = settled.changed, "re-evaluated");
    }
}

/// Runs a worker that never returns, and starts it again if it panics.
async fn run_with_restarts<F>(worker: &'static str, run: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    loop {
        // A set aborts the task when this future is dropped.
        let mut running = JoinSet::new();
        running.spawn(run());
        if let Some(Err(error)) = running.join_next().await {
            tracing::error!(worker, %error, "a worker panicked and will be restarted");
        }
        sleep(RESTART_DELAY).await;
    }
}
