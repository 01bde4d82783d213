//! Gives a bid to the award that is made from it.
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::{require_publication, store};
use crate::bidding::model::{BidId, BidRecord, BidStatus, SolicitationId, SolicitationRecord};
use crate::database::Tx;
use crate::deadline::has_settled;
use crate::decision::model::{Parties, PartyOwner};
use crate::decision::service::{find_bid_standings, find_last, load_parties};
use crate::fault::{Fault, FieldPath, Result};
use crate::gate::AwardMethod;
use crate::ledger::model::LedgerAction;
use crate::ledger::service::append;
use crate::money::Money;
use crate::organization::model::{DepartmentId, OrganizationId, Viewer};
use crate::organization::service::load_group;
use crate::user_message::UserMessage;

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
    /// None if the bid has no amount; the award then needs a value.
    pub amount: Option<Money>,
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
    let bid = store::find_visible_bid(db, viewer, id).await?.ok_or(Fault::NotFound)?;
    let solicitation = store::list_by_ids(db, vec![bid.solicitation_id.uuid()]).await?.pop();
    let parties = load_parties(db, PartyOwner::Bid, id.uuid()).await?;
    build_awardable_bid(bid, solicitation.ok_or(Fault::NotFound)?, parties)
}

/// Finds the bid that a firm's award from a solicitation is made to: its open one, else its last one, whose
/// state says why it cannot be awarded.
///
/// # Errors
/// `Conflict` before the bids are due for good, whether or not there is one, and if the firm has none.
pub async fn find_bid_to_award(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    solicitation: &SolicitationRecord,
    firm: OrganizationId,
) -> Result<BidId> {
    // Nothing may depend on a sealed bid.
    if !has_settled(solicitation.due_at, now) {
        return Err(Fault::conflict(BIDS_NOT_DUE));
    }
    let group = load_group(db, firm).await?.ids_of(firm);
    let open = store::find_live_bid(db, &group, solicitation.id).await?;
    let bid = match open {
        Some(open) => Some(open),
        None => store::find_last_attempt(db, &group, solicitation.id).await?,
    };
    bid.map(|bid| bid.id).ok_or_else(|| {
        Fault::conflict(
            "this vendor has not bid on the solicitation; award it to a vendor that has",
        )
    })
}

/// The refusal to award a contract before bids are due.
const BIDS_NOT_DUE: &str = "bids are not due yet; award the contract after the due time";

fn build_awardable_bid(
    bid: BidRecord,
    solicitation: SolicitationRecord,
    parties: Parties,
) -> Result<AwardableBid> {
    let publication = require_publication(&solicitation)?;
    Ok(AwardableBid {
        id: bid.id,
        organization: bid.organization_id,
        policy_version: publication.policy_version,
        solicitation: solicitation.id,
        department: solicitation.department_id,
        title: solicitation.title,
        method: solicitation.method,
        public_works: solicitation.public_works,
        amount: bid.amount,
        parties,
    })
}

/// Locks a bid and its solicitation for an award. Lock the organizations first.
///
/// # Errors
/// `Invalid` if the bid is refused, with what its letter says; `Conflict` before bids are due, if the bid
/// was withdrawn, closed or awarded, or if its deadline to cure has passed and it is about to be decided
/// again.
#[tracing::instrument(skip_all)]
pub async fn lock_awardable_bid(
    tx: &Tx,
    viewer: &Viewer,
    unlocked: &AwardableBid,
) -> Result<AwardableBid> {
    let solicitation = store::lock(tx, unlocked.solicitation).await?.ok_or(Fault::NotFound)?;
    let bid = store::lock_bid(tx, unlocked.id).await?.ok_or(Fault::NotFound)?;
    if !has_settled(solicitation.due_at, viewer.now) {
        return Err(Fault::conflict(BIDS_NOT_DUE));
    }
    match bid.status() {
        BidStatus::Admitted | BidStatus::Held => {}
        BidStatus::Refused => {
            let subject = bid.id.uuid();
            let mut refused = find_last(&**tx, subject).await?.ok_or(Fault::NotFound)?;
            refused.standing.bid = find_bid_standings(&**tx, vec![subject]).await?.remove(&subject);
            let message = UserMessage::BidRefused {
                decision: refused.row.id.to_string(),
                reasons: refused.describe_blocking(viewer.now),
            };
            return Err(Fault::invalid(&FieldPath::argument("input").at("bidId"), message));
        }
        BidStatus::Awarded => {
            return Err(Fault::conflict("a contract was already awarded to this bid; reload"));
        }
        BidStatus::Withdrawn | BidStatus::Closed => {
            return Err(Fault::conflict("the bid was withdrawn or closed; reload"));
        }
    }
    if bid.state.cure_by().is_some_and(|cure_by| cure_by <= viewer.now) {
        return Err(Fault::conflict(
            "its deadline to cure has passed and it is about to be decided again; try again in a minute",
        ));
    }
    let parties = load_parties(&**tx, PartyOwner::Bid, unlocked.id.uuid()).await?;
    build_awardable_bid(bid, solicitation, parties)
}

/// Marks a bid as awarded, in the transaction that writes the contract.
///
/// # Errors
/// `Conflict` unless the bid is admitted or held.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn mark_bid_awarded(tx: &Tx, viewer: &Viewer, id: BidId, contract: &str) -> Result<()> {
    let bid = store::lock_bid(tx, id).await?.ok_or(Fault::NotFound)?;
    let state = bid.state.award().map_err(|_| {
        Fault::conflict("the bid was withdrawn, blocked, awarded or closed; reload")
    })?;
    let bid = store::update_bid(tx, BidRecord { state, ..bid }).await?;
    append(tx, viewer.actor(), bid.id, LedgerAction::BidAwarded, &json!({ "contract": contract }))
        .await
}
