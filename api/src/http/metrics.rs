//! Metrics in the text format of Prometheus, on a listener of their own. No label has a client's text, and
//! no number tells how many bids there are before they are opened.
use std::collections::BTreeSet;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use candor_schema::ledger::service::count_entries;
use candor_schema::reevaluation::service::count_due_items;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::prometheus_text::{CONTENT_TYPE, encode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tokio::sync::Mutex;
use tower_http::timeout::TimeoutLayer;

use super::App;

/// The upper bounds of the histogram of durations, in seconds.
const DURATION_BUCKETS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];
/// The age after which counts are read from the database again, so that scraping cannot load it.
const MAX_COUNT_AGE: Duration = Duration::from_secs(30);
/// The longest time for reading the counts.
const MAX_COUNT_TIME: Duration = Duration::from_secs(5);
/// The longest time for a response.
const MAX_RESPONSE_TIME: Duration = Duration::from_secs(10);
/// The ledger's entries are rounded down to a multiple of this, because each bid adds some.
const LEDGER_STEP: u64 = 1_000;
/// The common label of operations without one of their own: those about bids, whose counts would show how
/// many bids there are, introspection, and documents with several different fields.
const OTHER: &str = "other";

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    operation: String,
    outcome: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct DurationLabels {
    operation: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct PoolLabels {
    pool: &'static str,
    state: &'static str,
}

type FloatGauge = Gauge<f64, AtomicU64>;

/// The metrics of a service.
#[derive(Debug)]
pub(super) struct Metrics {
    /// The fields of queries and mutations, which are the only operations with a label of their own.
    root_fields: BTreeSet<String>,
    requests: Family<RequestLabels, Counter>,
    durations: Family<DurationLabels, Histogram>,
    connections: Family<PoolLabels, Gauge>,
    waiting_reevaluations: FloatGauge,
    ledger_entries: FloatGauge,
    is_database_up: Gauge,
    registry: Registry,
    counted_at: Mutex<Option<Instant>>,
}

impl Metrics {
    /// Creates the metrics of a service with this schema.
    pub(super) fn new(sdl: &str) -> Self {
        let new_histogram: fn() -> Histogram = || Histogram::new(DURATION_BUCKETS);
        let mut metrics = Self {
            root_fields: root_fields(sdl),
            requests: Family::default(),
            durations: Family::new_with_constructor(new_histogram),
            connections: Family::default(),
            waiting_reevaluations: FloatGauge::default(),
            ledger_entries: FloatGauge::default(),
            is_database_up: Gauge::default(),
            registry: Registry::default(),
            counted_at: Mutex::default(),
        };
        let mut registry = Registry::with_prefix("candor");
        registry.register(
            "requests",
            "Requests that ended, by operation and outcome (ok or the code of the first error)",
            metrics.requests.clone(),
        );
        registry.register(
            "request_duration_seconds",
            "Seconds from the head of a request until its response was ready",
            metrics.durations.clone(),
        );
        registry.register(
            "database_connections",
            "Database connections of a pool: open, idle, and the most that it may open",
            metrics.connections.clone(),
        );
        registry.register(
            "waiting_reevaluations",
            "Changes whose bids and contracts are due to be decided again",
            metrics.waiting_reevaluations.clone(),
        );
        registry.register(
            "ledger_entries",
            "Entries of the ledger, rounded down to 1,000",
            metrics.ledger_entries.clone(),
        );
        registry.register(
            "database_up",
            "Whether the database answered when it was last asked",
            metrics.is_database_up.clone(),
        );
        metrics.registry = registry;
        metrics
    }

    /// Records a request that ended. `root_field` is the field of its GraphQL operation, if it has one;
    /// other requests count by their route.
    pub(super) fn record(
        &self,
        root_field: Option<&str>,
        route: &str,
        outcome: &str,
        duration: Duration,
    ) {
        let operation = root_field.map_or(route, |field| self.operation(field)).to_owned();
        let labels = RequestLabels { operation: operation.clone(), outcome: outcome.to_owned() };
        self.requests.get_or_create(&labels).inc();
        self.durations.get_or_create(&DurationLabels { operation }).observe(duration.as_secs_f64());
    }

    /// Returns the label of a root field: its name, if the schema has it and it is not about bids.
    fn operation<'a>(&self, root_field: &'a str) -> &'a str {
        let is_about_bids = root_field.to_ascii_lowercase().contains("bid");
        if self.root_fields.contains(root_field) && !is_about_bids { root_field } else { OTHER }
    }

    fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// Returns the names of the fields of the types `Query` and `Mutation`.
fn root_fields(sdl: &str) -> BTreeSet<String> {
    let document = parse_schema(sdl).expect("the schema's own SDL can be parsed");
    let mut fields = BTreeSet::new();
    for definition in document.definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let definition = definition.node;
        let is_root = matches!(definition.name.node.as_str(), "Query" | "Mutation");
        if let (true, TypeKind::Object(object)) = (is_root, definition.kind) {
            fields.extend(object.fields.into_iter().map(|field| field.node.name.node.to_string()));
        }
    }
    fields
}

impl App {
    /// Reads what is counted in the database, unless that was done lately.
    async fn refresh_counts(&self) {
        let metrics = &self.metrics;
        for usage in self.databases.pool_usage() {
            for (state, count) in [("open", usage.open), ("idle", usage.idle), ("max", usage.max)] {
                let labels = PoolLabels { pool: usage.name, state };
                metrics.connections.get_or_create(&labels).set(count.into());
            }
        }
        let mut counted_at = metrics.counted_at.lock().await;
        if counted_at.is_some_and(|at| at.elapsed() < MAX_COUNT_AGE) {
            return;
        }
        let counts = tokio::time::timeout(MAX_COUNT_TIME, async {
            let waiting = count_due_items(&self.database, self.clock.now()).await?;
            Ok::<_, candor_schema::fault::Fault>((waiting, count_entries(&self.database).await?))
        });
        let (waiting, entries) = match counts.await {
            Ok(Ok((waiting, entries))) => {
                (to_float(waiting), to_float(entries / LEDGER_STEP * LEDGER_STEP))
            }
            // A number that is not known is not a number.
            _ => (f64::NAN, f64::NAN),
        };
        metrics.is_database_up.set(i64::from(!waiting.is_nan()));
        metrics.waiting_reevaluations.set(waiting);
        metrics.ledger_entries.set(entries);
        *counted_at = Some(Instant::now());
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact below 2^53, which no count reaches")]
fn to_float(count: u64) -> f64 {
    count as f64
}

/// Returns the routes of the listener for metrics. It asks for no token: it listens on a loopback address.
pub fn metrics_router(app: App) -> Router {
    Router::new()
        .route("/metrics", get(show))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, MAX_RESPONSE_TIME))
        .with_state(app)
        .layer(super::default_header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(super::default_header(header::CACHE_CONTROL, "no-store"))
}

async fn show(State(app): State<App>) -> Response {
    app.refresh_counts().await;
    match app.metrics.text() {
        Ok(text) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Metrics, OTHER};

    const SDL: &str = "type Query { departments: Int viewer: Int bidReadiness: Int }
        type Mutation { createDepartment: Int submitBid: Int }
        type Person { email: String }";

    #[test]
    fn only_fields_of_the_schema_are_labels_and_none_about_bids() {
        let metrics = Metrics::new(SDL);
        for (field, expected) in [
            ("departments", "departments"),
            ("createDepartment", "createDepartment"),
            ("submitBid", OTHER),
            ("bidReadiness", OTHER),
            ("email", OTHER),
            ("__schema", OTHER),
            ("jane@people.example", OTHER),
        ] {
            assert_eq!(metrics.operation(field), expected, "{field}");
        }
    }

    #[test]
    fn requests_are_counted_in_the_text_format() {
        let metrics = Metrics::new(SDL);
        let duration = Duration::from_millis(20);
        metrics.record(Some("departments"), "/graphql", "ok", duration);
        metrics.record(Some("departments"), "/graphql", "ok", duration);
        metrics.record(Some("submitBid"), "/graphql", "FORBIDDEN", duration);
        metrics.record(None, "/healthz", "ok", duration);
        metrics.record(Some("bids"), "/v1/gate/bids", "ok", duration);
        let text = metrics.text().expect("a text");
        for line in [
            "candor_requests_total{operation=\"departments\",outcome=\"ok\"} 2",
            "candor_requests_total{operation=\"other\",outcome=\"FORBIDDEN\"} 1",
            "candor_requests_total{operation=\"/healthz\",outcome=\"ok\"} 1",
            "candor_requests_total{operation=\"other\",outcome=\"ok\"} 1",
            "candor_request_duration_seconds_bucket{operation=\"departments\",le=\"0.01\"} 0",
            "candor_request_duration_seconds_bucket{operation=\"departments\",le=\"0.025\"} 2",
            "# TYPE candor_request_duration_seconds histogram",
        ] {
            assert!(text.lines().any(|it| it == line), "{line}\n{text}");
        }
        for private in ["submitBid", "gate/bids"] {
            assert!(!text.contains(private), "{private}\n{text}");
        }
    }
}
