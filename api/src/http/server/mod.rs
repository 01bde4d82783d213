//! Takes connections and bounds what each may cost: a client that sends or reads slowly, or does
//! nothing, keeps nobody else out.
mod connection;
mod io;
mod limits;
mod registry;
#[cfg(test)]
mod tests;
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
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep};

use self::limits::SEND_BUFFER_BYTES;
use self::registry::{Refusal, Registry, Slot};

/// How long the listener rests after the system refused a connection for want of files or memory.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);
/// The least time between two warnings about that.
const WARNING_INTERVAL: Duration = Duration::from_mins(1);

/// Answers requests until `shutdown` is done, then finishes those that were begun, within 35
/// seconds. The limits are those of production.
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

/// Answers requests under other limits; see [`serve`]. Dropping it closes all connections.
///
/// # Errors
/// If the listener has no address.
pub async fn serve_with(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<()> {
    let address = listener.local_addr()?;
    tracing::debug!(%address, connections = limits.max_connections, "taking connections");
    let (stop, stopped) = watch::channel(false);
    let mut server = Server {
        listener,
        router,
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
    // Those that wait for a request close at once, the others when theirs is answered.
    let _ = stop.send(true);
    let all_ended = async {
        while let Some(ended) = connections.join_next().await {
            report(ended);
        }
    };
    if tokio::time::timeout(limits.shutdown_grace, all_ended).await.is_err() {
        tracing::warn!("some requests did not end in time and were cut off");
    }
    Ok(())
}

struct Server {
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    registry: Arc<Registry>,
    connections: JoinSet<()>,
    stopped: watch::Receiver<bool>,
    last_warning: Option<Instant>,
}

impl Server {
    /// The next connection; `None` once `shutdown` is done. Errors of the system do not end it.
    async fn accept<F: Future<Output = ()>>(
        &mut self,
        mut shutdown: Pin<&mut F>,
    ) -> Option<(TcpStream, SocketAddr)> {
        loop {
            let error = tokio::select! {
                () = shutdown.as_mut() => return None,
                Some(ended) = self.connections.join_next() => {
                    report(ended);
                    continue;
                }
                accepted = self.listener.accept() => match accepted {
                    Ok(accepted) => return Some(accepted),
                    Err(error) => error,
                },
            };
            if is_of_client(&error) {
                continue;
            }
            // Mostly there is no file left: one that waits for its client gives up its own.
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

    /// A place for a connection, as soon as there is one; `None` if its address has none, or
    /// `shutdown` is done.
    async fn admit<F: Future<Output = ()>>(
        &mut self,
        peer: SocketAddr,
        mut shutdown: Pin<&mut F>,
    ) -> Option<Slot> {
        loop {
            match self.registry.admit(peer.ip()) {
                Ok(slot) => return Some(slot),
                Err(Refusal::AddressIsFull) => {
                    tracing::debug!(address = %peer.ip(), "too many connections of one address");
                    return None;
                }
                Err(Refusal::Full) => {}
            }
            tokio::select! {
                () = shutdown.as_mut() => return None,
                Some(ended) = self.connections.join_next() => report(ended),
                () = self.registry.changed() => {}
            }
        }
    }

    fn start(&mut self, stream: TcpStream, slot: Slot) {
        // Without either the connection works, only less well.
        let tuned = stream
            .set_nodelay(true)
            .and_then(|()| Ok(set_socket_send_buffer_size(&stream, SEND_BUFFER_BYTES)?));
        if let Err(error) = tuned {
            tracing::debug!(%error, "a socket's options cannot be set");
        }
        let (router, stopped) = (self.router.clone(), self.stopped.clone());
        self.connections.spawn(connection::run(stream, router, self.limits, slot, stopped));
    }
}

/// Whether an error of `accept` is of the connection that was to be accepted.
fn is_of_client(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset
    )
}

fn report(ended: std::result::Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(%error, "a connection panicked");
    }
}
