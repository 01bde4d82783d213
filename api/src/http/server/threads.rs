//! The threads that serve connections.
//!
//! A runtime of several threads moves a request between them: the thread that a reply of the database wakes
//! hands the request to another, which it has to wake as well. Here each thread has a runtime of its own, and
//! serves its connections from their first byte to their last.
use std::io::{Error, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use axum::Router;
use tokio::runtime::{Builder, Handle};
use tokio::sync::watch;
use tokio::task::spawn_blocking;

/// A runtime that serves connections, usually of one thread.
#[derive(Debug)]
pub(super) struct ConnectionThread {
    pub(super) runtime: Handle,
    pub(super) router: Router,
    connections: Arc<AtomicUsize>,
}

/// Counts a connection of a thread until it is dropped.
#[derive(Debug)]
pub(super) struct CountedConnection(Arc<AtomicUsize>);

impl Drop for CountedConnection {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl ConnectionThread {
    pub(super) fn new(runtime: Handle, router: Router) -> Self {
        Self { runtime, router, connections: Arc::default() }
    }

    /// Counts one more connection.
    pub(super) fn add_connection(&self) -> CountedConnection {
        self.connections.fetch_add(1, Ordering::Relaxed);
        CountedConnection(Arc::clone(&self.connections))
    }

    /// The number of its connections.
    pub(super) fn connection_count(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

/// The threads with a runtime each, to wait for. They end when this is dropped.
#[derive(Debug)]
pub(super) struct RunningThreads {
    running: watch::Sender<()>,
    threads: Vec<JoinHandle<()>>,
}

impl RunningThreads {
    /// Starts a thread for each router.
    ///
    /// # Errors
    /// If the system refuses a thread or a file.
    pub(super) fn start(routers: Vec<Router>) -> Result<(Self, Vec<ConnectionThread>)> {
        let (running, _) = watch::channel(());
        let (mut threads, mut serving) = (Vec::new(), Vec::new());
        for router in routers {
            let (sender, started) = mpsc::channel();
            let ended = running.subscribe();
            let named = thread::Builder::new().name("candor-requests".to_owned());
            threads.push(named.spawn(move || run(&sender, ended))?);
            let runtime = started.recv().map_err(Error::other)??;
            serving.push(ConnectionThread::new(runtime, router));
        }
        Ok((Self { running, threads }, serving))
    }

    /// Ends the threads and waits until they have ended.
    pub(super) async fn join(self) {
        let Self { running, threads } = self;
        drop(running);
        let join = || threads.into_iter().for_each(|thread| drop(thread.join()));
        // They do not panic, and neither does waiting for them.
        let _ = spawn_blocking(join).await;
    }
}

/// Runs a runtime until the sender of `ended` is dropped. The runtime is built and dropped on its own thread,
/// because dropping one inside another panics.
fn run(started: &mpsc::Sender<Result<Handle>>, mut ended: watch::Receiver<()>) {
    match Builder::new_current_thread().enable_io().enable_time().build() {
        Ok(runtime) => {
            // Whoever starts the thread waits for it.
            let _ = started.send(Ok(runtime.handle().clone()));
            // Nothing is ever sent.
            let _ = runtime.block_on(ended.changed());
        }
        Err(error) => drop(started.send(Err(error))),
    }
}
