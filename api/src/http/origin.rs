//! The address by which a client knows this service.
use axum::http::{HeaderMap, HeaderValue};

/// The longest name of a host (RFC 1035, section 2.3.4), with a port.
const MAX_HOST_BYTES: usize = 261;

/// Returns the scheme and host by which the client knows this service. A proxy that ends TLS says so.
pub(super) fn origin(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let is_host = |host: &&str| {
        host.len() <= MAX_HOST_BYTES
            && !host.is_empty()
            && host.bytes().all(|it| it.is_ascii_alphanumeric() || b".-:[]_".contains(&it))
    };
    let host = text("host").filter(is_host).unwrap_or("localhost");
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let is_local = matches!(name, "localhost" | "127.0.0.1" | "[::1]");
    let scheme = match text("x-forwarded-proto") {
        Some("https") => "https",
        Some("http") => "http",
        _ if is_local => "http",
        _ => "https",
    };
    format!("{scheme}://{host}")
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue};

    use super::origin;

    #[test]
    fn the_origin_is_what_the_client_sees() {
        for (host, forwarded, expected) in [
            ("candor.city.example", None, "https://candor.city.example"),
            ("candor.city.example:8443", None, "https://candor.city.example:8443"),
            ("127.0.0.1:8080", None, "http://127.0.0.1:8080"),
            ("[::1]:8080", None, "http://[::1]:8080"),
            ("localhost", Some("https"), "https://localhost"),
            ("candor.city.example", Some("http"), "http://candor.city.example"),
            ("candor.city.example", Some("gopher"), "https://candor.city.example"),
            ("a\"b", None, "http://localhost"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("host", HeaderValue::from_str(host).expect("a value"));
            if let Some(forwarded) = forwarded {
                let value = HeaderValue::from_str(forwarded).expect("a value");
                headers.insert("x-forwarded-proto", value);
            }
            assert_eq!(origin(&headers), expected, "{host} {forwarded:?}");
        }
    }
}
