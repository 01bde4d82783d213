//! Pure rules: validates the input of an API key.
use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::model::{ApiKeyInput, ApiKeyScope};
use crate::fault::{FieldPath, InputErrors, Result};
use crate::text::{Limit, validate_required};
use crate::user_message::UserMessage;

/// The length limit of a key's name.
const NAME_LIMIT: Limit = Limit::line(100);
/// The longest time that a key may be valid.
const MAX_VALID_DAYS: i64 = 366;

/// The valid content of a new key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidInput {
    pub name: String,
    pub scopes: BTreeSet<ApiKeyScope>,
    /// UTC, in whole microseconds.
    pub expires_at: DateTime<Utc>,
}

/// Validates and normalizes the input of a key that is created at `now`.
///
/// # Errors
/// `Invalid` with every error in the input.
pub fn validate_api_key(input: &ApiKeyInput, now: DateTime<Utc>) -> Result<ValidInput> {
    let (path, mut errors) = (FieldPath::argument("input"), InputErrors::default());
    let name = validate_required(&input.name, NAME_LIMIT, &path.at("name"), &mut errors);
    let scopes = input.scopes.iter().copied().collect::<BTreeSet<_>>();
    if scopes.is_empty() {
        errors.add(&path.at("scopes"), UserMessage::ApiKeyScopeRequired);
    }
    // The databases store microseconds.
    let expires_at = DateTime::from_timestamp_micros(input.expires_at.timestamp_micros())
        .unwrap_or(input.expires_at);
    if expires_at <= now || expires_at - now > TimeDelta::days(MAX_VALID_DAYS) {
        let message = UserMessage::ApiKeyExpiryInvalid { max: MAX_VALID_DAYS };
        errors.add(&path.at("expiresAt"), message);
    }
    errors.finish()?;
    Ok(ValidInput { name, scopes, expires_at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Fault;

    fn input(name: &str, scopes: &[ApiKeyScope], expires_at: DateTime<Utc>) -> ApiKeyInput {
        ApiKeyInput { name: name.to_owned(), scopes: scopes.to_vec(), expires_at }
    }

    #[test]
    fn a_key_has_a_name_a_scope_and_an_end() {
        let now = DateTime::UNIX_EPOCH;
        let scopes = [ApiKeyScope::Events, ApiKeyScope::Events];
        let micro = TimeDelta::microseconds(1);
        let days = TimeDelta::days(MAX_VALID_DAYS);
        for expires_at in [now + micro, now + days] {
            let valid = validate_api_key(&input(" RAMP  LA ", &scopes, expires_at), now);
            let valid = valid.expect("a valid key");
            assert_eq!((&*valid.name, valid.scopes.len()), ("RAMP LA", 1));
            assert_eq!(valid.expires_at, expires_at);
        }
        for expires_at in [
            now,
            now - micro,
            now + days + micro,
            DateTime::<Utc>::MAX_UTC,
            DateTime::<Utc>::MIN_UTC,
        ] {
            let refused = validate_api_key(&input("", &[], expires_at), now);
            let Err(Fault::Invalid(errors)) = refused else { panic!("{expires_at} is accepted") };
            let paths = errors.iter().map(|error| error.path.join(".")).collect::<Vec<_>>();
            assert_eq!(paths, ["input.name", "input.scopes", "input.expiresAt"]);
        }
    }
}
