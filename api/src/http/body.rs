//! Reading of request bodies.
use std::error::Error;
use std::iter::successors;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;

use super::server::BodyTooSlow;

/// Reads a request's whole body, of at most 1 MiB.
///
/// # Errors
/// 413 if it is larger, 408 if it arrived too slowly, 400 if it was incomplete.
pub(super) async fn read_body(request: Request) -> Result<Bytes, StatusCode> {
    Bytes::from_request(request, &()).await.map_err(|rejection| {
        let first: &(dyn Error + 'static) = &rejection;
        let mut causes = successors(Some(first), |&error| error.source());
        if causes.any(<dyn Error>::is::<BodyTooSlow>) {
            StatusCode::REQUEST_TIMEOUT
        } else {
            rejection.status()
        }
    })
}
