//! Reading bids, and taking one back.
use std::collections::{HashMap, HashSet};

use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use super::{Bid, BidInclude, BidRow, store};
use crate::bidding::model::{BidId, BidOrder, BidStatus};
use crate::database::Database;
use crate::fault::{Fault, Result};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::append;
use crate::organization;
use crate::organization::model::Viewer;
use crate::page::{PageArguments, Page};

/// The bid, if `viewer` may see it.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn find_bid(
    db: &Database,
    viewer: &Viewer,
    id: BidId,
    include: BidInclude,
) -> Result<Option<Bid>> {
    let row = store::find_bid(&db.read, viewer, id).await?;
    Ok(store::include_bids(&db.read, viewer, row.into_iter().collect(), include).await?.pop())
}

/// The identifiers of those of some bids that `viewer` may see.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn visible_bid_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<HashSet<BidId>> {
    Ok(store::visible_bid_ids(db, viewer, ids).await?)
}

/// Those of some bids that `viewer` may see, by id.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn visible_bids_by_ids(
    db: &Database,
    viewer: &Viewer,
    ids: Vec<Uuid>,
    include: BidInclude,
) -> Result<HashMap<BidId, Bid>> {
    let rows = store::visible_bids_by_ids(&db.read, viewer, ids).await?;
    let bids = store::include_bids(&db.read, viewer, rows, include).await?;
    Ok(bids.into_iter().map(|bid| (bid.row.id, bid)).collect())
}

/// Which part of a list of bids is asked for, and what of each.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BidsList {
    /// Only of these statuses; all if it is empty.
    pub status: Vec<BidStatus>,
    pub order: BidOrder,
    pub arguments: PageArguments,
    pub counted: bool,
    pub include: BidInclude,
}

/// The same page of each solicitation's bids, of those that `viewer` may see, and how many there
/// are if it is asked for.
///
/// # Errors
/// `Invalid` for arguments of another list.
pub async fn pages_of_bids(
    db: &Database,
    viewer: &Viewer,
    solicitations: Vec<Uuid>,
    list: &BidsList,
) -> Result<HashMap<Uuid, (Page<Bid>, Option<u64>)>> {
    let BidsList { status, order, arguments, counted, include } = list;
    let wanted = solicitations.clone();
    let sheets = store::pages_of_each(&db.read, viewer, wanted, status, *order, arguments).await?;
    let counts = if *counted {
        store::count_of_each(&db.read, viewer, solicitations, status).await?
    } else {
        HashMap::new()
    };
    let rows = sheets.values().flat_map(|sheet| sheet.rows.iter().map(|(_, row)| row.clone()));
    let bids = store::include_bids(&db.read, viewer, rows.collect(), *include).await?;
    let mut bids: HashMap<BidId, Bid> = bids.into_iter().map(|bid| (bid.row.id, bid)).collect();
    let sheets = sheets.into_iter().map(|(solicitation, sheet)| {
        let count = counts.get(&solicitation).copied().unwrap_or_default();
        let sheet =
            sheet.replace(|rows| rows.into_iter().filter_map(|row| bids.remove(&row.id)).collect());
        (solicitation, (sheet, counted.then_some(count.unsigned_abs())))
    });
    Ok(sheets.collect())
}

/// Takes a bid back, until bids are due.
///
/// # Errors
/// `NotFound` to who is no member, `Conflict` after the due time or if it does not count any more.
pub async fn withdraw_bid(
    db: &Database,
    viewer: &Viewer,
    id: BidId,
    include: BidInclude,
) -> Result<Bid> {
    let seen = store::find_bid(&db.read, viewer, id).await?.ok_or(Fault::NotFound)?;
    if viewer.member_of(seen.organization_id).is_err() {
        return Err(Fault::Forbidden("only a member of the bidding organization withdraws a bid"));
    }
    let tx = db.begin().await?;
    organization::service::lock_one(&tx, seen.organization_id).await?;
    let solicitation = store::lock(&tx, seen.solicitation_id).await?.ok_or(Fault::NotFound)?;
    let row = store::lock_bid(&tx, id).await?.ok_or(Fault::NotFound)?;
    let viewer = &viewer.at_lock(&tx);
    if viewer.now > solicitation.due_at {
        return Err(Fault::conflict("bids were due; ask the department to release you from it"));
    }
    let gone = "it does not count any more: it was refused, withdrawn or closed; reload";
    let status: BidStatus = row.status.withdraw().map_err(|_| Fault::conflict(gone))?;
    let row = BidRow { status, withdrawn_at: Some(viewer.now), ..row };
    let row = store::update_bid(&tx, row).await?;
    let actor = viewer.actor();
    append(&tx, actor, row.id, LedgerAction::BidWithdrawn, &json!({})).await?;
    let bid = store::include_bids(&*tx, viewer, vec![row], include).await?;
    let bid = bid.into_iter().next().ok_or(Fault::NotFound)?;
    tx.commit().await?;
    Ok(bid)
}
