//! Errors of HTTP itself, each with words that say what to do.
use std::any::Any;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::graphql;
use super::media::Media;

/// An error, as RFC 9457 has it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Problem {
    /// `about:blank`: the status says what kind of problem it is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What was wrong, and what to do.
    detail: &'static str,
}

impl Problem {
    pub(super) fn new(status: StatusCode, detail: &'static str) -> Self {
        let title = status.canonical_reason().unwrap_or("Error");
        Self { kind: "about:blank", title, status: status.as_u16(), detail }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_string(&self).unwrap_or_default();
        (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response()
    }
}

/// What a status means where nobody said it better.
pub(super) fn detail(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => {
            "There is nothing at this address. /graphql takes queries and mutations, /openapi.json \
             lists what else there is."
        }
        StatusCode::METHOD_NOT_ALLOWED => {
            "This address does not take that method; the Allow header lists those it takes. \
             /graphql executes nothing but POST."
        }
        StatusCode::BAD_REQUEST => "The body did not arrive whole; send it again.",
        StatusCode::REQUEST_TIMEOUT => {
            "The body came too slowly. It may take 20 seconds and one second more for each 500 \
             bytes; send the request again."
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            "The body is larger than 1 MiB. Send less at once, and attach documents by link."
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            "The request took longer than 30 seconds and was given up. If it changes something, \
             look whether it did before you repeat it."
        }
        status if status.is_server_error() => {
            "Something failed on our side. Tell us the x-request-id of this answer."
        }
        _ => "The request cannot be understood. /openapi.json says what is expected.",
    }
}

/// Gives words to errors that have none: those of the router and of the layers. At `/graphql` they
/// are GraphQL errors, since that is what its clients read.
pub(super) async fn explain(request: Request, next: Next) -> Response {
    let at_graphql = request.uri().path() == "/graphql";
    let media = Media::negotiated(request.headers()).unwrap_or(Media::Json);
    let response = next.run(request).await;
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || response.headers().get(header::CONTENT_TYPE).is_some_and(is_json) {
        return response;
    }
    let said = if at_graphql {
        graphql::refused(status, media, detail(status))
    } else {
        Problem::new(status, detail(status)).into_response()
    };
    let (mut parts, _) = response.into_parts();
    let (words, body) = said.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.extend(words.headers);
    Response::from_parts(parts, body)
}

fn is_json(content_type: &HeaderValue) -> bool {
    let content_type = content_type.to_str().unwrap_or_default();
    let name = content_type.split(';').next().unwrap_or_default().trim();
    name.ends_with("/json") || name.ends_with("+json")
}

/// Answers a request whose handler panicked; what it said goes to the log alone.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands it over")]
pub(super) fn after_panic(said: Box<dyn Any + Send + 'static>) -> Response {
    let said = said.downcast_ref::<String>().map(String::as_str);
    tracing::error!(said = said.unwrap_or("no words"), "a handler panicked");
    (StatusCode::INTERNAL_SERVER_ERROR, Body::empty()).into_response()
}
