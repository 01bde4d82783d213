//! Content negotiation of GraphQL over HTTP.
use axum::http::{HeaderMap, header};
use headers_accept::Accept;
use headers_core::Header;
use mediatype::{MediaType as Name, ReadParams, names};

const JSON: Name<'_> = Name::new(names::APPLICATION, names::JSON);
const GRAPHQL: mediatype::Name<'_> = mediatype::Name::new_unchecked("graphql-response");
/// What the endpoint serves, the preferred type of a client without a preference first.
const SERVED: &[Name<'_>] =
    &[JSON, Name::from_parts(names::APPLICATION, GRAPHQL, Some(names::JSON), &[])];
const HTML: Name<'_> = Name::new(names::TEXT, names::HTML);
/// Comma-separated values (RFC 4180).
pub(super) const CSV: Name<'_> = Name::new(names::TEXT, mediatype::Name::new_unchecked("csv"));
/// JSON Lines.
pub(super) const JSON_LINES: Name<'_> =
    Name::new(names::APPLICATION, mediatype::Name::new_unchecked("jsonl"));
/// Another name of JSON Lines.
pub(super) const NDJSON: Name<'_> =
    Name::new(names::APPLICATION, mediatype::Name::new_unchecked("x-ndjson"));

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

    /// Returns the media type that the client's `Accept` header prefers (RFC 9110, section 12.5.1):
    /// JSON without a readable header, `None` if the client accepts neither.
    pub(super) fn negotiate(headers: &HeaderMap) -> Option<Self> {
        // The header that most programs send: parsing it takes longer than admitting a document.
        let mut all = headers.get_all(header::ACCEPT).iter();
        if let (Some(only), None) = (all.next(), all.next())
            && only == "application/json"
        {
            return Some(Self::Json);
        }
        let Some(accept) = parse_accept(headers) else {
            return Some(Self::Json);
        };
        let chosen = accept.negotiate(SERVED)?;
        Some(if *chosen == JSON { Self::Json } else { Self::GraphqlResponse })
    }
}

/// Returns the position of the media type that the client's `Accept` header prefers: the first one
/// without a readable header, `None` if the client accepts none.
pub(super) fn negotiate(headers: &HeaderMap, served: &[Name<'_>]) -> Option<usize> {
    let Some(accept) = parse_accept(headers) else { return Some(0) };
    let chosen = accept.negotiate(served)?;
    served.iter().position(|name| name == chosen)
}

/// The media types of the page that says what this service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LandingType {
    Text,
    Html,
    Json,
}

/// Returns the media type of that page that the client prefers: plain text if it does not say, or accepts
/// none of the three.
pub(super) fn negotiate_landing(headers: &HeaderMap) -> LandingType {
    const SERVED: &[Name<'_>] = &[Name::new(names::TEXT, names::PLAIN), HTML, JSON];
    let accept = parse_accept(headers);
    match accept.as_ref().and_then(|accept| accept.negotiate(SERVED)) {
        Some(chosen) if *chosen == HTML => LandingType::Html,
        Some(chosen) if *chosen == JSON => LandingType::Json,
        _ => LandingType::Text,
    }
}

/// Returns whether the client accepts HTML by name, as browsers do.
pub(super) fn wants_html(headers: &HeaderMap) -> bool {
    parse_accept(headers).is_some_and(|accept| {
        accept.media_types().any(|range| range.essence() == HTML)
            && accept.negotiate([HTML].iter()).is_some()
    })
}

/// Returns whether the `Content-Type` is JSON in UTF-8. Browsers let forms of other sites send some
/// other types without a preflight request.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let mut all = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(content_type), None) = (all.next(), all.next()) else {
        return false;
    };
    let content_type = content_type.to_str().ok().and_then(|it| Name::parse(it).ok());
    content_type.is_some_and(|content_type| {
        let charset = content_type.get_param(names::CHARSET);
        content_type.essence() == JSON
            && charset.is_none_or(|it| it.unquoted_str().eq_ignore_ascii_case("utf-8"))
    })
}

/// Parses the `Accept` headers; `None` without one, or if one cannot be read. Parameters of a range
/// other than its quality are left out: everything is served in UTF-8, however a client spells it.
fn parse_accept(headers: &HeaderMap) -> Option<Accept> {
    let accept = Accept::decode(&mut headers.get_all(header::ACCEPT).iter()).ok()?;
    let ranges = accept.media_types().map(|range| match range.get_param(names::Q) {
        Some(quality) => format!("{};q={quality}", range.essence()),
        None => range.essence().to_string(),
    });
    ranges.collect::<Vec<_>>().join(",").parse().ok()
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
            ("application/json;charset=UTF-8", Some(MediaType::Json)),
            (response, Some(MediaType::GraphqlResponse)),
            (
                "application/graphql-response+json; charset=utf-8, application/json; charset=utf-8",
                Some(MediaType::GraphqlResponse),
            ),
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
            ("application/json, application/graphql-response+json", Some(MediaType::Json)),
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
    fn a_browser_gets_a_page_and_a_program_json() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        for (accept, expected) in [
            ("*/*", LandingType::Text),
            ("text/plain", LandingType::Text),
            (browser, LandingType::Html),
            ("application/json", LandingType::Json),
            ("application/json, text/plain;q=0.5", LandingType::Json),
            ("image/png", LandingType::Text),
            ("nonsense", LandingType::Text),
        ] {
            let headers = headers(header::ACCEPT, accept);
            assert_eq!(negotiate_landing(&headers), expected, "{accept}");
        }
        assert_eq!(negotiate_landing(&HeaderMap::new()), LandingType::Text);
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
