//! `GET /`: says what this service is and where its documents are.
use axum::Json;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::media_type::{LandingType, negotiate_landing};

/// What this service is.
const DESCRIPTION: &str = "Candor records what the City's contractors disclose about agreements with the \
                           U.S. Department of Homeland Security and about data that they share, and \
                           checks bids, awards and renewals.";

/// Where the documents are: the name, the path, and what is there.
const DOCUMENTS: [(&str, &str, &str); 4] = [
    (
        "openapi",
        "/openapi.json",
        "the REST interface for procurement portals, under /v1 (OpenAPI 3.1)",
    ),
    ("graphql", "/graphql", "queries and mutations, by POST"),
    ("graphiql", "/graphql", "the same address in a browser: a page to write and try queries"),
    ("readiness", "/readyz", "whether the service is ready"),
];

/// What this service is and where its documents are.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LandingBody {
    /// The name of the service.
    #[schema(example = "Candor")]
    name: &'static str,
    /// Its version.
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// What it is for.
    description: &'static str,
    /// Its documents.
    documents: Vec<DocumentLink>,
}

/// Where a document is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DocumentLink {
    /// The name of the document.
    #[schema(example = "openapi")]
    name: &'static str,
    /// Its address on this service.
    #[schema(example = "/openapi.json")]
    href: &'static str,
    /// What is there.
    description: &'static str,
}

/// Says what this service is and where its documents are.
#[utoipa::path(
    get,
    path = "/",
    operation_id = "landing",
    tag = "operation",
    responses((
        status = OK,
        description = "Plain text, a page without script, or JSON, as the client accepts.",
        content(
            (String = "text/plain", example = "Candor 0.1.0"),
            (String = "text/html", example = "<!doctype html><title>Candor</title>"),
            (LandingBody = "application/json"),
        ),
    )),
    security(()),
)]
pub(super) async fn get(headers: HeaderMap) -> Response {
    let response = match negotiate_landing(&headers) {
        LandingType::Text => text().into_response(),
        LandingType::Html => {
            ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html()).into_response()
        }
        LandingType::Json => Json(body()).into_response(),
    };
    ([(header::VARY, "accept")], response).into_response()
}

fn body() -> LandingBody {
    let documents =
        DOCUMENTS.map(|(name, href, description)| DocumentLink { name, href, description });
    LandingBody {
        name: "Candor",
        version: env!("CARGO_PKG_VERSION"),
        description: DESCRIPTION,
        documents: documents.into(),
    }
}

fn text() -> String {
    let LandingBody { name, version, description, documents } = body();
    let lines = documents.iter().map(|it| format!("  {:<14} {}\n", it.href, it.description));
    format!("{name} {version}\n{description}\n\n{}", lines.collect::<String>())
}

/// None of the texts has a character that HTML reads as markup.
fn html() -> String {
    let LandingBody { name, version, description, documents } = body();
    let items = documents.iter().map(|it| {
        let DocumentLink { href, description, .. } = it;
        format!("<li><a href=\"{href}\">{href}</a>: {description}</li>\n")
    });
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>{name}</title>\n\
        <h1>{name} {version}</h1>\n<p>{description}</p>\n<ul>\n{}</ul>\n</html>\n",
        items.collect::<String>()
    )
}

#[cfg(test)]
mod tests {
    use super::{DESCRIPTION, DOCUMENTS, html, text};

    #[test]
    fn the_page_is_without_markup_in_its_texts_and_without_script() {
        let texts = DOCUMENTS.iter().flat_map(|(name, href, words)| [*name, *href, *words]);
        for text in texts.chain([DESCRIPTION]) {
            assert!(!text.contains(['<', '>', '&', '"']), "{text}");
        }
        assert!(!html().contains("script"));
        for (_, href, _) in DOCUMENTS {
            assert!(html().contains(href) && text().contains(href), "{href}");
        }
    }
}
