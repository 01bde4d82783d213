//! Time, size and number limits of client connections.
use std::num::NonZeroUsize;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The most open files that are kept for the database, the log and the standard streams.
const RESERVED_FILES: u64 = 256;
/// The most connections, however many files may be open: each may hold [`MAX_HEAD_BYTES`].
const MAX_CONNECTIONS: u64 = 16_384;
/// The largest head of a request, in bytes; hyper answers a larger one with 431.
pub(super) const MAX_HEAD_BYTES: usize = 64 * 1024;
/// The kernel's send buffer of a connection, in bytes. The kernel's default grows to megabytes, and
/// reports progress only after a third of it was read: a slow client would look like a stalled one.
pub(super) const SEND_BUFFER_BYTES: usize = 64 * 1024;

/// The slowest transfer that is waited for.
#[derive(Clone, Copy, Debug)]
pub struct TransferRate {
    /// How long the client may take before the rate counts.
    pub grace: Duration,
    /// The minimum rate in bytes a second; at least 1.
    pub bytes_per_second: u32,
}

impl TransferRate {
    /// The time that a transfer of so many bytes takes at the minimum rate, without the grace.
    pub(super) fn time_for(&self, bytes: u64) -> Duration {
        let rate = u64::from(self.bytes_per_second.max(1));
        Duration::from_millis(bytes.saturating_mul(1000) / rate)
    }
}

/// What a client's connection may take. [`Default`] has the values of production.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// The time for a request's head: from the accept of a new connection, from the first byte on a
    /// connection that is kept alive.
    pub head: Duration,
    /// How long a connection is kept between an answer and the first byte of the next request.
    pub keep_alive: Duration,
    /// The time for a request's body: the grace and the time of what was received.
    pub body: TransferRate,
    /// The time that the client may keep an answer waiting, at any moment: never more than the
    /// grace, which what it reads restores at the rate.
    pub answer: TransferRate,
    /// How long an answer must have been stalled by its client before its connection may be closed
    /// for a new one.
    pub stalled_answer: Duration,
    /// How long the body of a refused request is read on, so that its client sees the answer.
    pub refused_body: Duration,
    /// The most bytes of such a body that are read.
    pub refused_body_bytes: usize,
    /// The most open connections.
    pub max_connections: usize,
    /// The most open connections of one address (of one /64 network for IPv6); no limit if `None`.
    pub max_per_address: Option<NonZeroUsize>,
    /// How long requests may go on after the service was told to stop.
    pub shutdown_grace: Duration,
}

impl Default for ConnectionLimits {
    /// The limits of production, with as many connections as the process may open files.
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

/// The number of connections that fit into so many open files.
fn connections_within(files: u64) -> usize {
    let reserved = RESERVED_FILES.min(files / 2);
    usize::try_from((files - reserved).clamp(1, MAX_CONNECTIONS)).unwrap_or(usize::MAX)
}

/// How many files this process may open.
fn open_file_limit() -> u64 {
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// Raises the number of files that this process may open to the system's hard limit, and returns
/// it. Where the system refuses, the limit stays as it is.
pub fn raise_open_file_limit() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })
    {
        tracing::warn!(%error, ?current, "the limit of open files cannot be raised");
    }
    open_file_limit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_room_for_other_files() {
        let cases = [
            (0, 1),
            (1, 1),
            (64, 32),
            (512, 256),
            (1024, 768),
            (20_000, 16_384),
            (u64::MAX, 16_384),
        ];
        for (files, connections) in cases {
            assert_eq!(connections_within(files), connections, "{files} files");
        }
    }

    #[test]
    fn a_transfer_takes_its_bytes_over_the_rate() {
        let rate = TransferRate { grace: Duration::ZERO, bytes_per_second: 500 };
        assert_eq!(rate.time_for(0), Duration::ZERO);
        assert_eq!(rate.time_for(1_250), Duration::from_millis(2_500));
        let none = TransferRate { bytes_per_second: 0, ..rate };
        assert_eq!(none.time_for(2), Duration::from_secs(2), "never divided by zero");
    }
}
