//! Authentication: verifies bearer tokens of the configured issuers, and signs them with a local key in
//! development.
mod accepted_tokens;
pub(crate) mod api_key;
mod claim_mapping;
mod claims;
mod development;
mod issuer_settings;
mod key_source;
mod key_store;
mod keys;
#[cfg(test)]
mod tests;
mod token_error;
mod trusted_issuer;
pub(crate) mod unique_json;
mod unverified_token;

pub use accepted_tokens::AcceptedToken;
pub use claim_mapping::{ClaimMapping, ClaimPath};
pub use claims::Claims;
pub use development::{
    DEFAULT_AUDIENCE, DEVELOPMENT_ISSUER, DevelopmentKey, create_data_directory,
};
pub use issuer_settings::{IssuerSettings, KeyLocation, Profile};
pub use keys::KeySetError;
pub use token_error::TokenError;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use candor_schema::clock::Clock;
use candor_schema::organization::model::Role;
use chrono::{DateTime, Utc};
use jsonwebtoken::jwk::JwkSet;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use accepted_tokens::AcceptedTokens;
use key_store::{KeyStore, Reason};
use keys::KeySet;
use trusted_issuer::TrustedIssuer;
use unverified_token::UnverifiedToken;

/// The interval at which the age of each issuer's keys is checked.
const AGE_CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// A verifier of the bearer tokens (JWT, RFC 7519, 8725 and 9068) of the configured issuers.
#[derive(Debug)]
pub struct Authenticator {
    issuers: Vec<TrustedIssuer>,
    accepted: AcceptedTokens,
}

impl Authenticator {
    /// Creates a verifier of one issuer's tokens with keys that never change. The issuer may grant every
    /// role; its tokens need not have all claims of RFC 9068.
    ///
    /// # Errors
    /// If two keys have one id, or no key verifies signatures.
    #[expect(clippy::needless_pass_by_value, reason = "the set is made for this call")]
    pub fn new(issuer: String, audience: String, keys: JwkSet) -> Result<Self, KeySetError> {
        let keys = KeyStore::fixed(issuer.clone(), KeySet::from_jwks(&keys)?);
        let settings = IssuerSettings {
            issuer,
            name: None,
            sign_in: None,
            audiences: vec![audience],
            keys: KeyLocation::File(PathBuf::new()),
            profile: Profile::Relaxed,
            roles: Role::ALL.iter().copied().collect(),
            role_names: BTreeMap::new(),
            claims: ClaimMapping::default(),
        };
        let issuers = vec![TrustedIssuer { settings, keys: Arc::new(keys) }];
        Ok(Self::trusting(issuers))
    }

    /// Creates a verifier of these issuers' tokens. It reads key sets that are files; addresses are read
    /// later ([`Self::authenticate`], [`Self::keep_keys_current`]), so that an issuer that is away does
    /// not keep the service from starting.
    ///
    /// # Errors
    /// If a file cannot be read or used, or TLS cannot be set up.
    pub fn of_issuers(issuers: Vec<IssuerSettings>, now: DateTime<Utc>) -> Result<Self> {
        let issuers = issuers.into_iter().map(|settings| {
            let client = key_source::client(&settings.keys)?;
            let keys = KeyStore::new(settings.issuer.clone(), settings.keys.clone(), client);
            let context = || format!("the key set of the issuer {:?}", settings.issuer);
            keys.read_file_now(now).with_context(context)?;
            tracing::info!(
                issuer = settings.issuer,
                keys = %settings.keys,
                profile = ?settings.profile,
                roles = ?settings.roles,
                "accepts tokens of an issuer"
            );
            Ok(TrustedIssuer { settings, keys: Arc::new(keys) })
        });
        Ok(Self::trusting(issuers.collect::<Result<_>>()?))
    }

    fn trusting(issuers: Vec<TrustedIssuer>) -> Self {
        Self { issuers, accepted: AcceptedTokens::default() }
    }

    /// Verifies a token with the keys that are known, and returns its claims if they are valid for this
    /// service at `now`.
    ///
    /// # Errors
    /// Why the token is not accepted.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Claims, TokenError> {
        self.verify_parsed(token, now).map_err(|(_, error)| error)
    }

    /// Verifies a token as [`Self::verify`] does, once for all its requests: it is remembered until the
    /// keys change, and its times are checked at each use. If its key is unknown, the issuer's keys are
    /// read again first, at most every 30 seconds.
    ///
    /// # Errors
    /// Why the token is not accepted.
    pub async fn authenticate(
        &self,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<Arc<AcceptedToken>, TokenError> {
        // Read before the keys are, so that a token that older keys verified is not kept.
        let key_generation = self.key_generation();
        if let Some(accepted) = self.accepted.find(token, key_generation, now)
            && self.has_current_keys(accepted.issuer(), now)
        {
            return Ok(accepted);
        }
        let verified = match self.verify_parsed(token, now) {
            Err((Some(issuer), TokenError::UnknownKey | TokenError::KeysUnavailable)) => {
                issuer.keys.refresh(Reason::UnknownKey, now).await;
                self.verify(token, now)
            }
            verified => verified.map_err(|(_, error)| error),
        };
        let accepted = Arc::new(AcceptedToken::new(verified?, key_generation)?);
        self.accepted.insert(token, &accepted);
        Ok(accepted)
    }

    fn has_current_keys(&self, issuer: &str, now: DateTime<Utc>) -> bool {
        let mut issuers = self.issuers.iter().filter(|it| it.settings.issuer == issuer);
        issuers.any(|it| it.keys.current(now).is_some())
    }

    /// Returns the claims of a token; or the issuer that it names, if it is one of these, and the error.
    fn verify_parsed(
        &self,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<Claims, (Option<&TrustedIssuer>, TokenError)> {
        let parsed = UnverifiedToken::parse(token).map_err(|error| (None, error))?;
        let claims = parsed.claims().map_err(|error| (None, error))?;
        // The issuer is not verified yet: it only determines whose keys must have signed the token.
        let named = match claims.get("iss") {
            Some(serde_json::Value::String(named)) => Ok(named),
            Some(_) => Err(TokenError::InvalidClaim("iss".to_owned(), "is not text")),
            None => Err(TokenError::InvalidClaim("iss".to_owned(), "is missing")),
        };
        let named = named.map_err(|error| (None, error))?;
        let issuer = self.issuers.iter().find(|issuer| issuer.settings.issuer == *named);
        let issuer = issuer.ok_or((None, TokenError::WrongIssuer))?;
        issuer.verify(&parsed, &claims, now).map_err(|error| (Some(issuer), error))
    }

    /// Returns a number that is another one after any issuer's keys have changed or ceased to count.
    /// Whoever remembers verified tokens forgets them then.
    #[must_use]
    pub fn key_generation(&self) -> u64 {
        self.issuers.iter().map(|issuer| issuer.keys.generation()).sum()
    }

    /// Returns where people sign in, as a sentence for the 401 answer.
    #[must_use]
    pub fn where_to_sign_in(&self) -> String {
        if self.issuers.iter().any(|issuer| issuer.settings.issuer == DEVELOPMENT_ISSUER) {
            return "`candor token` makes a token for development.".to_owned();
        }
        let places = self.issuers.iter().map(|issuer| issuer.settings.where_to_sign_in());
        format!("Sign in at {}.", places.collect::<Vec<_>>().join(" or "))
    }

    /// Reads each issuer's keys again whenever they are old. Never returns: spawn it beside the server.
    pub async fn keep_keys_current(self: Arc<Self>, clock: Clock) {
        let mut tasks = JoinSet::new();
        for issuer in &self.issuers {
            let (keys, clock) = (Arc::clone(&issuer.keys), clock.clone());
            tasks.spawn(async move {
                let mut timer = interval(AGE_CHECK_INTERVAL);
                timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
                loop {
                    timer.tick().await;
                    keys.refresh(Reason::Age, clock.now()).await;
                }
            });
        }
        tasks.join_all().await;
    }
}
