//! The search index of waivers and exemptions: filling it after an upgrade, and verifying it.
use sea_orm::ConnectionTrait;

use crate::database::Database;
use crate::fault::Result;
use crate::search::{self, Comparison, Index};
use crate::waiver::entity::{exemption, waiver};

/// Fills the index with the contract number of every waiver and exemption if it is empty, as after an
/// upgrade from a version without it. Returns the number of rows read.
pub async fn fill_empty_search_index(db: &Database) -> Result<u64> {
    let Some(tx) = search::begin_filling(db, Index::Relief).await? else { return Ok(0) };
    let waivers = search::fill_in::<waiver::Entity>(&tx).await?;
    let exemptions = search::fill_in::<exemption::Entity>(&tx).await?;
    tx.commit().await?;
    Ok(waivers + exemptions)
}

/// Recomputes the index of every waiver and exemption and compares it. Returns their number and a
/// description of the first inconsistency.
pub async fn verify_search_index(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    let mut comparison = Comparison::start(db, Index::Relief).await?;
    let mut wrong = comparison.compare::<waiver::Entity>(db).await?;
    if wrong.is_none() {
        wrong = comparison.compare::<exemption::Entity>(db).await?;
    }
    Ok((comparison.checked, wrong.or_else(|| comparison.describe_strays())))
}
