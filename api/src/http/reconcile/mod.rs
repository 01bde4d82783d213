//! `/v1/reconcile/{key}`: the reconciliation service API, version 0.2
//! (<https://reconciliation-api.github.io/specs/0.2/>), for OpenRefine. Its clients send no headers of
//! their own, so the API key is in the path, which no log line, metric or span has.
mod manifest;
mod preview;
mod queries;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use candor_schema::database::Database;
use candor_schema::organization::model::Viewer;
use candor_schema::screening::service::{reconcile, suggest_entities};
use serde_json::{Value, json};

use super::caller::{Caller, CallerRefusal};
use super::problem::{Problem, fault_response};
use super::query_string::Parameters;
use super::request_log::RequestRecord;
use super::{App, body};

/// The most suggestions in an answer.
const MAX_SUGGESTIONS: usize = 20;

/// Adds the headers by which pages of any site may read the answer (Fetch, section 3.2). No credentials:
/// the key in the path is what grants access.
fn with_cors(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        // The address has the key.
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Answers a preflight request (Fetch, section 4.8).
pub(super) async fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    with_cors((StatusCode::NO_CONTENT, headers).into_response())
}

/// A request whose key is valid.
struct Admitted {
    database: Database,
    viewer: Viewer,
    key: String,
    headers: HeaderMap,
}

impl Admitted {
    /// Admits a request by the key in its path.
    async fn new(
        app: App,
        key: Result<Path<String>, PathRejection>,
        (record, headers): (RequestRecord, HeaderMap),
    ) -> Result<Self, Response> {
        let database = app.database.with_statement_count(record.statements());
        let app = App { database, ..app };
        let Ok(Path(key)) = key else {
            let message = "The address has no API key; it is /v1/reconcile/ and the key.";
            return Err(Problem::new(StatusCode::UNAUTHORIZED, message).into_response());
        };
        let refused = |refusal: CallerRefusal| Problem::of_caller(&app, &refusal).into_response();
        let caller = Caller::by_api_key(&app, &key).await.map_err(refused)?;
        let viewer = caller.sign_in(&app, app.clock.now()).await.map_err(refused)?;
        viewer.reading_exports().map_err(fault_response)?;
        Ok(Self { database: app.database, viewer, key, headers })
    }
}

/// Returns what a handler needs of the request's head. A request itself must not be borrowed while waiting,
/// because its body is not shared between threads.
fn head_of(request: &Request) -> (RequestRecord, HeaderMap) {
    (RequestRecord::of(request), request.headers().clone())
}

fn json_response(value: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

/// Returns the manifest of the service, or with `queries` the candidates of each query.
#[utoipa::path(
    get,
    path = "/v1/reconcile/{key}",
    operation_id = "reconcile",
    tag = "reconciliation",
    // The key in the path is what grants access.
    security(()),
    params(
        ("key" = String, Path, description = "An API key with the scope EXPORTS."),
        ("queries" = Option<String>, Query, description = "A JSON object of at most 50 queries, as the \
            specification of the reconciliation API (version 0.2) has them. Without it, the answer is the \
            manifest.", example = "{\"q0\":{\"query\":\"Perennial Paving\",\"type\":\"organization\"}}"),
    ),
    responses(
        (status = OK, description = "The manifest, or the candidates by the key of each query.",
            body = Object, content_type = "application/json",
            example = json!({"q0": {"result": [{"id": "org_01kb0000000000000000000000",
                "name": "Perennial Paving", "description": "Los Angeles, CA",
                "type": [{"id": "organization", "name": "Organization registered with the City"}],
                "score": 99.1, "match": true}]}})),
        (status = BAD_REQUEST, description = "The queries are malformed, or too many.", body = Problem,
            content_type = "application/problem+json",
            example = json!({"type": "about:blank", "title": "Bad Request", "status": 400,
                "detail": "queries: send at most 50 in one batch.", "code": "BAD_USER_INPUT"})),
        (status = TOO_MANY_REQUESTS, description = "Other searches by this key take too long.",
            body = Problem, content_type = "application/problem+json",
            example = json!({"type": "about:blank", "title": "Too Many Requests", "status": 429,
                "detail": "Your other requests are still being computed. Send one at a time, and try \
                           this one again shortly.", "code": "LIMIT_EXCEEDED"})),
    ),
)]
pub(super) async fn manifest_or_queries(
    State(app): State<App>,
    key: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    with_cors(answer(app, key, request).await.unwrap_or_else(|refusal| refusal))
}

/// Returns the candidates of each query in a form.
#[utoipa::path(
    post,
    path = "/v1/reconcile/{key}",
    operation_id = "reconcileBatch",
    tag = "reconciliation",
    // The key in the path is what grants access.
    security(()),
    params(("key" = String, Path, description = "An API key with the scope EXPORTS.")),
    request_body(content = String, content_type = "application/x-www-form-urlencoded",
        description = "The form field `queries`, as the parameter of GET.",
        example = "queries=%7B%22q0%22%3A%7B%22query%22%3A%22Perennial+Paving%22%7D%7D"),
    responses(
        (status = OK, description = "The candidates by the key of each query.", body = Object,
            content_type = "application/json",
            example = json!({"q0": {"result": []}})),
        (status = BAD_REQUEST, description = "The queries are malformed, or too many.", body = Problem,
            content_type = "application/problem+json",
            example = json!({"type": "about:blank", "title": "Bad Request", "status": 400,
                "detail": "queries: send at most 50 in one batch.", "code": "BAD_USER_INPUT"})),
        (status = REQUEST_TIMEOUT, description = "The body arrived too slowly.", body = Problem,
            content_type = "application/problem+json",
            example = json!({"type": "about:blank", "title": "Request Timeout", "status": 408,
                "detail": "The body arrived too slowly. It may take 20 seconds plus one second for each \
                           500 bytes; send the request again.", "code": "BAD_USER_INPUT"})),
        (status = PAYLOAD_TOO_LARGE, description = "The body is larger than 1 MiB.", body = Problem,
            content_type = "application/problem+json",
            example = json!({"type": "about:blank", "title": "Payload Too Large", "status": 413,
                "detail": "The body is larger than 1 MiB. Send less in one request, and link to \
                           documents.", "code": "LIMIT_EXCEEDED"})),
        (status = TOO_MANY_REQUESTS, description = "Other searches by this key take too long.",
            body = Problem, content_type = "application/problem+json",
            example = json!({"type": "about:blank", "title": "Too Many Requests", "status": 429,
                "detail": "Your other requests are still being computed. Send one at a time, and try \
                           this one again shortly.", "code": "LIMIT_EXCEEDED"})),
    ),
)]
pub(super) async fn form_queries(
    State(app): State<App>,
    key: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    with_cors(answer(app, key, request).await.unwrap_or_else(|refusal| refusal))
}

async fn answer(
    app: App,
    key: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Response> {
    let admitted = Admitted::new(app, key, head_of(&request)).await?;
    let is_form = request.method() == Method::POST;
    let query = request.uri().query().unwrap_or_default().to_owned();
    let mut parameters = Parameters::parse(query.as_bytes(), &["queries", "callback"])
        .map_err(IntoResponse::into_response)?;
    if is_form {
        let status = |status| Problem::new(status, super::problem::default_detail(status));
        let form = body::read_body(request).await.map_err(|it| status(it).into_response())?;
        parameters = Parameters::parse(&form, &["queries"]).map_err(IntoResponse::into_response)?;
    }
    let Some(queries) = parameters.take("queries") else {
        if is_form {
            let message = "Send the form field queries (application/x-www-form-urlencoded).";
            return Err(Problem::new(StatusCode::BAD_REQUEST, message).into_response());
        }
        return Ok(json_response(&manifest::manifest(&admitted.headers, &admitted.key)));
    };
    let queries = queries::parse(&queries).map_err(IntoResponse::into_response)?;
    let (names, queries): (Vec<String>, Vec<_>) = queries.into_iter().unzip();
    let found = reconcile(&admitted.database, &admitted.viewer, queries).await;
    let found = found.map_err(fault_response)?;
    let results = names.into_iter().zip(found).map(|(name, candidates)| {
        let result: Vec<Value> = candidates.iter().map(manifest::candidate).collect();
        (name, json!({ "result": result }))
    });
    Ok(json_response(&Value::Object(results.collect())))
}

/// Suggests organizations and recipients for the beginning of a name.
#[utoipa::path(
    get,
    path = "/v1/reconcile/{key}/suggest/entity",
    operation_id = "suggestEntity",
    tag = "reconciliation",
    // The key in the path is what grants access.
    security(()),
    params(
        ("key" = String, Path, description = "An API key with the scope EXPORTS."),
        ("prefix" = String, Query, description = "Words of a name, or beginnings of words.",
            example = "Perennial"),
        ("cursor" = Option<u32>, Query, description = "How many suggestions to leave out.", example = 0),
    ),
    responses(
        (status = OK, description = "The suggestions.", body = Object,
            content_type = "application/json",
            example = json!({"result": [{"id": "org_01kb0000000000000000000000",
                "name": "Perennial Paving", "description": "Los Angeles, CA",
                "notable": [{"id": "organization",
                    "name": "Organization registered with the City"}]}]})),
        (status = BAD_REQUEST, description = "The prefix is missing or too short.", body = Problem,
            content_type = "application/problem+json",
            example = json!({"type": "about:blank", "title": "Bad Request", "status": 400,
                "detail": "prefix: send the beginning of a name.", "code": "BAD_USER_INPUT"})),
        (status = TOO_MANY_REQUESTS, description = "Other searches by this key take too long.",
            body = Problem, content_type = "application/problem+json",
            example = json!({"type": "about:blank", "title": "Too Many Requests", "status": 429,
                "detail": "Your other requests are still being computed. Send one at a time, and try \
                           this one again shortly.", "code": "LIMIT_EXCEEDED"})),
    ),
)]
pub(super) async fn suggest_entity(
    State(app): State<App>,
    key: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    with_cors(suggestions(app, key, request).await.unwrap_or_else(|refusal| refusal))
}

async fn suggestions(
    app: App,
    key: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Response> {
    let admitted = Admitted::new(app, key, head_of(&request)).await?;
    let malformed =
        |message: &'static str| Problem::new(StatusCode::BAD_REQUEST, message).into_response();
    let query = request.uri().query().unwrap_or_default().as_bytes();
    let mut parameters = Parameters::parse(query, &["prefix", "cursor", "callback"])
        .map_err(IntoResponse::into_response)?;
    let prefix = parameters.take("prefix");
    let prefix = prefix.ok_or_else(|| malformed("prefix: send the beginning of a name."))?;
    let cursor = parameters.take("cursor").map(|it| it.parse::<usize>()).transpose();
    let cursor = cursor.map_err(|_| malformed("cursor: send a whole number from 0."))?;
    let found =
        suggest_entities(&admitted.database, &admitted.viewer, &prefix, MAX_SUGGESTIONS).await;
    let found = found.map_err(fault_response)?;
    let shown = found.iter().skip(cursor.unwrap_or_default()).map(manifest::suggestion);
    Ok(json_response(&json!({ "result": shown.collect::<Vec<Value>>() })))
}

/// Returns a small page about a candidate.
#[utoipa::path(
    get,
    path = "/v1/reconcile/{key}/preview",
    operation_id = "previewEntity",
    tag = "reconciliation",
    // The key in the path is what grants access.
    security(()),
    params(
        ("key" = String, Path, description = "An API key with the scope EXPORTS."),
        ("id" = String, Query, description = "The id of a candidate.",
            example = "org_01kb0000000000000000000000"),
    ),
    responses(
        (status = OK, description = "The page.", body = String, content_type = "text/html",
            example = "<!doctype html><html lang=\"en\"><title>Perennial Paving</title>"),
        (status = BAD_REQUEST, description = "A parameter is missing or unknown.", body = Problem,
            content_type = "application/problem+json",
            example = json!({"type": "about:blank", "title": "Bad Request", "status": 400,
                "detail": "id: send the id of a candidate.", "code": "BAD_USER_INPUT"})),
        (status = NOT_FOUND, description = "There is no such organization or recipient.",
            body = Problem, content_type = "application/problem+json",
            example = json!({"type": "about:blank", "title": "Not Found", "status": 404,
                "detail": "there is none, or it is not yours to see", "code": "NOT_FOUND"})),
    ),
)]
pub(super) async fn preview_entity(
    State(app): State<App>,
    key: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let page = async move {
        let admitted = Admitted::new(app, key, head_of(&request)).await?;
        let query = request.uri().query().unwrap_or_default().as_bytes();
        let id = Parameters::parse(query, &["id"])
            .map_err(IntoResponse::into_response)?
            .take("id")
            .ok_or_else(|| {
                let message = "id: send the id of a candidate.";
                Problem::new(StatusCode::BAD_REQUEST, message).into_response()
            })?;
        preview::page(&admitted.database, &admitted.viewer, &id).await
    };
    with_cors(page.await.unwrap_or_else(|refusal| refusal))
}
