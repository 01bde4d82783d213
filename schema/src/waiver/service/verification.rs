//! Tables that `candor verify` compares with the ledger.
use crate::database::RecordedTable;
use crate::waiver::entity::{exemption, waiver};

/// Returns the tables whose rows the ledger records.
#[must_use]
pub fn recorded_tables() -> Vec<RecordedTable> {
    vec![RecordedTable::of::<waiver::Entity>(), RecordedTable::of::<exemption::Entity>()]
}
