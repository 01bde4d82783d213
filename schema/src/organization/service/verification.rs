//! What the ledger keeps of organizations, departments and their people.
use crate::database::RecordedTable;
use crate::organization::entity::{
    department, identifier, joint_venture_member, member, organization,
};

/// The tables whose rows the ledger keeps, for who compares them.
#[must_use]
pub fn recorded_tables() -> Vec<RecordedTable> {
    vec![
        RecordedTable::of::<organization::Entity>(),
        RecordedTable::of::<identifier::Entity>(),
        RecordedTable::of::<joint_venture_member::Entity>(),
        RecordedTable::of::<department::Entity>(),
        RecordedTable::of::<member::Entity>(),
    ]
}
