//! What runs beside the requests: re-evaluating what changes set off, acting on deadlines, and
//! keeping the time.
use std::time::Duration;

use candor_schema::contracting::service::{
    Settled, process_awards, process_deadlines, process_queue,
};
use candor_schema::database::Database;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::App;

/// How often deadlines are looked at, and what an earlier run left.
const DEADLINE_INTERVAL: Duration = Duration::from_mins(1);
/// How often a worker looks whether something is queued: whoever queues it may be another process.
const QUEUE_INTERVAL: Duration = Duration::from_secs(2);
/// How often the time is kept, which proves that the database can be written.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(1);
/// How many workers process the queue on PostgreSQL; on SQLite one, since one writes at a time.
const POSTGRES_WORKERS: usize = 2;
/// How long a worker that panicked rests before it begins again.
const RESTART_DELAY: Duration = Duration::from_secs(1);

impl App {
    /// Runs the workers over `database`, whose connections no request waits for
    /// ([`Database::for_workers`]). Never ends: run it beside the service.
    pub async fn work(self, database: Database) {
        let queue_workers = if database.is_sqlite() { 1 } else { POSTGRES_WORKERS };
        let mut workers = JoinSet::new();
        for _ in 0..queue_workers {
            let (app, database) = (self.clone(), database.clone());
            let run = move || app.clone().process_queue(database.clone());
            workers.spawn(restarted("queue", run));
        }
        let app = self.clone();
        let run = move || app.clone().watch_deadlines(database.clone());
        workers.spawn(restarted("deadlines", run));
        workers.spawn(restarted("heartbeat", move || self.clone().beat()));
        workers.join_all().await;
    }

    /// Processes what is queued, whenever a request rings and every two seconds.
    async fn process_queue(self, database: Database) {
        let mut turn = interval(QUEUE_INTERVAL);
        turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = turn.tick() => {}
                () = self.queued.notified() => {}
            }
            if database.is_clock_behind() {
                continue;
            }
            match process_queue(&database, &self.clock, false).await {
                Ok(settled) => log(settled),
                Err(fault) => tracing::error!(?fault, "the queue is left for the next turn"),
            }
        }
    }

    /// Acts on deadlines that have settled, at the start and once a minute.
    async fn watch_deadlines(self, database: Database) {
        let mut minute = interval(DEADLINE_INTERVAL);
        minute.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            minute.tick().await;
            if database.is_clock_behind() {
                continue;
            }
            let (now, mut settled) = (self.clock.now(), Settled::default());
            process_awards(&database, now).await;
            match process_deadlines(&database, now, &mut settled).await {
                Ok(()) => log(settled),
                Err(fault) => tracing::error!(?fault, "deadlines are left for the next minute"),
            }
        }
    }

    /// Keeps the time once a second, and with it whether the service is ready.
    async fn beat(self) {
        let mut second = interval(HEARTBEAT_INTERVAL);
        second.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            second.tick().await;
            self.check_health().await;
        }
    }

    /// Has the workers process the queue now.
    pub(super) fn wake_workers(&self) {
        self.queued.notify_one();
    }
}

fn log(settled: Settled) {
    if settled.decided > 0 {
        tracing::info!(decided = settled.decided, "re-evaluated");
    }
}

/// Runs what never ends, and runs it again if it panics: a worker that is gone would leave its
/// work undone while everything else looks well.
async fn restarted<F>(worker: &'static str, run: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    loop {
        // In a set, so that it ends with whoever waits for it.
        let mut running = JoinSet::new();
        running.spawn(run());
        if let Some(Err(error)) = running.join_next().await {
            tracing::error!(worker, %error, "a worker failed and is started again");
        }
        sleep(RESTART_DELAY).await;
    }
}
