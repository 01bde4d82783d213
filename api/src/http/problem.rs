//! HTTP errors, each with a message that says what to do.
use std::any::Any;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use candor_schema::database::SavedChange;
use candor_schema::fault::Fault;
use candor_schema::quota::whole_seconds;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{CallerRefusal, Challenge};
use super::idempotency::Refusal;
use super::media_type::MediaType;
use super::request_log::ErrorCode;
use super::{App, graphql};

/// A problem document (RFC 9457).
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Problem {
    /// Always `about:blank`: the status gives the kind of problem.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    kind: ProblemKind,
    /// The name of the status.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What was wrong, and what to do.
    detail: String,
    /// The kind of problem, stable, for programs; the same words as in GraphQL's errors.
    code: &'static str,
    /// Every error in the input.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
    /// After how many seconds to try again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    retry_after_seconds: Option<u32>,
    /// What the request saved before it failed: do not send it again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    saved: Vec<SavedSubject>,
    /// The `WWW-Authenticate` header.
    #[serde(skip)]
    #[schema(ignore)]
    challenge: Option<Challenge>,
}

/// The type of every problem.
#[derive(Clone, Copy, Debug, Serialize)]
enum ProblemKind {
    #[serde(rename = "about:blank")]
    Blank,
}

/// An error in the input.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct FieldProblem {
    /// The field, from the body inwards; items of a list by their index from 0.
    pub(super) path: Vec<String>,
    /// The kind of error, stable, for programs: `required`, `invalid`, `contradiction`.
    pub(super) code: &'static str,
    /// What is wrong and what to do.
    pub(super) message: String,
}

/// A change that was saved.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct SavedSubject {
    /// The identifier of what was changed.
    id: String,
    /// What was done, such as `bid.submitted`.
    action: String,
}

impl Problem {
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            kind: ProblemKind::Blank,
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            code: graphql::error_code(status),
            errors: Vec::new(),
            retry_after_seconds: None,
            saved: Vec::new(),
            challenge: None,
        }
    }

    /// The problem of errors in the input. Of several, each message follows its path, because two fields
    /// may have the same message.
    pub(super) fn of_fields(errors: Vec<FieldProblem>) -> Self {
        let detail = match errors.as_slice() {
            [only] => only.message.clone(),
            several => {
                let messages = several.iter().map(|error| match error.path.join(".") {
                    path if path.is_empty() => error.message.clone(),
                    path => format!("{path}: {}", error.message),
                });
                messages.collect::<Vec<_>>().join(" ")
            }
        };
        let problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail);
        Self { errors, ..problem.with_code("BAD_USER_INPUT") }
    }

    /// The problem of a sender that is not accepted.
    pub(super) fn of_caller(app: &App, refusal: &CallerRefusal) -> Self {
        if let CallerRefusal::Failed(fault) = refusal {
            let problem = Self::of_fault(fault.clone(), &[]);
            let status = refusal.status();
            let title = status.canonical_reason().unwrap_or("Error");
            return Self { status: status.as_u16(), title, ..problem };
        }
        let problem = Self::new(refusal.status(), refusal.message(app));
        Self { challenge: refusal.challenge(), ..problem }
    }

    /// The problem of a request that its idempotency key does not allow to run.
    pub(super) fn of_refusal(refusal: Refusal) -> Self {
        Self::new(refusal.status, refusal.message).with_code(refusal.code)
    }

    /// The problem of a failed use case: what each kind of fault means in HTTP is said here alone. `names`
    /// are the fields of the body whose names differ from those of the use case's input.
    pub(super) fn of_fault(fault: Fault, names: &[(&str, &str)]) -> Self {
        let status = match &fault {
            Fault::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Fault::Unauthenticated => StatusCode::UNAUTHORIZED,
            Fault::NotFound => StatusCode::NOT_FOUND,
            Fault::Forbidden(_) => StatusCode::FORBIDDEN,
            Fault::Conflict(_) => StatusCode::CONFLICT,
            Fault::PreconditionFailed(_) => StatusCode::PRECONDITION_FAILED,
            Fault::LimitExceeded(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Fault::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Fault::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Fault::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let retry_after_seconds = match &fault {
            Fault::RateLimited { retry_after, .. } => {
                Some(u32::try_from(whole_seconds(*retry_after)).unwrap_or(u32::MAX))
            }
            Fault::Unavailable(_) => Some(1),
            _ => None,
        };
        let fault = match fault {
            Fault::Invalid(errors) => {
                let errors = errors.into_iter().map(|error| FieldProblem {
                    code: error.code(),
                    message: error.message.english(),
                    path: body_path(error.path, names),
                });
                return Self::of_fields(errors.collect());
            }
            fault => fault,
        };
        let code = match status {
            StatusCode::NOT_FOUND => "NOT_FOUND",
            StatusCode::FORBIDDEN => "FORBIDDEN",
            StatusCode::CONFLICT => "CONFLICT",
            StatusCode::PRECONDITION_FAILED => "PRECONDITION_FAILED",
            StatusCode::TOO_MANY_REQUESTS => "LIMIT_EXCEEDED",
            status => graphql::error_code(status),
        };
        let problem = Self::new(status, async_graphql::Error::from(fault).message);
        Self { retry_after_seconds, ..problem.with_code(code) }
    }

    pub(super) fn with_code(self, code: &'static str) -> Self {
        Self { code, ..self }
    }

    /// Adds after how many seconds to try again.
    pub(super) fn with_retry_after(self, seconds: u32) -> Self {
        Self { retry_after_seconds: Some(seconds), ..self }
    }

    /// Adds what the request saved before it failed.
    pub(super) fn with_saved(self, saved: Vec<SavedChange>) -> Self {
        let saved = saved.into_iter();
        let saved = saved.map(|it| SavedSubject { id: it.subject, action: it.action });
        Self { saved: saved.collect(), ..self }
    }

    /// The HTTP status.
    pub(super) const fn status(&self) -> u16 {
        self.status
    }
}

/// Returns the response to a request without a body whose use case failed.
pub(super) fn fault_response(fault: Fault) -> Response {
    Problem::of_fault(fault, &[]).into_response()
}

/// Returns the path of a field in a body: without the argument's name, and with the names of the body.
fn body_path(path: Vec<String>, names: &[(&str, &str)]) -> Vec<String> {
    let path = path.into_iter().enumerate().filter(|(at, it)| *at > 0 || it != "input");
    let renamed = |name: String| {
        let found = names.iter().find(|(input, _)| *input == name);
        found.map_or(name, |(_, body)| (*body).to_owned())
    };
    path.map(|(_, name)| renamed(name)).filter(|name| !name.is_empty()).collect()
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_string(&self).unwrap_or_default();
        let mut response =
            (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        response.extensions_mut().insert(ErrorCode::new(self.code));
        if let Some(seconds) = self.retry_after_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        if let Some(challenge) = self.challenge {
            let challenge = HeaderValue::from_static(challenge.as_str());
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// The default message for a status.
pub(super) fn default_detail(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => {
            "There is nothing at this address. Send queries and mutations to /graphql; \
             /openapi.json lists the other addresses."
        }
        StatusCode::METHOD_NOT_ALLOWED => {
            "This address does not support that method; the Allow header lists those that it \
             supports. Send queries and mutations to /graphql by POST."
        }
        StatusCode::BAD_REQUEST => "The body arrived incomplete; send the request again.",
        StatusCode::REQUEST_TIMEOUT => {
            "The body arrived too slowly. It may take 20 seconds plus one second for each 500 \
             bytes; send the request again."
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            "The body is larger than 1 MiB. Send less in one request, and link to documents."
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            "The request took longer than 30 seconds and was stopped. If it makes a change, check \
             whether the change was saved before you send it again."
        }
        status if status.is_server_error() => {
            "Something failed on our side. Report the x-request-id of this response."
        }
        _ => "The request is malformed. /openapi.json describes the expected form.",
    }
}

/// Adds a message to error responses without one, which the router and layers produce. At `/graphql`
/// they become GraphQL errors, which its clients expect.
pub(super) async fn describe_errors(request: Request, next: Next) -> Response {
    let at_graphql = request.uri().path() == "/graphql";
    let media = MediaType::negotiate(request.headers()).unwrap_or(MediaType::Json);
    let response = next.run(request).await;
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || response.headers().get(header::CONTENT_TYPE).is_some_and(is_json) {
        return response;
    }
    let described = if at_graphql {
        graphql::error_response(status, media, default_detail(status))
    } else {
        Problem::new(status, default_detail(status)).into_response()
    };
    let (mut parts, _) = response.into_parts();
    let (described, body) = described.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.extend(described.headers);
    parts.extensions.extend(described.extensions);
    Response::from_parts(parts, body)
}

fn is_json(content_type: &HeaderValue) -> bool {
    let content_type = content_type.to_str().unwrap_or_default();
    let name = content_type.split(';').next().unwrap_or_default().trim();
    name.ends_with("/json") || name.ends_with("+json")
}

/// Returns the response for a panicked handler. The panic's message is only logged.
#[expect(clippy::needless_pass_by_value, reason = "the layer's callback takes it by value")]
pub(super) fn panic_response(payload: Box<dyn Any + Send + 'static>) -> Response {
    let message = payload.downcast_ref::<String>().map(String::as_str);
    tracing::error!(message = message.unwrap_or("no message"), "a handler panicked");
    (StatusCode::INTERNAL_SERVER_ERROR, Body::empty()).into_response()
}
