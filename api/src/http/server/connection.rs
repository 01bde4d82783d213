//! One connection: serves its requests until it closes.
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Request, Response, header};
use hyper::body::{Body as HttpBody, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, Sleep, sleep_until};
use tower::ServiceExt;

use super::io::{RequestBody, ResponseBody, Socket};
use super::limits::{ConnectionLimits, MAX_HEAD_BYTES};
use super::registry::Slot;
use super::tracker::{Due, Evicted, Tracker};

/// Serves a connection's requests until its client closes it or takes too long, or it is evicted.
/// Once `stop` is true, it ends after the current request.
pub(super) async fn run(
    stream: TcpStream,
    router: Router,
    limits: ConnectionLimits,
    slot: Slot,
    mut stop: watch::Receiver<bool>,
) {
    let evicted = slot.evicted();
    let tracker = Tracker::new(limits, slot);
    let socket = Socket::new(stream, tracker.clone());
    let service = service_fn(|request| answer(router.clone(), tracker.clone(), request));
    let connection =
        http1::Builder::new().max_buf_size(MAX_HEAD_BYTES).serve_connection(socket, service);
    let mut connection = pin!(connection);
    let mut evicted = pin!(evicted.notified());
    // The sender is dropped only when the server ends.
    let mut stop = pin!(async move {
        let _ = stop.wait_for(|stop| *stop).await;
    });
    let mut is_stopping = false;
    let mut timer = pin!(sleep_until(Instant::now() + limits.head));
    let mut refused: Option<RefusedBody> = None;
    poll_fn(|context| {
        if evicted.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        if !is_stopping && stop.as_mut().poll(context).is_ready() {
            is_stopping = true;
            connection.as_mut().graceful_shutdown();
        }
        loop {
            if let Poll::Ready(ended) = connection.as_mut().poll(context) {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection failed");
                }
                return Poll::Ready(());
            }
            if let Some(body) = tracker.take_unread() {
                refused = Some(RefusedBody::new(body, &limits));
            }
            if let Some(body) = &mut refused
                && body.poll_read(context).is_ready()
            {
                // hyper continues once the body is dropped.
                refused = None;
                continue;
            }
            let Some(deadline) = tracker.deadline() else { return Poll::Pending };
            if timer.deadline() != deadline {
                timer.as_mut().reset(deadline);
            }
            if timer.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            if tracker.due() == Due::Close {
                tracing::debug!("closed a connection whose client took too long");
                return Poll::Ready(());
            }
        }
    })
    .await;
}

/// Answers one request.
async fn answer(
    router: Router,
    tracker: Tracker,
    request: Request<Incoming>,
) -> Result<Response<ResponseBody>, Evicted> {
    tracker.begin_request(request.body().is_end_stream())?;
    let request = request.map(|body| Body::new(RequestBody::new(body, tracker.clone())));
    let answered = router.oneshot(request).await;
    let mut response = answered.unwrap_or_else(|never| match never {});
    if !tracker.begin_answer()? {
        // The rest of the body must not be parsed as another request.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response.map(|body| ResponseBody::new(body, tracker)))
}

/// The rest of a refused request's body. It is read for a limited time: closing a socket with unread
/// bytes resets the connection, and the client may not see the response.
struct RefusedBody {
    body: Incoming,
    /// The bytes that may still be read.
    remaining: usize,
    until: Pin<Box<Sleep>>,
}

impl RefusedBody {
    fn new(body: Incoming, limits: &ConnectionLimits) -> Self {
        let until = Box::pin(sleep_until(Instant::now() + limits.refused_body));
        Self { body, remaining: limits.refused_body_bytes, until }
    }

    /// Ready once the client has sent or closed the body, or the time is over. After the limit it
    /// reads no more and waits for the time to end.
    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<()> {
        while self.remaining > 0 {
            match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    let length = frame.data_ref().map_or(0, Bytes::len);
                    self.remaining = self.remaining.saturating_sub(length);
                }
                Poll::Ready(None | Some(Err(_))) => return Poll::Ready(()),
                Poll::Pending => break,
            }
        }
        self.until.as_mut().poll(context)
    }
}
