//! API keys, their scopes and their secrets.
use std::collections::BTreeSet;
use std::fmt;

use async_graphql::InputObject;
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, SecondsFormat, Utc};
use sha2::{Digest, Sha256};

use crate::fault::{Fault, Result};
use crate::organization::model::{Role, Viewer};
use crate::principal::Principal;

typed_id! {
    /// An API key of a service account.
    ApiKeyId, "key"
}

string_enum! {
    /// What an API key is for. Each scope grants one role and nothing else.
    pub enum ApiKeyScope {
        /// Acts as the City's procurement system.
        ProcurementSystem,
        /// Reads exports.
        Exports,
        /// Reads events.
        Events,
    }
}

impl ApiKeyScope {
    /// Returns the role that the scope grants.
    #[must_use]
    pub const fn role(self) -> Role {
        match self {
            Self::ProcurementSystem => Role::ProcurementSystem,
            Self::Exports => Role::ExportReader,
            Self::Events => Role::EventReader,
        }
    }
}

/// The input of `createApiKey`.
#[derive(Clone, Debug, InputObject)]
#[graphql(crate = "crate::budget")]
pub struct ApiKeyInput {
    /// What the key is for, such as the name of the other system; at most 100 characters.
    pub name: String,
    /// What the key may be used for; at least one.
    pub scopes: Vec<ApiKeyScope>,
    /// When the key stops working: at most 366 days from now.
    pub expires_at: DateTime<Utc>,
}

/// The number of random bytes of a secret.
const SECRET_BYTES: usize = 32;

/// The secret of an API key: a prefix by which people and scanners recognize it, and 256 random bits in
/// Base64url. It is shown once; the database has its SHA-256, which needs no salt, because nobody can
/// guess 256 bits.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKeySecret(String);

impl ApiKeySecret {
    /// The beginning of every secret.
    pub const PREFIX: &'static str = "candor_";

    /// Generates a secret.
    ///
    /// # Errors
    /// `Internal` if the system has no randomness.
    pub fn generate() -> Result<Self> {
        let mut random = [0; SECRET_BYTES];
        SystemRandom::new()
            .fill(&mut random)
            .map_err(|_| Fault::Internal("the system's random number generator failed".into()))?;
        Ok(Self(format!("{}{}", Self::PREFIX, URL_SAFE_NO_PAD.encode(random))))
    }

    /// Parses a secret; none if it does not have the form of one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let random = URL_SAFE_NO_PAD.decode(text.strip_prefix(Self::PREFIX)?).ok()?;
        (random.len() == SECRET_BYTES).then(|| Self(text.to_owned()))
    }

    /// Returns the SHA-256 of the secret, in hexadecimal. Keys are found by it, so that the time of an
    /// answer does not depend on how much of a wrong secret is right.
    #[must_use]
    pub fn sha256(&self) -> String {
        hex::encode(Sha256::digest(self.0.as_bytes()))
    }

    /// Returns the secret, to show it once.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }
}

impl fmt::Debug for ApiKeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKeySecret(…)")
    }
}

/// Why an API key is refused, in words for its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiKeyRefusal {
    /// It does not have the form of a key.
    Malformed,
    /// No key has this secret.
    Unknown,
    /// It expired at this time (UTC).
    Expired(DateTime<Utc>),
    /// An administrator revoked it at this time (UTC).
    Revoked(DateTime<Utc>),
}

impl fmt::Display for ApiKeyRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |at: &DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let new = "ask an administrator for a new one";
        match self {
            Self::Malformed => {
                f.write_str("the API key is malformed; send it whole, as it was shown")
            }
            Self::Unknown => write!(f, "the API key is not known here; {new}"),
            Self::Expired(at) => write!(f, "the API key expired at {}; {new}", time(at)),
            Self::Revoked(at) => write!(f, "the API key was revoked at {}; {new}", time(at)),
        }
    }
}

/// An API key that a request sent and that is valid.
#[derive(Clone, Debug)]
pub struct ValidApiKey {
    pub id: ApiKeyId,
    pub scopes: BTreeSet<ApiKeyScope>,
    /// UTC.
    pub expires_at: DateTime<Utc>,
}

impl ValidApiKey {
    /// Returns the viewer of a request with this key: the roles of its scopes, and no organization or
    /// department. The ledger's actor is the key.
    ///
    /// # Errors
    /// `Expired` if the key has expired at `now`.
    pub fn viewer(&self, now: DateTime<Utc>) -> Result<Viewer, ApiKeyRefusal> {
        if now >= self.expires_at {
            return Err(ApiKeyRefusal::Expired(self.expires_at));
        }
        Ok(Viewer {
            subject: Principal::api_key(&self.id.into()),
            email: None,
            name: None,
            roles: self.scopes.iter().map(|scope| scope.role()).collect(),
            organizations: Vec::new(),
            departments: Vec::new(),
            now,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_256_random_bits_and_is_never_printed() {
        let [one, other] = [(); 2].map(|()| ApiKeySecret::generate().expect("randomness"));
        assert_ne!(one.sha256(), other.sha256());
        assert_eq!(one.sha256().len(), 64);
        let text = one.clone().into_text();
        assert_eq!(text.len(), "candor_".len() + 43);
        assert_eq!(ApiKeySecret::parse(&text), Some(one.clone()));
        assert!(!format!("{one:?}").contains(&text["candor_".len()..]));
    }

    #[test]
    fn only_a_whole_secret_is_one() {
        let text = ApiKeySecret::generate().expect("randomness").into_text();
        for wrong in [
            "",
            "candor_",
            &text[1..],
            &text[..text.len() - 1],
            &format!("{text}A"),
            &format!("{text}="),
            &text.replace("candor_", "Candor_"),
            &format!(" {text}"),
            &format!("candor_{}", "é".repeat(43)),
        ] {
            assert_eq!(ApiKeySecret::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn each_scope_grants_its_role_alone() {
        let now = DateTime::UNIX_EPOCH;
        for scope in ApiKeyScope::ALL {
            let scopes = BTreeSet::from([*scope]);
            let expires_at = now + chrono::TimeDelta::seconds(1);
            let key = ValidApiKey { id: ApiKeyId::generate(), scopes, expires_at };
            let viewer = key.viewer(now).expect("a viewer");
            assert_eq!(viewer.roles, BTreeSet::from([scope.role()]));
            assert!(!viewer.is_staff() && !viewer.has_role(Role::Bidder));
            assert!(viewer.subject.is_service());
            let expired = key.viewer(expires_at).expect_err("it has expired");
            assert_eq!(expired, ApiKeyRefusal::Expired(expires_at));
        }
    }
}
