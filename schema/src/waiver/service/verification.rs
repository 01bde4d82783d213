//! What the ledger keeps of waivers and exemptions.
use crate::database::RecordedTable;
use crate::waiver::entity::{exemption, waiver};

/// The tables whose rows the ledger keeps, for who compares them.
#[must_use]
pub fn recorded_tables() -> Vec<RecordedTable> {
    vec![RecordedTable::of::<waiver::Entity>(), RecordedTable::of::<exemption::Entity>()]
}
