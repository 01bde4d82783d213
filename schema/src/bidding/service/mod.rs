//! The use cases of solicitations and bids.
mod award_bid;
mod bids;
mod decide_anew;
mod solicitations;
mod submit_bid;
mod verification;

pub use award_bid::{ToAward, awarded, lock_to_award, to_award};
pub use bids::{
    BidsList, find_bid, pages_of_bids, visible_bid_ids, visible_bids_by_ids, withdraw_bid,
};
pub use decide_anew::{cure_missed, decide_anew, hanging};
pub use solicitations::{amend, cancel, create, publish};
pub use submit_bid::{Attempt, readiness, submit};
pub use verification::recorded_tables;

use super::model::{SolicitationId, SolicitationOrder};
use super::store;
use crate::database::Database;
use crate::fault::Result;
use crate::organization::model::Viewer;
use crate::page::{PageArguments, Page};

pub use super::entity::addendum::Model as Addendum;
pub use store::{Bid, BidInclude, Filter, Include, Solicitation};

use super::entity::bid::Model as BidRow;
use super::entity::solicitation::Model as SolicitationRow;

/// The solicitation, if `viewer` may see it.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn find(
    db: &Database,
    viewer: &Viewer,
    id: SolicitationId,
    include: Include,
) -> Result<Option<Solicitation>> {
    let row = store::find(&db.read, viewer, id).await?;
    Ok(store::include(&db.read, row.into_iter().collect(), include).await?.pop())
}

/// A page of the solicitations that `viewer` may see, and their number if it is asked for.
///
/// # Errors
/// `Invalid` for arguments of another list.
pub async fn page(
    db: &Database,
    viewer: &Viewer,
    (filter, order): (Filter, SolicitationOrder),
    arguments: &PageArguments,
    counted: bool,
    include: Include,
) -> Result<(Page<Solicitation>, Option<u64>)> {
    let (sheet, total) = store::page(&db.read, viewer, filter, order, arguments, counted).await?;
    let rows = sheet.rows.iter().map(|(_, row)| row.clone()).collect();
    let rows = store::include(&db.read, rows, include).await?;
    Ok((sheet.replace(|_| rows), total))
}
