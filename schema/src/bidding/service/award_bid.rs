//! Handing a bid over to the award that comes of it.
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::{BidRow, SolicitationRow, store};
use crate::bidding::model::{BidId, BidStatus, SolicitationId};
use crate::database::Tx;
use crate::deadline::has_settled;
use crate::decision::model::Parties;
use crate::fault::{Fault, Result};
use crate::gate::Method;
use crate::ledger::model::LedgerAction;
use crate::ledger::service::append;
use crate::money::Money;
use crate::organization::model::{DepartmentId, OrganizationId, Viewer};

/// What an award takes from the bid that it comes of.
#[derive(Clone, Debug)]
pub struct ToAward {
    pub id: BidId,
    pub organization: OrganizationId,
    pub solicitation: SolicitationId,
    pub department: DepartmentId,
    pub title: String,
    pub method: Method,
    pub public_works: bool,
    pub amount: Money,
    /// Whom it names, as they were resolved when it was submitted or since.
    pub parties: Parties,
    /// The policy that the solicitation pinned.
    pub policy_version: i64,
}

/// The bid, if `viewer` may see it; before its locks are taken.
///
/// # Errors
/// `NotFound` if it is not the viewer's to see, or is sealed.
pub async fn to_award(db: &impl ConnectionTrait, viewer: &Viewer, id: BidId) -> Result<ToAward> {
    let row = store::find_bid(db, viewer, id).await?.ok_or(Fault::NotFound)?;
    let solicitation = store::by_ids(db, vec![row.solicitation_id.uuid()]).await?.pop();
    let named = store::named_by(db, id).await?;
    handed_over(&row, &solicitation.ok_or(Fault::NotFound)?, named)
}

fn handed_over(row: &BidRow, solicitation: &SolicitationRow, parties: Parties) -> Result<ToAward> {
    let unpinned = || Fault::Internal(format!("{} pins no policy", solicitation.id).into());
    Ok(ToAward {
        id: row.id,
        organization: row.organization_id,
        solicitation: solicitation.id,
        department: solicitation.department_id,
        title: solicitation.title.clone(),
        method: solicitation.method,
        public_works: solicitation.public_works,
        amount: Money { cents: row.amount_cents, currency: row.currency.clone() },
        parties,
        policy_version: solicitation.policy_version.ok_or_else(unpinned)?,
    })
}

/// Locks a bid and its solicitation, organizations being locked already, and hands it over.
///
/// # Errors
/// `Conflict` before bids are due, if it does not count any more, or if its time to mend is over
/// and it is about to be decided anew.
pub async fn lock_to_award(tx: &Tx, viewer: &Viewer, seen: &ToAward) -> Result<ToAward> {
    let solicitation = store::lock(tx, seen.solicitation).await?.ok_or(Fault::NotFound)?;
    let row = store::lock_bid(tx, seen.id).await?.ok_or(Fault::NotFound)?;
    if !has_settled(solicitation.due_at, viewer.now) {
        return Err(Fault::conflict("bids are not due yet; award once they are open"));
    }
    if !row.status.is_live() {
        let told = match row.status {
            BidStatus::Awarded => "a contract was awarded to it already; reload",
            BidStatus::Refused => "it was refused; mend what its decision names, or award another",
            _ => "it does not count any more: it was withdrawn or closed; reload",
        };
        return Err(Fault::conflict(told));
    }
    if row.cure_by.is_some_and(|ends| ends <= viewer.now) {
        return Err(Fault::conflict(
            "its time to mend is over, and it is about to be decided anew; try again in a minute",
        ));
    }
    let named = store::named_by(&**tx, seen.id).await?;
    handed_over(&row, &solicitation, named)
}

/// Marks a bid as awarded, in the transaction that writes the contract.
///
/// # Errors
/// `Conflict` if it does not count any more.
pub async fn awarded(tx: &Tx, viewer: &Viewer, id: BidId, contract: &str) -> Result<()> {
    let row = store::lock_bid(tx, id).await?.ok_or(Fault::NotFound)?;
    let status = row.status.award().map_err(|_| Fault::conflict("it does not count any more"))?;
    let row = store::update_bid(tx, BidRow { status, cure_by: None, ..row }).await?;
    append(tx, viewer.actor(), row.id, LedgerAction::BidAwarded, &json!({ "contract": contract }))
        .await
}
