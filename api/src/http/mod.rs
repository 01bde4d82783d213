//! The service over HTTP.
mod body;
mod execute;
mod graphiql;
mod graphql;
mod health;
mod media;
mod openapi;
mod problem;
mod request_id;
mod server;
#[cfg(test)]
mod tests;
mod workers;

pub use openapi::openapi;
pub use server::{ConnectionLimits, TransferRate, raise_open_file_limit, serve, serve_with};

use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue, Request, StatusCode, header};
use axum::routing::get;
use axum::{Router, middleware};
use candor_schema::clock::Clock;
use candor_schema::contracting::service::ReevaluationBudget;
use candor_schema::database::Database;
use candor_schema::graphql::guard::Guard;
use candor_schema::graphql::{CandorSchema, schema};
use candor_schema::quota::{Quotas, RateLimits};
use candor_schema::turns::Turns;
use tokio::sync::Notify;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::{DefaultOnFailure, DefaultOnResponse, TraceLayer};
use tracing::{Level, Span};

use crate::auth::Authenticator;
use execute::{MAX_QUERY_TIME, MUTATIONS_AT_ONCE};
use health::Health;

/// The largest body, in bytes.
const BODY: usize = 1024 * 1024;

/// What requests are answered with.
#[derive(Clone)]
pub struct App {
    database: Database,
    clock: Clock,
    schema: CandorSchema,
    guard: Arc<Guard>,
    authenticator: Arc<Authenticator>,
    /// How much a request re-evaluates of what it set off.
    reevaluation_budget: ReevaluationBudget,
    /// Rung when a request left something to the workers.
    queued: Arc<Notify>,
    health: Arc<Health>,
    /// The changes that each person has under way.
    mutations: Arc<Turns>,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("clock", &self.clock).finish_non_exhaustive()
    }
}

impl App {
    /// The service over a database, for whoever `authenticator` knows; each is held to the quotas
    /// of a service.
    #[must_use]
    pub fn new(database: Database, clock: Clock, authenticator: Authenticator) -> Self {
        database.cached::<RateLimits>().enforce(Quotas::SERVICE);
        let schema = schema(database.clone());
        let guard = Arc::new(Guard::new(&schema.sdl()));
        let authenticator = Arc::new(authenticator);
        Self {
            database,
            clock,
            schema,
            guard,
            authenticator,
            reevaluation_budget: ReevaluationBudget::default(),
            queued: Arc::default(),
            health: Arc::default(),
            mutations: Arc::new(Turns::new(MUTATIONS_AT_ONCE)),
        }
    }

    /// The same, with another budget: a test that looks at once at what a change set off cannot
    /// depend on how busy the machine is.
    #[must_use]
    pub fn with_reevaluation_budget(self, reevaluation_budget: ReevaluationBudget) -> Self {
        Self { reevaluation_budget, ..self }
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
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/openapi.json", get(openapi::document))
        .route("/graphiql/{file}", get(graphiql::asset))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, MAX_QUERY_TIME))
        // Without that layer: a body has the time that the server gives it, a query then has
        // `MAX_QUERY_TIME`, and a mutation is never cut off.
        .route("/graphql", get(graphiql::page).post(graphql::answer))
        .with_state(app)
        .layer(RequestBodyLimitLayer::new(BODY))
        .layer(CatchPanicLayer::custom(problem::after_panic))
        .layer(middleware::from_fn(problem::explain))
        .layer(unless_set(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(unless_set(header::CACHE_CONTROL, "no-store"))
        .layer(unless_set(
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ))
        .layer(trace)
        .layer(middleware::from_fn(request_id::identify))
}

/// Sets a header of every answer that has none of that name.
fn unless_set(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
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
