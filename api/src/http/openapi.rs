//! The OpenAPI 3.1 document of the HTTP interface.
use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{export, graphiql, graphql, health, open_data, reconcile};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Candor",
        description = "Contractor-disclosure screening for a city. Queries and mutations go to \
                       `/graphql`, whose schema `candor schema` prints.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/", description = "This service.")),
    paths(graphql::post, graphiql::asset, health::healthz, health::readyz, document,
        export::bids, export::contracts, export::disclosures, export::renewals_due,
        reconcile::manifest_or_queries, reconcile::form_queries, reconcile::suggest_entity,
        reconcile::preview_entity, open_data::releases, open_data::records, open_data::extension,
        open_data::statements),
    tags(
        (name = "graphql", description = "Queries and mutations."),
        (name = "exports", description = "Lists as CSV or JSON Lines."),
        (name = "reconciliation", description = "Matching of a list's names, for OpenRefine."),
        (name = "open data", description = "Contracting processes and owners in published standards."),
        (name = "operation", description = "For operators of the service."),
    ),
    modifiers(&Bearer),
)]
struct Contract;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// Returns the OpenAPI document, as committed in `openapi/candor.json`.
///
/// # Panics
/// Never: the generated document is JSON.
#[must_use]
pub fn openapi() -> String {
    let document = Contract::openapi().to_pretty_json().expect("the document is JSON");
    document + "\n"
}

/// Returns this document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    operation_id = "contract",
    tag = "operation",
    responses((status = OK, description = "This document.", content_type = "application/json")),
)]
pub(super) async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], openapi()).into_response()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_document_equals_the_served_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/candor.json");
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert_eq!(committed, super::openapi(), "run `candor openapi > openapi/candor.json`");
    }
}
