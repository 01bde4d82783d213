//! Submitting a bid, and asking beforehand what the gate would say.
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::{Bid, BidInclude, BidRow, SolicitationRow, store};
use crate::bidding::model::{BidId, BidInput, BidStatus, SolicitationStatus};
use crate::bidding::rules::{self, Read};
use crate::database::Database;
use crate::decision::model::{Named, Parties, Subject};
use crate::decision::service::{Considered, Kept, consider, keep, lock_parties, resolve_parties};
use crate::fault::{Fault, FieldPath, Result};
use crate::gate::SubjectKind;
use crate::ledger::model::LedgerAction;
use crate::ledger::service::begin;
use crate::money::Money;
use crate::organization;
use crate::organization::model::{OrganizationId, Viewer};
use crate::organization::service::{
    joint_venture_members, refuse_self_subcontracting, take_named_parties, take_quota,
};
use crate::policy;
use crate::quota::Activity;
use crate::waiver::model::Sought;

/// What came of submitting: the decision always, the bid unless it was refused.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub bid: Option<Bid>,
    pub decision: Kept,
}

/// What the gate would say of the bid if it were submitted now; nothing is written.
///
/// # Errors
/// `NotFound` to who is no member or without such a solicitation, `Invalid` with all that is
/// wrong, a solicitation that takes no bids among it, `RateLimited` if the organization names more
/// parties than it may within a day.
pub async fn readiness(db: &Database, viewer: &Viewer, input: &BidInput) -> Result<Considered> {
    viewer.member_of(input.organization_id)?;
    let solicitation = store::find(&db.read, viewer, input.solicitation_id).await?;
    let solicitation = solicitation.ok_or(Fault::NotFound)?;
    takes_bids(&solicitation, viewer.now)?;
    let read = rules::bid(input)?;
    let (id, bidder) = (BidId::generate(), input.organization_id);
    count_parties(db, viewer, bidder, &read).await?;
    let named = read.subcontractors.iter().map(|(party, _)| party);
    refuse_self_subcontracting(&db.read, bidder, named, &subcontractors()).await?;
    let named = Named::Submitted(&read.subcontractors);
    let parties = resolve_parties(&db.read, bidder, named, viewer.now).await?;
    let subject = subject(&db.read, id, bidder, (read.amount, parties), &solicitation).await?;
    consider(&db.read, subject, viewer.now).await
}

/// Submits a bid: decided and written in one transaction. A refused attempt is kept with its
/// decision.
///
/// # Errors
/// As [`readiness`]; and `Conflict` if the organization has a bid that counts, or something that
/// the bid rests on changed at this moment, `RateLimited` above the quota.
pub async fn submit(
    db: &Database,
    viewer: &Viewer,
    input: &BidInput,
    include: BidInclude,
) -> Result<Attempt> {
    let organization = input.organization_id;
    viewer.member_of(organization)?;
    let solicitation = store::find(&db.read, viewer, input.solicitation_id).await?;
    let solicitation = solicitation.ok_or(Fault::NotFound)?;
    takes_bids(&solicitation, viewer.now)?;
    let read = rules::bid(input)?;
    count_parties(db, viewer, organization, &read).await?;
    // A firm's first bid on a solicitation is never refused, and uses up none of the quota.
    let again = store::has_attempted(&db.read, organization, solicitation.id).await?;
    if again {
        take_quota(db, viewer, Activity::Bid)?;
    }
    let tx = db.begin().await?;
    let named = Named::Submitted(&read.subcontractors);
    let parties = lock_parties(&tx, organization, named, viewer.now).await?;
    let named = read.subcontractors.iter().map(|(party, _)| party);
    refuse_self_subcontracting(&*tx, organization, named, &subcontractors()).await?;
    let solicitation = store::lock(&tx, input.solicitation_id).await?.ok_or(Fault::NotFound)?;
    let viewer = &viewer.at_lock(&tx);
    takes_bids(&solicitation, viewer.now)?;
    if !again && store::has_attempted(&*tx, organization, solicitation.id).await? {
        // Another request made the first attempt meanwhile.
        take_quota(db, viewer, Activity::Bid)?;
    }
    if let Some(live) = store::live_of(&tx, organization, solicitation.id).await? {
        return Err(Fault::conflict(format!(
            "this organization has a bid on it that counts, {}; withdraw it first to replace it",
            live.id
        )));
    }
    let version = solicitation.policy_version.ok_or_else(|| unpinned(&solicitation))?;
    policy::service::hold(&tx, version).await?;
    let id = BidId::generate();
    let asked = (read.amount.clone(), parties.clone());
    let subject = subject(&*tx, id, organization, asked, &solicitation).await?;
    let considered = consider(&*tx, subject, viewer.now).await?;
    let disclosure_id = considered.disclosure;
    let actor = viewer.actor();
    let kept = keep(&tx, actor, considered).await?;
    let row = BidRow {
        id,
        solicitation_id: solicitation.id,
        organization_id: organization,
        status: BidStatus::of(kept.row.outcome),
        amount_cents: read.amount.cents,
        currency: read.amount.currency.clone(),
        disclosure_id,
        decision_id: kept.row.id,
        decision_outcome: kept.row.outcome,
        cure_by: kept.decision.cure_by().filter(|_| BidStatus::of(kept.row.outcome).is_live()),
        submitted_at: viewer.now,
        submitted_by: viewer.subject.clone(),
        withdrawn_at: None,
        decided_at: viewer.now,
    };
    let row = store::insert_bid(&tx, row, &parties).await?;
    let data = json!({
        "solicitation": row.solicitation_id,
        "organization": row.organization_id,
        "status": row.status,
        "amount": read.amount,
        "disclosure": row.disclosure_id,
        "decision": row.decision_id,
    });
    begin(&tx, actor, row.id, organization, LedgerAction::BidSubmitted, &data).await?;
    let live = row.status.is_live();
    let bid = if live {
        store::include_bids(&*tx, viewer, vec![row], include).await?.pop()
    } else {
        None
    };
    tx.commit().await?;
    Ok(Attempt { bid, decision: kept })
}

/// Whether a bid that arrives now is in time; the due instant itself is.
fn takes_bids(solicitation: &SolicitationRow, now: DateTime<Utc>) -> Result<()> {
    let path = FieldPath::argument("input").at("solicitationId");
    match solicitation.status {
        SolicitationStatus::Draft => {
            Err(Fault::invalid(&path, "not_published", "It takes no bids yet."))
        }
        SolicitationStatus::Cancelled => {
            Err(Fault::invalid(&path, "cancelled", "It was cancelled and takes no bids."))
        }
        SolicitationStatus::Published if now > solicitation.due_at => {
            let told = format!(
                "Bids were due at {} (UTC) and this one arrived at {}; ask the department whether \
                it will publish another solicitation.",
                solicitation.due_at.format("%Y-%m-%d %H:%M:%S"),
                now.format("%Y-%m-%d %H:%M:%S")
            );
            Err(Fault::invalid(&path, "past_due", told))
        }
        SolicitationStatus::Published => Ok(()),
    }
}

fn unpinned(solicitation: &SolicitationRow) -> Fault {
    Fault::Internal(format!("{} pins no policy", solicitation.id).into())
}

/// Where the subcontractors stand in what was sent.
fn subcontractors() -> FieldPath {
    FieldPath::argument("input").at("subcontractors")
}

/// Counts whom a bid names, its joint venture's members among them, against what the organization
/// may name within a day: a readiness tells of each whether its disclosure is current.
async fn count_parties(
    db: &Database,
    viewer: &Viewer,
    organization: OrganizationId,
    read: &Read,
) -> Result<()> {
    let members = joint_venture_members(&db.read, organization).await?;
    let named = members.iter().chain(read.subcontractors.iter().map(|(party, _)| party));
    let today = policy::service::timeline(&db.read).await?.local_day(viewer.now);
    take_named_parties(db, viewer, organization, today, named)
}

/// A bid as the gate is asked about it.
pub(super) async fn subject(
    db: &impl ConnectionTrait,
    id: BidId,
    organization: OrganizationId,
    (amount, parties): (Money, Parties),
    solicitation: &SolicitationRow,
) -> Result<Subject> {
    let department = solicitation.department_id;
    let departments = vec![department.uuid()];
    let mut departments = organization::service::departments_by_ids(db, departments).await?;
    let department = departments.remove(&department).ok_or(Fault::NotFound)?;
    Ok(Subject {
        kind: SubjectKind::BidSubmission,
        id: id.into(),
        reference: solicitation.number.clone(),
        title: solicitation.title.clone(),
        department: department.name,
        contact: department.contact,
        reference_at: solicitation.due_at,
        amount: Some(amount),
        public_works: solicitation.public_works,
        method: Some(solicitation.method),
        action: None,
        contract: None,
        sought: Sought::Bid(solicitation.id.uuid(), organization),
        organization,
        parties,
        policy_version: solicitation.policy_version.ok_or_else(|| unpinned(solicitation))?,
    })
}
