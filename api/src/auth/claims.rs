//! The claims of a token.
use std::collections::BTreeSet;

use candor_schema::organization::model::{EmailAddress, PersonName, Role, SignIn};
use candor_schema::principal::Principal;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::TokenError;

/// The allowed difference between the issuer's clock and ours.
const CLOCK_LEEWAY: TimeDelta = TimeDelta::seconds(30);

/// The claims of a token (RFC 7519, section 4). Others are ignored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The subject: one person, for this issuer.
    pub sub: String,
    pub iss: String,
    /// The audience: the services that the token is for. One of them must be this service.
    #[serde(deserialize_with = "one_or_many")]
    pub aud: Vec<String>,
    /// When the token expires, in seconds since 1970 (UTC).
    #[serde(deserialize_with = "seconds")]
    pub exp: i64,
    /// When the token becomes valid, in seconds since 1970 (UTC).
    #[serde(
        default,
        deserialize_with = "optional_seconds",
        skip_serializing_if = "Option::is_none"
    )]
    pub nbf: Option<i64>,
    /// When the token was issued, in seconds since 1970 (UTC).
    #[serde(
        default,
        deserialize_with = "optional_seconds",
        skip_serializing_if = "Option::is_none"
    )]
    pub iat: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether the issuer verified that the address belongs to the subject.
    #[serde(default)]
    pub email_verified: bool,
    /// The person's name (OpenID Connect Core 1.0, section 5.1). A value that is not text counts as none.
    #[serde(default, deserialize_with = "text_or_none", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Roles, such as `bidder` or `bca_reviewer`. Unknown roles are ignored.
    #[serde(default)]
    pub roles: Vec<String>,
}

impl Claims {
    /// Returns the name of a role in tokens, such as `bca_reviewer` for `BCA_REVIEWER`.
    #[must_use]
    pub fn role(role: Role) -> String {
        role.as_str().to_lowercase()
    }

    /// Returns the person who signs in with this token. The e-mail address is left out, so that it
    /// matches no invitation, if the issuer did not verify it, or if it is not ASCII and could
    /// look like another address. A name that is too long or unreadable is left out.
    ///
    /// # Errors
    /// `Malformed` if the issuer or the subject is not readable text.
    pub fn sign_in(&self) -> Result<SignIn, TokenError> {
        let known = Role::ALL.iter().copied();
        let roles = known.filter(|role| self.roles.contains(&Self::role(*role)));
        let email = self.email.as_deref().filter(|_| self.email_verified);
        Ok(SignIn {
            subject: self.principal()?,
            email: email.and_then(|email| EmailAddress::parse(email).ok()),
            name: self.name.as_deref().and_then(PersonName::parse),
            roles: roles.collect::<BTreeSet<_>>(),
        })
    }

    /// The principal that the token names.
    fn principal(&self) -> Result<Principal, TokenError> {
        Principal::person(&self.iss, &self.sub).map_err(TokenError::Malformed)
    }

    /// Checks that the claims are valid for this issuer and audience at `now`.
    pub(super) fn validate(
        &self,
        issuer: &str,
        audience: &str,
        now: DateTime<Utc>,
    ) -> Result<(), TokenError> {
        if self.iss != issuer {
            return Err(TokenError::WrongIssuer);
        }
        if !self.aud.iter().any(|it| it == audience) {
            return Err(TokenError::WrongAudience);
        }
        let expires = instant(self.exp)?;
        if now - CLOCK_LEEWAY >= expires {
            return Err(TokenError::Expired(expires));
        }
        if let Some(begins) = self.nbf.map(instant).transpose()?
            && now + CLOCK_LEEWAY < begins
        {
            return Err(TokenError::NotYetValid(begins));
        }
        // The ledger names the person, so the name must be readable.
        self.principal().map(drop)
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

/// Reads a claim that nothing depends on: a value of another type is no reason to refuse the token.
fn text_or_none<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::String(text) => Some(text),
        _ => None,
    })
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

fn one_or_many<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    Ok(match OneOrMany::deserialize(from)? {
        OneOrMany::One(text) => vec![text],
        OneOrMany::Many(texts) => texts,
    })
}

/// A time as RFC 7519 defines it: seconds, which may have a fraction.
#[derive(Deserialize)]
#[serde(untagged)]
enum Seconds {
    Whole(i64),
    Fractional(f64),
}

impl Seconds {
    #[expect(clippy::cast_possible_truncation, reason = "saturates; such times are refused later")]
    fn whole(self) -> i64 {
        match self {
            Self::Whole(seconds) => seconds,
            Self::Fractional(seconds) => seconds.floor() as i64,
        }
    }
}

fn seconds<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    Seconds::deserialize(from).map(Seconds::whole)
}

fn optional_seconds<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    Ok(Option::<Seconds>::deserialize(from)?.map(Seconds::whole))
}
