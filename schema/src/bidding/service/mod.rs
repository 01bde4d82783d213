//! Use cases of solicitations and bids.
mod award_bid;
mod bids;
mod include;
mod redecide;
mod solicitations;
mod submit_bid;
mod verification;

pub use award_bid::{AwardableBid, find_awardable_bid, lock_awardable_bid, mark_bid_awarded};
pub use bids::{
    BidListQuery, find_bid, list_bids_by_solicitation, list_visible_bid_ids, load_visible_bids,
    withdraw_bid,
};
pub use redecide::{list_dependent_bids, list_missed_cures, redecide};
pub use solicitations::{
    amend_solicitation, cancel_solicitation, create_solicitation, publish_solicitation,
};
pub use submit_bid::{BidSubmission, evaluate_bid, submit_bid};
pub use verification::recorded_tables;

use include::{include_bids, include_solicitations};

use super::model::SolicitationId;
use super::store;
use crate::database::Database;
use crate::fault::Result;
use crate::organization::model::Viewer;
use crate::page::Page;

pub use super::entity::addendum::Model as Addendum;
pub use include::{Bid, BidInclude, Solicitation, SolicitationInclude};
pub use store::{SolicitationFilter, SolicitationListQuery};

use super::entity::bid::Model as BidRow;
use super::entity::solicitation::Model as SolicitationRow;

/// Finds a solicitation that `viewer` may see.
///
/// # Errors
/// Database faults only.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn find_solicitation(
    db: &Database,
    viewer: &Viewer,
    id: SolicitationId,
    include: SolicitationInclude,
) -> Result<Option<Solicitation>> {
    let row = store::find_visible(&db.read, viewer, id).await?;
    Ok(include_solicitations(&db.read, row.into_iter().collect(), include).await?.pop())
}

/// Lists a page of the solicitations that `viewer` may see, with the total if requested.
///
/// # Errors
/// `Invalid` for invalid page arguments, such as a cursor of another list.
#[tracing::instrument(skip_all)]
pub async fn list_solicitations(
    db: &Database,
    viewer: &Viewer,
    query: &SolicitationListQuery,
    include: SolicitationInclude,
) -> Result<(Page<Solicitation>, Option<u64>)> {
    let (page, total) = store::list_solicitations(&db.read, viewer, query).await?;
    let rows = page.rows.iter().map(|(_, row)| row.clone()).collect();
    let rows = include_solicitations(&db.read, rows, include).await?;
    Ok((page.replace(|_| rows), total))
}
