//! How clients see the ledger.
use async_graphql::{Json, Object};
use serde_json::Value;

use super::model::{ChainPlace, EventId, ReadableEntry};

/// A ledger entry, as far as the viewer may read it.
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

/// An action on a subject, as far as you may read it. Each entry carries the hash of the previous
/// entry on the same subject; auditors and administrators read whole entries and can recompute the
/// hashes.
#[Object(crate = "crate::budget")]
impl LedgerEntry {
    /// The identifier of the entry.
    async fn id(&self) -> EventId {
        self.0.id
    }
    /// The identifier of the subject, of any kind.
    async fn subject(&self) -> async_graphql::ID {
        async_graphql::ID(self.0.subject.clone())
    }
    /// The position on the subject, from 1 without gaps; null unless you are an auditor or
    /// administrator.
    async fn sequence(&self) -> Option<i64> {
        self.chain(|chain| chain.sequence)
    }
    /// The time of the action (UTC, RFC 3339 with six decimals, as hashed).
    async fn at(&self) -> &str {
        &self.0.at
    }
    /// The actor: the subject of a token, the name of a command, or `candor` for the service
    /// itself; null if you may not read it.
    async fn actor(&self) -> Option<&str> {
        self.0.actor.as_deref()
    }
    /// The action, such as `disclosure.filed`.
    async fn action(&self) -> &str {
        &self.0.action
    }
    /// The data of the action: the keys that you may read.
    async fn data(&self) -> Json<Value> {
        Json(Value::Object(self.0.data.clone()))
    }
    /// The hash of the previous entry, empty for the first; null unless you are an auditor or
    /// administrator.
    async fn previous(&self) -> Option<&str> {
        self.chain(|chain| chain.previous.as_str())
    }
    /// SHA-256 of the canonical JSON (RFC 8785) of subject, sequence, previous, at, actor, action
    /// and data; null unless you are an auditor or administrator.
    async fn hash(&self) -> Option<&str> {
        self.chain(|chain| chain.hash.as_str())
    }
}
