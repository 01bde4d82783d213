//! The issuer's public keys, each with its one algorithm.
use std::collections::BTreeSet;
use std::fmt;

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet};
use jsonwebtoken::jwk::{KeyAlgorithm, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};

/// A key that verifies signatures of one algorithm.
#[derive(Debug)]
pub(super) struct VerificationKey {
    pub(super) kid: Option<String>,
    pub(super) algorithm: Algorithm,
    pub(super) decoding: DecodingKey,
}

impl VerificationKey {
    /// The algorithm's name in token headers, such as `EdDSA`.
    pub(super) fn algorithm_name(&self) -> String {
        format!("{:?}", self.algorithm)
    }
}

/// Why a key set (RFC 7517) cannot be used, with messages for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySetError {
    /// No key verifies signatures with a supported algorithm.
    NoVerificationKey,
    /// Two keys have this id.
    DuplicateKeyId(String),
    /// The id of a key and what is wrong with it.
    InvalidKey(String, &'static str),
}

impl fmt::Display for KeySetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoVerificationKey => f.write_str(
                "the key set has no key that verifies signatures; it needs one of type RSA, EC \
                 (P-256, P-384), OKP (Ed25519) or oct, for use sig",
            ),
            Self::DuplicateKeyId(kid) => write!(f, "the key set has two keys with the id {kid:?}"),
            Self::InvalidKey(kid, why) => write!(f, "the key {kid:?} {why}"),
        }
    }
}

impl std::error::Error for KeySetError {}

/// Returns the keys that verify signatures. Keys for encryption or of unsupported types, which
/// issuers may publish in the same set, are skipped.
pub(super) fn verification_keys(set: JwkSet) -> Result<Vec<VerificationKey>, KeySetError> {
    let (mut keys, mut names) = (Vec::new(), BTreeSet::new());
    for jwk in set.keys {
        let name = jwk.common.key_id.clone().unwrap_or_default();
        let Some(algorithm) = algorithm(&jwk, &name)? else {
            tracing::warn!(kid = name, "skipped a key that does not verify signatures");
            continue;
        };
        let malformed = |_| KeySetError::InvalidKey(name.clone(), "is malformed");
        let key = DecodingKey::from_jwk(&jwk).map_err(malformed)?;
        if algorithm.family() == AlgorithmFamily::Hmac {
            let length = key.try_get_as_bytes().map_err(malformed)?.len();
            if length < hash_bytes(algorithm) {
                let why = "is shorter than its hash (RFC 7518, section 3.2); use a longer key";
                return Err(KeySetError::InvalidKey(name, why));
            }
        }
        if jwk.common.key_id.is_some() && !names.insert(name.clone()) {
            return Err(KeySetError::DuplicateKeyId(name));
        }
        keys.push(VerificationKey { kid: jwk.common.key_id, algorithm, decoding: key });
    }
    if keys.is_empty() { Err(KeySetError::NoVerificationKey) } else { Ok(keys) }
}

/// Returns the one algorithm of a key; `None` if the key does not verify signatures.
fn algorithm(jwk: &Jwk, name: &str) -> Result<Option<Algorithm>, KeySetError> {
    let is_for_signatures =
        matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature));
    let operations = jwk.common.key_operations.as_ref();
    let is_for_verifying = operations.is_none_or(|all| all.contains(&KeyOperations::Verify));
    if !is_for_signatures || !is_for_verifying {
        return Ok(None);
    }
    let default_algorithm = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        AlgorithmParameters::OctetKey(_) => Algorithm::HS256,
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => Algorithm::ES256,
            EllipticCurve::P384 => Algorithm::ES384,
            _ => return Ok(None),
        },
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            Algorithm::EdDSA
        }
        _ => return Ok(None),
    };
    let Some(declared) = jwk.common.key_algorithm else {
        return Ok(Some(default_algorithm));
    };
    if matches!(declared, KeyAlgorithm::UNKNOWN_ALGORITHM) {
        return Ok(None);
    }
    let Ok(declared) = Algorithm::try_from(declared) else {
        return Ok(None);
    };
    // A curve implies its algorithm; RSA keys and shared secrets can have several.
    let is_compatible = match default_algorithm.family() {
        AlgorithmFamily::Ec | AlgorithmFamily::Ed => declared == default_algorithm,
        family => declared.family() == family,
    };
    if !is_compatible {
        let why = "has an algorithm (alg) that does not fit its type (kty)";
        return Err(KeySetError::InvalidKey(name.to_owned(), why));
    }
    Ok(Some(declared))
}

/// The length of the hash of an HMAC algorithm, in bytes.
fn hash_bytes(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::HS384 => 48,
        Algorithm::HS512 => 64,
        _ => 32,
    }
}
