//! The tokens that this process has accepted, so that the signature of each is verified once.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use aws_lc_rs::digest::{SHA256, digest};
use candor_schema::organization::model::SignIn;
use chrono::{DateTime, Utc};
use quick_cache::sync::Cache;

use super::{Claims, TokenError};

/// The most remembered tokens. One takes about a kilobyte.
const MAX_TOKENS: usize = 4_096;

/// A token that was accepted, with the person that it names.
#[derive(Debug)]
pub struct AcceptedToken {
    /// The person who signs in with it.
    pub person: SignIn,
    claims: Claims,
    /// The number of the keys that verified it ([`super::Authenticator::key_generation`]).
    key_generation: u64,
    has_signed_in: AtomicBool,
}

impl AcceptedToken {
    /// # Errors
    /// `Malformed` if the token names nobody.
    pub(super) fn new(claims: Claims, key_generation: u64) -> Result<Self, TokenError> {
        let person = claims.sign_in()?;
        Ok(Self { person, claims, key_generation, has_signed_in: AtomicBool::new(false) })
    }

    /// The issuer of the token.
    pub(super) fn issuer(&self) -> &str {
        &self.claims.iss
    }

    /// Checks that the token is still valid at `now`, by its times.
    ///
    /// # Errors
    /// `Expired` or `NotYetValid`.
    pub fn validate_times(&self, now: DateTime<Utc>) -> Result<(), TokenError> {
        self.claims.validate_times(now)
    }

    /// Whether a sign-in with this token has succeeded in this process, so that its invitations are
    /// accepted.
    #[must_use]
    pub fn has_signed_in(&self) -> bool {
        self.has_signed_in.load(Relaxed)
    }

    /// Remembers that a sign-in has succeeded.
    pub fn remember_sign_in(&self) {
        self.has_signed_in.store(true, Relaxed);
    }
}

/// The accepted tokens, by SHA-256, so that no token is kept.
#[derive(Debug)]
pub(super) struct AcceptedTokens(Cache<[u8; 32], Arc<AcceptedToken>>);

impl Default for AcceptedTokens {
    fn default() -> Self {
        Self(Cache::new(MAX_TOKENS))
    }
}

impl AcceptedTokens {
    /// Finds a token that was accepted with the present keys and is valid at `now`.
    pub(super) fn find(
        &self,
        token: &str,
        key_generation: u64,
        now: DateTime<Utc>,
    ) -> Option<Arc<AcceptedToken>> {
        let found = self.0.get(&key(token))?;
        let is_valid = found.key_generation == key_generation;
        (is_valid && found.validate_times(now).is_ok()).then_some(found)
    }

    pub(super) fn insert(&self, token: &str, accepted: &Arc<AcceptedToken>) {
        self.0.insert(key(token), Arc::clone(accepted));
    }
}

fn key(token: &str) -> [u8; 32] {
    let mut key = [0; 32];
    key.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    key
}
