//! API keys of service accounts as bearer tokens.
use candor_schema::service_account::model::ApiKeySecret;

/// Returns whether a bearer token is an API key rather than a token of an issuer, which never has an
/// underscore among its first letters: it begins with Base64url of `{"`.
pub(crate) fn is_api_key(token: &str) -> bool {
    token.starts_with(ApiKeySecret::PREFIX)
}

#[cfg(test)]
mod tests {
    use super::is_api_key;

    #[test]
    fn a_token_of_an_issuer_is_no_api_key() {
        assert!(is_api_key("candor_x"));
        for token in ["eyJhbGciOiJFUzI1NiJ9.e30.x", "", "candor", "Candor_x", " candor_x"] {
            assert!(!is_api_key(token), "{token}");
        }
    }
}
