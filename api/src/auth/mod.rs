//! Knowing who asks: bearer tokens, and the key that signs them on a developer's machine.
mod claims;
mod development;
mod keys;
mod refusal;
#[cfg(test)]
mod tests;

pub use claims::Claims;
pub use development::{AUDIENCE, DevelopmentKey, ISSUER, make_directory};
pub use keys::UnusableKeys;
pub use refusal::Refusal;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use jsonwebtoken::crypto;
use jsonwebtoken::jwk::JwkSet;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};

use keys::{Key, usable};

/// The longest token, in bytes; issuers send one or two thousand.
const LONGEST: usize = 16 * 1024;

/// Verifies bearer tokens (JWT, RFC 7519 and 8725) of one issuer for one audience.
#[derive(Debug)]
pub struct Authenticator {
    issuer: String,
    audience: String,
    keys: Vec<Key>,
}

/// What counts of a token's header. Its `jwk`, `jku` and `x5u` do not: whoever made the token
/// wrote them.
#[derive(Debug, Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
    /// Extensions that a verifier must understand, whatever they are: we know none.
    #[serde(default, deserialize_with = "present")]
    crit: bool,
}

/// That a member is there, even as null.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(from).map(|_| true)
}

impl Authenticator {
    /// # Errors
    /// If a key is too weak or contradicts itself, two share a name, or none can verify.
    pub fn new(issuer: String, audience: String, keys: JwkSet) -> Result<Self, UnusableKeys> {
        Ok(Self { issuer, audience, keys: usable(keys)? })
    }

    /// What a token says, if the issuer said it, to us, and it holds at `now`.
    ///
    /// # Errors
    /// Why it does not count, for the person that sent it.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Claims, Refusal> {
        let payload = self.signed(token)?;
        let claims = serde_json::from_slice::<Claims>(&payload)
            .map_err(|_| Refusal::Malformed("its claims are not what they should be"))?;
        claims.hold(&self.issuer, &self.audience, now)?;
        Ok(claims)
    }

    /// The payload of a token that one of the keys signed.
    fn signed(&self, token: &str) -> Result<Vec<u8>, Refusal> {
        if token.len() > LONGEST {
            return Err(Refusal::Malformed("it is too long"));
        }
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Refusal::Malformed("it does not have three parts"));
        };
        let key = self.key(&part::<Header>(header)?)?;
        let message = &token[..header.len() + 1 + payload.len()];
        let genuine = crypto::verify(signature, message.as_bytes(), &key.decoding, key.algorithm);
        if !genuine.unwrap_or(false) {
            return Err(Refusal::Signature);
        }
        URL_SAFE_NO_PAD.decode(payload).map_err(|_| Refusal::Malformed("it is not Base64url"))
    }

    /// The key that a header names. The algorithm is the key's: a header that could choose it
    /// could choose none, or take a public key for a shared secret.
    fn key(&self, header: &Header) -> Result<&Key, Refusal> {
        if header.crit {
            return Err(Refusal::Malformed(
                "it asks for extensions (crit) that are not known here",
            ));
        }
        let typ = header.typ.as_deref().map(str::to_ascii_lowercase);
        if !matches!(typ.as_deref(), None | Some("jwt" | "at+jwt" | "application/at+jwt")) {
            return Err(Refusal::Malformed("its type (typ) is not that of an access token"));
        }
        let key = match (&header.kid, self.keys.as_slice()) {
            (Some(_), keys) => keys.iter().find(|key| key.kid == header.kid),
            (None, [only]) => Some(only),
            (None, _) => None,
        };
        let key = key.ok_or(Refusal::UnknownKey)?;
        if header.alg != key.name() {
            return Err(Refusal::Algorithm);
        }
        Ok(key)
    }
}

fn part<T: DeserializeOwned>(text: &str) -> Result<T, Refusal> {
    let bytes =
        URL_SAFE_NO_PAD.decode(text).map_err(|_| Refusal::Malformed("it is not Base64url"))?;
    serde_json::from_slice(&bytes).map_err(|_| Refusal::Malformed("its header is not one"))
}
