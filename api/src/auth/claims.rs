//! The claims that Candor uses of a token, after its issuer's mapping.
use std::collections::BTreeSet;

use candor_schema::organization::model::{EmailAddress, PersonName, Role, SignIn};
use candor_schema::principal::Principal;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::Value;

use super::TokenError;

/// The allowed difference between the issuer's clock and ours.
const CLOCK_LEEWAY: TimeDelta = TimeDelta::seconds(30);

/// The claims of a token (RFC 7519, section 4). [`super::DevelopmentKey`] signs them under these names;
/// other issuers may send them under the names of their [`super::ClaimMapping`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Claims {
    /// The subject: one person, for this issuer.
    pub sub: String,
    pub iss: String,
    /// The audience: the services that the token is for. One of them must be this service.
    pub aud: Vec<String>,
    /// When the token expires, in seconds since 1970 (UTC).
    pub exp: i64,
    /// When the token becomes valid, in seconds since 1970 (UTC).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// When the token was issued, in seconds since 1970 (UTC).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether the issuer verified that the address belongs to the subject.
    pub email_verified: bool,
    /// The person's name (OpenID Connect Core 1.0, section 5.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Roles, such as `bidder` or `bca_reviewer`. A verified token has only roles that its issuer may
    /// grant.
    pub roles: Vec<String>,
}

impl Claims {
    /// Returns the name of a role in tokens, such as `bca_reviewer` for `BCA_REVIEWER`.
    #[must_use]
    pub fn role(role: Role) -> String {
        role.as_str().to_lowercase()
    }

    /// Returns the role with this name in tokens; none if no role has it.
    #[must_use]
    pub fn find_role(name: &str) -> Option<Role> {
        Role::ALL.iter().copied().find(|role| Self::role(*role) == name)
    }

    /// Returns the person who signs in with this token. The e-mail address is left out, so that it
    /// matches no invitation, if the issuer did not verify it, or if it is not ASCII and could
    /// look like another address. A name that is too long or unreadable is left out.
    ///
    /// # Errors
    /// `Malformed` if the issuer or the subject is not readable text.
    pub fn sign_in(&self) -> Result<SignIn, TokenError> {
        let roles = self.roles.iter().filter_map(|name| Self::find_role(name));
        let email = self.email.as_deref().filter(|_| self.email_verified);
        Ok(SignIn {
            subject: self.principal()?,
            email: email.and_then(|email| EmailAddress::parse(email).ok()),
            name: self.name.as_deref().and_then(PersonName::parse),
            roles: roles.collect::<BTreeSet<_>>(),
        })
    }

    /// The principal that the token names.
    pub(super) fn principal(&self) -> Result<Principal, TokenError> {
        Principal::person(&self.iss, &self.sub).map_err(TokenError::Malformed)
    }

    /// Checks that the token is valid at `now`, by its times.
    pub(super) fn validate_times(&self, now: DateTime<Utc>) -> Result<(), TokenError> {
        let expires = instant(self.exp)?;
        if now - CLOCK_LEEWAY >= expires {
            return Err(TokenError::Expired(expires));
        }
        if let Some(begins) = self.nbf.map(instant).transpose()?
            && now + CLOCK_LEEWAY < begins
        {
            return Err(TokenError::NotYetValid(begins));
        }
        self.iat.map(instant).transpose()?;
        Ok(())
    }
}

fn instant(seconds: i64) -> Result<DateTime<Utc>, TokenError> {
    let out_of_range = TokenError::Malformed("one of its times is thousands of years away");
    let at = DateTime::from_timestamp(seconds, 0).ok_or(out_of_range.clone())?;
    // Adding or subtracting the leeway must not overflow.
    at.checked_add_signed(CLOCK_LEEWAY)
        .and_then(|_| at.checked_sub_signed(CLOCK_LEEWAY))
        .ok_or(out_of_range)?;
    Ok(at)
}

/// Returns a time as RFC 7519 (section 2) defines it, in whole seconds: a number, which may have a
/// fraction.
#[expect(clippy::cast_possible_truncation, reason = "saturates; such times are refused later")]
pub(super) fn seconds(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds.floor() as i64))
}
