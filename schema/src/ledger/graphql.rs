//! How clients see the ledger.
use async_graphql::{Json, Object};

use super::entity::Model;
use super::model::EventId;
use crate::fault::{Fault, Result};

/// One thing that was done to a subject.
#[derive(Clone, Debug)]
pub struct LedgerEntry(Model);

impl From<Model> for LedgerEntry {
    fn from(row: Model) -> Self {
        Self(row)
    }
}

/// One thing that was done to a subject. Each entry carries the hash of the one before it on the
/// same subject.
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
    /// From 1, without gaps, on each subject.
    async fn sequence(&self) -> i64 {
        self.0.sequence
    }
    /// When (UTC, RFC 3339 with six decimals, as it is hashed).
    async fn at(&self) -> &str {
        &self.0.at
    }
    /// Who: the subject of a token, or the name of a command.
    async fn actor(&self) -> &str {
        &self.0.actor
    }
    /// What was done, such as `disclosure.filed`.
    async fn action(&self) -> &str {
        &self.0.action
    }
    /// What it was done with.
    async fn data(&self) -> Result<Json<serde_json::Value>> {
        let data = serde_json::from_str(&self.0.data);
        data.map(Json).map_err(|error| Fault::Internal(error.to_string().into()))
    }
    /// The hash of the entry before it; empty at first.
    async fn previous(&self) -> &str {
        &self.0.previous
    }
    /// SHA-256 of the canonical JSON (RFC 8785) of subject, sequence, previous, at, actor, action
    /// and data.
    async fn hash(&self) -> &str {
        &self.0.hash
    }
}
