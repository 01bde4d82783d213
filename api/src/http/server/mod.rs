//! The HTTP server. It limits the time and number of connections, so that clients that send or read
//! slowly, or are idle, do not block others.
mod connection;
mod io;
mod limits;
mod registry;
#[cfg(test)]
mod tests;
mod threads;
mod tracker;

pub(super) use io::BodyTooSlow;
pub use limits::{ConnectionLimits, TransferRate, raise_open_file_limit};

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use rustix::net::sockopt::set_socket_send_buffer_size;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep};

use self::limits::SEND_BUFFER_BYTES;
use self::registry::{AdmitError, Registry, Slot};
use self::threads::{ConnectionThread, RunningThreads};

/// The pause of the listener after the system refused a connection for lack of files or memory.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);
/// The shortest time between two warnings about that.
const WARNING_INTERVAL: Duration = Duration::from_mins(1);

/// Serves requests with the limits of production until `shutdown` completes, then finishes the
/// requests in progress within 35 seconds.
///
/// # Errors
/// If the listener has no address.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<()> {
    serve_with(listener, router, ConnectionLimits::default(), shutdown).await
}

/// Serves requests with other limits; see [`serve`]. Dropping the future closes all connections.
///
/// # Errors
/// If the listener has no address.
pub async fn serve_with(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<()> {
    serve_on(listener, vec![ConnectionThread::new(Handle::current(), router)], limits, shutdown)
        .await
}

/// Serves requests on a thread for each router; see [`serve_with`]. A connection stays on the thread that
/// had the fewest when it was accepted.
///
/// # Errors
/// If the listener has no address, there is no router, or the system refuses a thread.
pub async fn serve_on_threads(
    listener: TcpListener,
    routers: Vec<Router>,
    limits: ConnectionLimits,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<()> {
    let (running, threads) = RunningThreads::start(routers)?;
    let served = serve_on(listener, threads, limits, shutdown).await;
    running.join().await;
    served
}

async fn serve_on(
    listener: TcpListener,
    threads: Vec<ConnectionThread>,
    limits: ConnectionLimits,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<()> {
    let address = listener.local_addr()?;
    if threads.is_empty() {
        return Err(Error::new(ErrorKind::InvalidInput, "no thread serves connections"));
    }
    let connections = limits.max_connections;
    tracing::debug!(%address, connections, threads = threads.len(), "accepting connections");
    let (stop, stopped) = watch::channel(false);
    let mut server = Server {
        listener,
        threads,
        limits,
        registry: Arc::new(Registry::new(limits.max_connections, limits.max_per_address)),
        connections: JoinSet::new(),
        stopped,
        last_warning: None,
    };
    let mut shutdown = pin!(shutdown);
    while let Some((stream, peer)) = server.accept(shutdown.as_mut()).await {
        let Some(slot) = server.admit(peer, shutdown.as_mut()).await else { continue };
        server.start(stream, slot);
    }
    let Server { listener, mut connections, .. } = server;
    drop(listener);
    // Idle connections close at once, the others when their request is answered.
    let _ = stop.send(true);
    let all_ended = async {
        while let Some(ended) = connections.join_next().await {
            log_panic(ended);
        }
    };
    if tokio::time::timeout(limits.shutdown_grace, all_ended).await.is_err() {
        tracing::warn!("some requests did not end in time and were aborted");
    }
    Ok(())
}

struct Server {
    listener: TcpListener,
    threads: Vec<ConnectionThread>,
    limits: ConnectionLimits,
    registry: Arc<Registry>,
    connections: JoinSet<()>,
    stopped: watch::Receiver<bool>,
    last_warning: Option<Instant>,
}

impl Server {
    /// Returns the next connection; `None` once `shutdown` completes. It retries after system errors.
    async fn accept<F: Future<Output = ()>>(
        &mut self,
        mut shutdown: Pin<&mut F>,
    ) -> Option<(TcpStream, SocketAddr)> {
        loop {
            let error = tokio::select! {
                () = shutdown.as_mut() => return None,
                Some(ended) = self.connections.join_next() => {
                    log_panic(ended);
                    continue;
                }
                accepted = self.listener.accept() => match accepted {
                    Ok(accepted) => return Some(accepted),
                    Err(error) => error,
                },
            };
            if is_client_error(&error) {
                continue;
            }
            // Usually the process has no free file; closing a waiting connection frees one.
            let made_room = self.registry.evict_longest_waiting();
            if self.last_warning.is_none_or(|last| last.elapsed() >= WARNING_INTERVAL) {
                tracing::warn!(%error, made_room, "a connection could not be accepted");
                self.last_warning = Some(Instant::now());
            }
            tokio::select! {
                () = shutdown.as_mut() => return None,
                () = sleep(ACCEPT_RETRY) => {}
            }
        }
    }

    /// Waits for a free slot for a connection; `None` if its address has no free slot, or `shutdown`
    /// completes.
    async fn admit<F: Future<Output = ()>>(
        &mut self,
        peer: SocketAddr,
        mut shutdown: Pin<&mut F>,
    ) -> Option<Slot> {
        loop {
            match self.registry.admit(peer.ip()) {
                Ok(slot) => return Some(slot),
                Err(AdmitError::AddressFull) => {
                    tracing::debug!(address = %peer.ip(), "too many connections from one address");
                    return None;
                }
                Err(AdmitError::Full) => {}
            }
            tokio::select! {
                () = shutdown.as_mut() => return None,
                Some(ended) = self.connections.join_next() => log_panic(ended),
                () = self.registry.changed() => {}
            }
        }
    }

    fn start(&mut self, stream: TcpStream, slot: Slot) {
        // The connection works without these options, only less well.
        let tuned = stream
            .set_nodelay(true)
            .and_then(|()| Ok(set_socket_send_buffer_size(&stream, SEND_BUFFER_BYTES)?));
        if let Err(error) = tuned {
            tracing::debug!(%error, "a socket's options cannot be set");
        }
        let stream = stream.into_std();
        let threads = self.threads.iter();
        let Some(thread) = threads.min_by_key(|it| it.connection_count()) else { return };
        let (router, stopped) = (thread.router.clone(), self.stopped.clone());
        let (limits, counted) = (self.limits, thread.add_connection());
        let run = async move {
            let _counted = counted;
            // It is registered with the runtime that serves it.
            match stream.and_then(TcpStream::from_std) {
                Ok(stream) => connection::run(stream, router, limits, slot, stopped).await,
                Err(error) => tracing::warn!(%error, "a connection could not be served"),
            }
        };
        self.connections.spawn_on(run, &thread.runtime);
    }
}

/// Returns whether an error of `accept` concerns only the connection that was being accepted.
fn is_client_error(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset
    )
}

fn log_panic(ended: std::result::Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(%error, "a connection panicked");
    }
}
