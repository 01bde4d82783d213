//! The HTTP interface: routes, limits and layers.
mod body;
mod caller;
mod execute;
mod export;
mod graphiql;
mod graphql;
mod health;
mod idempotency;
mod import_worker;
mod landing;
mod media_type;
mod metrics;
mod open_data;
mod openapi;
mod origin;
mod problem;
mod query_string;
mod reconcile;
mod request_id;
mod request_log;
mod rest;
mod server;
#[cfg(test)]
mod tests;
mod workers;

pub use metrics::metrics_router;
pub use openapi::openapi;
pub use server::{
    ConnectionLimits, TransferRate, raise_open_file_limit, serve, serve_on_threads, serve_with,
};

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRef;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::routing::get;
use axum::{Router, middleware};
use candor_schema::clock::Clock;
use candor_schema::contracting::service::ReevaluationBudget;
use candor_schema::database::{Database, ServiceDatabase};
use candor_schema::graphql::guard::Guard;
use candor_schema::graphql::{CandorSchema, schema};
use candor_schema::quota::{Quotas, RateLimits};
use candor_schema::turns::Turns;
use tokio::sync::{Notify, Semaphore};
use tower::ServiceBuilder;
use tower::util::MapRequestLayer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::request_id::{PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

use crate::auth::Authenticator;
use crate::import::Spool;
use execute::{MAX_CONCURRENT_MUTATIONS, MAX_QUERY_TIME};
use health::Health;
use metrics::Metrics;

/// The largest request body, in bytes.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The service, as a request handler sees it.
#[derive(Clone)]
pub struct App {
    /// The handle of the request; outside requests, that of the service itself.
    database: Database,
    state: Arc<ServiceState>,
}

/// What all request handlers share.
#[derive(Clone)]
pub struct ServiceState {
    databases: ServiceDatabase,
    clock: Clock,
    schema: CandorSchema,
    guard: Arc<Guard>,
    authenticator: Arc<Authenticator>,
    /// How much dependent work a request processes before it answers.
    reevaluation_budget: ReevaluationBudget,
    /// Notified when a request leaves queued work for the workers.
    queued: Arc<Notify>,
    health: Arc<Health>,
    metrics: Arc<Metrics>,
    /// Limits the concurrent mutations of each person.
    mutations: Arc<Turns>,
    /// Limits the concurrent exports.
    exports: Arc<Semaphore>,
    /// The files of imports that wait; none if the service takes no files.
    imports: Option<Arc<Spool>>,
}

impl Deref for App {
    type Target = ServiceState;

    fn deref(&self) -> &ServiceState {
        &self.state
    }
}

/// Routes share one `App`, because a router copies the state of its routes for each request.
impl FromRef<Arc<App>> for App {
    fn from_ref(app: &Arc<Self>) -> Self {
        Self::clone(app)
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("clock", &self.clock).finish_non_exhaustive()
    }
}

impl fmt::Debug for ServiceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceState").field("clock", &self.clock).finish_non_exhaustive()
    }
}

impl App {
    /// Creates the service over a database, with the hourly quotas of production.
    #[must_use]
    pub fn new(
        databases: impl Into<ServiceDatabase>,
        clock: Clock,
        authenticator: Authenticator,
    ) -> Self {
        let databases = databases.into();
        let database = databases.service.clone();
        database.cached::<RateLimits>().enforce(Quotas::SERVICE);
        let schema = schema(database.clone());
        let sdl = schema.sdl();
        let state = ServiceState {
            databases,
            clock,
            schema,
            guard: Arc::new(Guard::new(&sdl)),
            authenticator: Arc::new(authenticator),
            reevaluation_budget: ReevaluationBudget::default(),
            queued: Arc::default(),
            health: Arc::default(),
            metrics: Arc::new(Metrics::new(&sdl)),
            mutations: Arc::new(Turns::new(MAX_CONCURRENT_MUTATIONS)),
            exports: Arc::new(Semaphore::new(export::MAX_EXPORTS)),
            imports: None,
        };
        Self { database, state: Arc::new(state) }
    }

    /// Sets the folder for the files of imports over HTTP. Without one the service takes no files.
    #[must_use]
    pub fn with_imports(mut self, imports: Arc<Spool>) -> Self {
        Arc::make_mut(&mut self.state).imports = Some(imports);
        self
    }

    /// Sets another budget for re-evaluation, so that tests do not depend on the machine's speed.
    #[must_use]
    pub fn with_reevaluation_budget(mut self, reevaluation_budget: ReevaluationBudget) -> Self {
        Arc::make_mut(&mut self.state).reevaluation_budget = reevaluation_budget;
        self
    }
}

/// Returns the routes for each thread that answers requests.
#[must_use]
pub fn routers(app: &App) -> Vec<Router> {
    let databases = app.databases.requests.iter().cloned();
    databases.map(|database| router(App { database, ..app.clone() })).collect()
}

/// Returns all routes with their layers. The request id is the outermost layer, so that every log
/// line and error response has it.
pub fn router(app: App) -> Router {
    // In one layer, the first outermost: a router boxes each of its layers, and copies them for each request.
    let layers = ServiceBuilder::new()
        .layer(MapRequestLayer::new(request_id::remove_unsafe_id))
        .layer(SetRequestIdLayer::new(request_id::HEADER, request_id::NewRequestId))
        .layer(PropagateRequestIdLayer::new(request_id::HEADER))
        .layer(middleware::from_fn_with_state(Arc::clone(&app.metrics), request_log::log_request))
        .layer(default_header(
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ))
        .layer(default_header(header::CACHE_CONTROL, "no-store"))
        .layer(default_header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(middleware::from_fn(problem::describe_errors))
        .layer(CatchPanicLayer::custom(problem::panic_response));
    Router::new()
        .route("/", get(landing::get))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/openapi.json", get(openapi::document))
        .route("/graphiql/{file}", get(graphiql::asset))
        .route("/v1/exports/bids", get(export::bids))
        .route("/v1/exports/contracts", get(export::contracts))
        .route("/v1/exports/disclosures", get(export::disclosures))
        .route("/v1/exports/renewals-due", get(export::renewals_due))
        .route("/v1/ocds/releases", get(open_data::releases))
        .route("/v1/ocds/records", get(open_data::records))
        .route("/v1/ocds/extension/{file}", get(open_data::extension))
        .route("/v1/bods/statements", get(open_data::statements))
        .route(
            "/v1/reconcile/{key}",
            get(reconcile::manifest_or_queries)
                .post(reconcile::form_queries)
                .options(reconcile::preflight),
        )
        .route(
            "/v1/reconcile/{key}/suggest/entity",
            get(reconcile::suggest_entity).options(reconcile::preflight),
        )
        .route(
            "/v1/reconcile/{key}/preview",
            get(reconcile::preview_entity).options(reconcile::preflight),
        )
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, MAX_QUERY_TIME))
        // Not under the timeout layer: the server limits the time of the body, a query then has
        // `MAX_QUERY_TIME`, and a mutation is never aborted.
        .route("/graphql", get(graphiql::page).post(graphql::post))
        .merge(rest::routes())
        .layer(RequestBodyLimitLayer::new(MAX_BODY_BYTES))
        // Their bodies are files, which go to the disk.
        .merge(rest::upload_routes())
        .with_state(Arc::new(app))
        .layer(layers)
}

/// Sets a header on responses that do not have it.
fn default_header(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}
