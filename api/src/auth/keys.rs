//! An issuer's public keys, each with its one algorithm.
use std::collections::BTreeSet;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet};
use jsonwebtoken::jwk::{KeyAlgorithm, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde_json::Value;

use super::TokenError;
use super::unique_json::UniqueJson;
use super::unverified_token::{Header, UnverifiedToken};

/// The most keys in a set. An issuer publishes two or three, and a few more while it rotates them.
const MAX_KEYS: usize = 100;
/// The most reasons for skipped keys that a message lists.
const MAX_REASONS: usize = 5;
/// The most characters of a key's id in a message.
const MAX_KID_CHARS: usize = 80;
/// The bytes of an RSA modulus: 2,048 bits at least (RFC 7518, section 3.3), and no more than the
/// library verifies.
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;

/// A key that verifies signatures of one algorithm.
#[derive(Debug)]
struct VerificationKey {
    kid: Option<String>,
    algorithm: Algorithm,
    decoding: DecodingKey,
}

/// The keys of an issuer that verify signatures.
#[derive(Debug)]
pub(super) struct KeySet {
    keys: Vec<VerificationKey>,
    /// The keys as published, to see whether a set differs from the one before.
    published: BTreeSet<String>,
}

/// Why a key set (RFC 7517) cannot be used, with messages for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySetError {
    /// It is not a JSON object with a list `keys`; holds the reason.
    NotAKeySet(String),
    /// It has more keys than are read.
    TooManyKeys(usize),
    /// No key verifies signatures with a supported algorithm; holds why each was skipped.
    NoVerificationKey(Vec<String>),
    /// Two keys have this id.
    DuplicateKeyId(String),
}

impl fmt::Display for KeySetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAKeySet(why) => write!(
                f,
                "it is not a key set (RFC 7517): {why}. Give the issuer's jwks_uri, or a file with \
                 what it serves"
            ),
            Self::TooManyKeys(count) => {
                write!(f, "the key set has {count} keys, and at most {MAX_KEYS} are read")
            }
            Self::NoVerificationKey(reasons) => {
                f.write_str(
                    "the key set has no key that can verify tokens; it needs one for signatures of \
                     type RSA (2048 bits or more, RS256 or PS256), EC (P-256) or OKP (Ed25519)",
                )?;
                if reasons.is_empty() {
                    return f.write_str(". It has no key at all");
                }
                write!(f, ". Skipped: {}", reasons[..reasons.len().min(MAX_REASONS)].join("; "))
            }
            Self::DuplicateKeyId(kid) => write!(f, "the key set has two keys with the id {kid}"),
        }
    }
}

impl std::error::Error for KeySetError {}

impl KeySet {
    /// Parses a published key set.
    ///
    /// # Errors
    /// If it is not a key set, is too large, has an id twice, or has no key that verifies signatures.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, KeySetError> {
        let not_a_set = |why: &str| KeySetError::NotAKeySet(why.to_owned());
        let UniqueJson(set) = serde_json::from_slice(bytes)
            .map_err(|error| not_a_set(&format!("it is not valid JSON ({error})")))?;
        match set.get("keys") {
            Some(Value::Array(keys)) => Self::from_values(keys),
            Some(_) => Err(not_a_set("its member `keys` is not a list")),
            None => Err(not_a_set("it has no member `keys`")),
        }
    }

    /// Creates the set of these keys.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub(super) fn from_jwks(set: &JwkSet) -> Result<Self, KeySetError> {
        let values = set.keys.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>();
        Self::from_values(&values.map_err(|error| KeySetError::NotAKeySet(error.to_string()))?)
    }

    /// Skips keys for encryption, of unsupported types, and those that cannot be used (RFC 7517,
    /// section 5), which issuers publish in the same set.
    fn from_values(values: &[Value]) -> Result<Self, KeySetError> {
        if values.len() > MAX_KEYS {
            return Err(KeySetError::TooManyKeys(values.len()));
        }
        let (mut keys, mut skipped, mut names) = (Vec::new(), Vec::new(), BTreeSet::new());
        let mut published = BTreeSet::new();
        for value in values {
            match verification_key(value) {
                Ok(key) => {
                    if let Some(kid) = &key.kid
                        && !names.insert(kid.clone())
                    {
                        return Err(KeySetError::DuplicateKeyId(quoted_kid(value)));
                    }
                    published.insert(value.to_string());
                    keys.push(key);
                }
                Err(why) => skipped.push(format!("key {} {why}", quoted_kid(value))),
            }
        }
        if keys.is_empty() {
            return Err(KeySetError::NoVerificationKey(skipped));
        }
        for reason in &skipped {
            tracing::debug!(reason, "skipped a key of the set");
        }
        Ok(Self { keys, published })
    }

    /// Returns whether both sets have the same keys, in any order.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.published == other.published
    }

    /// Returns the number of keys.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Verifies that one of the keys signed the token.
    ///
    /// # Errors
    /// `UnknownKey`, `WrongAlgorithm` or `WrongSignature`.
    pub(super) fn verify(&self, token: &UnverifiedToken<'_>) -> Result<(), TokenError> {
        let key = self.key(&token.header)?;
        let message = token.message.as_bytes();
        let is_genuine = crypto::verify(token.signature, message, &key.decoding, key.algorithm);
        if is_genuine.unwrap_or(false) { Ok(()) } else { Err(TokenError::WrongSignature) }
    }

    /// Returns the key that a header names. The key determines the algorithm, not the header: a
    /// header could choose `none`, or use a public key as a shared secret.
    fn key(&self, header: &Header) -> Result<&VerificationKey, TokenError> {
        let key = match (&header.kid, self.keys.as_slice()) {
            (Some(_), keys) => keys.iter().find(|key| key.kid == header.kid),
            (None, [only]) => Some(only),
            (None, _) => None,
        };
        let key = key.ok_or(TokenError::UnknownKey)?;
        if header.alg != format!("{:?}", key.algorithm) {
            return Err(TokenError::WrongAlgorithm);
        }
        Ok(key)
    }
}

fn quoted_kid(value: &Value) -> String {
    let kid = value.get("kid").and_then(Value::as_str).unwrap_or("without an id");
    format!("{:?}", kid.chars().take(MAX_KID_CHARS).collect::<String>())
}

/// Returns the key of a member of a set, or why it is skipped.
fn verification_key(value: &Value) -> Result<VerificationKey, &'static str> {
    if value.get("kty").and_then(Value::as_str) == Some("oct") {
        return Err("is a shared secret, which has no place in a published set");
    }
    // Whoever reads the set could sign any token.
    if value.get("d").is_some() {
        return Err("is published with its private part, so anyone can sign with it");
    }
    let jwk: Jwk = serde_json::from_value(value.clone()).map_err(|_| "is malformed")?;
    let algorithm = algorithm(&jwk)?;
    if let AlgorithmParameters::RSA(rsa) = &jwk.algorithm {
        check_modulus(&rsa.n)?;
    }
    let decoding = DecodingKey::from_jwk(&jwk).map_err(|_| "is malformed")?;
    Ok(VerificationKey { kid: jwk.common.key_id, algorithm, decoding })
}

fn check_modulus(modulus: &str) -> Result<(), &'static str> {
    let modulus = URL_SAFE_NO_PAD.decode(modulus);
    let modulus = modulus.map_err(|_| "is malformed")?;
    let bytes = modulus.iter().skip_while(|byte| **byte == 0).count();
    if MODULUS_BYTES.contains(&bytes) { Ok(()) } else { Err("has not 2048 to 8192 bits") }
}

/// Returns the one algorithm of a key, or why it does not verify signatures.
fn algorithm(jwk: &Jwk) -> Result<Algorithm, &'static str> {
    if !matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature)) {
        return Err("is not for signatures (use)");
    }
    let operations = jwk.common.key_operations.as_ref();
    if !operations.is_none_or(|all| all.contains(&KeyOperations::Verify)) {
        return Err("is not for verifying (key_ops)");
    }
    let supported: &[(KeyAlgorithm, Algorithm)] = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => {
            &[(KeyAlgorithm::RS256, Algorithm::RS256), (KeyAlgorithm::PS256, Algorithm::PS256)]
        }
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            &[(KeyAlgorithm::ES256, Algorithm::ES256)]
        }
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            &[(KeyAlgorithm::EdDSA, Algorithm::EdDSA)]
        }
        _ => return Err("has a type (kty) or curve that is not supported"),
    };
    // A key without an algorithm has the usual one of its type, as those of Entra.
    let declared = jwk.common.key_algorithm.unwrap_or(supported[0].0);
    let found = supported.iter().find(|(name, _)| *name == declared);
    found.map(|(_, algorithm)| *algorithm).ok_or("has an algorithm (alg) that is not supported")
}
