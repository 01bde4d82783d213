//! The service over HTTP.
mod graphql;
mod health;
mod media;
mod openapi;
mod problem;
mod request_id;
mod sweep;
#[cfg(test)]
mod tests;

pub use openapi::openapi;

use std::future::{Future, IntoFuture};
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Request, StatusCode, header};
use axum::routing::get;
use axum::{Router, middleware};
use candor_schema::clock::Clock;
use candor_schema::database::Database;
use candor_schema::graphql::guard::Guard;
use candor_schema::graphql::{CandorSchema, schema};
use tokio::net::TcpListener;
use tokio::sync::{Notify, oneshot};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::{DefaultOnFailure, DefaultOnResponse, TraceLayer};
use tracing::{Level, Span};

use crate::auth::Authenticator;

/// The largest body, in bytes.
const BODY: usize = 1024 * 1024;
/// The longest that a request may take: one statement may take ten seconds, and a mutation of ten
/// root fields takes them one after the other.
const REQUEST: Duration = Duration::from_secs(30);
/// How long requests under way may go on after the service was told to stop.
const FAREWELL: Duration = Duration::from_secs(35);

/// What requests are answered with.
#[derive(Clone)]
pub struct App {
    database: Database,
    clock: Clock,
    schema: CandorSchema,
    guard: Arc<Guard>,
    authenticator: Arc<Authenticator>,
    /// Rung when a request left something to the sweep.
    unsettled: Arc<Notify>,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("clock", &self.clock).finish_non_exhaustive()
    }
}

impl App {
    /// The service over a database, for whoever `authenticator` knows.
    #[must_use]
    pub fn new(database: Database, clock: Clock, authenticator: Authenticator) -> Self {
        let schema = schema(database.clone());
        let guard = Arc::new(Guard::new(&schema.sdl()));
        let authenticator = Arc::new(authenticator);
        Self { database, clock, schema, guard, authenticator, unsettled: Arc::default() }
    }
}

/// Every address of the service, and the layers around them: outermost the request's identifier,
/// so that whatever goes wrong inside is logged and answered with it.
pub fn router(app: App) -> Router {
    let trace = TraceLayer::new_for_http()
        .make_span_with(span)
        .on_request(())
        .on_response(DefaultOnResponse::new().level(Level::INFO))
        .on_failure(DefaultOnFailure::new().level(Level::ERROR));
    Router::new()
        .route("/graphql", get(graphql::explore).post(graphql::answer))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/openapi.json", get(openapi::document))
        .with_state(app)
        .layer(RequestBodyLimitLayer::new(BODY))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST))
        .layer(CatchPanicLayer::custom(problem::after_panic))
        .layer(middleware::from_fn(problem::explain))
        .layer(always(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(always(header::CACHE_CONTROL, "no-store"))
        .layer(always(header::CONTENT_SECURITY_POLICY, "frame-ancestors 'none'"))
        .layer(trace)
        .layer(middleware::from_fn(request_id::identify))
}

fn always(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
}

/// What every line that is logged of a request carries. No query string and no header but the
/// identifier: people put secrets there.
fn span<B>(request: &Request<B>) -> Span {
    let id = request.headers().get(&request_id::HEADER);
    let id = id.and_then(|id| id.to_str().ok()).unwrap_or_default();
    let (method, path) = (request.method(), request.uri().path());
    // At the level of errors, so that it stands around every line, however little is logged.
    tracing::error_span!("request", id, %method, path)
}

/// Answers requests until `shutdown` is done, then finishes those under way, within
/// 35 seconds.
///
/// # Errors
/// If the listener fails.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (told, stopping) = oneshot::channel();
    let shutdown = async move {
        shutdown.await;
        // Nobody listens any more if serving has failed meanwhile.
        let _ = told.send(());
    };
    let mut serving =
        pin!(axum::serve(listener, router).with_graceful_shutdown(shutdown).into_future());
    let farewell = async {
        if stopping.await.is_ok() {
            tokio::time::sleep(FAREWELL).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        served = &mut serving => served,
        () = farewell => {
            tracing::warn!("some requests did not end in time and were cut off");
            Ok(())
        }
    }
}
