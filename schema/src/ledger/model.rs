//! What an entry of the ledger is made of.
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
    /// The service itself, as the ledger names it.
    ServiceId, "svc"
}

impl ServiceId {
    /// The only one: a database has one service, whatever the number of its processes.
    #[must_use]
    pub const fn only() -> Self {
        Self::from_uuid(Uuid::from_u128(1))
    }

    /// The part of the service under which an organization is registered: one of sixteen, by the
    /// organization, so that those who register at once seldom wait for each other.
    #[must_use]
    pub fn part_of(organization: Uuid) -> Self {
        let (_, low) = organization.as_u64_pair();
        Self::from_uuid(Uuid::from_u128(0x100 + u128::from(low & 0xF)))
    }
}

typed_id! {
    /// The register of what belongs under a subject, such as the bids of an organization: a chain
    /// of its own, which no trail shows.
    RegisterId, "reg"
}

impl RegisterId {
    /// The register of a subject.
    #[must_use]
    pub fn of(subject: Uuid) -> Self {
        Self::from_uuid(uuid_of_digest(&[b"register", subject.as_bytes().as_slice()].concat()))
    }
}

/// Under which key an entry's data holds the rows that were written.
pub(super) const ROWS: &str = "rows";
/// Under which key it holds the SHA-256 of the salt of its digests.
pub(super) const SALT: &str = "salt";
/// Under which key the data of a subject's first entry holds what it belongs under.
pub(super) const UNDER: &str = "under";

/// Who did something, and when.
#[derive(Clone, Copy, Debug)]
pub struct Actor<'a> {
    /// Who it is, as [`crate::principal::Principal`] is kept: `<issuer> <subject>` of the person who
    /// asked, or the name of a [`crate::principal::ServiceActor`].
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

/// The organization that an entry concerns, by its data: `organization`, unless `notified` is
/// false, which says that the organization has not been told. None if there is none.
///
/// # Errors
/// `Internal` if `organization` is no identifier.
pub fn concerned(data: &Value) -> Result<Option<Uuid>> {
    if data["notified"] == Value::Bool(false) {
        return Ok(None);
    }
    let Some(text) = data["organization"].as_str() else { return Ok(None) };
    let wrong = || Fault::Internal(format!("ledger entry of organization {text:?}").into());
    Ok(Some(SubjectId::parse(text).ok_or_else(wrong)?.uuid))
}
