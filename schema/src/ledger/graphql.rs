//! GraphQL type of ledger entries.
use async_graphql::{ID, Json, SimpleObject};
use serde_json::Value;

use super::model::{EventId, ReadableEntry};

/// An action on a subject, as far as you may read it. Each entry carries the hash of the previous
/// entry on the same subject; auditors and administrators read whole entries and can recompute the
/// hashes.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget", name = "LedgerEntryContent")]
pub struct LedgerEntry {
    /// The identifier of the entry.
    id: EventId,
    /// The identifier of the subject, of any kind.
    subject: ID,
    /// The position on the subject, from 1 without gaps; null unless you are an auditor or
    /// administrator.
    sequence: Option<i64>,
    /// The time of the action (UTC, RFC 3339 with six decimals, as hashed).
    at: String,
    /// The actor: the subject of a token, the name of a command, or `candor` for the service
    /// itself; null if you may not read it.
    actor: Option<String>,
    /// The action, such as `disclosure.filed`.
    action: String,
    /// The data of the action: the keys that you may read.
    data: Json<Value>,
    /// The hash of the previous entry, empty for the first; null unless you are an auditor or
    /// administrator.
    previous: Option<String>,
    /// SHA-256 of the canonical JSON (RFC 8785) of subject, sequence, previous, at, actor, action
    /// and data; null unless you are an auditor or administrator.
    hash: Option<String>,
}

impl LedgerEntry {
    /// Returns the actor in the stored form of a principal; none if the viewer may not read it.
    #[must_use]
    pub fn stored_actor(&self) -> Option<&str> {
        self.actor.as_deref()
    }
}

impl From<ReadableEntry> for LedgerEntry {
    fn from(entry: ReadableEntry) -> Self {
        let (sequence, previous, hash) = match entry.chain {
            Some(place) => (Some(place.sequence), Some(place.previous), Some(place.hash)),
            None => (None, None, None),
        };
        Self {
            id: entry.id,
            subject: ID(entry.subject),
            sequence,
            at: entry.at,
            actor: entry.actor,
            action: entry.action,
            data: Json(Value::Object(entry.data)),
            previous,
            hash,
        }
    }
}
