//! The socket and bodies of a connection. They report progress to its [`Tracker`].
use std::error::Error;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use super::limits::TransferRate;
use super::tracker::{Evicted, Tracker};

/// A client's socket, which reports reads and writes.
pub(super) struct Socket {
    stream: TokioIo<TcpStream>,
    tracker: Tracker,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, tracker: Tracker) -> Self {
        Self { stream: TokioIo::new(stream), tracker }
    }

    fn record_write(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Pending => self.tracker.write_stalled(),
            Poll::Ready(Ok(count)) => self.tracker.bytes_written(*count).map_err(aborted)?,
            Poll::Ready(Err(_)) => {}
        }
        written
    }
}

fn aborted(evicted: Evicted) -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, evicted)
}

impl Read for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let read = ready!(Pin::new(&mut self.stream).poll_read(context, buffer));
        self.tracker.bytes_received();
        Poll::Ready(read)
    }
}

impl Write for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, buffer);
        self.record_write(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, buffers);
        self.record_write(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // hyper flushes the socket after it wrote its whole buffer.
        let flushed = ready!(Pin::new(&mut self.stream).poll_flush(context));
        self.tracker.flushed();
        Poll::Ready(flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// The error of a request body that arrived slower than the minimum rate.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct BodyTooSlow;

impl std::fmt::Display for BodyTooSlow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the body arrived too slowly")
    }
}

impl Error for BodyTooSlow {}

/// A request's body. It fails with [`BodyTooSlow`] if the client takes too long.
pub(super) struct RequestBody {
    /// `None` once the body was read to its end.
    incoming: Option<Incoming>,
    tracker: Tracker,
    rate: TransferRate,
    received: u64,
    /// When the body was first waited for, and the timer; `None` before.
    timer: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl RequestBody {
    pub(super) fn new(incoming: Incoming, tracker: Tracker) -> Self {
        let rate = tracker.limits().body;
        let incoming = Some(incoming).filter(|body| !body.is_end_stream());
        Self { incoming, tracker, rate, received: 0, timer: None }
    }

    /// Ready once the client has exceeded the time for the received bytes.
    fn poll_timer(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let allowed = self.rate.grace.saturating_add(self.rate.time_for(self.received));
        let (since, timer) = self.timer.get_or_insert_with(|| {
            let now = Instant::now();
            (now, Box::pin(sleep_until(now + allowed)))
        });
        let deadline = *since + allowed;
        if timer.deadline() != deadline {
            timer.as_mut().reset(deadline);
        }
        timer.as_mut().poll(context)
    }
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let Some(incoming) = &mut self.incoming else { return Poll::Ready(None) };
        let Poll::Ready(frame) = Pin::new(&mut *incoming).poll_frame(context) else {
            return self.poll_timer(context).map(|()| Some(Err(BodyTooSlow.into())));
        };
        let is_end = frame.is_none() || incoming.is_end_stream();
        let frame = frame.transpose()?;
        if let Some(data) = frame.as_ref().and_then(Frame::data_ref) {
            self.received += data.len() as u64;
        }
        if is_end {
            self.incoming = None;
            self.tracker.body_received()?;
        }
        Poll::Ready(frame.map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        if let Some(rest) = self.incoming.take() {
            self.tracker.body_refused(rest);
        }
    }
}

/// A response's body. Dropping it reports that hyper has taken all of it.
pub(super) struct ResponseBody {
    body: Body,
    tracker: Tracker,
}

impl ResponseBody {
    pub(super) const fn new(body: Body, tracker: Tracker) -> Self {
        Self { body, tracker }
    }
}

impl HttpBody for ResponseBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for ResponseBody {
    fn drop(&mut self) {
        self.tracker.end_answer();
    }
}
