//! Errors of token verification.
use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};

/// Why a token is not accepted, with messages for its sender. No message reveals how a forged token
/// would be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// It is malformed or of another kind; holds the reason.
    Malformed(&'static str),
    /// A claim, by the name that the issuer's configuration gives it, and what is wrong with it.
    InvalidClaim(String, &'static str),
    /// It is no access token; holds the reason.
    NotAnAccessToken(&'static str),
    /// It names an unknown key, or no key although the issuer has several.
    UnknownKey,
    /// The issuer's keys cannot be read at present, and none that was read is recent enough.
    KeysUnavailable,
    /// Its algorithm differs from that of the key.
    WrongAlgorithm,
    /// The key did not sign it.
    WrongSignature,
    /// Another issuer issued it.
    WrongIssuer,
    /// It is for another service.
    WrongAudience,
    /// It expired at this time (UTC).
    Expired(DateTime<Utc>),
    /// It becomes valid at this time (UTC).
    NotYetValid(DateTime<Utc>),
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |at: &DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        match self {
            Self::Malformed(why) => write!(f, "the token cannot be used: {why}"),
            Self::InvalidClaim(claim, why) => {
                write!(f, "the token cannot be used: its claim {claim} {why}")
            }
            Self::NotAnAccessToken(why) => write!(f, "the token is not an access token: {why}"),
            Self::UnknownKey => {
                f.write_str("the token is signed with a key that is not known here")
            }
            Self::KeysUnavailable => f.write_str(
                "the token cannot be checked, because its issuer does not answer; try again in a \
                 minute",
            ),
            Self::WrongAlgorithm => f.write_str("the token's algorithm is not that of its key"),
            Self::WrongSignature => f.write_str("the token's signature is wrong"),
            Self::WrongIssuer => f.write_str("the token is from another issuer"),
            Self::WrongAudience => f.write_str("the token is for another service"),
            Self::Expired(at) => {
                write!(f, "the token expired at {}; sign in again", time(at))
            }
            Self::NotYetValid(at) => write!(f, "the token is not valid before {}", time(at)),
        }
    }
}

impl std::error::Error for TokenError {}
