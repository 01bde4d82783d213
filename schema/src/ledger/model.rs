//! The parts of a ledger entry.
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::fault::{Fault, Result};
use crate::id::{SubjectId, uuid_of_digest};

pub use super::action::LedgerAction;
pub use super::readers::Readers;
pub use super::trail::{ChainPlace, ReadableEntry, TrailViewer};

typed_id! {
    /// An entry of the ledger.
    EventId, "evt"
}

typed_id! {
    /// The service itself as a subject.
    ServiceId, "svc"
}

impl ServiceId {
    /// The one service of a database, whatever the number of its processes.
    #[must_use]
    pub const fn only() -> Self {
        Self::from_uuid(Uuid::from_u128(1))
    }

    /// The part of the service that lists an organization: one of sixteen, chosen by the
    /// organization's id, so that concurrent registrations rarely wait for each other.
    #[must_use]
    pub fn part_of(organization: Uuid) -> Self {
        let (_, low) = organization.as_u64_pair();
        Self::from_uuid(Uuid::from_u128(0x100 + u128::from(low & 0xF)))
    }
}

typed_id! {
    /// The register of a parent, such as the bids of an organization: a chain of its own, which no
    /// trail shows.
    RegisterId, "reg"
}

impl RegisterId {
    /// The register of a subject.
    #[must_use]
    pub fn of(subject: Uuid) -> Self {
        Self::from_uuid(uuid_of_digest(&[b"register", subject.as_bytes().as_slice()].concat()))
    }
}

/// The key of the written rows in an entry's data.
pub(super) const ROWS: &str = "rows";
/// The key of the SHA-256 of the salt of its digests.
pub(super) const SALT: &str = "salt";
/// The key of the parent in the data of a subject's first entry.
pub(super) const UNDER: &str = "under";

/// The actor of an action, and its time.
#[derive(Clone, Copy, Debug)]
pub struct Actor<'a> {
    /// The stored form of a [`crate::principal::Principal`]: `<issuer> <subject>` of a person, or
    /// the name of a [`crate::principal::ServiceActor`].
    pub subject: &'a str,
    /// UTC, whole microseconds.
    pub at: DateTime<Utc>,
}

/// The hashed part of an entry, as canonical JSON (RFC 8785).
#[derive(Debug, Serialize)]
pub struct Hashed<'a> {
    /// The subject's TypeID.
    pub subject: &'a str,
    /// The position on the subject, from 1 without gaps.
    pub sequence: i64,
    /// The hash of the previous entry on the subject; empty for the first.
    pub previous: &'a str,
    /// As [`written`].
    pub at: &'a str,
    pub actor: &'a str,
    /// The action, such as `disclosure.filed`.
    pub action: &'a str,
    /// The data of the action; money as strings.
    pub data: &'a Value,
}

/// Formats a time as the ledger does: RFC 3339, UTC, six decimals and `Z`.
#[must_use]
pub fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Returns the organization that an entry concerns: `organization` in its data, unless `notified`
/// is false (the organization has not received notice). None if there is none.
///
/// # Errors
/// `Internal` if `organization` is not an identifier.
pub fn concerned(data: &Value) -> Result<Option<Uuid>> {
    if data["notified"] == Value::Bool(false) {
        return Ok(None);
    }
    let Some(text) = data["organization"].as_str() else { return Ok(None) };
    let wrong = || Fault::Internal(format!("ledger entry of organization {text:?}").into());
    Ok(Some(SubjectId::parse(text).ok_or_else(wrong)?.uuid))
}
