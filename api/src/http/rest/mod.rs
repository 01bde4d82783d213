//! The REST interface for the City's procurement portals, under `/v1`. A handler parses, calls one use case
//! and writes its answer; errors are problem documents.
pub(super) mod awards;
pub(super) mod bids;
pub(super) mod contracts;
pub(super) mod decisions;
mod gate;
pub(super) mod imports;
mod put;
pub(super) mod renewals;
mod request;
mod run;
pub(super) mod solicitations;
pub(super) mod vendors;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use serde::Deserialize;
use utoipa::IntoParams;

use super::App;
pub(super) use gate::MAX_ITEMS;

/// The routes, without layers.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/gate/bids", post(bids::post))
        .route("/v1/gate/awards", post(awards::post))
        .route("/v1/gate/renewals", post(renewals::post))
        .route("/v1/decisions/{reference}", get(decisions::get))
        .route("/v1/vendors/{number}", get(vendors::get).put(vendors::put))
        .route("/v1/vendors/{number}/status", get(vendors::status))
        .route("/v1/solicitations/{number}", get(solicitations::get).put(solicitations::put))
        .route("/v1/solicitations/{number}/status", get(solicitations::status))
        .route("/v1/contracts/{number}", get(contracts::get).put(contracts::put))
        .route("/v1/imports/{id}", get(imports::get))
        .route("/v1/imports/{id}/report", get(imports::report))
}

/// The routes that receive files, without layers: they have limits of their own for their bodies.
pub(super) fn upload_routes() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/imports/awards", post(imports::awards))
        .route("/v1/imports/contracts", post(imports::contracts))
        .route("/v1/imports/vendors", post(imports::vendors))
}

/// The query string of an address that has no parameters.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoQuery {}

/// The query string of an address with a number that several departments may have.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DepartmentQuery {
    /// The code of the department; required only if several departments have the number.
    #[param(required = false, example = "LIB", nullable = false)]
    department: Option<String>,
}

/// The idempotency key of a request that changes something.
#[derive(Clone, Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header, which `Received::answer_once` parses")]
struct OnceKey {
    /// A key of your own, such as a UUID: the same request with the same key, within 24 hours, is done once
    /// and answered as the first time.
    #[param(
        rename = "Idempotency-Key",
        required = false,
        nullable = false,
        min_length = 1,
        max_length = 128,
        pattern = r"^[!#-\[\]-~]+$",
        example = "8e03978e-40d5-43dd-bc93-6894a57f9324"
    )]
    idempotency_key: Option<String>,
}

/// The conditions of a `PUT`.
#[derive(Clone, Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the headers, which `Received::precondition` parses")]
struct IfMatch {
    /// The `ETag` of the version that is to be changed, or `*` if there must be one.
    #[param(rename = "If-Match", required = false, nullable = false)]
    if_match: Option<String>,
    /// `*` if there must be none yet.
    #[param(rename = "If-None-Match", required = false, nullable = false, pattern = r"^\*$")]
    if_none_match: Option<String>,
}
