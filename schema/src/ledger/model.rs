//! What an entry of the ledger is made of.
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use serde_json::Value;
use type_safe_id::{DynamicType, TypeSafeId};
use uuid::Uuid;

use crate::fault::{Fault, Result};

pub use super::action::LedgerAction;
pub use super::readers::Readers;
pub use super::trail::{ChainPlace, ReadableEntry, TrailViewer};

typed_id! {
    /// An entry of the ledger.
    EventId, "evt"
}

/// The actor of what the service does by itself.
pub const SERVICE: &str = "candor";

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

/// What an entry says, for who compares it with what is stored elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// What was done, as `disclosure.filed`.
    pub action: String,
    /// What it was done with.
    pub data: Value,
}

/// What a stored row says of itself, and the ledger must say of it too: without this an end of a
/// chain, or a whole one, could be taken away, and the rest would still hold together.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The row's own identifier, by which a walk goes on.
    pub row: Uuid,
    /// What a report calls it, as `bid bid_01h2…`.
    pub name: String,
    /// On whose chain its entries stand.
    pub subject: Uuid,
    /// The action of the entry that made it.
    pub made_by: LedgerAction,
    /// What that entry says, among other things.
    pub made_with: Value,
    /// Where it is in its life, if it has one.
    pub life: Option<Life>,
}

/// Where a row is in its life, and which entries say so.
#[derive(Clone, Debug)]
pub struct Life {
    pub status: String,
    /// The status that each action leads to. An entry whose data has a `status` needs no row here.
    pub set_by: &'static [(LedgerAction, &'static str)],
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
    let id = text.parse::<TypeSafeId<DynamicType>>();
    let wrong = |_| Fault::Internal(format!("ledger entry of organization {text:?}").into());
    Ok(Some(id.map_err(wrong)?.uuid()))
}
