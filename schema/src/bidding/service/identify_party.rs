//! Identifies a party of a bid: a person chooses the organization that it is.
use serde_json::json;

use super::{Bid, BidInclude, include_bids, redecide, store};
use crate::bidding::model::{BidId, BidStatus};
use crate::database::Database;
use crate::decision::model::{PartyChoice, PartyOwner};
use crate::decision::service::{ChoiceScope, choose_party, load_parties, save_resolutions};
use crate::fault::{Fault, FieldPath, Result};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::append;
use crate::organization;
use crate::organization::model::{OrganizationId, Viewer};
use crate::reevaluation::service::enqueue;
use crate::user_message::UserMessage;

/// Identifies a party of a bid, and decides the bid again. The bidder identifies parties that are not
/// identified, as long as the bid is admitted or held, also after bids are due; a reviewer identifies
/// any party at any time.
///
/// # Errors
/// `NotFound` if the viewer may not see the bid, `Forbidden` unless the viewer is a member of the bidding
/// organization or a reviewer, `Invalid` if the choice does not fit or comes after the award.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn identify_bid_party(
    db: &Database,
    viewer: &Viewer,
    id: BidId,
    choice: &PartyChoice,
    include: BidInclude,
) -> Result<Bid> {
    let unlocked = store::find_visible_bid(&db.read, viewer, id).await?.ok_or(Fault::NotFound)?;
    let bidder = unlocked.organization_id;
    let scope = if viewer.require_member(bidder).is_ok() {
        ChoiceScope::Unidentified
    } else {
        viewer.require_reviewer("only the bidder and reviewers identify a party of a bid")?;
        ChoiceScope::All
    };
    let tx = db.begin().await?;
    let stored = load_parties(&*tx, PartyOwner::Bid, id.uuid()).await?;
    let ids: Vec<OrganizationId> =
        [bidder, choice.organization_id].into_iter().chain(stored.organizations()).collect();
    organization::service::lock_organizations(&tx, ids).await?;
    store::lock(&tx, unlocked.solicitation_id).await?.ok_or(Fault::NotFound)?;
    let bid = store::lock_bid(&tx, id).await?.ok_or(Fault::NotFound)?;
    if scope == ChoiceScope::Unidentified && !bid.status().is_live() {
        let path = FieldPath::argument("input").at("bidId");
        let message = if bid.status() == BidStatus::Refused {
            UserMessage::PartyOfRefusedBid
        } else {
            UserMessage::PartyIdentifiedTooLate
        };
        return Err(Fault::invalid(&path, message));
    }
    let stored = load_parties(&*tx, PartyOwner::Bid, id.uuid()).await?;
    let (_, resolved) = choose_party(&*tx, bidder, &stored, choice, scope, viewer.now).await?;
    save_resolutions(&tx, PartyOwner::Bid, id.uuid(), &resolved).await?;
    let mut data = resolved.ledger_data();
    data["identifiedAs"] = json!(choice.organization_id);
    append(&tx, viewer.actor(), id, LedgerAction::BidPartyIdentified, &data).await?;
    enqueue(&tx, organization::service::change_of(choice.organization_id, viewer)).await?;
    tx.commit().await?;
    // So that the answer shows what the choice changed. The queued change repeats it if it fails.
    if let Err(fault) = redecide(db, viewer.now, id, None).await {
        tracing::warn!(?fault, "a bid was not decided again at once after a party was identified");
    }
    let row = store::find_visible_bid(&db.read, viewer, id).await?;
    let bid = include_bids(&db.read, viewer, row.into_iter().collect(), include).await?.pop();
    bid.ok_or(Fault::NotFound)
}
