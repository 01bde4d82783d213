//! Requests, approves and revokes waivers.
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::enqueue::enqueue_subject;
use super::repetition::refuse_repeated_waiver;
use crate::database::{Database, Tx};
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::{Policy, RuleCode};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::{append, begin};
use crate::organization::model::{DepartmentId, Viewer};
use crate::reevaluation::model::LiftedRules;
use crate::text::{MAX_PROSE_CHARS, validate_required};
use crate::waiver::model::{
    Approval, ReliefSubject, Revocation, SubjectColumns, Waiver, WaiverId, WaiverRequest,
    WaiverState,
};
use crate::waiver::rules::{self, ValidRequest};
use crate::waiver::store;

/// Validates the input of a request without its subject, and returns the rule to waive.
///
/// # Errors
/// `Invalid` with every error in the input.
pub fn validate_request(
    input: &WaiverRequest,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<RuleCode> {
    rules::validate_request(input, policy, now).map(|valid| valid.rule)
}

/// Requests a waiver inside the caller's transaction, which holds the locks on its subject. It has no
/// effect until another person approves it.
///
/// # Errors
/// `Forbidden` unless the viewer is a reviewer, a supervisor or a contract officer of the department,
/// `Invalid` with every error in the input.
#[tracing::instrument(skip_all)]
pub async fn request_waiver(
    tx: &Tx,
    viewer: &Viewer,
    target: ReliefSubject,
    policy: &Policy,
    input: &WaiverRequest,
) -> Result<Waiver> {
    require_requester(viewer, target.department())?;
    let ValidRequest {
        rule,
        purpose,
        alternatives,
        cost,
        cost_amount,
        authority,
        expires_on,
        expires_at,
    } = rules::validate_request(input, policy, viewer.now)?;
    let subject = SubjectColumns::from(target);
    refuse_repeated_waiver(tx, &subject, rule, viewer.now).await?;
    let waiver = Waiver {
        id: WaiverId::generate(),
        rule: rule.as_str().to_owned(),
        subject,
        purpose,
        alternatives,
        cost,
        cost_amount,
        authority,
        expires_on,
        expires_at,
        requested_by: viewer.subject.clone(),
        requested_at: viewer.now,
        state: WaiverState::Requested,
    };
    let waiver = store::waivers::insert(tx, waiver).await?;
    let (actor, department, data) =
        (viewer.actor(), waiver.subject.department, waiver_data(&waiver));
    begin(tx, actor, waiver.id, department, LedgerAction::WaiverRequested, &data).await?;
    Ok(waiver)
}

/// Requires that the viewer may request a waiver in a department.
///
/// # Errors
/// `Forbidden` unless the viewer is a reviewer, a supervisor or a contract officer of it.
pub fn require_requester(viewer: &Viewer, department: DepartmentId) -> Result<()> {
    if viewer.own_departments().contains(&department) {
        return Ok(());
    }
    viewer.require_reviewer(
        "only a reviewer, a supervisor or a contract officer of that department may request a waiver",
    )
}

/// Returns the ledger data of a request.
pub(super) fn waiver_data(waiver: &Waiver) -> Value {
    json!({
        "rule": waiver.rule,
        "department": waiver.subject.department,
        "organization": waiver.subject.organization,
        "contractNumber": waiver.subject.number,
        "authority": waiver.authority,
        "expiresOn": waiver.expires_on,
    })
}

/// Approves a waiver that another person requested: until it expires, every decision on its subject
/// lowers the rule to a note.
///
/// # Errors
/// `Forbidden` unless the viewer is a supervisor and not the requester, `NotFound` for an unknown
/// waiver, `Conflict` if it is not awaiting approval or has expired.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn approve_waiver(db: &Database, viewer: &Viewer, id: WaiverId) -> Result<Waiver> {
    viewer.require_supervisor("only a supervisor may approve a waiver")?;
    let tx = db.begin().await?;
    let waiver = store::lock_waiver(&tx, id).await?.ok_or(Fault::NotFound)?;
    if waiver.requested_by == viewer.subject {
        return Err(Fault::Forbidden("the person who requested a waiver cannot approve it"));
    }
    let conflict = state_conflict(&waiver.state);
    let approval = Approval { by: viewer.subject.clone(), at: viewer.now };
    let approved = waiver.approve(approval).map_err(|_| conflict)?;
    if viewer.now >= approved.expires_at {
        let message = format!("this waiver expired on {}; request a new one", approved.expires_on);
        return Err(Fault::conflict(message));
    }
    let approved = store::update_waiver(&tx, approved).await?;
    append(&tx, viewer.actor(), approved.id, LedgerAction::WaiverApproved, &json!({})).await?;
    let rule = approved.rule.parse::<RuleCode>();
    let revives =
        rule.map_or_else(|_| LiftedRules::none(), |rule| LiftedRules::rules_or_all(&[rule].into()));
    enqueue_subject(&tx, &approved.subject, revives, viewer.now).await?;
    // When it expires, the rule applies again.
    enqueue_subject(&tx, &approved.subject, LiftedRules::none(), approved.expires_at).await?;
    tx.commit().await?;
    Ok(approved)
}

/// Declines a requested waiver or revokes an approved one: from now on its rule applies again.
///
/// # Errors
/// `Forbidden` unless the viewer is a supervisor, `NotFound` for an unknown waiver, `Invalid` without
/// a reason, `Conflict` if it is revoked already.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn revoke_waiver(
    db: &Database,
    viewer: &Viewer,
    id: WaiverId,
    reason: &str,
) -> Result<Waiver> {
    viewer.require_supervisor("only a supervisor may revoke a waiver")?;
    let mut errors = InputErrors::default();
    let reason =
        validate_required(reason, MAX_PROSE_CHARS, &FieldPath::argument("reason"), &mut errors);
    errors.finish()?;
    let tx = db.begin().await?;
    let waiver = store::lock_waiver(&tx, id).await?.ok_or(Fault::NotFound)?;
    let data = json!({ "reason": reason });
    let conflict = state_conflict(&waiver.state);
    let revocation = Revocation { by: viewer.subject.clone(), at: viewer.now, reason };
    let revoked = waiver.revoke(revocation).map_err(|_| conflict)?;
    let revoked = store::update_waiver(&tx, revoked).await?;
    append(&tx, viewer.actor(), revoked.id, LedgerAction::WaiverRevoked, &data).await?;
    enqueue_subject(&tx, &revoked.subject, LiftedRules::none(), viewer.now).await?;
    tx.commit().await?;
    Ok(revoked)
}

/// The conflict of an action that the waiver's current state does not allow.
fn state_conflict(state: &WaiverState) -> Fault {
    Fault::conflict(match state {
        WaiverState::Revoked { revocation: Revocation { by, .. }, .. } => {
            format!("{} already revoked this waiver; reload the page", by.subject())
        }
        WaiverState::Approved(Approval { by, .. }) => {
            format!("{} already approved this waiver; reload the page", by.subject())
        }
        WaiverState::Requested => "this waiver has changed; reload the page".to_owned(),
    })
}
