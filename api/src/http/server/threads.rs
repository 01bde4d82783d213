//! The runtimes that serve connections.
//!
//! A runtime of several threads moves a request between them: the thread that a reply of the database wakes
//! hands the request to another, which it has to wake as well. Here each thread has a runtime and connections
//! of its own, and serves them from their first byte to their last.
use std::io::Result;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

use axum::Router;
use tokio::runtime::{Builder, Handle};
use tokio::sync::watch;
use tokio::task::spawn_blocking;

/// A runtime that serves connections.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) runtime: Handle,
    pub(super) router: Router,
    open: Arc<AtomicUsize>,
}

/// Counts a connection of a lane. Dropping it ends the count.
#[derive(Debug)]
pub(super) struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Lane {
    pub(super) fn new(runtime: Handle, router: Router) -> Self {
        Self { runtime, router, open: Arc::default() }
    }

    /// Counts one more connection.
    pub(super) fn count(&self) -> Counted {
        self.open.fetch_add(1, Ordering::Relaxed);
        Counted(Arc::clone(&self.open))
    }

    /// The number of its connections.
    pub(super) fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }
}

/// Threads with a runtime each. They end when this is dropped.
#[derive(Debug)]
pub(super) struct Threads {
    running: watch::Sender<()>,
    threads: Vec<JoinHandle<()>>,
}

impl Threads {
    /// Starts a thread for each router.
    ///
    /// # Errors
    /// If the system refuses a thread or a file.
    pub(super) fn start(routers: Vec<Router>) -> Result<(Self, Vec<Lane>)> {
        let (running, _) = watch::channel(());
        let (mut threads, mut lanes) = (Vec::new(), Vec::new());
        for router in routers {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            lanes.push(Lane::new(runtime.handle().clone(), router));
            let mut ended = running.subscribe();
            let run = move || {
                // Nothing is ever sent: it ends when the sender is dropped.
                let _ = runtime.block_on(ended.changed());
            };
            threads.push(thread::Builder::new().name("candor-requests".to_owned()).spawn(run)?);
        }
        Ok((Self { running, threads }, lanes))
    }

    /// Ends the threads and waits for that.
    pub(super) async fn end(self) {
        let Self { running, threads } = self;
        drop(running);
        let join = || threads.into_iter().for_each(|thread| drop(thread.join()));
        // They do not panic, and neither does waiting for them.
        let _ = spawn_blocking(join).await;
    }
}
