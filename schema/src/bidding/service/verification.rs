//! The tables of this feature that the ledger covers.
use crate::bidding::entity::{addendum, bid, solicitation};
use crate::database::RecordedTable;

/// The tables whose rows the ledger records, for `candor verify`.
#[must_use]
pub fn recorded_tables() -> Vec<RecordedTable> {
    vec![
        RecordedTable::of::<solicitation::Entity>(),
        RecordedTable::of::<addendum::Entity>(),
        RecordedTable::of::<bid::Entity>(),
    ]
}
