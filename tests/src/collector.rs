//! A collector of traces (OTLP over HTTP), which keeps what it receives.
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use memchr::memmem;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// The requests that a collector received, as they were sent: messages of Protocol Buffers, which contain
/// texts as they are.
type Received = Arc<Mutex<Vec<Bytes>>>;

/// A collector on a free port. It ends when it is dropped.
#[derive(Debug)]
pub struct Collector {
    /// The address, without the path.
    pub address: String,
    received: Received,
    serving: JoinHandle<()>,
}

impl Collector {
    /// Starts a collector.
    ///
    /// # Panics
    /// If there is no free port.
    pub async fn start() -> Self {
        let received = Received::default();
        let service = Router::new().route("/v1/traces", post(keep)).with_state(received.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("a port"));
        let serving = tokio::spawn(async move {
            axum::serve(listener, service).await.expect("a service");
        });
        Self { address, received, serving }
    }

    /// Returns everything received so far.
    ///
    /// # Panics
    /// If the collector panicked.
    #[must_use]
    pub fn received(&self) -> Vec<u8> {
        self.received.lock().expect("an unpoisoned lock").concat()
    }

    /// Returns whether something that was received contains these bytes.
    #[must_use]
    pub fn has_received(&self, bytes: &[u8]) -> bool {
        memmem::find(&self.received(), bytes).is_some()
    }

    /// Waits until something contains these bytes.
    ///
    /// # Panics
    /// After 10 seconds.
    pub async fn wait_for(&self, bytes: &[u8]) {
        for _ in 0..200 {
            if self.has_received(bytes) {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("{bytes:?} was not sent to the collector");
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn keep(State(received): State<Received>, body: Bytes) {
    received.lock().expect("an unpoisoned lock").push(body);
}
