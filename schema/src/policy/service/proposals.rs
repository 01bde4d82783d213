//! Changes of policies that one administrator proposes and another confirms.
use chrono::{DateTime, Days, Utc};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::publication::{EarlierBeginning, insert_in_tx, refuse_obstacles, terms_of};
use super::suspension::{Order, reinstate_in_tx, suspend_in_tx};
use super::{PublishedPolicy, Suspension, find_in_force, find_latest, load_timeline, store};
use crate::database::{Database, Tx};
use crate::fault::{Fault, FieldPath, Result};
use crate::gate::Policy;
use crate::gate::policy::SecondPersonPolicy;
use crate::ledger::model::{LedgerAction, ServiceId};
use crate::ledger::service::{append, begin};
use crate::organization::model::Viewer;
use crate::page::{Page, PageArguments};
use crate::policy::entity::proposal::Model;
use crate::policy::model::{
    PolicyProposalId, PolicyProposalKind, PolicyProposalOutcome, PolicyProposalStatus, RuleCodes,
    SuspensionId,
};
use crate::preloaded::Preloaded;
use crate::user_message::UserMessage;

const ADMIN_ONLY_MESSAGE: &str = "only an administrator may confirm or withdraw a proposed change";

/// A proposal with its status at the time of the request.
#[derive(Clone, Debug)]
pub struct Proposal {
    pub row: Model,
    pub status: PolicyProposalStatus,
    /// Of a publication: the policy to publish.
    pub policy: Option<Policy>,
    /// The latest version, which a publication follows.
    pub previous: Preloaded<Option<Policy>>,
}

impl Proposal {
    fn from_row(row: Model, now: DateTime<Utc>) -> Result<Self> {
        let status = match row.outcome {
            Some(PolicyProposalOutcome::Confirmed) => PolicyProposalStatus::Confirmed,
            Some(PolicyProposalOutcome::Withdrawn) => PolicyProposalStatus::Withdrawn,
            None if now < row.expires_at => PolicyProposalStatus::Pending,
            None => PolicyProposalStatus::Lapsed,
        };
        let policy = row.terms.as_deref().map(Policy::from_stored).transpose();
        let policy =
            policy.map_err(|problems| super::unreadable_fault(row.policy_version, &problems))?;
        Ok(Self { row, status, policy, previous: Preloaded::if_requested(false, || None) })
    }
}

/// What is proposed.
pub(super) enum ProposedChange {
    Publication(Box<Policy>),
    Suspension { version: i64, rules: RuleCodes, citation: String },
    Reinstatement { version: i64, suspension: SuspensionId, citation: String },
}

impl From<Policy> for ProposedChange {
    fn from(policy: Policy) -> Self {
        Self::Publication(Box::new(policy))
    }
}

/// Returns how a second person confirms a change of policies now; none if one person is enough. The
/// policy in force decides. Before any is in force, a published one decides, and before any is
/// published, the `proposed` one.
pub(super) async fn require_second_person(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    proposed: Option<&Policy>,
) -> Result<Option<SecondPersonPolicy>> {
    if let Some(in_force) = find_in_force(db, now).await? {
        return Ok(in_force.policy.parameters().second_person());
    }
    let latest = find_latest(db).await?.map(|latest| latest.policy);
    Ok(latest.as_ref().or(proposed).and_then(|policy| policy.parameters().second_person()))
}

/// Stores a proposed change, or returns the pending one of the same content.
pub(super) async fn propose(
    tx: &Tx,
    viewer: &Viewer,
    second_person: SecondPersonPolicy,
    change: ProposedChange,
) -> Result<Proposal> {
    let timeline = load_timeline(&**tx).await?;
    let days = Days::new(u64::from(second_person.confirmation_days) + 1);
    let expires_at = timeline.local_midnight(timeline.local_date(viewer.now) + days, viewer.now);
    let mut row = Model {
        id: PolicyProposalId::generate(),
        kind: PolicyProposalKind::Publication,
        policy_version: 0,
        terms: None,
        sha256: None,
        rules: None,
        suspension_id: None,
        citation: None,
        proposed_by: viewer.subject.clone(),
        proposed_at: viewer.now,
        expires_at,
        outcome: None,
        decided_by: None,
        decided_at: None,
    };
    match change {
        ProposedChange::Publication(policy) => {
            let terms = terms_of(&policy)?;
            row.policy_version = i64::from(policy.version());
            (row.terms, row.sha256) = (Some(terms.text), Some(terms.sha256));
        }
        ProposedChange::Suspension { version, rules, citation } => {
            row.kind = PolicyProposalKind::Suspension;
            row.policy_version = version;
            (row.rules, row.citation) = (Some(rules), Some(citation));
        }
        ProposedChange::Reinstatement { version, suspension, citation } => {
            row.kind = PolicyProposalKind::Reinstatement;
            row.policy_version = version;
            (row.suspension_id, row.citation) = (Some(suspension), Some(citation));
        }
    }
    let pending = store::list_pending_proposals(&**tx, viewer.now).await?;
    if let Some(same) = pending.into_iter().find(|other| is_same_change(other, &row)) {
        return Proposal::from_row(same, viewer.now);
    }
    let row = store::insert_proposal(tx, row).await?;
    let data = json!({
        "kind": row.kind, "version": row.policy_version, "sha256": row.sha256, "rules": row.rules,
        "suspension": row.suspension_id, "citation": row.citation,
    });
    let (actor, action) = (viewer.actor(), LedgerAction::PolicyChangeProposed);
    begin(tx, actor, row.id, ServiceId::only(), action, &data).await?;
    Proposal::from_row(row, viewer.now)
}

/// Whether two proposals change the same; the orders that they cite may be worded differently.
fn is_same_change(one: &Model, other: &Model) -> bool {
    let change = |row: &Model| {
        let Model { kind, policy_version, sha256, rules, suspension_id, .. } = row;
        (*kind, *policy_version, sha256.clone(), rules.clone(), *suspension_id)
    };
    change(one) == change(other)
}

/// A confirmed proposal with what it changed.
#[derive(Debug)]
pub struct ConfirmedProposal {
    pub proposal: Proposal,
    pub published: Option<PublishedPolicy>,
    pub suspension: Option<Suspension>,
}

/// Confirms a change that another administrator proposed, and makes it at once.
///
/// # Errors
/// `Forbidden` unless the viewer is an administrator, `NotFound` for an unknown proposal. `Invalid` if
/// the viewer proposed it, if it was decided or has lapsed, or if the change is no longer possible.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn confirm_proposal(
    db: &Database,
    viewer: &Viewer,
    id: PolicyProposalId,
) -> Result<ConfirmedProposal> {
    viewer.require_admin(ADMIN_ONLY_MESSAGE)?;
    let path = FieldPath::argument("id");
    let tx = db.begin().await?;
    let viewer = &viewer.with_effective_time(&tx);
    let proposal = lock_pending(&tx, viewer, id).await?;
    if proposal.row.proposed_by == viewer.subject {
        return Err(Fault::invalid(&path, UserMessage::PolicyProposalIsOwn));
    }
    let (mut published, mut suspension) = (None, None);
    let Model { policy_version: version, .. } = proposal.row;
    let citation = proposal.row.citation.clone().unwrap_or_default();
    match (&proposal.policy, &proposal.row.rules, proposal.row.suspension_id) {
        (Some(policy), ..) => {
            let obstacles =
                refuse_obstacles(&*tx, policy, viewer.now, EarlierBeginning::None).await;
            obstacles.map_err(|error| error.into_fault(&path))?;
            published = Some(insert_in_tx(&tx, policy, viewer.actor(), Some(id)).await?);
        }
        (None, Some(rules), _) => {
            let order = Order { version, rules: rules.0.clone(), citation, proposal: Some(id) };
            suspension = Some(suspend_in_tx(&tx, viewer, order, &path).await?);
        }
        (None, None, Some(ended)) => {
            suspension = Some(reinstate_in_tx(&tx, viewer, ended, citation, Some(id)).await?);
        }
        (None, None, None) => {
            return Err(Fault::Internal(format!("proposal {id} changes nothing").into()));
        }
    }
    let proposal = decide(&tx, viewer, proposal.row, PolicyProposalOutcome::Confirmed).await?;
    tx.commit().await?;
    Ok(ConfirmedProposal { proposal, published, suspension })
}

/// Withdraws a proposed change.
///
/// # Errors
/// `Forbidden` unless the viewer is an administrator, `NotFound` for an unknown proposal, `Invalid` if it
/// was decided or has lapsed.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn withdraw_proposal(
    db: &Database,
    viewer: &Viewer,
    id: PolicyProposalId,
) -> Result<Proposal> {
    viewer.require_admin(ADMIN_ONLY_MESSAGE)?;
    let tx = db.begin().await?;
    let viewer = &viewer.with_effective_time(&tx);
    let proposal = lock_pending(&tx, viewer, id).await?;
    let proposal = decide(&tx, viewer, proposal.row, PolicyProposalOutcome::Withdrawn).await?;
    tx.commit().await?;
    Ok(proposal)
}

async fn lock_pending(tx: &Tx, viewer: &Viewer, id: PolicyProposalId) -> Result<Proposal> {
    let row = store::lock_proposal(tx, id).await?.ok_or(Fault::NotFound)?;
    let proposal = Proposal::from_row(row, viewer.now)?;
    let message = match proposal.status {
        PolicyProposalStatus::Pending => return Ok(proposal),
        PolicyProposalStatus::Confirmed => UserMessage::PolicyProposalConfirmed,
        PolicyProposalStatus::Withdrawn => UserMessage::PolicyProposalWithdrawn,
        PolicyProposalStatus::Lapsed => UserMessage::PolicyProposalLapsed,
    };
    Err(Fault::invalid(&FieldPath::argument("id"), message))
}

async fn decide(
    tx: &Tx,
    viewer: &Viewer,
    row: Model,
    outcome: PolicyProposalOutcome,
) -> Result<Proposal> {
    let decided = Model {
        outcome: Some(outcome),
        decided_by: Some(viewer.subject.clone()),
        decided_at: Some(viewer.now),
        ..row
    };
    let row = store::update_proposal(tx, decided).await?;
    let action = match outcome {
        PolicyProposalOutcome::Confirmed => LedgerAction::PolicyChangeConfirmed,
        PolicyProposalOutcome::Withdrawn => LedgerAction::PolicyChangeWithdrawn,
    };
    append(tx, viewer.actor(), row.id, action, &json!({})).await?;
    Proposal::from_row(row, viewer.now)
}

/// Lists a page of the proposed changes, newest first, with the total count if requested; only those that
/// can be confirmed now if `only_pending`.
///
/// # Errors
/// `Forbidden` unless the viewer has City-wide read access, `Invalid` for page arguments that are out of
/// range or a cursor of another list.
#[tracing::instrument(skip_all)]
pub async fn list_proposals(
    db: &Database,
    viewer: &Viewer,
    only_pending: bool,
    arguments: &PageArguments,
    includes_total: bool,
) -> Result<(Page<Proposal>, Option<u64>)> {
    viewer
        .require_reader("proposed changes of policies are for City staff with City-wide access")?;
    let pending_at = only_pending.then_some(viewer.now);
    let (page, total) =
        store::list_proposals(&db.read, pending_at, arguments, includes_total).await?;
    Ok((page.try_map(|row| Proposal::from_row(row, viewer.now))?, total))
}

/// Adds the latest version to proposals, if `is_requested`, with one statement.
pub async fn add_previous(
    db: &impl ConnectionTrait,
    mut proposals: Vec<Proposal>,
    is_requested: bool,
) -> Result<Vec<Proposal>> {
    if is_requested && !proposals.is_empty() {
        let latest = find_latest(db).await?.map(|latest| latest.policy);
        for proposal in &mut proposals {
            proposal.previous = Preloaded::if_requested(true, || latest.clone());
        }
    }
    Ok(proposals)
}
