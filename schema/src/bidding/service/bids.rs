//! Reads and withdraws bids.
use std::collections::{HashMap, HashSet};

use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use super::{Bid, BidInclude, include_bids, store};
use crate::bidding::model::{BidId, BidOrder, BidRecord, BidStatus};
use crate::database::Database;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::filter::validate_list_length;
use crate::ledger::model::LedgerAction;
use crate::ledger::service::append;
use crate::organization;
use crate::organization::model::Viewer;
use crate::page::{CountedPage, ListRequest, PageArguments};

/// Finds a bid that `viewer` may see.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn find_bid(
    db: &Database,
    viewer: &Viewer,
    id: BidId,
    include: BidInclude,
) -> Result<Option<Bid>> {
    let row = store::find_visible_bid(&db.read, viewer, id).await?;
    Ok(include_bids(&db.read, viewer, row.into_iter().collect(), include).await?.pop())
}

/// Lists which of the bids in `ids` `viewer` may see.
#[tracing::instrument(skip_all)]
pub async fn list_visible_bid_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<HashSet<BidId>> {
    Ok(store::list_visible_bid_ids(db, viewer, ids).await?)
}

/// Loads those bids in `ids` that `viewer` may see, by id.
#[tracing::instrument(skip_all)]
pub async fn load_visible_bids(
    db: &Database,
    viewer: &Viewer,
    ids: Vec<Uuid>,
    include: BidInclude,
) -> Result<HashMap<BidId, Bid>> {
    let rows = store::list_visible_bids(&db.read, viewer, ids).await?;
    let bids = include_bids(&db.read, viewer, rows, include).await?;
    Ok(bids.into_iter().map(|bid| (bid.record.id, bid)).collect())
}

/// Lists a page of the bids of the viewer's own organizations, the last submitted first.
///
/// # Errors
/// `Invalid` for invalid page arguments, such as a cursor of another list.
#[tracing::instrument(skip_all)]
pub async fn list_own_bids(
    db: &Database,
    viewer: &Viewer,
    request: ListRequest<'_, BidInclude>,
) -> Result<CountedPage<Bid>> {
    let ListRequest { arguments, includes_total, include } = request;
    let (page, total) = store::list_own_bids(&db.read, viewer, arguments, includes_total).await?;
    let (page, rows) = page.split();
    let bids = include_bids(&db.read, viewer, rows, include).await?;
    Ok((page.replace(|_| bids), total))
}

/// The filter, order and page arguments of a list of bids, and the related objects to load.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BidListQuery {
    /// Only bids with one of these statuses; all if empty.
    pub statuses: Vec<BidStatus>,
    pub order: BidOrder,
    pub arguments: PageArguments,
    pub includes_total: bool,
    pub include: BidInclude,
}

/// Lists the same page of bids that `viewer` may see for each solicitation, with the total if
/// requested.
///
/// # Errors
/// `Invalid` for invalid page arguments, such as a cursor of another list, and for too many statuses.
#[tracing::instrument(skip_all)]
pub async fn list_bids_by_solicitation(
    db: &Database,
    viewer: &Viewer,
    solicitations: Vec<Uuid>,
    list: &BidListQuery,
) -> Result<HashMap<Uuid, CountedPage<Bid>>> {
    let BidListQuery { statuses, order, arguments, includes_total, include } = list;
    let mut errors = InputErrors::default();
    validate_list_length(statuses.len(), &FieldPath::argument("status"), &mut errors);
    errors.finish()?;
    let ids = solicitations.clone();
    let pages =
        store::list_pages_by_solicitation(&db.read, viewer, ids, statuses, *order, arguments)
            .await?;
    let totals = if *includes_total {
        store::count_by_solicitation(&db.read, viewer, solicitations, statuses).await?
    } else {
        HashMap::new()
    };
    let rows = pages.values().flat_map(|page| page.rows.iter().map(|(_, row)| row.clone()));
    let bids = include_bids(&db.read, viewer, rows.collect(), *include).await?;
    let mut bids: HashMap<BidId, Bid> = bids.into_iter().map(|bid| (bid.record.id, bid)).collect();
    let pages = pages.into_iter().map(|(solicitation, page)| {
        let total = totals.get(&solicitation).copied().unwrap_or_default();
        let page =
            page.replace(|rows| rows.into_iter().filter_map(|row| bids.remove(&row.id)).collect());
        (solicitation, (page, includes_total.then_some(total.unsigned_abs())))
    });
    Ok(pages.collect())
}

/// Withdraws a bid before bids are due.
///
/// # Errors
/// `NotFound` if the viewer may not see the bid, `Forbidden` unless the viewer is a member of the
/// bidding organization, `Conflict` after the due time or unless the bid is admitted or held.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn withdraw_bid(
    db: &Database,
    viewer: &Viewer,
    id: BidId,
    include: BidInclude,
) -> Result<Bid> {
    let unlocked = store::find_visible_bid(&db.read, viewer, id).await?.ok_or(Fault::NotFound)?;
    if viewer.require_member(unlocked.organization_id).is_err() {
        return Err(Fault::Forbidden(
            "only members of the bidding organization can withdraw a bid",
        ));
    }
    let tx = db.begin().await?;
    organization::service::lock_organization(&tx, unlocked.organization_id).await?;
    let solicitation = store::lock(&tx, unlocked.solicitation_id).await?.ok_or(Fault::NotFound)?;
    let bid = store::lock_bid(&tx, id).await?.ok_or(Fault::NotFound)?;
    let viewer = &viewer.with_effective_time(&tx);
    if viewer.now > solicitation.due_at {
        return Err(Fault::conflict(
            "the due time has passed; ask the department to release you from the bid",
        ));
    }
    let message = "the bid was blocked, withdrawn, awarded or closed; reload";
    let state = bid.state.withdraw(viewer.now).map_err(|_| Fault::conflict(message))?;
    let bid = store::update_bid(&tx, BidRecord { state, ..bid }).await?;
    let actor = viewer.actor();
    append(&tx, actor, bid.id, LedgerAction::BidWithdrawn, &json!({})).await?;
    let bid = include_bids(&*tx, viewer, vec![bid], include).await?;
    let bid = bid.into_iter().next().ok_or(Fault::NotFound)?;
    tx.commit().await?;
    Ok(bid)
}
