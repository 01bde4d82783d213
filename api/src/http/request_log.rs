//! One log line for each request, without names, e-mail addresses, texts and tokens.
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use async_graphql::{ServerError, Value};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use candor_schema::database::StatementCount;
use tracing::field::Empty;
use tracing::{Instrument, Span};

use super::metrics::Metrics;
use super::{graphql, request_id};
use crate::traces::{join_trace, mark_failed};

/// The longest operation name in a log line, in characters.
const MAX_OPERATION_CHARS: usize = 64;

/// The length of a `traceparent` header, in bytes.
const TRACEPARENT_BYTES: usize = 55;

/// What a handler records about its request for the log line. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct RequestRecord {
    operation: Arc<OnceLock<String>>,
    root_field: Arc<OnceLock<String>>,
    statements: StatementCount,
}

impl RequestRecord {
    /// Returns the record of a request that [`log_request`] received.
    pub(super) fn of(request: &Request) -> Self {
        request.extensions().get().cloned().unwrap_or_default()
    }

    /// Returns the number of the request's database statements.
    pub(super) const fn statements(&self) -> &StatementCount {
        &self.statements
    }

    /// Records the field of the GraphQL operation, for the metrics.
    pub(super) fn set_root_field(&self, field: String) {
        let _ = self.root_field.set(field);
    }

    /// Records the name of the GraphQL operation, unless it has one already. Nothing is recorded if
    /// `name` is not a name (GraphQL, section 2.1.9), because other texts can be personal data.
    pub(super) fn set_operation(&self, name: &str) {
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && name.starts_with(|first: char| !first.is_ascii_digit());
        if is_name {
            let name = name.chars().take(MAX_OPERATION_CHARS).collect();
            // A client's `operationName` and the name in the document are equal.
            let _ = self.operation.set(name);
        }
    }
}

/// The code of a response's first error; an extension of the response.
#[derive(Clone, Debug)]
pub(super) struct ErrorCode(String);

impl ErrorCode {
    /// Returns an error code.
    pub(super) fn new(code: &str) -> Self {
        Self(code.to_owned())
    }

    /// Returns `extensions.code` of the first error; `None` if there is no error.
    pub(super) fn first_of(errors: &[ServerError]) -> Option<Self> {
        match errors.first()?.extensions.as_ref()?.get("code")? {
            Value::String(code) => Some(Self(code.clone())),
            _ => None,
        }
    }
}

/// The log line of a request. It is written when dropped, so that a request has its line although
/// its client disconnects.
struct RequestLine {
    span: Span,
    started: Instant,
    record: RequestRecord,
    metrics: Arc<Metrics>,
    route: String,
    /// The HTTP status; `None` until there is a response.
    status: Option<u16>,
    outcome: String,
}

impl Drop for RequestLine {
    fn drop(&mut self) {
        let duration = self.started.elapsed();
        let root_field = self.record.root_field.get().map(String::as_str);
        self.metrics.record(root_field, &self.route, &self.outcome, duration);
        if self.status.is_none_or(|status| status >= 500) {
            mark_failed(&self.span);
        }
        let duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        self.span.in_scope(|| {
            tracing::info!(
                operation = self.record.operation.get().map(String::as_str),
                outcome = self.outcome,
                status = self.status,
                duration_ms,
                statements = self.record.statements.get(),
                "request ended"
            );
        });
    }
}

/// Writes the log line of a request: the GraphQL operation, the outcome (`ok`, the code of the first
/// error, or `aborted` if there is no response), the status, the milliseconds from the request's
/// head to its response, and the number of database statements. Also counts it in the metrics.
pub(super) async fn log_request(
    State(metrics): State<Arc<Metrics>>,
    mut request: Request,
    next: Next,
) -> Response {
    let span = request_span(&request);
    let record = RequestRecord::default();
    request.extensions_mut().insert(record.clone());
    let started = Instant::now();
    let outcome = "aborted".to_owned();
    let route = route_of(&request).to_owned();
    let mut line =
        RequestLine { span: span.clone(), started, record, metrics, route, status: None, outcome };
    let response = next.run(request).instrument(span).await;
    line.status = Some(response.status().as_u16());
    line.outcome = outcome_of(&response);
    response
}

/// Returns `ok` or an error code. A response without an error of its own, such as that of another
/// route, has the code of its status.
fn outcome_of(response: &Response) -> String {
    let status = response.status();
    match response.extensions().get::<ErrorCode>() {
        Some(ErrorCode(code)) => code.clone(),
        None if is_error(status) => graphql::error_code(status).to_owned(),
        None => "ok".to_owned(),
    }
}

fn is_error(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

/// Returns the span of a request's log lines. It has the route and not the path, because a path that
/// a client made up can contain anything; and no query string and no header except those that are
/// validated.
fn request_span(request: &Request) -> Span {
    let id = request.headers().get(&request_id::HEADER);
    let id = id.and_then(|id| id.to_str().ok()).unwrap_or_default();
    let route = route_of(request);
    let method = request.method();
    let traceparent = find_traceparent(request.headers());
    let trace_id = traceparent.map(trace_id_of);
    // At error level, so that every log line has it under any filter.
    let span = tracing::error_span!(
        "request",
        id,
        %method,
        route,
        trace_id,
        otel.name = Empty,
        otel.kind = Empty
    );
    join_trace(&span, || format!("{method} {route}"), traceparent);
    span
}

/// Returns the route of a request, or `none`.
fn route_of(request: &Request) -> &str {
    request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str)
}

/// Returns the trace id of a valid `traceparent` header, 32 hexadecimal digits.
fn trace_id_of(traceparent: &str) -> &str {
    traceparent.split('-').nth(1).unwrap_or_default()
}

/// Returns the only `traceparent` header (W3C Trace Context, section 3.2); `None` if it is not valid.
fn find_traceparent(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all("traceparent").iter();
    let (Some(only), None) = (all.next(), all.next()) else { return None };
    let header = only.to_str().ok().filter(|header| header.len() == TRACEPARENT_BYTES)?;
    let mut parts = header.split('-');
    let (version, trace_id) = (parts.next()?, parts.next()?);
    let (parent_id, flags) = (parts.next()?, parts.next()?);
    let is_hex = |part: &str, digits: usize| {
        part.len() == digits && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_zero = |part: &str| part.bytes().all(|byte| byte == b'0');
    let is_valid = is_hex(version, 2)
        && version != "ff"
        && is_hex(trace_id, 32)
        && !is_zero(trace_id)
        && is_hex(parent_id, 16)
        && !is_zero(parent_id)
        && is_hex(flags, 2)
        && parts.next().is_none();
    is_valid.then_some(header)
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use axum::body::Body;
    use axum::extract::Request;
    use axum::http::{HeaderMap, HeaderValue};
    use axum::routing::get;
    use axum::{Router, middleware};
    use futures_util::FutureExt;
    use serde_json::Value;
    use tower::ServiceExt;

    use super::{Metrics, RequestRecord, find_traceparent, log_request, trace_id_of};

    /// Log lines in memory.
    #[derive(Clone, Debug, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("the lines").write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_request_whose_client_disconnects_has_its_line() {
        let (lines, route) = (Lines::default(), get(pending::<()>));
        let writer = lines.clone();
        let log = tracing_subscriber::fmt().json().flatten_event(true);
        let log = log.with_writer(move || writer.clone()).finish();
        let _log = tracing::subscriber::set_default(log);
        let service = Router::new().route("/slow/{of}", route);
        let metrics = Arc::new(Metrics::new("type Query { viewer: Int }"));
        let service = service.layer(middleware::from_fn_with_state(metrics, log_request));
        let request = Request::get("/slow/jane").body(Body::empty()).expect("a request");
        // The server drops a request's future when its client disconnects.
        assert!(service.oneshot(request).now_or_never().is_none());
        let written = lines.0.lock().expect("the lines").clone();
        let line: Value = serde_json::from_slice(&written).expect("one line");
        assert_eq!(line["outcome"], "aborted");
        assert_eq!(line.get("status"), None);
        assert_eq!(line["span"]["route"], "/slow/{of}");
        assert!(!line.to_string().contains("jane"), "{line}");
    }

    #[test]
    fn only_a_valid_traceparent_has_a_trace_id() {
        const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
        let find = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("traceparent", HeaderValue::from_str(value).expect("a value"));
            }
            find_traceparent(&headers).map(|header| trace_id_of(header).to_owned())
        };
        let valid = format!("00-{TRACE}-00f067aa0ba902b7-01");
        assert_eq!(find(&[&valid]).as_deref(), Some(TRACE));
        assert_eq!(find(&[&valid.replace("00-4", "cc-4")]).as_deref(), Some(TRACE));
        let zero = "0".repeat(32);
        for invalid in [
            String::new(),
            valid.to_uppercase(),
            format!("{valid}-"),
            format!("{valid}0"),
            valid.replace("00-4", "ff-4"),
            valid.replace('-', "_"),
            valid.replace("-01", "-0g"),
            valid.replace(TRACE, &zero),
            valid.replace("00f067aa0ba902b7", &zero[..16]),
            valid.replace("00-4bf9", "004b-f9"),
        ] {
            assert_eq!(find(&[&invalid]), None, "{invalid}");
        }
        assert_eq!(find(&[&valid, &valid]), None);
        assert_eq!(find(&[]), None);
    }

    #[test]
    fn an_operation_has_a_name_of_the_grammar_cut_at_64_characters() {
        let recorded = |name: &str| {
            let record = RequestRecord::default();
            record.set_operation(name);
            record.operation.get().cloned()
        };
        assert_eq!(recorded("submit_Bid2").as_deref(), Some("submit_Bid2"));
        assert_eq!(recorded(&"a".repeat(65)), Some("a".repeat(64)));
        for text in ["", "2nd", "Jane Doe", "jane@people.example", "naïve", "a\n"] {
            assert_eq!(recorded(text), None, "{text:?}");
        }
    }
}
