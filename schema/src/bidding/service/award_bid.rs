//! Gives a bid to the award that is made from it.
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::{BidRow, SolicitationRow, store};
use crate::bidding::model::{BidId, BidStatus, SolicitationId};
use crate::database::Tx;
use crate::deadline::has_settled;
use crate::decision::model::Parties;
use crate::fault::{Fault, Result};
use crate::gate::AwardMethod;
use crate::ledger::model::LedgerAction;
use crate::ledger::service::append;
use crate::money::Money;
use crate::organization::model::{DepartmentId, OrganizationId, Viewer};

/// A bid with the values that an award takes from it.
#[derive(Clone, Debug)]
pub struct AwardableBid {
    pub id: BidId,
    pub organization: OrganizationId,
    pub solicitation: SolicitationId,
    pub department: DepartmentId,
    pub title: String,
    pub method: AwardMethod,
    pub public_works: bool,
    pub amount: Money,
    /// The members and subcontractors, as last resolved.
    pub parties: Parties,
    /// The version of the policy that the solicitation pinned.
    pub policy_version: i64,
}

/// Finds a bid to award that `viewer` may see, without a lock.
///
/// # Errors
/// `NotFound` if the viewer may not see the bid, or it is still sealed.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn find_awardable_bid(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    id: BidId,
) -> Result<AwardableBid> {
    let row = store::find_visible_bid(db, viewer, id).await?.ok_or(Fault::NotFound)?;
    let solicitation = store::list_by_ids(db, vec![row.solicitation_id.uuid()]).await?.pop();
    let parties = store::load_parties(db, id).await?;
    build_awardable_bid(&row, &solicitation.ok_or(Fault::NotFound)?, parties)
}

fn build_awardable_bid(
    row: &BidRow,
    solicitation: &SolicitationRow,
    parties: Parties,
) -> Result<AwardableBid> {
    let no_pinned_policy = || Fault::Internal(format!("{} pins no policy", solicitation.id).into());
    Ok(AwardableBid {
        id: row.id,
        organization: row.organization_id,
        solicitation: solicitation.id,
        department: solicitation.department_id,
        title: solicitation.title.clone(),
        method: solicitation.method,
        public_works: solicitation.public_works,
        amount: Money { cents: row.amount_cents, currency: row.currency.clone() },
        parties,
        policy_version: solicitation.policy_version.ok_or_else(no_pinned_policy)?,
    })
}

/// Locks a bid and its solicitation for an award. Lock the organizations first.
///
/// # Errors
/// `Conflict` before bids are due, unless the bid is admitted or held, or if its deadline to cure has
/// passed and it is about to be decided again.
#[tracing::instrument(skip_all)]
pub async fn lock_awardable_bid(
    tx: &Tx,
    viewer: &Viewer,
    unlocked: &AwardableBid,
) -> Result<AwardableBid> {
    let solicitation = store::lock(tx, unlocked.solicitation).await?.ok_or(Fault::NotFound)?;
    let row = store::lock_bid(tx, unlocked.id).await?.ok_or(Fault::NotFound)?;
    if !has_settled(solicitation.due_at, viewer.now) {
        return Err(Fault::conflict("bids are not due yet; award the contract after the due time"));
    }
    if !row.status.is_live() {
        let message = match row.status {
            BidStatus::Awarded => "a contract was already awarded to this bid; reload",
            BidStatus::Refused => {
                "the bid was blocked; the firm must fix the items in its decision, or award another bid"
            }
            _ => "the bid was withdrawn or closed; reload",
        };
        return Err(Fault::conflict(message));
    }
    if row.cure_by.is_some_and(|cure_by| cure_by <= viewer.now) {
        return Err(Fault::conflict(
            "its deadline to cure has passed and it is about to be decided again; try again in a minute",
        ));
    }
    let parties = store::load_parties(&**tx, unlocked.id).await?;
    build_awardable_bid(&row, &solicitation, parties)
}

/// Marks a bid as awarded, in the transaction that writes the contract.
///
/// # Errors
/// `Conflict` unless the bid is admitted or held.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn mark_bid_awarded(tx: &Tx, viewer: &Viewer, id: BidId, contract: &str) -> Result<()> {
    let row = store::lock_bid(tx, id).await?.ok_or(Fault::NotFound)?;
    let status = row.status.award().map_err(|_| {
        Fault::conflict("the bid was withdrawn, blocked, awarded or closed; reload")
    })?;
    let row = store::update_bid(tx, BidRow { status, cure_by: None, ..row }).await?;
    append(tx, viewer.actor(), row.id, LedgerAction::BidAwarded, &json!({ "contract": contract }))
        .await
}
