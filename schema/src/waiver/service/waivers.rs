//! Asking for a waiver, approving it, taking it back.
use serde_json::{Value, json};

use super::Waiver;
use super::place::{Place, note_subject};
use crate::database::{Database, Tx};
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::{Policy, RuleCode};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::{append, begin};
use crate::organization::model::{DepartmentId, Role, Viewer};
use crate::reevaluation::model::LiftedRules;
use crate::text::{MAX_PROSE_CHARS, validate_required};
use crate::waiver::model::{Target, WaiverId, WaiverRequest, WaiverStatus};
use crate::waiver::{rules, store};

/// Asks for a waiver, in the transaction and under the locks of who knows its subject; it lowers
/// nothing until somebody else approves it.
///
/// # Errors
/// `Forbidden` to all but reviewers, supervisors and the department's contract officers, `Invalid`
/// with all that is wrong or missing.
pub async fn request(
    tx: &Tx,
    viewer: &Viewer,
    target: Target,
    policy: &Policy,
    input: &WaiverRequest,
) -> Result<Waiver> {
    may_request(viewer, target.department())?;
    let asked = rules::request(input, policy, viewer.now)?;
    let place = Place::from(target);
    let row = Waiver {
        id: WaiverId::generate(),
        rule: asked.rule.as_str().to_owned(),
        department_id: place.department,
        organization_id: place.organization,
        solicitation_id: place.solicitation,
        contract_number: place.number,
        contract_id: place.contract,
        renewal_id: place.renewal,
        purpose: asked.purpose,
        alternatives: asked.alternatives,
        cost: asked.cost,
        cost_cents: asked.cost_amount.as_ref().map(|cost| cost.cents),
        cost_currency: asked.cost_amount.map(|cost| cost.currency),
        authority: asked.authority,
        expires_on: asked.expires_on,
        expires_at: asked.expires_at,
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
    begin(tx, actor, row.id, department, LedgerAction::WaiverRequested, &told(&row)).await?;
    Ok(row)
}

/// Who may ask for a waiver in a department.
///
/// # Errors
/// `Forbidden` to everybody else.
pub fn may_request(viewer: &Viewer, department: DepartmentId) -> Result<()> {
    if viewer.own_departments().contains(&department) {
        return Ok(());
    }
    viewer.requires(
        &[Role::BcaReviewer, Role::BcaSupervisor],
        "a reviewer, or a contract officer of that department, asks for a waiver",
    )
}

/// What the ledger is told of a request.
pub(super) fn told(row: &Waiver) -> Value {
    json!({
        "rule": row.rule,
        "department": row.department_id,
        "organization": row.organization_id,
        "contractNumber": row.contract_number,
        "authority": row.authority,
        "expiresOn": row.expires_on,
    })
}

/// Approves a waiver that somebody else asked for: from now on it lowers its rule to a note,
/// wherever its subject is decided on, until it expires.
///
/// # Errors
/// `Forbidden` to all but supervisors and to who asked for it, `NotFound` without such a waiver,
/// `Conflict` if it is not waiting any more or has expired.
pub async fn approve(db: &Database, viewer: &Viewer, id: WaiverId) -> Result<Waiver> {
    viewer.requires(&[Role::BcaSupervisor], "only a supervisor approves a waiver")?;
    let tx = db.begin().await?;
    let row = store::lock_waiver(&tx, id).await?.ok_or(Fault::NotFound)?;
    if row.requested_by == viewer.subject {
        return Err(Fault::Forbidden("who asks for a waiver does not approve it"));
    }
    let status = row.status.approve().map_err(|_| Fault::conflict(where_it_is(&row)))?;
    if viewer.now >= row.expires_at {
        let told = format!("it would have ended on {}; ask for another", row.expires_on);
        return Err(Fault::conflict(told));
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
    let revives = rule.map_or_else(|_| LiftedRules::none(), |rule| LiftedRules::rules_or_all(&[rule].into()));
    note_subject(&tx, &Place::from(&row), revives, viewer.now).await?;
    // What it lowered weighs again from then on.
    note_subject(&tx, &Place::from(&row), LiftedRules::none(), row.expires_at).await?;
    tx.commit().await?;
    Ok(row)
}

/// Declines a waiver that was asked for, or takes one back: from now on its rule weighs again.
///
/// # Errors
/// `Forbidden` to all but supervisors, `NotFound` without such a waiver, `Invalid` without a
/// reason, `Conflict` if it was revoked already.
pub async fn revoke(db: &Database, viewer: &Viewer, id: WaiverId, reason: &str) -> Result<Waiver> {
    viewer.requires(&[Role::BcaSupervisor], "only a supervisor revokes a waiver")?;
    let mut problems = InputErrors::default();
    let reason = validate_required(reason, MAX_PROSE_CHARS, &FieldPath::argument("reason"), &mut problems);
    problems.finish()?;
    let tx = db.begin().await?;
    let row = store::lock_waiver(&tx, id).await?.ok_or(Fault::NotFound)?;
    let status = row.status.revoke().map_err(|_| Fault::conflict(where_it_is(&row)))?;
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
    note_subject(&tx, &Place::from(&row), LiftedRules::none(), viewer.now).await?;
    tx.commit().await?;
    Ok(row)
}

fn where_it_is(row: &Waiver) -> String {
    match (&row.approved_by, &row.revoked_by) {
        (_, Some(by)) => format!("{} revoked it already; reload", by.subject()),
        (Some(by), None) => format!("{} approved it already; reload", by.subject()),
        (None, None) => "it changed meanwhile; reload".to_owned(),
    }
}
