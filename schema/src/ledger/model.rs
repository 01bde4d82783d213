//! What an entry of the ledger is made of.
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use serde_json::Value;

typed_id! {
    /// An entry of the ledger.
    EventId, "evt"
}

/// Who did something, and when.
#[derive(Clone, Copy, Debug)]
pub struct Actor<'a> {
    /// The subject of the token that asked, or the name of the command that was run.
    pub subject: &'a str,
    /// UTC, whole microseconds.
    pub at: DateTime<Utc>,
}

/// What is hashed of an entry, as canonical JSON (RFC 8785).
#[derive(Debug, Serialize)]
pub struct Hashed<'a> {
    /// The subject's TypeID.
    pub subject: &'a str,
    /// From 1, without gaps, on each subject.
    pub sequence: i64,
    /// The hash of the entry before it on the same subject; empty at first.
    pub previous: &'a str,
    /// As [`written`].
    pub at: &'a str,
    pub actor: &'a str,
    /// What was done, as `disclosure.filed`.
    pub action: &'a str,
    /// What it was done with; money as strings.
    pub data: &'a Value,
}

/// A time as the ledger writes it: RFC 3339, UTC, six decimals and `Z`.
#[must_use]
pub fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}
