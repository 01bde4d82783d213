//! GraphiQL, served from files in the binary. The page loads nothing from other servers.
//! `api/graphiql/README.md` lists the sources of the files.
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::media_type::wants_html;

/// The content security policy of the page. GraphiQL's editors set inline styles, and its style
/// sheet embeds fonts.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' \
                           'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; \
                           connect-src 'self'; base-uri 'none'; form-action 'none'; \
                           frame-ancestors 'none'";
/// The cache control of files with a version in their name, which never change.
const IMMUTABLE_ONE_YEAR: &str = "public, max-age=31536000, immutable";
/// The cache control of our own files, which change with the service.
const NO_STORE: &str = "no-store";

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
    asset!("react-18.3.1.min.js", JAVASCRIPT, IMMUTABLE_ONE_YEAR),
    asset!("react-dom-18.3.1.min.js", JAVASCRIPT, IMMUTABLE_ONE_YEAR),
    asset!("graphiql-4.1.2.min.js", JAVASCRIPT, IMMUTABLE_ONE_YEAR),
    asset!("graphiql-4.1.2.min.css", CSS, IMMUTABLE_ONE_YEAR),
    asset!("page.js", JAVASCRIPT, NO_STORE),
    asset!("page.css", CSS, NO_STORE),
];

/// Returns a page on which people can try queries. It sends them by POST.
pub(super) async fn page(headers: HeaderMap) -> Response {
    if !wants_html(&headers) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "POST")]).into_response();
    }
    ([(header::CONTENT_SECURITY_POLICY, PAGE_POLICY)], Html(PAGE)).into_response()
}

/// Returns a file of the GraphiQL page.
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
    security(()),
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
    fn the_page_loads_only_its_own_files() {
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
