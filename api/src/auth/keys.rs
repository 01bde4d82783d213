//! The issuer's keys, each with the one algorithm that it is for.
use std::collections::BTreeSet;
use std::fmt;

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet};
use jsonwebtoken::jwk::{KeyAlgorithm, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};

/// A key that verifies, and what it verifies.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) kid: Option<String>,
    pub(super) algorithm: Algorithm,
    pub(super) decoding: DecodingKey,
}

impl Key {
    /// The algorithm as headers spell it.
    pub(super) fn name(&self) -> String {
        format!("{:?}", self.algorithm)
    }
}

/// Why a set of keys (RFC 7517) cannot be used, for whoever configures the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnusableKeys {
    /// None of them is for verifying signatures of a known kind.
    None,
    /// Two have this name.
    Twice(String),
    /// What is wrong with which.
    Wrong(String, &'static str),
}

impl fmt::Display for UnusableKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str(
                "the key set has no key that verifies signatures; it needs one of type RSA, EC \
                 (P-256, P-384), OKP (Ed25519) or oct, for use sig",
            ),
            Self::Twice(kid) => write!(f, "the key set has two keys named {kid:?}"),
            Self::Wrong(kid, why) => write!(f, "the key {kid:?} {why}"),
        }
    }
}

impl std::error::Error for UnusableKeys {}

/// The keys that verify. Issuers publish keys for encryption and of kinds to come beside them:
/// those are left out.
pub(super) fn usable(set: JwkSet) -> Result<Vec<Key>, UnusableKeys> {
    let (mut keys, mut names) = (Vec::new(), BTreeSet::new());
    for jwk in set.keys {
        let name = jwk.common.key_id.clone().unwrap_or_default();
        let Some(algorithm) = algorithm(&jwk, &name)? else {
            tracing::warn!(kid = name, "a key of the set is not for verifying; left out");
            continue;
        };
        let malformed = |_| UnusableKeys::Wrong(name.clone(), "is malformed");
        let key = DecodingKey::from_jwk(&jwk).map_err(malformed)?;
        if algorithm.family() == AlgorithmFamily::Hmac {
            let length = key.try_get_as_bytes().map_err(malformed)?.len();
            if length < hash(algorithm) {
                let why = "is shorter than its hash (RFC 7518, section 3.2); make a longer one";
                return Err(UnusableKeys::Wrong(name, why));
            }
        }
        if jwk.common.key_id.is_some() && !names.insert(name.clone()) {
            return Err(UnusableKeys::Twice(name));
        }
        keys.push(Key { kid: jwk.common.key_id, algorithm, decoding: key });
    }
    if keys.is_empty() { Err(UnusableKeys::None) } else { Ok(keys) }
}

/// The one algorithm that a key is for; nothing if it does not verify signatures.
fn algorithm(jwk: &Jwk, name: &str) -> Result<Option<Algorithm>, UnusableKeys> {
    let for_signatures = matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature));
    let operations = jwk.common.key_operations.as_ref();
    let for_verifying = operations.is_none_or(|all| all.contains(&KeyOperations::Verify));
    if !for_signatures || !for_verifying {
        return Ok(None);
    }
    let implied = match &jwk.algorithm {
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
    let Some(said) = jwk.common.key_algorithm else {
        return Ok(Some(implied));
    };
    if matches!(said, KeyAlgorithm::UNKNOWN_ALGORITHM) {
        return Ok(None);
    }
    let Ok(said) = Algorithm::try_from(said) else {
        return Ok(None);
    };
    // A curve has one algorithm; RSA and shared secrets have several.
    let fits = match implied.family() {
        AlgorithmFamily::Ec | AlgorithmFamily::Ed => said == implied,
        family => said.family() == family,
    };
    if !fits {
        let why = "names an algorithm (alg) that is not one of its type (kty)";
        return Err(UnusableKeys::Wrong(name.to_owned(), why));
    }
    Ok(Some(said))
}

/// The length of an HMAC's hash, in bytes.
fn hash(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::HS384 => 48,
        Algorithm::HS512 => 64,
        _ => 32,
    }
}
