//! The state of one connection and its deadlines.
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::body::Incoming;
use tokio::time::Instant;

use super::limits::ConnectionLimits;
use super::registry::Slot;

/// The phase of a connection.
#[derive(Clone, Copy, Debug)]
enum Phase {
    /// The client sends a request's head, with this deadline.
    Head(Instant),
    /// A request's body is received, or its response is made.
    Request,
    /// A response is written.
    Answer,
    /// The response is complete, but perhaps not yet written.
    Answered,
    /// The client may start another request, with this deadline.
    KeepAlive(Instant),
}

/// A write that waits for the client to read.
#[derive(Clone, Copy, Debug)]
struct Stall {
    since: Instant,
    /// Whether the connection may already be evicted.
    is_waiting: bool,
}

#[derive(Debug)]
struct State {
    limits: ConnectionLimits,
    slot: Slot,
    phase: Phase,
    /// Whether the request's body was read to its end.
    is_received: bool,
    /// The rest of a body that the handler did not read.
    unread: Option<Incoming>,
    stall: Option<Stall>,
    /// The time for which the client may still stall responses.
    credit: Duration,
}

/// A connection's state, shared by its socket, its bodies and its task.
#[derive(Clone, Debug)]
pub(super) struct Tracker(Arc<Mutex<State>>);

/// The error of an evicted connection: its request must not be executed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evicted;

impl std::fmt::Display for Evicted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection was closed to make room for another")
    }
}

impl std::error::Error for Evicted {}

/// The result of checking a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// The client took too long; the connection must close.
    Close,
    /// Another deadline follows.
    Later,
}

impl Tracker {
    pub(super) fn new(limits: ConnectionLimits, slot: Slot) -> Self {
        Self(Arc::new(Mutex::new(State {
            limits,
            slot,
            phase: Phase::Head(Instant::now() + limits.head),
            is_received: false,
            unread: None,
            stall: None,
            credit: limits.answer.grace,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn limits(&self) -> ConnectionLimits {
        self.state().limits
    }

    /// Records that the client sent bytes.
    pub(super) fn bytes_received(&self) {
        let mut state = self.state();
        if let Phase::KeepAlive(_) = state.phase {
            state.phase = Phase::Head(Instant::now() + state.limits.head);
        }
    }

    /// Records that a request's head is complete. Its body follows unless `has_no_body`.
    ///
    /// # Errors
    /// If the connection was evicted.
    pub(super) fn begin_request(&self, has_no_body: bool) -> Result<(), Evicted> {
        let mut state = self.state();
        state.phase = Phase::Request;
        state.is_received = false;
        state.unread = None;
        if has_no_body { state.receive_all() } else { Ok(()) }
    }

    /// Records that the request's body was read to its end. The connection no longer waits for its
    /// client.
    ///
    /// # Errors
    /// If the connection was evicted.
    pub(super) fn body_received(&self) -> Result<(), Evicted> {
        self.state().receive_all()
    }

    /// Stores the rest of a body that the handler did not read.
    pub(super) fn body_refused(&self, rest: Incoming) {
        self.state().unread = Some(rest);
    }

    /// Records that a response starts; returns whether the request's body was read to its end.
    ///
    /// # Errors
    /// If the connection was evicted.
    pub(super) fn begin_answer(&self) -> Result<bool, Evicted> {
        let mut state = self.state();
        state.phase = Phase::Answer;
        if state.slot.stop_waiting() { Ok(state.is_received) } else { Err(Evicted) }
    }

    /// Records that hyper has taken the whole response.
    pub(super) fn end_answer(&self) {
        self.state().phase = Phase::Answered;
    }

    /// Records that everything hyper took was written.
    pub(super) fn flushed(&self) {
        let mut state = self.state();
        if let Phase::Answered = state.phase {
            state.phase = Phase::KeepAlive(Instant::now() + state.limits.keep_alive);
            state.slot.wait();
        }
    }

    /// Records that a write waits for the client to read.
    pub(super) fn write_stalled(&self) {
        let stall = Stall { since: Instant::now(), is_waiting: false };
        self.state().stall.get_or_insert(stall);
    }

    /// Records that `count` bytes were written.
    ///
    /// # Errors
    /// If the connection was evicted while the write was stalled.
    pub(super) fn bytes_written(&self, count: usize) -> Result<(), Evicted> {
        let mut guard = self.state();
        let state = &mut *guard;
        let Some(stall) = state.stall.take() else { return Ok(()) };
        let earned = state.limits.answer.time_for(count as u64);
        let remaining = state.credit.saturating_sub(stall.since.elapsed());
        state.credit = remaining.saturating_add(earned).min(state.limits.answer.grace);
        if stall.is_waiting && !state.slot.stop_waiting() {
            return Err(Evicted);
        }
        Ok(())
    }

    /// Takes the rest of a refused body once its response has started.
    pub(super) fn take_unread(&self) -> Option<Incoming> {
        let mut state = self.state();
        if let Phase::Request = state.phase { None } else { state.unread.take() }
    }

    /// Returns the client's deadline, if the connection waits for its client.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let state = self.state();
        if let Some(stall) = state.stall {
            let limit = if stall.is_waiting {
                state.credit
            } else {
                state.credit.min(state.limits.stalled_answer)
            };
            return Some(stall.since + limit);
        }
        match state.phase {
            Phase::Head(until) | Phase::KeepAlive(until) => Some(until),
            Phase::Request | Phase::Answer | Phase::Answered => None,
        }
    }

    /// Checks the deadline after it has passed.
    pub(super) fn due(&self) -> Due {
        let mut guard = self.state();
        let state = &mut *guard;
        let Some(stall) = &mut state.stall else { return Due::Close };
        if stall.is_waiting || stall.since.elapsed() >= state.credit {
            return Due::Close;
        }
        stall.is_waiting = true;
        state.slot.wait();
        Due::Later
    }
}

impl State {
    fn receive_all(&mut self) -> Result<(), Evicted> {
        self.is_received = true;
        if self.slot.stop_waiting() { Ok(()) } else { Err(Evicted) }
    }
}
