//! Requests, approves and revokes waivers.
use serde_json::{Value, json};

use super::Waiver;
use super::subject_columns::{SubjectColumns, enqueue_subject};
use crate::database::{Database, Tx};
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::{Policy, RuleCode};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::{append, begin};
use crate::organization::model::{DepartmentId, Viewer};
use crate::reevaluation::model::LiftedRules;
use crate::text::{MAX_PROSE_CHARS, validate_required};
use crate::waiver::model::{ReliefSubject, WaiverId, WaiverRequest, WaiverStatus};
use crate::waiver::{rules, store};

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
    let request = rules::validate_request(input, policy, viewer.now)?;
    let subject = SubjectColumns::from(target);
    let row = Waiver {
        id: WaiverId::generate(),
        rule: request.rule.as_str().to_owned(),
        department_id: subject.department,
        organization_id: subject.organization,
        solicitation_id: subject.solicitation,
        contract_number: subject.number,
        contract_id: subject.contract,
        renewal_id: subject.renewal,
        purpose: request.purpose,
        alternatives: request.alternatives,
        cost: request.cost,
        cost_cents: request.cost_amount.as_ref().map(|cost| cost.cents),
        cost_currency: request.cost_amount.map(|cost| cost.currency),
        authority: request.authority,
        expires_on: request.expires_on,
        expires_at: request.expires_at,
        status: WaiverStatus::Requested,
        requested_by: viewer.subject.clone(),
        requested_at: viewer.now,
        approved_by: None,
        approved_at: None,
        revoked_by: None,
        revoked_at: None,
        revocation: None,
    };
    let row = store::waivers::insert(tx, row).await?;
    let (actor, department) = (viewer.actor(), row.department_id);
    begin(tx, actor, row.id, department, LedgerAction::WaiverRequested, &waiver_data(&row)).await?;
    Ok(row)
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
pub(super) fn waiver_data(row: &Waiver) -> Value {
    json!({
        "rule": row.rule,
        "department": row.department_id,
        "organization": row.organization_id,
        "contractNumber": row.contract_number,
        "authority": row.authority,
        "expiresOn": row.expires_on,
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
    let row = store::lock_waiver(&tx, id).await?.ok_or(Fault::NotFound)?;
    if row.requested_by == viewer.subject {
        return Err(Fault::Forbidden("the person who requested a waiver cannot approve it"));
    }
    let status = row.status.approve().map_err(|_| Fault::conflict(state_conflict(&row)))?;
    if viewer.now >= row.expires_at {
        let message = format!("this waiver expired on {}; request a new one", row.expires_on);
        return Err(Fault::conflict(message));
    }
    let row = Waiver {
        status,
        approved_by: Some(viewer.subject.clone()),
        approved_at: Some(viewer.now),
        ..row
    };
    let row = store::update_waiver(&tx, row).await?;
    append(&tx, viewer.actor(), row.id, LedgerAction::WaiverApproved, &json!({})).await?;
    let rule = row.rule.parse::<RuleCode>();
    let revives =
        rule.map_or_else(|_| LiftedRules::none(), |rule| LiftedRules::rules_or_all(&[rule].into()));
    enqueue_subject(&tx, &SubjectColumns::from(&row), revives, viewer.now).await?;
    // When it expires, the rule applies again.
    enqueue_subject(&tx, &SubjectColumns::from(&row), LiftedRules::none(), row.expires_at).await?;
    tx.commit().await?;
    Ok(row)
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
    let mut problems = InputErrors::default();
    let reason =
        validate_required(reason, MAX_PROSE_CHARS, &FieldPath::argument("reason"), &mut problems);
    problems.finish()?;
    let tx = db.begin().await?;
    let row = store::lock_waiver(&tx, id).await?.ok_or(Fault::NotFound)?;
    let status = row.status.revoke().map_err(|_| Fault::conflict(state_conflict(&row)))?;
    let row = Waiver {
        status,
        revoked_by: Some(viewer.subject.clone()),
        revoked_at: Some(viewer.now),
        revocation: Some(reason.clone()),
        ..row
    };
    let row = store::update_waiver(&tx, row).await?;
    append(&tx, viewer.actor(), row.id, LedgerAction::WaiverRevoked, &json!({ "reason": reason }))
        .await?;
    enqueue_subject(&tx, &SubjectColumns::from(&row), LiftedRules::none(), viewer.now).await?;
    tx.commit().await?;
    Ok(row)
}

/// Returns the message for an action that the waiver's current status does not allow.
fn state_conflict(row: &Waiver) -> String {
    match (&row.approved_by, &row.revoked_by) {
        (_, Some(by)) => format!("{} already revoked this waiver; reload the page", by.subject()),
        (Some(by), None) => {
            format!("{} already approved this waiver; reload the page", by.subject())
        }
        (None, None) => "this waiver has changed; reload the page".to_owned(),
    }
}
