//! What the ledger keeps of organizations, departments and their people.
use sea_orm::ConnectionTrait;

use super::registration::searched_names;
use super::store;
use crate::database::RecordedTable;
use crate::fault::Result;
use crate::organization::entity::{
    department, identifier, identifier_dispute, joint_venture_member, member, organization,
};
use crate::search::{self, Index};

/// The tables whose rows the ledger keeps, for who compares them.
#[must_use]
pub fn recorded_tables() -> Vec<RecordedTable> {
    vec![
        RecordedTable::of::<organization::Entity>(),
        RecordedTable::of::<identifier::Entity>(),
        RecordedTable::of::<identifier_dispute::Entity>(),
        RecordedTable::of::<joint_venture_member::Entity>(),
        RecordedTable::of::<department::Entity>(),
        RecordedTable::of::<member::Entity>(),
    ]
}

/// Computes the words by which every organization is searched again and compares them. Answers the
/// number of organizations and what is wrong with the first wrong one, if any is.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn verify_index(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    const BATCH: u64 = 500;
    let (mut checked, mut last) = (0, None);
    let mut words = search::digests(db, Index::Organization).await?;
    loop {
        let rows = store::load_batch(db, last, BATCH).await?;
        let Some(end) = rows.last() else { break };
        last = Some(end.id.uuid());
        for row in rows {
            checked += 1;
            if words.remove(&row.id.uuid()) != search::digest_of(&searched_names(&row)) {
                let wrong = "the words that it is found by are not its own";
                return Ok((checked, Some(format!("organization {}: {wrong}", row.id))));
            }
        }
    }
    let wrong = "some words that organizations are found by are no organization's";
    Ok((checked, (!words.is_empty()).then(|| wrong.to_owned())))
}
