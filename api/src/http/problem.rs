//! HTTP errors, each with a message that says what to do.
use std::any::Any;
use std::borrow::Cow;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use candor_schema::fault::Fault;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::CallerRefusal;
use super::graphql;
use super::media_type::MediaType;

/// A problem document (RFC 9457).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Problem {
    /// Always `about:blank`: the status gives the kind of problem.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The name of the status.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What was wrong, and what to do.
    detail: Cow<'static, str>,
    /// The kind of problem, stable, for programs; the same words as in GraphQL's errors.
    code: &'static str,
}

impl Problem {
    pub(super) fn new(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::with_code(status, graphql::error_code(status), detail)
    }

    /// Creates a problem whose code does not follow from the status.
    pub(super) fn with_code(
        status: StatusCode,
        code: &'static str,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        let title = status.canonical_reason().unwrap_or("Error");
        Self { kind: "about:blank", title, status: status.as_u16(), detail: detail.into(), code }
    }

    /// Returns the response to a request whose use case failed. Every user error is in the detail, with
    /// its path.
    pub(super) fn of_fault(fault: Fault) -> Response {
        let (status, code) = match &fault {
            Fault::Invalid(_) => (StatusCode::BAD_REQUEST, "BAD_USER_INPUT"),
            Fault::Unauthenticated => (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED"),
            Fault::NotFound => (StatusCode::NOT_FOUND, "NOT_FOUND"),
            Fault::Forbidden(_) => (StatusCode::FORBIDDEN, "FORBIDDEN"),
            Fault::Conflict(_) => (StatusCode::CONFLICT, "CONFLICT"),
            Fault::LimitExceeded(_) | Fault::RateLimited { .. } => {
                (StatusCode::TOO_MANY_REQUESTS, "LIMIT_EXCEEDED")
            }
            Fault::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE"),
            Fault::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL"),
        };
        let detail = match fault {
            Fault::Invalid(errors) => {
                let errors = errors
                    .iter()
                    .map(|error| format!("{}: {}", error.path.join("."), error.message.english()));
                errors.collect::<Vec<_>>().join(" ")
            }
            fault => async_graphql::Error::from(fault).message,
        };
        Self::with_code(status, code, detail).into_response()
    }

    /// Returns the response to a request whose caller is unknown.
    pub(super) fn of_caller(refusal: CallerRefusal) -> Response {
        let challenge = refusal.challenge();
        let response = match refusal {
            CallerRefusal::MissingToken(message) | CallerRefusal::InvalidToken(message) => {
                Self::new(StatusCode::UNAUTHORIZED, message).into_response()
            }
            CallerRefusal::KeysUnavailable(message) => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, message).into_response()
            }
            CallerRefusal::Fault(fault) => Self::of_fault(fault),
        };
        match challenge {
            Some(challenge) => ([(header::WWW_AUTHENTICATE, challenge)], response).into_response(),
            None => response,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_string(&self).unwrap_or_default();
        (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response()
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
