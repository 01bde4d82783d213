//! GraphQL type of an entry of an audit trail: the ledger's entry with the name of its actor, which the
//! ledger does not know.
use async_graphql::{ComplexObject, Context, SimpleObject};

use crate::fault::Result;
use crate::ledger::graphql::LedgerEntry;
use crate::ledger::model::ReadableEntry;
use crate::organization::graphql::stored_person_name;

/// An action on a subject, as far as you may read it. Each entry carries the hash of the previous
/// entry on the same subject; auditors and administrators read whole entries and can recompute the
/// hashes.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget", name = "LedgerEntry", complex)]
pub struct TrailEntry {
    #[graphql(flatten)]
    entry: LedgerEntry,
}

#[ComplexObject(crate = "crate::budget")]
impl TrailEntry {
    /// The name of the actor, as the token gave it at the last sign-in; null if it gave none, and
    /// wherever `actor` is null.
    async fn actor_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        stored_person_name(ctx, self.entry.stored_actor()).await
    }
}

impl From<ReadableEntry> for TrailEntry {
    fn from(entry: ReadableEntry) -> Self {
        Self { entry: entry.into() }
    }
}
