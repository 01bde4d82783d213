//! The OpenAPI 3.1 document of the HTTP interface.
mod examples;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{export, graphiql, graphql, health, landing, open_data, reconcile, rest};
use examples::Examples;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Candor",
        description = "Contractor-disclosure screening for a city. Queries and mutations go to \
                       `/graphql`, whose schema `candor schema` prints. The City's procurement portals \
                       use the addresses under `/v1`, by an API key with the scope \
                       `PROCUREMENT_SYSTEM`; their errors are problem documents (RFC 9457).",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/", description = "This service.")),
    paths(
        rest::bids::post,
        rest::awards::post,
        rest::renewals::post,
        rest::decisions::get,
        rest::vendors::get,
        rest::vendors::put,
        rest::vendors::status,
        rest::solicitations::get,
        rest::solicitations::put,
        rest::solicitations::status,
        rest::contracts::get,
        rest::contracts::put,
        rest::imports::awards,
        rest::imports::contracts,
        rest::imports::vendors,
        rest::imports::get,
        rest::imports::report,
        export::bids,
        export::contracts,
        export::disclosures,
        export::renewals_due,
        reconcile::manifest_or_queries,
        reconcile::form_queries,
        reconcile::suggest_entity,
        reconcile::preview_entity,
        open_data::releases,
        open_data::records,
        open_data::extension,
        open_data::statements,
        graphql::post,
        graphiql::asset,
        health::healthz,
        health::readyz,
        document,
        landing::get,
    ),
    tags(
        (name = "gate", description = "Decisions before the City commits: bids, awards and renewals by the City's numbers."),
        (name = "records", description = "Vendors, solicitations and contracts as the portals keep them."),
        (name = "portal", description = "What a portal's page shows."),
        (name = "imports", description = "Lists of awards, contracts and vendors, as files."),
        (name = "graphql", description = "Queries and mutations."),
        (name = "exports", description = "Lists as CSV or JSON Lines."),
        (name = "reconciliation", description = "Matching of a list's names, for OpenRefine."),
        (name = "open data", description = "Contracting processes and owners in published standards."),
        (name = "operation", description = "For operators of the service."),
    ),
    modifiers(&Bearer, &Examples),
)]
struct Contract;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let description = "An API key (`candor_…`) of a portal, or a person's token (JWT).";
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some(description))
            .build();
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
    security(()),
)]
pub(super) async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], openapi()).into_response()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    /// Every body in the document has an example, and every operation a problem that it can answer with.
    #[test]
    fn every_operation_and_error_has_an_example() {
        let document: Value = serde_json::from_str(&super::openapi()).expect("JSON");
        let mut bodies = 0;
        for (path, item) in document["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("operations") {
                let place = format!("{method} {path}");
                let responses = operation["responses"].as_object().expect(&place);
                assert!(responses.keys().any(|it| it.starts_with('4')), "{place}");
                assert!(operation["operationId"].is_string(), "{place}");
                let contents = responses.values().chain([&operation["requestBody"]]);
                for content in contents.filter_map(|it| it["content"].as_object()).flatten() {
                    assert!(content.1.get("example").is_some(), "{place} {}", content.0);
                    bodies += 1;
                }
            }
        }
        assert!(bodies > 150, "{bodies}");
    }

    #[test]
    fn the_committed_document_equals_the_served_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/candor.json");
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert_eq!(committed, super::openapi(), "run `candor openapi > openapi/candor.json`");
    }
}
