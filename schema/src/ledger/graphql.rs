//! How clients see the ledger.
use async_graphql::{Json, Object};
use serde_json::Value;

use super::model::{ChainPlace, EventId, ReadableEntry};

/// One thing that was done to a subject, as far as the viewer may read it.
#[derive(Clone, Debug)]
pub struct LedgerEntry(ReadableEntry);

impl From<ReadableEntry> for LedgerEntry {
    fn from(entry: ReadableEntry) -> Self {
        Self(entry)
    }
}

impl LedgerEntry {
    fn chain<'a, T>(&'a self, part: impl Fn(&'a ChainPlace) -> T) -> Option<T> {
        self.0.chain.as_ref().map(part)
    }
}

/// One thing that was done to a subject, as far as you may read it. Each entry carries the hash of
/// the one before it on the same subject; auditors and administrators read the entries whole and
/// can recompute the hashes.
#[Object(crate = "crate::budget")]
impl LedgerEntry {
    /// The entry's own identifier.
    async fn id(&self) -> EventId {
        self.0.id
    }
    /// What it was done to: an identifier of any kind.
    async fn subject(&self) -> async_graphql::ID {
        async_graphql::ID(self.0.subject.clone())
    }
    /// From 1, without gaps, on each subject; to auditors and administrators, null to others.
    async fn sequence(&self) -> Option<i64> {
        self.chain(|chain| chain.sequence)
    }
    /// When (UTC, RFC 3339 with six decimals, as it is hashed).
    async fn at(&self) -> &str {
        &self.0.at
    }
    /// Who: the subject of a token, the name of a command, or `candor` for the service itself; null
    /// if you may not read it.
    async fn actor(&self) -> Option<&str> {
        self.0.actor.as_deref()
    }
    /// What was done, such as `disclosure.filed`.
    async fn action(&self) -> &str {
        &self.0.action
    }
    /// What it was done with: those of its keys that you may read.
    async fn data(&self) -> Json<Value> {
        Json(Value::Object(self.0.data.clone()))
    }
    /// The hash of the entry before it, empty at first; to auditors and administrators, null to
    /// others.
    async fn previous(&self) -> Option<&str> {
        self.chain(|chain| chain.previous.as_str())
    }
    /// SHA-256 of the canonical JSON (RFC 8785) of subject, sequence, previous, at, actor, action
    /// and data; to auditors and administrators, null to others.
    async fn hash(&self) -> Option<&str> {
        self.chain(|chain| chain.hash.as_str())
    }
}
