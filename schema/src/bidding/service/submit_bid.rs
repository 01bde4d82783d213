//! Submits a bid, and evaluates one before it is submitted.
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::{Bid, BidInclude, include_bids, require_publication, store};
use crate::bidding::model::{
    BidDecision, BidId, BidInput, BidRecord, BidState, Publication, SolicitationId,
    SolicitationRecord, SolicitationState,
};
use crate::database::{Database, Tx};
use crate::decision::model::{
    EvaluationRequest, NamedSubcontractor, Parties, PartyOwner, PartySource,
};
use crate::decision::service::{
    Evaluation, StoredDecision, SubcontractorList, evaluate, insert_parties, lock_parties,
    resolve_parties, save, validate_subcontractors,
};
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::wording::format_two_times;
use crate::gate::{AwardMethod, Outcome, SubjectKind};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::{append, begin};
use crate::money::{self, Money};
use crate::organization;
use crate::organization::model::{OrganizationId, Viewer};
use crate::organization::service::{
    Department, list_joint_venture_members, load_group, require_unmerged_id,
    take_named_party_quota, take_quota, validate_subcontractors_are_others,
};
use crate::policy;
use crate::quota::Activity;
use crate::user_message::UserMessage;
use crate::waiver::model::ReliefLookup;

/// The result of submitting a bid: the decision, and the bid unless it was blocked.
#[derive(Clone, Debug)]
pub struct BidSubmission {
    pub bid: Option<Bid>,
    pub decision: StoredDecision,
}

/// Evaluates a bid as if it were submitted now. Writes nothing.
///
/// # Errors
/// `NotFound` if the viewer is not a member or may not see the solicitation, `Invalid` with every
/// error or if the solicitation takes no bids, `RateLimited` if the organization names more parties
/// than its daily quota allows.
#[tracing::instrument(skip_all)]
pub async fn evaluate_bid(db: &Database, viewer: &Viewer, input: &BidInput) -> Result<Evaluation> {
    viewer.require_member(input.organization_id)?;
    let solicitation = store::find_visible(&db.read, viewer, input.solicitation_id).await?;
    let solicitation = solicitation.ok_or(Fault::NotFound)?;
    require_accepts_bids(&db.read, &solicitation, BidAttempt::Preview, viewer.now).await?;
    require_unmerged_id(&db.read, input.organization_id, &bidder_path()).await?;
    let valid = validate_bid(input, solicitation.method)?;
    let (id, bidder) = (BidId::generate(), input.organization_id);
    if let Some(replaced) = input.replaces {
        let group = load_group(&db.read, bidder).await?.ids_of(bidder);
        require_open_bid(&db.read, viewer, &group, solicitation.id, replaced).await?;
    }
    charge_named_parties(db, viewer, bidder, &valid).await?;
    let named = PartySource::Submitted(&valid.subcontractors);
    let parties = resolve_parties(&db.read, bidder, named, viewer.now).await?;
    let named = parties.subcontractors.iter().map(|it| &it.party);
    validate_subcontractors_are_others(&db.read, bidder, named, &subcontractors_path()).await?;
    let input = BidSubject {
        id,
        organization: bidder,
        received_at: None,
        amount: valid.amount,
        parties,
        solicitation: &solicitation,
        admitted_under: BTreeSet::new(),
    };
    let subject = bid_subject(&db.read, input).await?;
    evaluate(&db.read, subject, viewer.now).await
}

/// Submits a bid: decides and stores it in one transaction, and withdraws the firm's open bid that it
/// replaces. A blocked bid is stored as refused, with its decision, and replaces none.
///
/// # Errors
/// As [`evaluate_bid`]; and `Conflict` if the organization already has an open bid on the solicitation
/// that the new one does not replace, or if something that the bid depends on changed at the same time, `RateLimited` above the quota.
#[tracing::instrument(skip_all)]
pub async fn submit_bid(
    db: &Database,
    viewer: &Viewer,
    input: &BidInput,
    include: BidInclude,
) -> Result<BidSubmission> {
    let organization = input.organization_id;
    viewer.require_member(organization)?;
    let solicitation = store::find_visible(&db.read, viewer, input.solicitation_id).await?;
    let solicitation = solicitation.ok_or(Fault::NotFound)?;
    require_accepts_bids(&db.read, &solicitation, BidAttempt::Submission, viewer.now).await?;
    let valid = validate_bid(input, solicitation.method)?;
    charge_named_parties(db, viewer, organization, &valid).await?;
    // The quota does not count a firm's first bid on a solicitation.
    let group = load_group(&db.read, organization).await?.ids_of(organization);
    let has_attempted = store::has_attempted(&db.read, &group, solicitation.id).await?;
    if has_attempted {
        take_quota(db, viewer, Activity::Bid)?;
    }
    let tx = db.begin().await?;
    let named = PartySource::Submitted(&valid.subcontractors);
    let parties = lock_parties(&tx, organization, named, viewer.now).await?;
    require_unmerged_id(&*tx, organization, &bidder_path()).await?;
    // Read again under the lock.
    let group = load_group(&*tx, organization).await?.ids_of(organization);
    let named = parties.subcontractors.iter().map(|it| &it.party);
    validate_subcontractors_are_others(&*tx, organization, named, &subcontractors_path()).await?;
    let solicitation = store::lock(&tx, input.solicitation_id).await?.ok_or(Fault::NotFound)?;
    let viewer = &viewer.with_effective_time(&tx);
    let publication =
        require_accepts_bids(&*tx, &solicitation, BidAttempt::Submission, viewer.now).await?;
    if !has_attempted && store::has_attempted(&*tx, &group, solicitation.id).await? {
        // Another request submitted the first bid in the meantime.
        take_quota(db, viewer, Activity::Bid)?;
    }
    let replaced = if let Some(replaced) = input.replaces {
        Some(require_open_bid(&*tx, viewer, &group, solicitation.id, replaced).await?)
    } else {
        require_no_open_bid(&tx, viewer, &group, solicitation.id).await?;
        None
    };
    policy::service::lock_version(&tx, publication.policy_version).await?;
    let id = BidId::generate();
    let input = BidSubject {
        id,
        organization,
        received_at: Some(viewer.now),
        amount: valid.amount.clone(),
        parties: parties.clone(),
        solicitation: &solicitation,
        admitted_under: BTreeSet::new(),
    };
    let subject = bid_subject(&*tx, input).await?;
    let evaluation = evaluate(&*tx, subject, viewer.now).await?;
    let (disclosure_id, organization) = (evaluation.disclosure, evaluation.row_organization);
    let actor = viewer.actor();
    let stored_decision = save(&tx, actor, evaluation).await?;
    let outcome = stored_decision.row.outcome;
    // A blocked bid replaces none: the earlier one stands. Otherwise it goes first, because the database
    // refuses a second open bid.
    let replaced = match replaced.filter(|_| outcome != Outcome::Block) {
        Some(replaced) => Some(withdraw_replaced(&tx, viewer, replaced, id).await?),
        None => None,
    };
    let bid = BidRecord {
        id,
        solicitation_id: solicitation.id,
        organization_id: organization,
        amount: valid.amount,
        submitted_at: viewer.now,
        submitted_by: viewer.subject.clone(),
        decision: BidDecision {
            id: stored_decision.row.id,
            outcome,
            disclosure_id,
            at: viewer.now,
        },
        state: BidState::from_decision(outcome, stored_decision.decision.cure_by()),
    };
    let bid = store::insert_bid(&tx, bid).await?;
    insert_parties(&tx, PartyOwner::Bid, &[(id.uuid(), &parties)]).await?;
    let mut data = json!({
        "solicitation": bid.solicitation_id,
        "organization": bid.organization_id,
        "status": bid.status(),
        "amount": bid.amount,
        "disclosure": bid.decision.disclosure_id,
        "decision": bid.decision.id,
    });
    if let Some(replaced) = replaced {
        data["replaces"] = json!(replaced);
    }
    begin(&tx, actor, bid.id, organization, LedgerAction::BidSubmitted, &data).await?;
    let bid = if bid.status().is_live() {
        include_bids(&*tx, viewer, vec![bid], include).await?.pop()
    } else {
        None
    };
    tx.commit().await?;
    Ok(BidSubmission { bid, decision: stored_decision })
}

/// Whether a viewer who acts for the firm of a bid may know of it: a service account only of those that it
/// has submitted itself, so that no portal tells of a bid that the firm made elsewhere.
fn may_know_of(viewer: &Viewer, bid: &BidRecord) -> bool {
    !viewer.is_service_account() || bid.submitted_by == viewer.subject
}

/// Requires that a firm has no open bid on a solicitation.
async fn require_no_open_bid(
    tx: &Tx,
    viewer: &Viewer,
    group: &[OrganizationId],
    solicitation: SolicitationId,
) -> Result<()> {
    match store::find_live_bid(&**tx, group, solicitation).await? {
        None => Ok(()),
        Some(open) if !may_know_of(viewer, &open) => Err(Fault::conflict(
            "this bid cannot be taken from here; the firm submits, replaces and withdraws its bid on this \
            solicitation where it has begun to",
        )),
        Some(open) => Err(Fault::conflict(format!(
            "this organization already has a bid on the solicitation, {}; to replace it, name it as \
            the bid to replace",
            open.id
        ))),
    }
}

/// Returns the bid to replace: the open one that the firm has on the solicitation.
///
/// # Errors
/// `Invalid` if it is another firm's or on another solicitation, or is no longer open.
async fn require_open_bid(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    group: &[OrganizationId],
    solicitation: SolicitationId,
    replaced: BidId,
) -> Result<BidRecord> {
    let open = store::find_live_bid(db, group, solicitation).await?;
    let message = match open.filter(|open| may_know_of(viewer, open)) {
        Some(open) if open.id == replaced => return Ok(open),
        Some(open) => UserMessage::ReplacedBidNotOpen { open: open.id.to_string() },
        None => UserMessage::NoBidToReplace,
    };
    Err(Fault::invalid(&FieldPath::argument("input").at("replaces"), message))
}

/// Withdraws the bid that a new one replaces, and returns its identifier.
async fn withdraw_replaced(
    tx: &Tx,
    viewer: &Viewer,
    replaced: BidRecord,
    replaced_by: BidId,
) -> Result<BidId> {
    let bid = store::lock_bid(tx, replaced.id).await?.ok_or(Fault::NotFound)?;
    let state = bid.state.withdraw(viewer.now);
    let state = state.map_err(|_| Fault::conflict("the bid to replace has changed; reload"))?;
    let bid = store::update_bid(tx, BidRecord { state, ..bid }).await?;
    let data = json!({ "replacedBy": replaced_by });
    append(tx, viewer.actor(), bid.id, LedgerAction::BidWithdrawn, &data).await?;
    Ok(bid.id)
}

/// A validated bid, in the form in which it is stored.
struct ValidBid {
    amount: Option<Money>,
    subcontractors: Vec<NamedSubcontractor>,
}

/// Validates the amount and the subcontractors of a bid on a solicitation of this method.
fn validate_bid(input: &BidInput, method: AwardMethod) -> Result<ValidBid> {
    let (path, mut errors) = (FieldPath::argument("input"), InputErrors::default());
    let at = path.at("amount");
    let amount = match &input.amount {
        Some(amount) => money::validate_money(amount, &at, &mut errors),
        None if method == AwardMethod::Proposals => None,
        None => {
            errors.add(&at, UserMessage::BidAmountRequired);
            None
        }
    };
    let list = SubcontractorList {
        owner: PartyOwner::Bid,
        prime: Some(input.organization_id),
        subcontractors: &input.subcontractors,
    };
    let subcontractors = validate_subcontractors(list, &subcontractors_path(), &mut errors);
    errors.finish()?;
    Ok(ValidBid { amount, subcontractors })
}

/// What is about to happen with a bid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BidAttempt {
    /// It was received and is stored.
    Submission,
    /// There is no bid: it is only asked what would be decided.
    Preview,
}

/// Requires that the solicitation takes bids at `now`, and returns its publication. The due time itself
/// is in time.
async fn require_accepts_bids<'a>(
    db: &impl ConnectionTrait,
    solicitation: &'a SolicitationRecord,
    attempt: BidAttempt,
    now: DateTime<Utc>,
) -> Result<&'a Publication> {
    let path = FieldPath::argument("input").at("solicitationId");
    match &solicitation.state {
        SolicitationState::Draft => {
            Err(Fault::invalid(&path, UserMessage::SolicitationNotPublished))
        }
        SolicitationState::Canceled { .. } => {
            Err(Fault::invalid(&path, UserMessage::SolicitationCanceled))
        }
        SolicitationState::Published(publication) if now > solicitation.due_at => {
            let policy = policy::service::load_version(db, publication.policy_version).await?;
            let [due, now] = format_two_times(solicitation.due_at, now, policy.calendar());
            let message = match attempt {
                BidAttempt::Submission => UserMessage::BidPastDue { due, received: now },
                BidAttempt::Preview => UserMessage::BidWouldBeLate { due, now },
            };
            Err(Fault::invalid(&path, message))
        }
        SolicitationState::Published(publication) => Ok(publication),
    }
}

/// The path of the bidder in the input.
fn bidder_path() -> FieldPath {
    FieldPath::argument("input").at("organizationId")
}

/// The path of the subcontractors in the input.
fn subcontractors_path() -> FieldPath {
    FieldPath::argument("input").at("subcontractors")
}

/// Charges the members and subcontractors of a bid to the organization's daily quota of named
/// parties, because a readiness check shows whether each party's disclosure is current.
async fn charge_named_parties(
    db: &Database,
    viewer: &Viewer,
    organization: OrganizationId,
    valid: &ValidBid,
) -> Result<()> {
    let members = list_joint_venture_members(&db.read, organization).await?;
    let named = members.iter().chain(valid.subcontractors.iter().map(|it| &it.party));
    let today = policy::service::load_timeline(&db.read).await?.local_day(viewer.now);
    take_named_party_quota(db, viewer, organization, today, named)
}

/// A bid to decide: stored, to be stored, or only evaluated.
pub(super) struct BidSubject<'a> {
    pub id: BidId,
    pub organization: OrganizationId,
    /// When it was received (UTC); none if it is only evaluated.
    pub received_at: Option<DateTime<Utc>>,
    pub amount: Option<Money>,
    pub parties: Parties,
    pub solicitation: &'a SolicitationRecord,
    /// The identifiers of the suspensions under which it was admitted or held before.
    pub admitted_under: BTreeSet<String>,
}

/// Builds the subject of a decision on a bid.
pub(super) async fn bid_subject(
    db: &impl ConnectionTrait,
    bid: BidSubject<'_>,
) -> Result<EvaluationRequest> {
    let department = bid.solicitation.department_id;
    let departments = vec![department.uuid()];
    let departments = organization::service::load_departments(db, departments).await?;
    request_in(bid, departments.get(&department).ok_or(Fault::NotFound)?)
}

/// As [`bid_subject`], in a department that is loaded already.
pub(super) fn request_in(
    bid: BidSubject<'_>,
    department: &Department,
) -> Result<EvaluationRequest> {
    let BidSubject { id, organization, received_at, amount, parties, solicitation, admitted_under } =
        bid;
    Ok(EvaluationRequest {
        kind: SubjectKind::BidSubmission,
        id: id.into(),
        reference: solicitation.number.clone(),
        title: solicitation.title.clone(),
        department: department.name.clone(),
        contact: department.contact.clone(),
        reference_at: solicitation.due_at,
        received_at,
        amount,
        is_public_works: solicitation.public_works,
        method: Some(solicitation.method),
        action: None,
        contract: None,
        relief_lookup: ReliefLookup::Bid(solicitation.id.uuid(), organization),
        organization,
        parties,
        admitted_under,
        policy_version: require_publication(solicitation)?.policy_version,
    })
}
