//! Tables and search index that `candor verify` checks.
use sea_orm::ConnectionTrait;

use super::store;
use crate::database::RecordedTable;
use crate::fault::Result;
use crate::organization::entity::{
    department, identifier, identifier_dispute, joint_venture_member, member, merge_proposal,
    organization,
};
use crate::search::{Comparison, Index};

/// Returns the tables whose rows the ledger records.
#[must_use]
pub fn recorded_tables() -> Vec<RecordedTable> {
    vec![
        RecordedTable::of::<organization::Entity>(),
        RecordedTable::of::<identifier::Entity>(),
        RecordedTable::of::<identifier_dispute::Entity>(),
        RecordedTable::of::<joint_venture_member::Entity>(),
        RecordedTable::of::<department::Entity>(),
        RecordedTable::of::<member::Entity>(),
        RecordedTable::of::<merge_proposal::Entity>(),
    ]
}

/// Recomputes the names that every organization is found by and compares them. Returns the number of
/// organizations and a description of the first inconsistency.
pub async fn verify_search_index(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    const BATCH: u64 = 500;
    let mut last = None;
    let mut comparison = Comparison::start(db, Index::Organization).await?;
    loop {
        let rows = store::load_batch(db, last, BATCH).await?;
        let Some(end) = rows.last() else { break };
        last = Some(end.id.uuid());
        let ids = rows.iter().map(|row| row.id.uuid()).collect();
        let mut exact_names = store::names::list_exact_names(db, ids).await?;
        for row in rows {
            let names = store::names::names_of(&row);
            let names: Vec<&str> = names.into_iter().map(|(_, name)| name).collect();
            let exact = exact_names.remove(&row.id).unwrap_or_default();
            if !comparison.has(row.id.uuid(), &names) || exact != store::names::exact_names_of(&row)
            {
                let message = "its search index entries do not match its names";
                return Ok((
                    comparison.checked,
                    Some(format!("organization {}: {message}", row.id)),
                ));
            }
        }
    }
    Ok((comparison.checked, comparison.describe_strays()))
}
