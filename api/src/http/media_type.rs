//! Content negotiation of GraphQL over HTTP.
use axum::http::{HeaderMap, header};

/// The media type of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MediaType {
    /// `application/json`: status 200 for every GraphQL response, with or without errors.
    Json,
    /// `application/graphql-response+json`: status 400 if nothing was executed.
    GraphqlResponse,
}

impl MediaType {
    /// The value of the `Content-Type` header.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
        }
    }

    /// Returns the media type that the client's `Accept` header prefers: JSON without the header,
    /// `None` if the client accepts neither.
    pub(super) fn negotiate(headers: &HeaderMap) -> Option<Self> {
        let ranges = parse_accept(headers);
        if ranges.is_empty() {
            return Some(Self::Json);
        }
        let quality = |subtype: &str| {
            let matches = |(range, _): &&(String, f32)| {
                range == "*/*"
                    || range == "application/*"
                    || range.strip_prefix("application/") == Some(subtype)
            };
            // The most specific range counts, at any quality (RFC 9110, section 12.5.1).
            let specificity =
                |range: &str| usize::from(range != "*/*") + usize::from(!range.contains('*'));
            let best = ranges.iter().filter(matches).max_by_key(|(range, _)| specificity(range));
            best.map_or((0.0, 0), |(range, quality)| (*quality, specificity(range)))
        };
        let (json, response) = (quality("json"), quality("graphql-response+json"));
        if json.0 <= 0.0 && response.0 <= 0.0 {
            return None;
        }
        let named_both = json == response && json.1 == 2;
        Some(if response > json || named_both { Self::GraphqlResponse } else { Self::Json })
    }
}

/// Returns whether the client accepts HTML by name, as browsers do.
pub(super) fn wants_html(headers: &HeaderMap) -> bool {
    parse_accept(headers).iter().any(|(range, quality)| range == "text/html" && *quality > 0.0)
}

/// Returns whether the `Content-Type` is JSON in UTF-8. Browsers let forms of other sites send some
/// other types without a preflight request.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let mut all = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(content_type), None) = (all.next(), all.next()) else {
        return false;
    };
    let Ok(content_type) = content_type.to_str() else {
        return false;
    };
    let mut parts = content_type.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|it| it.eq_ignore_ascii_case("application/json"));
    is_json
        && parts.filter_map(|part| part.split_once('=')).all(|(name, value)| {
            !name.eq_ignore_ascii_case("charset")
                || value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        })
}

/// Parses the media ranges of `Accept`, each with its quality.
fn parse_accept(headers: &HeaderMap) -> Vec<(String, f32)> {
    let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let ranges = values.flat_map(|value| value.split(',')).filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().filter(|name| name.contains('/'))?.to_ascii_lowercase();
        let quality = parts.find_map(|part| part.strip_prefix("q="));
        Some((name, quality.map_or(1.0, |quality| quality.parse().unwrap_or(0.0))))
    });
    ranges.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().expect("a header"))])
    }

    #[test]
    fn the_preferred_media_type_is_chosen() {
        let response = "application/graphql-response+json";
        for (accept, expected) in [
            ("*/*", Some(MediaType::Json)),
            ("application/*", Some(MediaType::Json)),
            ("application/json", Some(MediaType::Json)),
            ("application/json; charset=utf-8", Some(MediaType::Json)),
            (response, Some(MediaType::GraphqlResponse)),
            ("Application/GraphQL-response+JSON", Some(MediaType::GraphqlResponse)),
            (
                "application/graphql-response+json, application/json",
                Some(MediaType::GraphqlResponse),
            ),
            (
                "application/graphql-response+json, application/json;q=0.9, */*;q=0.1",
                Some(MediaType::GraphqlResponse),
            ),
            ("application/graphql-response+json;q=0.5, application/json", Some(MediaType::Json)),
            ("application/json, */*", Some(MediaType::Json)),
            ("application/json;q=0, */*", Some(MediaType::GraphqlResponse)),
            ("text/html", None),
            ("*/*;q=0", None),
            ("nonsense", Some(MediaType::Json)),
        ] {
            assert_eq!(
                MediaType::negotiate(&headers(header::ACCEPT, accept)),
                expected,
                "{accept}"
            );
        }
        assert_eq!(MediaType::negotiate(&HeaderMap::new()), Some(MediaType::Json));
    }

    #[test]
    fn only_json_in_utf_8_is_accepted() {
        for (content_type, expected) in [
            ("application/json", true),
            ("Application/JSON; charset=UTF-8", true),
            ("application/json;charset=\"utf-8\"", true),
            ("application/json; charset=latin1", false),
            ("text/plain", false),
            ("application/jsonp", false),
            ("multipart/form-data; boundary=x", false),
            ("text/plain; application/json", false),
        ] {
            let headers = headers(header::CONTENT_TYPE, content_type);
            assert_eq!(is_json(&headers), expected, "{content_type}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }
}
