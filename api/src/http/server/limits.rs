//! Time, size and number limits of client connections.
use std::num::NonZeroUsize;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The files reserved for the database, the threads' runtimes, the log and the standard streams: 200 connections
/// for requests on 40 threads need 366.
const RESERVED_FILES: u64 = 512;
/// The most connections, at any file limit: each can buffer [`MAX_HEAD_BYTES`].
const MAX_CONNECTIONS: u64 = 16_384;
/// The largest head of a request, in bytes; hyper answers a larger one with 431.
pub(super) const MAX_HEAD_BYTES: usize = 64 * 1024;
/// The kernel's send buffer of a connection, in bytes. The default grows to megabytes and reports
/// progress only after the client read a third of it, so that a slow client would look stalled.
pub(super) const SEND_BUFFER_BYTES: usize = 64 * 1024;

/// The slowest transfer that is accepted.
#[derive(Clone, Copy, Debug)]
pub struct TransferRate {
    /// The time that the client has in addition to the time at the rate.
    pub grace: Duration,
    /// The minimum rate, in bytes per second; at least 1.
    pub bytes_per_second: u32,
}

impl TransferRate {
    /// Returns the time for transferring `bytes` at the minimum rate, without the grace.
    pub(super) fn time_for(&self, bytes: u64) -> Duration {
        let rate = u64::from(self.bytes_per_second.max(1));
        Duration::from_millis(bytes.saturating_mul(1000) / rate)
    }
}

/// The limits of client connections. [`Default`] has the values of production.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// The time for a request's head: from accepting a new connection, or from the first byte on a
    /// connection that was kept alive.
    pub head: Duration,
    /// The time between a response and the first byte of the next request.
    pub keep_alive: Duration,
    /// The time for a request's body: the grace plus the time of the received bytes at the rate.
    pub body: TransferRate,
    /// The time for which the client may stall a response. It is at most the grace, and reading
    /// restores it at the rate.
    pub answer: TransferRate,
    /// The time after which a connection with a stalled response may be closed for a new one.
    pub stalled_answer: Duration,
    /// The time for which the rest of a refused request's body is read, so that its client sees the
    /// response.
    pub refused_body: Duration,
    /// The most bytes of such a rest that are read.
    pub refused_body_bytes: usize,
    /// The most open connections.
    pub max_connections: usize,
    /// The most open connections from one address (for IPv6, one /64 network); `None` for no limit.
    pub max_per_address: Option<NonZeroUsize>,
    /// The time for which requests may continue after the shutdown began.
    pub shutdown_grace: Duration,
}

impl Default for ConnectionLimits {
    /// The limits of production. The number of connections follows the limit of open files.
    fn default() -> Self {
        let rate = TransferRate { grace: Duration::from_secs(20), bytes_per_second: 500 };
        Self {
            head: Duration::from_secs(10),
            keep_alive: Duration::from_mins(1),
            body: rate,
            answer: rate,
            stalled_answer: Duration::from_secs(5),
            refused_body: Duration::from_secs(1),
            refused_body_bytes: 256 * 1024,
            max_connections: connections_within(open_file_limit()),
            max_per_address: None,
            shutdown_grace: Duration::from_secs(35),
        }
    }
}

/// Returns the number of connections for a limit of open files.
fn connections_within(files: u64) -> usize {
    let reserved = RESERVED_FILES.min(files / 2);
    usize::try_from((files - reserved).clamp(1, MAX_CONNECTIONS)).unwrap_or(usize::MAX)
}

/// Returns the number of files that this process may open.
fn open_file_limit() -> u64 {
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// Raises the limit of open files to the system's hard limit, and returns the limit. If the system
/// refuses, the limit does not change.
pub fn raise_open_file_limit() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })
    {
        tracing::warn!(%error, ?current, "cannot raise the limit of open files");
    }
    open_file_limit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_files_are_reserved() {
        let cases = [
            (0, 1),
            (1, 1),
            (64, 32),
            (512, 256),
            (1024, 512),
            (4096, 3584),
            (20_000, 16_384),
            (u64::MAX, 16_384),
        ];
        for (files, connections) in cases {
            assert_eq!(connections_within(files), connections, "{files} files");
        }
    }

    #[test]
    fn transfer_time_is_bytes_divided_by_rate() {
        let rate = TransferRate { grace: Duration::ZERO, bytes_per_second: 500 };
        assert_eq!(rate.time_for(0), Duration::ZERO);
        assert_eq!(rate.time_for(1_250), Duration::from_millis(2_500));
        let none = TransferRate { bytes_per_second: 0, ..rate };
        assert_eq!(none.time_for(2), Duration::from_secs(2), "never divided by zero");
    }
}
