//! Why a token does not count.
use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};

/// Why a token does not count, in words for the person that sent it. None of them tells what the
/// service would have accepted of a forged one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is no token, or not of the kind that is asked for; what is wrong with it.
    Malformed(&'static str),
    /// It names no key of the issuer, or none although the issuer has several.
    UnknownKey,
    /// Its algorithm is not that of the key.
    Algorithm,
    /// The key did not sign it.
    Signature,
    /// Somebody else issued it.
    Issuer,
    /// It is for somebody else.
    Audience,
    /// It held until then.
    Expired(DateTime<Utc>),
    /// It holds from then on.
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
