//! What the ledger keeps of matches.
use crate::award::entity::{appeal, found};
use crate::database::RecordedTable;

/// The tables whose rows the ledger keeps, for who compares them.
#[must_use]
pub fn recorded_tables() -> Vec<RecordedTable> {
    vec![RecordedTable::of::<found::Entity>(), RecordedTable::of::<appeal::Entity>()]
}
