//! The worker that runs imports: one at a time in each process, on a thread of its own, because reading and
//! parsing a file would hold up the requests.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use candor_schema::clock::Clock;
use candor_schema::database::Database;
use candor_schema::fault::Result;
use candor_schema::import_job::model::{ImportEnd, ImportJobState};
use candor_schema::import_job::service::{
    ImportJob, delete_old_jobs, end_job, interrupt_jobs_of, interrupt_running_job,
    interrupt_unseen_jobs, start_next_job, touch_jobs,
};
use chrono::{DateTime, Utc};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::App;
use crate::import::{HeldFile, Spool, run_job};

/// The interval at which the worker checks whether an import waits. It is also notified.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// The interval at which a process says that its imports are alive.
const TOUCH_INTERVAL: Duration = Duration::from_secs(15);
/// The pause before a failed write about an import is tried again.
const RETRY_PAUSE: Duration = Duration::from_secs(5);

/// Stops the thread of an import when its worker ends.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

impl App {
    /// Runs the imports whose files this process has received. Never returns. `database` is a pool without
    /// the time limits of requests.
    pub async fn run_imports(self, database: Database) {
        let Some(spool) = self.imports.clone() else { return std::future::pending().await };
        clean_up(&database, &spool, &self.clock).await;
        // Left by this worker if it panicked and was started again.
        while let Err(fault) =
            interrupt_running_job(&database, spool.process(), self.clock.now()).await
        {
            tracing::warn!(?fault, "an import of a failed worker was not ended; trying again");
            sleep(RETRY_PAUSE).await;
        }
        let mut timer = interval(POLL_INTERVAL);
        timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut touch = interval(TOUCH_INTERVAL);
        touch.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = timer.tick() => {}
                _ = touch.tick() => {
                    if !spool.is_empty() {
                        note_alive(&database, &spool, &self.clock).await;
                    }
                }
                () = spool.arrival() => {}
            }
            if database.is_clock_behind() {
                continue;
            }
            match start_next_job(&database, spool.process(), self.clock.now()).await {
                Ok(Some(job)) => {
                    self.run_import(&database, &spool, job).await;
                    // The next one waits for nothing.
                    timer.reset_immediately();
                }
                Ok(None) => {}
                Err(fault) => tracing::warn!(?fault, "looking for waiting imports failed"),
            }
        }
    }

    async fn run_import(&self, database: &Database, spool: &Arc<Spool>, job: ImportJob) {
        let id = job.id;
        let end = match spool.take(id) {
            None => ImportEnd::Interrupted("The service no longer has the file.".to_owned()),
            Some(file) => {
                tracing::info!(%id, kind = job.kind.as_str(), bytes = job.bytes, "an import begins");
                self.import_on_thread(database, spool, job, file).await
            }
        };
        tracing::info!(%id, state = state_of(&end).as_str(), "an import ended");
        while let Err(fault) = end_job(database, id, end.clone(), self.clock.now()).await {
            tracing::warn!(%id, ?fault, "the end of an import was not saved; trying again");
            sleep(RETRY_PAUSE).await;
        }
        if matches!(end, ImportEnd::Done(_)) {
            self.wake_workers();
        }
    }

    /// Imports a file on a thread of its own, and says meanwhile that the process runs. The file is deleted
    /// at the end.
    async fn import_on_thread(
        &self,
        database: &Database,
        spool: &Spool,
        job: ImportJob,
        file: HeldFile,
    ) -> ImportEnd {
        let (ended, mut end) = oneshot::channel();
        let (runtime, db, clock) = (Handle::current(), database.clone(), self.clock.clone());
        let stop = StopOnDrop(Arc::default());
        let is_stopped = Arc::clone(&stop.0);
        // A thread of its own rather than one of the runtime, which would wait for it before it ends.
        let thread = thread::Builder::new().name("import".to_owned());
        let started = thread.spawn(move || {
            let run = run_job(&db, &job, file.path(), &clock, is_stopped);
            let end = runtime.block_on(run);
            drop(file);
            let _ = ended.send(end);
        });
        if let Err(error) = started {
            tracing::error!(%error, "the thread of an import cannot be started");
            return ImportEnd::Interrupted("The service had no thread for it.".to_owned());
        }
        let mut touch = interval(TOUCH_INTERVAL);
        touch.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                end = &mut end => {
                    return end.unwrap_or_else(|_| {
                        tracing::error!("an import panicked");
                        ImportEnd::Interrupted("Something failed on our side.".to_owned())
                    });
                }
                _ = touch.tick() => note_alive(database, spool, &self.clock).await,
            }
        }
    }
}

const fn state_of(end: &ImportEnd) -> ImportJobState {
    match end {
        ImportEnd::Done(_) => ImportJobState::Done,
        ImportEnd::Refused(_) => ImportJobState::Refused,
        ImportEnd::Interrupted(_) => ImportJobState::Interrupted,
    }
}

/// Says in the rows of this process's imports that it runs.
async fn note_alive(database: &Database, spool: &Spool, clock: &Clock) {
    if let Err(fault) = touch_jobs(database, spool.process(), clock.now()).await {
        tracing::warn!(?fault, "the sign of life of imports was not saved");
    }
}

/// Ends the imports of processes that have ended on this machine, and deletes their files.
async fn clean_up(database: &Database, spool: &Arc<Spool>, clock: &Clock) {
    let files = Arc::clone(spool);
    let ended = spawn_blocking(move || files.list_ended_processes()).await;
    let ended = ended.map_err(std::io::Error::other).and_then(|ended| ended);
    let ended = ended.unwrap_or_else(|error| {
        tracing::warn!(%error, "the folders of waiting imports cannot be read");
        Vec::new()
    });
    for process in ended {
        match interrupt_jobs_of(database, process, clock.now()).await {
            Ok(0) => {}
            Ok(imports) => tracing::warn!(imports, "imports of an ended process were interrupted"),
            Err(fault) => {
                // The folder stays, so that the next start tries again.
                tracing::warn!(?fault, "imports of an ended process were not ended");
                continue;
            }
        }
        let files = Arc::clone(spool);
        let removed = spawn_blocking(move || files.remove_ended_process(process)).await;
        if let Err(error) = removed.map_err(std::io::Error::other).and_then(|removed| removed) {
            tracing::warn!(%error, "the folder of an ended process was not removed");
        }
    }
}

/// Ends the imports of processes that give no sign, and deletes old imports. Runs once a minute.
pub(super) async fn sweep_imports(
    database: &Database,
    spool: &Spool,
    now: DateTime<Utc>,
) -> Result<()> {
    let interrupted = interrupt_unseen_jobs(database, spool.process(), now).await?;
    if interrupted > 0 {
        tracing::warn!(interrupted, "imports of a process without a sign were interrupted");
    }
    delete_old_jobs(database, now).await?;
    Ok(())
}
