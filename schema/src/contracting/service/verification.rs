//! What the ledger keeps of contracts.
use crate::contracting::entity::{attempt, contract, renewal, subcontractor, term};
use crate::database::RecordedTable;

/// The tables whose rows the ledger keeps, for who compares them.
#[must_use]
pub fn recorded_tables() -> Vec<RecordedTable> {
    vec![
        RecordedTable::of::<contract::Entity>(),
        RecordedTable::of::<subcontractor::Entity>(),
        RecordedTable::of::<term::Entity>(),
        RecordedTable::of::<attempt::Entity>(),
        RecordedTable::of::<renewal::Entity>(),
    ]
}
