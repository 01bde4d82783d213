//! Runs CPU-heavy work outside the async threads.
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::sync::{AcquireError, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};

use crate::fault::{Fault, Outage, Result};
use crate::principal::Principal;
use crate::turns::Turns;

/// The maximum time that a request waits for its turn.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// Runs heavy work on blocking threads: on all processors but one, and one job at a time per subject.
///
/// A canceled request leaves the queue. A running job finishes and keeps its permits until then, so
/// that disconnecting does not free a slot early. Do not hold a transaction while waiting.
#[derive(Debug)]
pub struct Compute {
    processors: Arc<Semaphore>,
    subjects: Turns,
    max_wait: Duration,
}

impl Default for Compute {
    fn default() -> Self {
        let processors = available_parallelism().map_or(1, usize::from);
        Self::new(processors.saturating_sub(1).max(1), MAX_WAIT)
    }
}

impl Compute {
    fn new(at_once: usize, max_wait: Duration) -> Self {
        let processors = Arc::new(Semaphore::new(at_once));
        Self { processors, subjects: Turns::new(1), max_wait }
    }

    /// Runs `work` when it is this subject's turn and returns its result.
    ///
    /// # Errors
    /// `RateLimited` if the subject's own requests take too long, `Unavailable` if no processor becomes
    /// free; `work` does not run then. `Internal` if `work` panics.
    pub async fn run<T: Send + 'static>(
        &self,
        subject: &Principal,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let until = Instant::now() + self.max_wait;
        let own = self.subjects.take(subject, until).await;
        let own = own.ok_or_else(|| self.too_many_requests())?;
        let processor = timeout_at(until, Arc::clone(&self.processors).acquire_owned());
        let processor = processor
            .await
            .map_err(|_| Fault::Unavailable(Outage::Busy))?
            .map_err(|error| closed(&error))?;
        run_with((own, processor), work).await
    }

    /// Runs work of the service itself, without a time limit.
    ///
    /// # Errors
    /// `Internal` if `work` panics.
    pub async fn run_for_service<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let processor =
            Arc::clone(&self.processors).acquire_owned().await.map_err(|error| closed(&error))?;
        run_with(processor, work).await
    }

    fn too_many_requests(&self) -> Fault {
        let message = "Your other requests are still being computed. Send one at a time, and try \
            this one again shortly.";
        Fault::RateLimited { message: message.into(), retry_after: self.max_wait }
    }
}

/// Maps the error of a closed semaphore; these are never closed.
fn closed(error: &AcquireError) -> Fault {
    Fault::Internal(error.to_string().into())
}

/// Moves the permits into the job, so that they are released when it ends, not when its request does.
async fn run_with<T: Send + 'static, P: Send + 'static>(
    permits: P,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    let span = tracing::Span::current();
    let computed = spawn_blocking(move || {
        let _permits = permits;
        span.in_scope(work)
    });
    computed.await.map_err(|error| Fault::Internal(format!("computing failed: {error}").into()))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::sync::{Arc, Barrier, mpsc};
    use std::time::Duration;

    use super::Compute;
    use crate::fault::{Fault, Outage};
    use crate::principal::Principal;

    fn person(subject: &str) -> Principal {
        Principal::person("https://issuer.example", subject).expect("a subject")
    }

    /// Longer than any wait in these tests.
    const LONG: Duration = Duration::from_mins(1);

    #[tokio::test]
    async fn a_subject_computes_one_thing_at_a_time_and_others_beside_it() {
        let compute = Arc::new(Compute::new(2, LONG));
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let mut all = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (compute, running, most) = (compute.clone(), running.clone(), most.clone());
            all.spawn(async move {
                let work = move || {
                    most.fetch_max(running.fetch_add(1, SeqCst) + 1, SeqCst);
                    std::thread::sleep(Duration::from_millis(5));
                    running.fetch_sub(1, SeqCst);
                };
                compute.run(&person("somebody"), work).await.expect("its turn comes");
            });
        }
        all.join_all().await;
        assert_eq!(most.load(SeqCst), 1);
        // Two jobs that wait for each other finish only if they run concurrently.
        let meeting = Arc::new(Barrier::new(2));
        let (one, other) = (meeting.clone(), meeting);
        let (somebody, other_person) = (person("somebody"), person("somebody else"));
        let (one, other) = tokio::join!(
            compute.run(&somebody, move || one.wait().is_leader()),
            compute.run(&other_person, move || other.wait().is_leader()),
        );
        assert_ne!(one.expect("one of both"), other.expect("the other"));
    }

    #[tokio::test]
    async fn refuses_requests_that_wait_too_long() {
        let compute = Arc::new(Compute::new(1, Duration::from_millis(20)));
        let (finish, until_finished) = mpsc::channel::<()>();
        let (start, started) = tokio::sync::oneshot::channel();
        let held = compute.clone();
        let working = tokio::spawn(async move {
            let work = move || {
                let _ = start.send(());
                let _ = until_finished.recv();
            };
            held.run(&person("somebody"), work).await
        });
        started.await.expect("it has begun");
        let refused = compute.run(&person("somebody"), || ()).await;
        assert!(matches!(refused, Err(Fault::RateLimited { .. })), "{refused:?}");
        let refused = compute.run(&person("somebody else"), || ()).await;
        assert!(matches!(refused, Err(Fault::Unavailable(Outage::Busy))), "{refused:?}");
        drop(finish);
        working.await.expect("no panic").expect("its result");
        compute.run(&person("somebody else"), || ()).await.expect("a turn again");
    }

    #[tokio::test]
    async fn canceled_request_leaves_the_queue_and_running_job_keeps_its_permit() {
        let compute = Arc::new(Compute::new(1, LONG));
        let (finish, until_finished) = mpsc::channel::<()>();
        let (start, started) = tokio::sync::oneshot::channel();
        let held = compute.clone();
        let working = tokio::spawn(async move {
            let work = move || {
                let _ = start.send(());
                let _ = until_finished.recv();
            };
            held.run(&person("somebody"), work).await
        });
        started.await.expect("it has begun");
        let ran = Arc::new(AtomicUsize::new(0));
        let (queued, counted) = (compute.clone(), ran.clone());
        let waiting = tokio::spawn(async move {
            queued.run(&person("somebody"), move || counted.fetch_add(1, SeqCst)).await
        });
        tokio::task::yield_now().await;
        // Both clients disconnect: the waiting request leaves the queue, the running one does not.
        waiting.abort();
        working.abort();
        assert!(waiting.await.is_err_and(|error| error.is_cancelled()));
        assert_eq!(compute.processors.available_permits(), 0);
        drop(finish);
        compute.run(&person("somebody"), || ()).await.expect("its turn comes");
        assert_eq!(ran.load(SeqCst), 0);
    }

    #[tokio::test]
    async fn panicking_work_is_internal_and_frees_its_permit() {
        let compute = Compute::new(1, LONG);
        let failed = compute.run(&person("somebody"), || panic!("on purpose")).await;
        let failed: Result<(), Fault> = failed;
        assert!(matches!(failed, Err(Fault::Internal(_))), "{failed:?}");
        compute.run(&person("somebody"), || ()).await.expect("its turn comes");
    }
}
