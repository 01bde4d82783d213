//! GraphiQL, from files in the binary: the page loads nothing from elsewhere. `api/graphiql/`
//! says where they come from.
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::media::wants_html;

/// What the page may load and do. GraphiQL's editors set styles of their own, and its style sheet
/// carries fonts.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' \
                           'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; \
                           connect-src 'self'; base-uri 'none'; form-action 'none'; \
                           frame-ancestors 'none'";
/// For files whose name has a version: they never change.
const ONE_YEAR: &str = "public, max-age=31536000, immutable";
/// For our own files, which change with the service.
const ALWAYS_ASK: &str = "no-store";

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";

/// A file that the page loads.
struct Asset {
    name: &'static str,
    content_type: &'static str,
    cache_control: &'static str,
    content: &'static str,
}

macro_rules! asset {
    ($name:literal, $content_type:expr, $cache_control:expr) => {
        Asset {
            name: $name,
            content_type: $content_type,
            cache_control: $cache_control,
            content: include_str!(concat!("../../graphiql/", $name)),
        }
    };
}

static PAGE: &str = include_str!("../../graphiql/index.html");
static ASSETS: [Asset; 6] = [
    asset!("react-18.3.1.min.js", JAVASCRIPT, ONE_YEAR),
    asset!("react-dom-18.3.1.min.js", JAVASCRIPT, ONE_YEAR),
    asset!("graphiql-4.1.2.min.js", JAVASCRIPT, ONE_YEAR),
    asset!("graphiql-4.1.2.min.css", CSS, ONE_YEAR),
    asset!("page.js", JAVASCRIPT, ALWAYS_ASK),
    asset!("page.css", CSS, ALWAYS_ASK),
];

/// A page for people to try queries on; it runs them by POST, like everybody.
pub(super) async fn page(headers: HeaderMap) -> Response {
    if !wants_html(&headers) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "POST")]).into_response();
    }
    ([(header::CONTENT_SECURITY_POLICY, PAGE_POLICY)], Html(PAGE)).into_response()
}

/// A file of the page for people at `/graphql`.
#[utoipa::path(
    get,
    path = "/graphiql/{file}",
    operation_id = "graphiqlFile",
    tag = "graphql",
    params(("file" = String, Path, description = "The file's name, as the page has it.")),
    responses(
        (status = OK, description = "The file.", content(
            (String = "text/javascript"),
            (String = "text/css"),
        )),
        (
            status = NOT_FOUND,
            description = "There is no such file.",
            body = super::problem::Problem,
            content_type = "application/problem+json",
        ),
    ),
)]
pub(super) async fn asset(Path(file): Path<String>) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == file) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers =
        [(header::CONTENT_TYPE, asset.content_type), (header::CACHE_CONTROL, asset.cache_control)];
    (headers, asset.content).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_loads_its_own_files_alone() {
        let loaded = PAGE.split('"').filter(|text| text.starts_with("/graphiql/"));
        let mut loaded = loaded.map(|path| &path["/graphiql/".len()..]).collect::<Vec<_>>();
        let mut served = ASSETS.iter().map(|asset| asset.name).collect::<Vec<_>>();
        loaded.sort_unstable();
        served.sort_unstable();
        assert_eq!(loaded, served);
        assert!(!PAGE.contains("//"), "nothing from elsewhere");
        for script in PAGE.split("<script").skip(1) {
            assert!(script.contains("></script>"), "no inline script: {script}");
        }
    }
}
