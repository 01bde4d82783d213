//! The id of a request, in its log lines and its response.
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use uuid::Uuid;

/// The header with the id, in requests and responses.
pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that a client may choose, in characters.
const MAX_REQUEST_ID_CHARS: usize = 64;

/// Assigns an id to the request, unless the client sent one. A client's id is used only if it is
/// short and has only letters, digits, `-`, `_` and `.`, because it is written to the log.
pub(super) async fn assign_request_id(mut request: Request, next: Next) -> Response {
    let given = request.headers().get(&HEADER).filter(|id| is_plain(id)).cloned();
    let id = given.unwrap_or_else(|| {
        HeaderValue::from_str(&Uuid::now_v7().to_string()).expect("a UUID is plain")
    });
    request.headers_mut().insert(HEADER, id.clone());
    let mut response = next.run(request).await;
    response.headers_mut().insert(HEADER, id);
    response
}

fn is_plain(id: &HeaderValue) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    (1..=MAX_REQUEST_ID_CHARS).contains(&id.len()) && id.as_bytes().iter().all(is_plain)
}
