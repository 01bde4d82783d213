//! The page about a candidate, which OpenRefine shows in a frame.
use std::fmt::Write;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use candor_schema::database::Database;
use candor_schema::fault::Fault;
use candor_schema::organization::model::Viewer;
use candor_schema::screening::service::{ReconcilePreview, find_reconcile_preview};
use htmlize::escape_text;

use crate::http::problem::fault_response;

/// Frames of other sites may show the page, which runs nothing and loads nothing.
const CONTENT_SECURITY_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors *";

/// Returns the page about the organization or the recipient with an id.
///
/// # Errors
/// The response to a failed request: 404 if there is none.
pub(super) async fn page(
    database: &Database,
    viewer: &Viewer,
    id: &str,
) -> Result<Response, Response> {
    let found = find_reconcile_preview(database, viewer, id).await.map_err(fault_response)?;
    let found = found.ok_or_else(|| fault_response(Fault::NotFound))?;
    let (name, kind, lines) = match found {
        ReconcilePreview::Organization(card) => {
            let named = card.organization;
            let mut lines = vec![("Place".to_owned(), join(named.city, named.region))];
            lines.extend(card.numbers.into_iter().map(|it| (it.scheme.label().to_owned(), it.id)));
            (named.name, "Organization registered with the City", lines)
        }
        ReconcilePreview::Recipient(named) => {
            let mut lines = vec![("Place".to_owned(), join(named.city, named.state))];
            lines.extend(named.uei.map(|uei| ("UEI".to_owned(), uei)));
            (named.name, "Recipient of federal awards", lines)
        }
    };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    ];
    Ok((StatusCode::OK, headers, render(&name, kind, &lines)).into_response())
}

fn join(city: Option<String>, region: Option<String>) -> String {
    [city, region].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Renders the page. Lines without a value are left out.
fn render(name: &str, kind: &str, lines: &[(String, String)]) -> String {
    let name = escape_text(name);
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{name}</title>\
         <style>body{{font:14px sans-serif;margin:12px}}h1{{font-size:16px;margin:0 0 4px}}\
         dl{{display:grid;grid-template-columns:auto 1fr;gap:2px 8px;margin:8px 0 0}}\
         dd{{margin:0}}</style><h1>{name}</h1><p>{kind}</p><dl>"
    );
    for (label, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        // Writing to a String does not fail.
        let _ = write!(page, "<dt>{}</dt><dd>{}</dd>", escape_text(label), escape_text(value));
    }
    page.push_str("</dl></html>\n");
    page
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn a_name_is_text_on_the_page() {
        let lines = [("Place".to_owned(), "<b>".to_owned()), ("UEI".to_owned(), String::new())];
        let page = render("<script>alert(1)</script> & Sons", "Firm", &lines);
        assert!(!page.contains("<script>") && !page.contains("<b>"), "{page}");
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; Sons"), "{page}");
        assert!(!page.contains("UEI"), "{page}");
    }
}
