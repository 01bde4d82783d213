//! Which form of an export a client wants.
use axum::http::{HeaderMap, StatusCode};

use crate::export::ExportFormat;
use crate::http::media_type::{CSV, JSON_LINES, NDJSON, negotiate};
use crate::http::problem::Problem;

/// Returns the form that the parameter `format` names, or that the `Accept` header prefers; CSV without
/// either.
///
/// # Errors
/// 400 for another word, 406 if the client accepts none.
pub(super) fn negotiate_format(
    parameter: Option<&str>,
    headers: &HeaderMap,
) -> Result<ExportFormat, Problem> {
    match parameter {
        Some("csv") => return Ok(ExportFormat::Csv),
        Some("jsonl") => return Ok(ExportFormat::Jsonl),
        Some(_) => {
            let message = "format: send csv or jsonl.";
            return Err(Problem::new(StatusCode::BAD_REQUEST, message));
        }
        None => {}
    }
    match negotiate(headers, &[CSV, JSON_LINES, NDJSON]) {
        Some(0) => Ok(ExportFormat::Csv),
        Some(_) => Ok(ExportFormat::Jsonl),
        None => {
            let message = "Exports are text/csv or application/jsonl; accept one, or send format=csv \
                           or format=jsonl.";
            Err(Problem::new(StatusCode::NOT_ACCEPTABLE, message))
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::negotiate_format;
    use crate::export::ExportFormat::{self, Csv, Jsonl};

    fn negotiated(parameter: Option<&str>, accept: Option<&str>) -> Option<ExportFormat> {
        let mut headers = HeaderMap::new();
        if let Some(accept) = accept {
            headers.insert(header::ACCEPT, HeaderValue::from_str(accept).expect("a value"));
        }
        negotiate_format(parameter, &headers).ok()
    }

    #[test]
    fn the_parameter_decides_before_the_header() {
        for (parameter, accept, expected) in [
            (None, None, Some(Csv)),
            (None, Some("*/*"), Some(Csv)),
            (None, Some("text/csv"), Some(Csv)),
            (None, Some("application/jsonl"), Some(Jsonl)),
            (None, Some("application/x-ndjson"), Some(Jsonl)),
            (None, Some("text/csv;q=0.5, application/jsonl"), Some(Jsonl)),
            (None, Some("application/pdf"), None),
            (Some("jsonl"), Some("text/csv"), Some(Jsonl)),
            (Some("csv"), Some("application/pdf"), Some(Csv)),
            (Some("xlsx"), None, None),
            (Some(""), None, None),
        ] {
            assert_eq!(negotiated(parameter, accept), expected, "{parameter:?} {accept:?}");
        }
    }
}
