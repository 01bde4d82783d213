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
    /// Returns the identifier of the service, which all its processes share.
    #[must_use]
    pub const fn only() -> Self {
        Self::from_uuid(Uuid::from_u128(1))
    }

    /// Returns the part of the service whose register lists an organization: one of sixteen, chosen by the
    /// organization's id, so that concurrent registrations rarely wait for each other.
    #[must_use]
    pub fn part_of(organization: Uuid) -> Self {
        let (_, low) = organization.as_u64_pair();
        Self::from_uuid(Uuid::from_u128(0x100 + u128::from(low & 0xF)))
    }
}

typed_id! {
    /// The register that lists the subjects under a parent, such as the bids of an organization: a chain
    /// of its own, which no audit trail shows.
    RegisterId, "reg"
}

impl RegisterId {
    /// Returns the register of the subjects under a parent.
    #[must_use]
    pub fn of(parent: Uuid) -> Self {
        Self::from_uuid(uuid_of_digest(&[b"register", parent.as_bytes().as_slice()].concat()))
    }
}

/// The data key of the rows that were written with an entry.
pub(super) const ROWS_KEY: &str = "rows";
/// The data key of the SHA-256 of the salt of an entry's digests.
pub(super) const SALT_KEY: &str = "salt";
/// The data key of the parent in a subject's first entry.
pub(super) const PARENT_KEY: &str = "under";

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
    /// The time as [`format_time`] writes it.
    pub at: &'a str,
    pub actor: &'a str,
    /// The action, such as `disclosure.filed`.
    pub action: &'a str,
    /// The data of the action; money as strings.
    pub data: &'a Value,
}

/// Formats a time as the ledger does: RFC 3339, UTC, six decimals and `Z`.
#[must_use]
pub fn format_time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Returns the organization whose members may read an entry: `organization` in its data. None if the data
/// name none, or if `notified` is false, because the organization has not received notice.
///
/// # Errors
/// `Internal` if `organization` is not an identifier.
pub fn reading_organization(data: &Value) -> Result<Option<Uuid>> {
    if data["notified"] == Value::Bool(false) {
        return Ok(None);
    }
    let Some(text) = data["organization"].as_str() else { return Ok(None) };
    let malformed = || Fault::Internal(format!("ledger entry of organization {text:?}").into());
    Ok(Some(SubjectId::parse(text).ok_or_else(malformed)?.uuid))
}
