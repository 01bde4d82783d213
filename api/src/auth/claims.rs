//! What a token says of whoever sends it.
use std::collections::BTreeSet;

use candor_schema::organization::model::{EmailAddress, Role, SignIn};
use candor_schema::principal::Principal;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize};

use super::Refusal;

/// How far the issuer's clock and ours may be apart.
const LEEWAY: TimeDelta = TimeDelta::seconds(30);

/// What a token says. Claims that are not named here are ignored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who, for the issuer: never used for another person.
    pub sub: String,
    pub iss: String,
    /// For which services; one of them must be this one.
    #[serde(deserialize_with = "one_or_several")]
    pub aud: Vec<String>,
    /// Until when: seconds since 1970, UTC.
    #[serde(deserialize_with = "seconds")]
    pub exp: i64,
    /// From when on.
    #[serde(
        default,
        deserialize_with = "perhaps_seconds",
        skip_serializing_if = "Option::is_none"
    )]
    pub nbf: Option<i64>,
    /// When it was issued.
    #[serde(
        default,
        deserialize_with = "perhaps_seconds",
        skip_serializing_if = "Option::is_none"
    )]
    pub iat: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether the issuer made sure that the address is the subject's.
    #[serde(default)]
    pub email_verified: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Roles as `bidder` or `bca_reviewer`; unknown ones are ignored.
    #[serde(default)]
    pub roles: Vec<String>,
}

impl Claims {
    /// A role as tokens spell it: `BCA_REVIEWER` is `bca_reviewer` there.
    #[must_use]
    pub fn role(role: Role) -> String {
        role.word().to_lowercase()
    }

    /// Who signs in with this token. An address that nobody verified could be anybody's, and one with
    /// other characters than ASCII could look like another: it is left out, so that it takes no
    /// invitation.
    ///
    /// # Errors
    /// `Malformed` if the issuer or the subject cannot be kept and read.
    pub fn sign_in(&self) -> Result<SignIn, Refusal> {
        let known = Role::ALL.iter().copied();
        let roles = known.filter(|role| self.roles.contains(&Self::role(*role)));
        let email = self.email.as_deref().filter(|_| self.email_verified);
        Ok(SignIn {
            subject: self.person()?,
            email: email.and_then(|email| EmailAddress::parse(email).ok()),
            roles: roles.collect::<BTreeSet<_>>(),
        })
    }

    /// The person whom the token names.
    fn person(&self) -> Result<Principal, Refusal> {
        Principal::person(&self.iss, &self.sub).map_err(Refusal::Malformed)
    }

    /// Whether they hold for this issuer and audience at `now`.
    pub(super) fn hold(
        &self,
        issuer: &str,
        audience: &str,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        if self.iss != issuer {
            return Err(Refusal::Issuer);
        }
        if !self.aud.iter().any(|it| it == audience) {
            return Err(Refusal::Audience);
        }
        let expires = instant(self.exp)?;
        if now - LEEWAY >= expires {
            return Err(Refusal::Expired(expires));
        }
        if let Some(begins) = self.nbf.map(instant).transpose()?
            && now + LEEWAY < begins
        {
            return Err(Refusal::NotYet(begins));
        }
        // The ledger names the person, who must be readable there.
        self.person().map(drop)
    }
}

fn instant(seconds: i64) -> Result<DateTime<Utc>, Refusal> {
    let far = Refusal::Malformed("one of its times is thousands of years away");
    let at = DateTime::from_timestamp(seconds, 0).ok_or(far.clone())?;
    // Room for the leeway on either side.
    at.checked_add_signed(LEEWAY).and_then(|_| at.checked_sub_signed(LEEWAY)).ok_or(far)?;
    Ok(at)
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrSeveral {
    One(String),
    Several(Vec<String>),
}

fn one_or_several<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    Ok(match OneOrSeveral::deserialize(from)? {
        OneOrSeveral::One(text) => vec![text],
        OneOrSeveral::Several(texts) => texts,
    })
}

/// A time as RFC 7519 allows it: a number of seconds that need not be whole.
#[derive(Deserialize)]
#[serde(untagged)]
enum Seconds {
    Whole(i64),
    Broken(f64),
}

impl Seconds {
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and what is so far is refused")]
    fn whole(self) -> i64 {
        match self {
            Self::Whole(seconds) => seconds,
            Self::Broken(seconds) => seconds.floor() as i64,
        }
    }
}

fn seconds<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    Seconds::deserialize(from).map(Seconds::whole)
}

fn perhaps_seconds<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    Ok(Option::<Seconds>::deserialize(from)?.map(Seconds::whole))
}
