//! The id of a request, in its log lines and its response.
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use tower_http::request_id::{MakeRequestId, RequestId};
use uuid::Uuid;

/// The header with the id, in requests and responses.
pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that a client may choose, in characters.
const MAX_REQUEST_ID_CHARS: usize = 64;

/// Makes the id of a request without one: a UUID of version 7, so that ids sort by time.
#[derive(Clone, Copy, Debug)]
pub(super) struct NewRequestId;

impl MakeRequestId for NewRequestId {
    fn make_request_id<B>(&mut self, _: &axum::http::Request<B>) -> Option<RequestId> {
        let id = Uuid::now_v7().to_string();
        HeaderValue::try_from(id).ok().map(RequestId::new)
    }
}

/// Removes a client's id unless it is short and has only letters, digits, `-`, `_` and `.`, because
/// it is written to the log.
pub(super) fn remove_unsafe_id(mut request: Request) -> Request {
    if request.headers().get(&HEADER).is_some_and(|id| !is_plain(id)) {
        request.headers_mut().remove(&HEADER);
    }
    request
}

fn is_plain(id: &HeaderValue) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    (1..=MAX_REQUEST_ID_CHARS).contains(&id.len()) && id.as_bytes().iter().all(is_plain)
}
