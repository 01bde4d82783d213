//! `/graphql`: who asks, what is asked, the answer. As GraphQL over HTTP has it; async-graphql's
//! own extractor ignores the body limit and takes text, forms and mutations by GET.
use std::sync::Arc;

use async_graphql::{ErrorExtensionValues, Response as Answer, ServerError, Value, Variables};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use candor_schema::budget::{AnswerBudget, MAX_ANSWER_BYTES, too_large};
use candor_schema::database::SavedChange;
use candor_schema::fault::Fault;
use candor_schema::organization::service::sign_in;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::ToSchema;

use super::execute::{self, Executed, Unanswered};
use super::media::{Media, is_json};
use super::{App, body, problem};
use crate::auth::Claims;

/// The most of a parser's words that an answer repeats, in characters: they quote what was sent.
const QUOTED: usize = 200;
/// The longest message of the library, in characters: it quotes what was sent, too.
const MAX_LIBRARY_MESSAGE_CHARS: usize = 500;
/// The longest message of an error that has a code, in characters: it is written here, and may
/// name what was sent.
const MAX_MESSAGE_CHARS: usize = 2_000;
/// The most places in the document that one error names.
const MAX_LOCATIONS: usize = 10;
/// The most errors of one document that an answer lists: 64 KiB of unknown fields would be answered
/// with a megabyte.
const MAX_DOCUMENT_ERRORS: usize = 20;
/// The most errors of fields that an answer lists.
const MAX_FIELD_ERRORS: usize = 100;
/// About the most that one error takes beside what was charged for it, in bytes: its path, whose
/// names the guard bounds, and its places.
const MAX_ERROR_BYTES: usize = 4 * 1024;
/// What an answer takes beside its data and errors, in bytes.
const ENVELOPE_BYTES: usize = 256;

/// One GraphQL request. Members that are not named here are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GraphqlRequest)]
struct Asked {
    /// The document.
    query: String,
    /// Which of the document's operations to run, if it has several.
    #[serde(default)]
    operation_name: Option<String>,
    /// The values of the document's variables.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    variables: Variables,
    /// Room for what is not in the specification; nothing here is used.
    #[serde(default, rename = "extensions")]
    #[schema(value_type = Option<Object>)]
    _extensions: Option<serde_json::Map<String, Json>>,
}

/// An answer without data: nothing was run.
#[derive(Debug, Serialize)]
struct Refused {
    errors: Vec<ServerError>,
}

/// What a GraphQL request is answered with.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GraphqlResponse)]
struct Answered {
    /// What was asked for; not there if nothing was run.
    #[schema(value_type = Option<Object>)]
    data: Option<Json>,
    /// What went wrong, each with `message` and `extensions.code`.
    #[schema(value_type = Option<Vec<Object>>)]
    errors: Option<Vec<Json>>,
}

/// Runs one query or mutation.
#[utoipa::path(
    post,
    path = "/graphql",
    operation_id = "graphql",
    tag = "graphql",
    request_body(content = Asked, content_type = "application/json"),
    responses(
        (
            status = OK,
            description = "The answer, with `data`, `errors` or both. Ask for \
                           `application/graphql-response+json` to have 400 where nothing was run.",
            content((Answered = "application/json"), (Answered = "application/graphql-response+json")),
        ),
        (status = BAD_REQUEST, description = "No GraphQL request: nothing was run.", body = Answered),
        (status = UNAUTHORIZED, description = "No bearer token that counts.", body = Answered),
        (status = NOT_ACCEPTABLE, description = "No media type that there is.", body = Answered),
        (status = REQUEST_TIMEOUT, description = "A body that came too slowly.", body = Answered),
        (status = PAYLOAD_TOO_LARGE, description = "A body larger than 1 MiB.", body = Answered),
        (status = UNSUPPORTED_MEDIA_TYPE, description = "A body that is no JSON.", body = Answered),
        (status = SERVICE_UNAVAILABLE, description = "Busy; try again shortly.", body = Answered),
    ),
    security(("bearer" = [])),
)]
pub(super) async fn answer(State(app): State<App>, request: Request) -> Response {
    let Some(media) = Media::negotiated(request.headers()) else {
        let words =
            "Answers are application/json or application/graphql-response+json; accept one.";
        return refused(StatusCode::NOT_ACCEPTABLE, Media::Json, words);
    };
    // Nothing at all is read or run for somebody who is not known.
    let claims = match bearer(request.headers()) {
        None => return unauthenticated(media, None),
        Some(token) => match app.authenticator.verify(token, app.clock.now()) {
            Err(refusal) => return unauthenticated(media, Some(refusal.to_string())),
            Ok(claims) => claims,
        },
    };
    let asked = match asked(request).await {
        Ok(asked) => asked,
        Err((status, words)) => return refused(status, media, words),
    };
    // One request sees one time: when it had arrived whole. Only then was it received by a
    // deadline.
    let now = app.clock.now();
    app.database.observe_clock(now);
    run(&app, media, &claims, asked, now).await
}

async fn run(
    app: &App,
    media: Media,
    claims: &Claims,
    asked: Asked,
    now: chrono::DateTime<chrono::Utc>,
) -> Response {
    let Asked { query, operation_name, variables, .. } = asked;
    let admitted = match app.guard.admit(&query, operation_name.as_deref(), &variables) {
        Ok(admitted) => admitted,
        Err(error) => return not_run(media, vec![error]),
    };
    let who = match claims.sign_in() {
        Ok(who) => who,
        Err(refusal) => return unauthenticated(media, Some(refusal.to_string())),
    };
    let viewer = match sign_in(&app.database, &who, now).await {
        Ok(viewer) => viewer,
        Err(fault) => return failed(media, fault),
    };
    let request = admitted.request(operation_name, variables);
    let budget = Arc::new(AnswerBudget::default());
    let executed = if admitted.mutates() {
        execute::mutation(app, request, viewer, Arc::clone(&budget)).await
    } else {
        execute::query(app, request, viewer, Arc::clone(&budget)).await
    };
    let Executed { mut answer, saved } = match executed {
        Ok(executed) => executed,
        Err(Unanswered::TooLong) => {
            let words = "The query took longer than 30 seconds and was ended. Ask for fewer rows \
                         a page, or for fewer fields.";
            return refused(StatusCode::SERVICE_UNAVAILABLE, media, words);
        }
        Err(Unanswered::NoTurn) => {
            let message = "Your earlier changes are still being saved, and this one was not \
                           begun. Send fewer at once, and try this one again shortly.";
            let mut error = ServerError::new(message, None);
            bound(&mut error, "LIMIT_EXCEEDED");
            return not_run(media, vec![error]);
        }
        Err(Unanswered::Panicked) => {
            let words = "Something failed on our side; nothing was saved. Tell us the \
                         x-request-id of this answer.";
            return refused(StatusCode::INTERNAL_SERVER_ERROR, media, words);
        }
    };
    if is_refusal(&answer) && saved.is_empty() {
        return not_run(media, answer.errors);
    }
    if budget.is_exceeded() {
        answer.data = Value::Null;
        answer.errors = vec![answer_too_large(&saved)];
    }
    // Every fault has its code: what has none is an argument that async-graphql could not read.
    answer.errors.truncate(MAX_FIELD_ERRORS);
    for error in &mut answer.errors {
        bound(error, "BAD_USER_INPUT");
    }
    let body = serde_json::to_vec(&answer);
    if let Ok(body) = &body {
        let charged = budget.charged() + answer.errors.len() * MAX_ERROR_BYTES + ENVELOPE_BYTES;
        debug_assert!(
            admitted.introspects() || body.len() <= charged,
            "{} bytes are written and {charged} were charged: a type of the schema is not derived \
             with `crate = \"crate::budget\"`",
            body.len()
        );
        if body.len() > MAX_ANSWER_BYTES + MAX_FIELD_ERRORS * MAX_ERROR_BYTES {
            let error = answer_too_large(&saved);
            return write(StatusCode::OK, media, &Answer::from_errors(vec![error]));
        }
    }
    app.guard.remember(admitted);
    reply(StatusCode::OK, media, body)
}

/// The error of an answer that is larger than its budget. What was saved stays saved, and the error
/// says what that is.
fn answer_too_large(saved: &[SavedChange]) -> ServerError {
    let mut error = too_large(None);
    execute::tell_saved(std::slice::from_mut(&mut error), saved, true);
    error
}

/// Whether the document failed validation: an error inside a resolver has a path.
fn is_refusal(answer: &Answer) -> bool {
    let errors = &answer.errors;
    answer.data == Value::Null
        && !errors.is_empty()
        && errors.iter().all(|error| error.path.is_empty())
}

/// The token of the one `Authorization: Bearer …` header.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(only), None) = (all.next(), all.next()) else {
        return None;
    };
    let (scheme, token) = only.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

async fn asked(request: Request) -> Result<Asked, (StatusCode, String)> {
    if !is_json(request.headers()) {
        let words = "Send the request as application/json, in UTF-8.";
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, words.to_owned()));
    }
    let body = body::read(request).await;
    let body = body.map_err(|status| (status, problem::detail(status).to_owned()))?;
    let wrong = |words: String| Err((StatusCode::BAD_REQUEST, words));
    match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => {}
        Some(b'[') => {
            return wrong("Send one request at a time; lists of them are not taken.".to_owned());
        }
        _ => return wrong("The body is no JSON object; send {\"query\": \"…\"}.".to_owned()),
    }
    serde_json::from_slice(&body).or_else(|error| {
        let said = error.to_string().chars().take(QUOTED).collect::<String>();
        wrong(format!("The body is no GraphQL request: {said}"))
    })
}

fn code(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "UNAUTHENTICATED",
        StatusCode::PAYLOAD_TOO_LARGE => "LIMIT_EXCEEDED",
        StatusCode::SERVICE_UNAVAILABLE => "UNAVAILABLE",
        status if status.is_server_error() => "INTERNAL",
        _ => "BAD_USER_INPUT",
    }
}

/// An answer to what is no GraphQL request, or may not be one.
pub(super) fn refused(status: StatusCode, media: Media, words: impl Into<String>) -> Response {
    let mut error = ServerError::new(words, None);
    bound(&mut error, code(status));
    write(status, media, &Refused { errors: vec![error] })
}

fn unauthenticated(media: Media, why: Option<String>) -> Response {
    let challenge = if why.is_some() { "Bearer error=\"invalid_token\"" } else { "Bearer" };
    let words = why.unwrap_or_else(|| {
        "send a bearer token, as in: Authorization: Bearer eyJ… (`candor token` makes one for \
         development)"
            .to_owned()
    });
    let answer = refused(StatusCode::UNAUTHORIZED, media, words);
    ([(header::WWW_AUTHENTICATE, challenge)], answer).into_response()
}

/// An answer to a GraphQL request of which nothing was run.
fn not_run(media: Media, mut errors: Vec<ServerError>) -> Response {
    errors.truncate(MAX_DOCUMENT_ERRORS);
    for error in &mut errors {
        bound(error, "BAD_USER_INPUT");
    }
    let status = match media {
        Media::Json => StatusCode::OK,
        Media::GraphqlResponse => StatusCode::BAD_REQUEST,
    };
    write(status, media, &Refused { errors })
}

/// Bounds what an error repeats of what was sent, and gives it a code unless it has one: one
/// without is the library's.
fn bound(error: &mut ServerError, code: &str) {
    let extensions = error.extensions.get_or_insert_with(ErrorExtensionValues::default);
    let is_library = extensions.get("code").is_none();
    if is_library {
        extensions.set("code", code);
    }
    let most = if is_library { MAX_LIBRARY_MESSAGE_CHARS } else { MAX_MESSAGE_CHARS };
    if let Some((end, _)) = error.message.char_indices().nth(most) {
        error.message.truncate(end);
        error.message.push('…');
    }
    error.locations.truncate(MAX_LOCATIONS);
}

/// An answer to somebody whom the database could not be asked about.
fn failed(media: Media, fault: Fault) -> Response {
    let status = match fault {
        Fault::Unauthenticated => StatusCode::UNAUTHORIZED,
        Fault::Forbidden(_) => StatusCode::FORBIDDEN,
        Fault::Unavailable(_) | Fault::Conflict(_) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let error = async_graphql::Error::from(fault);
    let error =
        ServerError { extensions: error.extensions, ..ServerError::new(error.message, None) };
    write(status, media, &Refused { errors: vec![error] })
}

fn write(status: StatusCode, media: Media, answer: &impl Serialize) -> Response {
    reply(status, media, serde_json::to_vec(answer))
}

fn reply(status: StatusCode, media: Media, body: serde_json::Result<Vec<u8>>) -> Response {
    match body {
        Ok(body) => (status, [(header::CONTENT_TYPE, media.name())], body).into_response(),
        Err(error) => {
            tracing::error!(%error, "an answer is no JSON");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
