//! Authentication: verifies bearer tokens, and signs them with a local key in development.
mod claims;
mod development;
mod keys;
#[cfg(test)]
mod tests;
mod token_error;

pub use claims::Claims;
pub use development::{
    DEFAULT_AUDIENCE, DEVELOPMENT_ISSUER, DevelopmentKey, create_data_directory,
};
pub use keys::KeySetError;
pub use token_error::TokenError;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use jsonwebtoken::crypto;
use jsonwebtoken::jwk::JwkSet;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};

use keys::{VerificationKey, verification_keys};

/// The largest accepted token, in bytes. Usual tokens have one or two thousand.
const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// A verifier of the bearer tokens (JWT, RFC 7519 and 8725) of one issuer for one audience.
#[derive(Debug)]
pub struct Authenticator {
    issuer: String,
    audience: String,
    keys: Vec<VerificationKey>,
}

/// The used fields of a token's header. `jwk`, `jku` and `x5u` are ignored, because the sender
/// controls them.
#[derive(Debug, Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
    /// Whether it requires extensions. None is supported.
    #[serde(default, deserialize_with = "is_present")]
    crit: bool,
}

/// Returns true for a field that is present, even as null.
fn is_present<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(from).map(|_| true)
}

impl Authenticator {
    /// Creates a verifier with the issuer's key set.
    ///
    /// # Errors
    /// If a key is too weak or inconsistent, two keys have one id, or no key verifies signatures.
    pub fn new(issuer: String, audience: String, keys: JwkSet) -> Result<Self, KeySetError> {
        Ok(Self { issuer, audience, keys: verification_keys(keys)? })
    }

    /// Verifies a token's signature and returns its claims, if they are valid for this service at
    /// `now`.
    ///
    /// # Errors
    /// Why the token is not accepted.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Claims, TokenError> {
        let payload = self.verify_signature(token)?;
        let claims = serde_json::from_slice::<Claims>(&payload)
            .map_err(|_| TokenError::Malformed("its claims are malformed"))?;
        claims.validate(&self.issuer, &self.audience, now)?;
        Ok(claims)
    }

    /// Returns the payload of a token that was signed with one of the keys.
    fn verify_signature(&self, token: &str) -> Result<Vec<u8>, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::Malformed("it is too long"));
        }
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenError::Malformed("it does not have three parts"));
        };
        let key = self.key(&decode_json::<Header>(header)?)?;
        let message = &token[..header.len() + 1 + payload.len()];
        let is_genuine =
            crypto::verify(signature, message.as_bytes(), &key.decoding, key.algorithm);
        if !is_genuine.unwrap_or(false) {
            return Err(TokenError::WrongSignature);
        }
        URL_SAFE_NO_PAD.decode(payload).map_err(|_| TokenError::Malformed("it is not Base64url"))
    }

    /// Returns the key that a header names. The key determines the algorithm, not the header: a
    /// header could choose `none`, or use a public key as a shared secret.
    fn key(&self, header: &Header) -> Result<&VerificationKey, TokenError> {
        if header.crit {
            return Err(TokenError::Malformed(
                "it requires extensions (crit), and none is supported",
            ));
        }
        let typ = header.typ.as_deref().map(str::to_ascii_lowercase);
        if !matches!(typ.as_deref(), None | Some("jwt" | "at+jwt" | "application/at+jwt")) {
            return Err(TokenError::Malformed("its type (typ) is not that of an access token"));
        }
        let key = match (&header.kid, self.keys.as_slice()) {
            (Some(_), keys) => keys.iter().find(|key| key.kid == header.kid),
            (None, [only]) => Some(only),
            (None, _) => None,
        };
        let key = key.ok_or(TokenError::UnknownKey)?;
        if header.alg != key.algorithm_name() {
            return Err(TokenError::WrongAlgorithm);
        }
        Ok(key)
    }
}

fn decode_json<T: DeserializeOwned>(text: &str) -> Result<T, TokenError> {
    let bytes =
        URL_SAFE_NO_PAD.decode(text).map_err(|_| TokenError::Malformed("it is not Base64url"))?;
    serde_json::from_slice(&bytes)
        .map_err(|_| TokenError::Malformed("its header is not valid JSON"))
}
