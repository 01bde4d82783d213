//! Errors of token verification.
use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};

/// Why a token is not accepted, with messages for its sender. No message reveals how a forged token
/// would be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is malformed or of another kind; holds the reason.
    Malformed(&'static str),
    /// It names an unknown key, or no key although the issuer has several.
    UnknownKey,
    /// Its algorithm differs from that of the key.
    Algorithm,
    /// The key did not sign it.
    Signature,
    /// Another issuer issued it.
    Issuer,
    /// It is for another service.
    Audience,
    /// It expired at this time (UTC).
    Expired(DateTime<Utc>),
    /// It becomes valid at this time (UTC).
    NotYet(DateTime<Utc>),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |at: &DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        match self {
            Self::Malformed(why) => write!(f, "the token cannot be used: {why}"),
            Self::UnknownKey => {
                f.write_str("the token is signed with a key that is not known here")
            }
            Self::Algorithm => f.write_str("the token's algorithm is not that of its key"),
            Self::Signature => f.write_str("the token's signature is wrong"),
            Self::Issuer => f.write_str("the token is from another issuer"),
            Self::Audience => f.write_str("the token is for another service"),
            Self::Expired(at) => {
                write!(f, "the token expired at {}; sign in again", time(at))
            }
            Self::NotYet(at) => write!(f, "the token is not valid before {}", time(at)),
        }
    }
}

impl std::error::Error for Refusal {}
