//! A token before its signature is verified.
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::TokenError;
use super::unique_json::UniqueJson;

/// The largest accepted token, in bytes. Usual tokens have one or two thousand.
const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// The parts of a token (JWS Compact Serialization, RFC 7515, section 7.1). Nothing in it is verified.
#[derive(Debug)]
pub(super) struct UnverifiedToken<'a> {
    pub(super) header: Header,
    payload: Vec<u8>,
    /// What the signature covers.
    pub(super) message: &'a str,
    /// The signature, in Base64url.
    pub(super) signature: &'a str,
}

/// The used fields of a token's header. `jwk`, `jku`, `x5u` and `x5c` are ignored, because the sender
/// controls them.
#[derive(Debug, Deserialize)]
pub(super) struct Header {
    pub(super) alg: String,
    pub(super) typ: Option<String>,
    pub(super) kid: Option<String>,
    /// Whether it requires extensions. None is supported.
    #[serde(default, deserialize_with = "is_present")]
    pub(super) crit: bool,
}

/// Returns true for a field that is present, even as null.
fn is_present<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(from).map(|_| true)
}

impl<'a> UnverifiedToken<'a> {
    /// Splits a token and parses its header.
    ///
    /// # Errors
    /// `Malformed` if it is too long, does not have three parts, or has an invalid header.
    pub(super) fn parse(token: &'a str) -> Result<Self, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::Malformed("it is too long"));
        }
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenError::Malformed("it does not have three parts"));
        };
        let message = &token[..header.len() + 1 + payload.len()];
        let invalid = TokenError::Malformed("its header is not valid JSON");
        let header = parse_object(&decode(header)?).ok_or(invalid.clone())?;
        let header =
            serde_json::from_value::<Header>(Value::Object(header)).map_err(|_| invalid)?;
        if header.crit {
            return Err(TokenError::Malformed(
                "it requires extensions (crit), and none is supported",
            ));
        }
        Ok(Self { header, payload: decode(payload)?, message, signature })
    }

    /// Parses the claims.
    ///
    /// # Errors
    /// `Malformed` if they are not a JSON object, or some object in it has a member twice.
    pub(super) fn claims(&self) -> Result<Map<String, Value>, TokenError> {
        let malformed = "its claims are not a JSON object, or one of them occurs twice";
        parse_object(&self.payload).ok_or(TokenError::Malformed(malformed))
    }
}

fn decode(text: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| TokenError::Malformed("it is not Base64url"))
}

fn parse_object(bytes: &[u8]) -> Option<Map<String, Value>> {
    match serde_json::from_slice(bytes) {
        Ok(UniqueJson(Value::Object(object))) => Some(object),
        _ => None,
    }
}
