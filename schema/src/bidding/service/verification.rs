//! What `candor verify` checks of this feature.
use sea_orm::ConnectionTrait;

use crate::bidding::entity::{addendum, bid, solicitation};
use crate::bidding::store;
use crate::database::RecordedTable;
use crate::fault::Result;

/// The tables whose rows the ledger records, for `candor verify`.
#[must_use]
pub fn recorded_tables() -> Vec<RecordedTable> {
    vec![
        RecordedTable::of::<solicitation::Entity>(),
        RecordedTable::of::<addendum::Entity>(),
        RecordedTable::of::<bid::Entity>(),
    ]
}

/// Compares what the database copies into each bid from its solicitation and decisions, by which lists of bids are
/// filtered and sorted. Returns the number of bids and a description of the first inconsistency.
pub async fn verify_solicitation_copies(
    db: &impl ConnectionTrait,
) -> Result<(u64, Option<String>)> {
    let wrong = store::find_bid_with_wrong_copies(db).await?;
    let wrong = wrong.map(|id| {
        format!("bid {id}: its copies of its solicitation and decisions do not match them")
    });
    Ok((store::count_bids(db).await?, wrong))
}
