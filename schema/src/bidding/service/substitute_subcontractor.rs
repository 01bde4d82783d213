//! Replaces a subcontractor of a bid, after bids are due and before the award.
use super::{Bid, BidInclude, include_bids, redecide, require_publication, store};
use crate::bidding::model::BidId;
use crate::database::Database;
use crate::deadline::has_settled;
use crate::decision::model::{PartyOwner, SubstitutionRequest, SubstitutionSubject};
use crate::decision::service::{lock_replacement, substitute, validate_substitution};
use crate::fault::{Fault, FieldPath, Result};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::append;
use crate::organization;
use crate::organization::model::Viewer;
use crate::policy;
use crate::reevaluation::service::enqueue;
use crate::user_message::UserMessage;

/// Replaces a named subcontractor of an admitted or held bid by another, by the policy that the
/// solicitation pinned, and decides the bid again. Before bids are due the firm replaces its bid instead.
///
/// # Errors
/// `NotFound` if the viewer may not see the bid, `Forbidden` except to contract officers of the
/// department, `Invalid` if the policy does not allow it, at another time, or for wrong values.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn substitute_bid_subcontractor(
    db: &Database,
    viewer: &Viewer,
    id: BidId,
    request: &SubstitutionRequest,
    include: BidInclude,
) -> Result<Bid> {
    let unlocked = store::find_visible_bid(&db.read, viewer, id).await?.ok_or(Fault::NotFound)?;
    let solicitation = store::list_by_ids(&db.read, vec![unlocked.solicitation_id.uuid()]).await?;
    let solicitation = solicitation.into_iter().next().ok_or(Fault::NotFound)?;
    viewer.require_officer(solicitation.department_id)?;
    let version = require_publication(&solicitation)?.policy_version;
    let policy = policy::service::load_version(&db.read, version).await?;
    let subject = SubstitutionSubject {
        owner: PartyOwner::Bid,
        id: id.uuid(),
        prime: unlocked.organization_id,
        is_public_works: solicitation.public_works,
        policy: &policy,
    };
    let valid = validate_substitution(request, subject)?;
    let tx = db.begin().await?;
    let replacement = lock_replacement(&tx, viewer, subject, &valid).await?;
    let solicitation = store::lock(&tx, unlocked.solicitation_id).await?.ok_or(Fault::NotFound)?;
    let bid = store::lock_bid(&tx, id).await?.ok_or(Fault::NotFound)?;
    let viewer = &viewer.with_effective_time(&tx);
    let path = FieldPath::argument("input").at("bidId");
    if !has_settled(solicitation.due_at, viewer.now) {
        return Err(Fault::invalid(&path, UserMessage::SubstitutionBeforeDue));
    }
    if !bid.status().is_live() {
        return Err(Fault::invalid(&path, UserMessage::SubstitutionBidEnded));
    }
    let data = substitute(&tx, viewer, subject, request, &valid, &replacement).await?;
    append(&tx, viewer.actor(), id, LedgerAction::BidSubcontractorSubstituted, &data).await?;
    enqueue(&tx, organization::service::change_of(bid.organization_id, viewer)).await?;
    tx.commit().await?;
    // So that the answer shows what the substitution changed. The queued change repeats it if it fails.
    if let Err(fault) = redecide(db, viewer.now, id, None).await {
        tracing::warn!(?fault, "a bid was not decided again at once after a substitution");
    }
    let row = store::find_visible_bid(&db.read, viewer, id).await?;
    let bid = include_bids(&db.read, viewer, row.into_iter().collect(), include).await?.pop();
    bid.ok_or(Fault::NotFound)
}
