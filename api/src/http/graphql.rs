//! `POST /graphql`: authenticates the request, parses it, executes it and writes the response, as the
//! GraphQL over HTTP specification requires. async-graphql's own extractor ignores the body limit
//! and accepts text, forms, and mutations by GET.
use std::collections::BTreeSet;
use std::sync::Arc;

use async_graphql::parser::types::Selection;
use async_graphql::{
    ErrorExtensionValues, Name, Response as Answer, ServerError, Value, Variables,
};
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use candor_schema::budget::{AnswerBudget, MAX_ANSWER_BYTES, too_large, write_response};
use candor_schema::database::SavedChange;
use candor_schema::fault::Fault;
use candor_schema::graphql::guard::Admitted;
use candor_schema::idempotency::{IdempotencyKey, KeyedRequest};
use candor_schema::organization::model::Viewer;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::ToSchema;

use super::caller::{self, Caller, CallerRefusal};
use super::execute::{self, Execution, ExecutionError};
use super::idempotency::{self, Refusal};
use super::media_type::{MediaType, is_json};
use super::request_log::{ErrorCode, RequestRecord};
use super::{App, body, problem};

/// The longest part of a JSON parser's message in a response, in characters. It quotes the input.
const MAX_QUOTED_CHARS: usize = 200;
/// The longest message of async-graphql, in characters. It quotes the input.
const MAX_LIBRARY_MESSAGE_CHARS: usize = 500;
/// The longest message of an error with a code, in characters. It is our own, and may quote the
/// input.
const MAX_MESSAGE_CHARS: usize = 2_000;
/// The most locations in the document that one error lists.
const MAX_LOCATIONS: usize = 10;
/// The most validation errors in a response: 64 KiB of unknown fields would give a megabyte.
const MAX_DOCUMENT_ERRORS: usize = 20;
/// The most field errors in a response.
const MAX_FIELD_ERRORS: usize = 100;
/// The most bytes of one error beyond its charge to the budget, approximately: its path, whose names
/// the guard limits, and its locations.
const MAX_ERROR_BYTES: usize = 4 * 1024;
/// The bytes of a response beyond its data and errors.
const ENVELOPE_BYTES: usize = 256;

/// A GraphQL request. Other fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GraphqlRequest)]
struct GraphqlRequest {
    /// The document.
    query: String,
    /// Which of the document's operations to run, if it has several.
    #[serde(default)]
    operation_name: Option<String>,
    /// The values of the document's variables.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    variables: Variables,
    /// Extensions to the specification; ignored.
    #[serde(default, rename = "extensions")]
    #[schema(value_type = Option<Object>)]
    _extensions: Option<serde_json::Map<String, Json>>,
}

/// A response without data: nothing was executed.
#[derive(Debug, Serialize)]
struct ErrorBody {
    errors: Vec<ServerError>,
}

/// A GraphQL response.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GraphqlResponse)]
struct GraphqlResponse {
    /// The requested data; absent if nothing was executed.
    #[schema(value_type = Option<Object>)]
    data: Option<Json>,
    /// The errors, each with `message` and `extensions.code`.
    #[schema(value_type = Option<Vec<Object>>)]
    errors: Option<Vec<Json>>,
}

/// Executes one query or mutation.
#[utoipa::path(
    post,
    path = "/graphql",
    operation_id = "graphql",
    tag = "graphql",
    params(
        (
            "Idempotency-Key" = Option<String>, Header,
            description = "For a mutation with one root field: 1 to 128 visible ASCII characters, such \
                           as a UUID. The same request with the same key within 24 hours is executed \
                           once, and answered as the first time.",
            example = "8e03978e-40d5-43dd-bc93-6894a57f9324",
        ),
    ),
    request_body(content = GraphqlRequest, content_type = "application/json"),
    responses(
        (
            status = OK,
            description = "The response, with `data`, `errors` or both. Accept \
                           `application/graphql-response+json` to get 400 if nothing was executed.",
            content((GraphqlResponse = "application/json"), (GraphqlResponse = "application/graphql-response+json")),
        ),
        (status = BAD_REQUEST, description = "Not a GraphQL request; nothing was executed.", body = GraphqlResponse),
        (status = UNAUTHORIZED, description = "No valid bearer token. The message says where to sign in.", body = GraphqlResponse),
        (status = NOT_ACCEPTABLE, description = "No supported media type is accepted.", body = GraphqlResponse),
        (status = REQUEST_TIMEOUT, description = "The body arrived too slowly.", body = GraphqlResponse),
        (status = CONFLICT, description = "The first request with this idempotency key still runs, or was executed and its answer is lost; the message says what to do.", body = GraphqlResponse),
        (status = UNPROCESSABLE_ENTITY, description = "The idempotency key was sent before with another request.", body = GraphqlResponse),
        (status = PAYLOAD_TOO_LARGE, description = "The body is larger than 1 MiB.", body = GraphqlResponse),
        (status = UNSUPPORTED_MEDIA_TYPE, description = "The body is not JSON.", body = GraphqlResponse),
        (status = SERVICE_UNAVAILABLE, description = "Busy, or the token's issuer does not answer; try again shortly.", body = GraphqlResponse),
    ),
    security(("bearer" = [])),
)]
pub(super) async fn post(State(mut app): State<App>, request: Request) -> Response {
    let record = RequestRecord::of(&request);
    app.database = app.database.with_statement_count(record.statements());
    let Some(media) = MediaType::negotiate(request.headers()) else {
        let message =
            "Responses are application/json or application/graphql-response+json; accept one.";
        return error_response(StatusCode::NOT_ACCEPTABLE, MediaType::Json, message);
    };
    // The body of an unauthenticated request is not read.
    let caller = match Caller::authenticate(&app, request.headers()).await {
        Ok(caller) => caller,
        Err(refusal) => return refused_caller(&app, media, refusal),
    };
    let key = match idempotency::key_of(request.headers()) {
        Ok(key) => key,
        Err(refusal) => return refusal_response(media, refusal),
    };
    let (graphql_request, body) = match read_request(request).await {
        Ok(read) => read,
        Err((status, message)) => return error_response(status, media, message),
    };
    let key = key.map(|key| (key, body));
    if let Some(name) = &graphql_request.operation_name {
        record.set_operation(name);
    }
    // The request's one time is when its whole body has arrived. Deadlines are compared with it.
    let now = app.clock.now();
    app.database.observe_clock(now);
    run(&app, media, &caller, graphql_request, key, now, &record).await
}

/// Executes a request. `key` is its idempotency key, with its body.
async fn run(
    app: &App,
    media: MediaType,
    caller: &Caller,
    graphql_request: GraphqlRequest,
    key: Option<(IdempotencyKey, Bytes)>,
    now: chrono::DateTime<chrono::Utc>,
    record: &RequestRecord,
) -> Response {
    let GraphqlRequest { query, operation_name, variables, .. } = graphql_request;
    let mut admitted = match app.guard.admit(&query, operation_name.as_deref(), variables) {
        Ok(admitted) => admitted,
        Err(error) => return request_error(media, vec![error]),
    };
    let mut request = admitted.take_request();
    if let Some(name) = find_operation_name(&mut request) {
        record.set_operation(&name);
    }
    if let Some(field) = find_root_field(&mut request) {
        record.set_root_field(field);
    }
    let viewer = match caller.sign_in(app, now).await {
        Ok(viewer) => viewer,
        Err(refusal) => return refused_caller(app, media, refusal),
    };
    match key {
        Some((key, body)) if admitted.is_mutation() => {
            if !has_one_root_field(&mut request) {
                return refusal_response(media, Refusal::several_root_fields());
            }
            let keyed = KeyedRequest::new(&viewer.subject, key, &[b"POST", b"/graphql", &body]);
            let refuse = move |refusal| refusal_response(media, refusal);
            let execute = move |app: App| async move {
                execute_admitted(&app, media, admitted, request, viewer).await
            };
            idempotency::run_once(app, keyed, refuse, execute).await
        }
        // A query changes nothing, so its key means nothing.
        _ => execute_admitted(app, media, admitted, request, viewer).await,
    }
}

/// Executes an admitted document as a viewer, and writes the response.
async fn execute_admitted(
    app: &App,
    media: MediaType,
    admitted: Admitted,
    request: async_graphql::Request,
    viewer: Viewer,
) -> Response {
    let budget = Arc::new(AnswerBudget::default());
    let executed = if admitted.is_mutation() {
        execute::execute_mutation(app, &admitted, request, viewer, Arc::clone(&budget)).await
    } else {
        execute::execute_query(app, &admitted, request, viewer, Arc::clone(&budget)).await
    };
    let Execution { mut answer, saved } = match executed {
        Ok(executed) => executed,
        Err(ExecutionError::QueryTimeout) => {
            let message = "The query took longer than 30 seconds and was stopped. Request fewer rows \
                         on a page, or fewer fields.";
            return error_response(StatusCode::SERVICE_UNAVAILABLE, media, message);
        }
        Err(ExecutionError::TooManyMutations) => {
            let message = "Your earlier changes are still being saved, so this one was not \
                           started. Send fewer at once, and try this one again shortly.";
            let mut error = ServerError::new(message, None);
            limit_error(&mut error, "LIMIT_EXCEEDED");
            return request_error(media, vec![error]);
        }
        Err(ExecutionError::Panicked) => {
            let message = "Something failed on our side; nothing was saved. Report the x-request-id \
                         of this response.";
            return error_response(StatusCode::INTERNAL_SERVER_ERROR, media, message);
        }
    };
    if is_validation_failure(&answer) && saved.is_empty() {
        return request_error(media, answer.errors);
    }
    if budget.is_exceeded() {
        answer.data = Value::Null;
        answer.errors = vec![answer_too_large(&saved)];
    }
    // Every fault has a code. An error without one is an argument that async-graphql cannot parse.
    answer.errors.truncate(MAX_FIELD_ERRORS);
    for error in &mut answer.errors {
        limit_error(error, "BAD_USER_INPUT");
    }
    let charged = budget.charged() + answer.errors.len() * MAX_ERROR_BYTES + ENVELOPE_BYTES;
    let body = write_response(&answer, charged);
    if let Ok(body) = &body {
        debug_assert!(
            admitted.has_introspection() || body.len() <= charged,
            "{} bytes are written and {charged} were charged: a type of the schema is not derived \
             with `crate = \"crate::budget\"`",
            body.len()
        );
        if body.len() > MAX_ANSWER_BYTES + MAX_FIELD_ERRORS * MAX_ERROR_BYTES {
            let error = answer_too_large(&saved);
            answer = Answer::from_errors(vec![error]);
            let body = write_response(&answer, 0);
            return body_response(StatusCode::OK, media, &answer.errors, body);
        }
    }
    app.guard.cache(admitted);
    body_response(StatusCode::OK, media, &answer.errors, body)
}

/// Returns the name of the operation that is executed; `None` if it has no name.
fn find_operation_name(request: &mut async_graphql::Request) -> Option<String> {
    if let Some(name) = &request.operation_name {
        return Some(name.clone());
    }
    let (name, _) = request.parsed_query().ok()?.operations.iter().next()?;
    name.map(ToString::to_string)
}

/// Returns the field of the operation that is executed; empty if it has several different ones or
/// fragments.
fn find_root_field(request: &mut async_graphql::Request) -> Option<String> {
    let name = request.operation_name.clone();
    let mut operations = request.parsed_query().ok()?.operations.iter();
    let is_executed = |it: Option<&Name>| name.is_none() || it.map(Name::as_str) == name.as_deref();
    let (_, operation) = operations.find(|(name, _)| is_executed(*name))?;
    let mut fields = BTreeSet::new();
    for selection in &operation.node.selection_set.node.items {
        match &selection.node {
            Selection::Field(field) => fields.insert(field.node.name.node.as_str()),
            Selection::FragmentSpread(_) | Selection::InlineFragment(_) => fields.insert(""),
        };
    }
    let only = if fields.len() == 1 { fields.first().copied() } else { None };
    Some(only.unwrap_or_default().to_owned())
}

/// Returns whether the operation that is executed has one root field, `__typename` aside. A fragment may
/// have several, so it counts as such.
fn has_one_root_field(request: &mut async_graphql::Request) -> bool {
    let name = request.operation_name.clone();
    let Ok(document) = request.parsed_query() else { return false };
    let is_executed = |it: Option<&Name>| name.is_none() || it.map(Name::as_str) == name.as_deref();
    let Some((_, operation)) = document.operations.iter().find(|(name, _)| is_executed(*name))
    else {
        return false;
    };
    let selections = &operation.node.selection_set.node.items;
    let mut counted = selections.iter().filter(|selection| match &selection.node {
        Selection::Field(field) => field.node.name.node != "__typename",
        Selection::FragmentSpread(_) | Selection::InlineFragment(_) => true,
    });
    let first = counted.next();
    let is_field = first.is_some_and(|first| matches!(first.node, Selection::Field(_)));
    is_field && counted.next().is_none()
}

/// Returns the error of a response that exceeds its budget. It lists the changes that were saved.
fn answer_too_large(saved: &[SavedChange]) -> ServerError {
    let mut error = too_large(None);
    execute::add_saved_changes(std::slice::from_mut(&mut error), saved, true);
    error
}

/// Returns whether the document failed validation. An error of a resolver has a path.
fn is_validation_failure(answer: &Answer) -> bool {
    let errors = &answer.errors;
    answer.data == Value::Null
        && !errors.is_empty()
        && errors.iter().all(|error| error.path.is_empty())
}

/// Reads and parses the request's body; also returns it as it was sent.
async fn read_request(request: Request) -> Result<(GraphqlRequest, Bytes), (StatusCode, String)> {
    if !is_json(request.headers()) {
        let message = "Send the request as application/json, in UTF-8.";
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, message.to_owned()));
    }
    let body = body::read_body(request).await;
    let body = body.map_err(|status| (status, problem::default_detail(status).to_owned()))?;
    let malformed = |message: String| Err((StatusCode::BAD_REQUEST, message));
    match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => {}
        Some(b'[') => {
            return malformed("Send one request at a time; batches are not supported.".to_owned());
        }
        _ => {
            return malformed("The body is not a JSON object; send {\"query\": \"…\"}.".to_owned());
        }
    }
    let parsed = serde_json::from_slice(&body);
    parsed.map(|parsed| (parsed, body)).or_else(|error| {
        let quoted = error.to_string().chars().take(MAX_QUOTED_CHARS).collect::<String>();
        malformed(format!("The body is not a GraphQL request: {quoted}"))
    })
}

/// Returns the error code for a status.
pub(super) fn error_code(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "UNAUTHENTICATED",
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::TOO_MANY_REQUESTS => "LIMIT_EXCEEDED",
        StatusCode::SERVICE_UNAVAILABLE => "UNAVAILABLE",
        status if status.is_server_error() => "INTERNAL",
        _ => "BAD_USER_INPUT",
    }
}

/// Returns the response to a request that is not accepted as a GraphQL request.
pub(super) fn error_response(
    status: StatusCode,
    media: MediaType,
    message: impl Into<String>,
) -> Response {
    let mut error = ServerError::new(message, None);
    limit_error(&mut error, error_code(status));
    errors_response(status, media, vec![error])
}

/// Returns the response to a request whose idempotency key does not allow its execution.
fn refusal_response(media: MediaType, refusal: Refusal) -> Response {
    let mut error = ServerError::new(refusal.message, None);
    error.extensions.get_or_insert_default().set("code", refusal.code);
    errors_response(refusal.status, media, vec![error])
}

/// Returns the response to a request whose sender is not accepted. It says where to get a token.
fn refused_caller(app: &App, media: MediaType, refusal: CallerRefusal) -> Response {
    let (status, message, challenge) = match refusal {
        CallerRefusal::Failed(fault) => return sign_in_failed(media, fault),
        refusal => (refusal.status(), refusal.message(app), refusal.challenge()),
    };
    match challenge {
        Some(challenge) => unauthenticated(media, message, challenge.as_str()),
        None => error_response(status, media, message),
    }
}

fn unauthenticated(media: MediaType, message: String, challenge: &'static str) -> Response {
    let answer = error_response(StatusCode::UNAUTHORIZED, media, message);
    ([(header::WWW_AUTHENTICATE, challenge)], answer).into_response()
}

/// Returns the response to a GraphQL request that was refused before execution.
fn request_error(media: MediaType, mut errors: Vec<ServerError>) -> Response {
    errors.truncate(MAX_DOCUMENT_ERRORS);
    for error in &mut errors {
        limit_error(error, "BAD_USER_INPUT");
    }
    let status = match media {
        MediaType::Json => StatusCode::OK,
        MediaType::GraphqlResponse => StatusCode::BAD_REQUEST,
    };
    errors_response(status, media, errors)
}

/// Limits how much an error quotes of the input, and adds a code if it has none. Errors without a
/// code come from async-graphql.
fn limit_error(error: &mut ServerError, code: &str) {
    let extensions = error.extensions.get_or_insert_with(ErrorExtensionValues::default);
    let is_library = extensions.get("code").is_none();
    if is_library {
        extensions.set("code", code);
    }
    let max_chars = if is_library { MAX_LIBRARY_MESSAGE_CHARS } else { MAX_MESSAGE_CHARS };
    if let Some((end, _)) = error.message.char_indices().nth(max_chars) {
        error.message.truncate(end);
        error.message.push('…');
    }
    error.locations.truncate(MAX_LOCATIONS);
}

/// Returns the response to a failed sign-in.
fn sign_in_failed(media: MediaType, fault: Fault) -> Response {
    let status = caller::status_of_failure(&fault);
    let error = async_graphql::Error::from(fault);
    let error =
        ServerError { extensions: error.extensions, ..ServerError::new(error.message, None) };
    errors_response(status, media, vec![error])
}

/// Returns a response with errors and without data.
fn errors_response(status: StatusCode, media: MediaType, errors: Vec<ServerError>) -> Response {
    let body = ErrorBody { errors };
    body_response(status, media, &body.errors, serde_json::to_vec(&body))
}

/// Returns a response with a written body, which has `errors`.
fn body_response(
    status: StatusCode,
    media: MediaType,
    errors: &[ServerError],
    body: serde_json::Result<Vec<u8>>,
) -> Response {
    match body {
        Ok(body) => {
            let headers = [(header::CONTENT_TYPE, media.name())];
            let mut response = (status, headers, body).into_response();
            if let Some(code) = ErrorCode::first_of(errors) {
                response.extensions_mut().insert(code);
            }
            response
        }
        Err(error) => {
            tracing::error!(%error, "a response cannot be written as JSON");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
