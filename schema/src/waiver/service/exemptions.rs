//! Claims, approves and declines exemptions.
use serde_json::{Value, json};

use super::Exemption;
use super::enqueue::enqueue_subject;
use super::repetition::refuse_repeated_exemption;
use crate::database::{Database, Tx};
use crate::deadline::settles_at;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::{EXEMPTED_RULES, Policy, follow_up_deadline_of_claim};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::{append, begin};
use crate::organization::model::{DepartmentId, Role, Viewer};
use crate::reevaluation::model::LiftedRules;
use crate::text::{MAX_PROSE_CHARS, validate_required};
use crate::waiver::model::{
    ExemptionApproval, ExemptionClaim, ExemptionId, ReliefSubject, SubjectColumns,
};
use crate::waiver::rules::{self, ValidClaim};
use crate::waiver::store;

/// Validates the input of a claim without its subject.
///
/// # Errors
/// `Invalid` with every error in the input.
pub fn validate_claim(input: &ExemptionClaim, policy: &Policy) -> Result<()> {
    rules::validate_claim(input, policy).map(|_| ())
}

/// Claims an exemption inside the caller's transaction, which holds the locks on its subject.
///
/// # Errors
/// `Forbidden` unless the viewer is a contract officer of the department, `Invalid` for a kind that
/// the policy does not allow, for a missing reason, and for one that was claimed already.
#[tracing::instrument(skip_all)]
pub async fn claim_exemption(
    tx: &Tx,
    viewer: &Viewer,
    target: ReliefSubject,
    policy: &Policy,
    input: &ExemptionClaim,
) -> Result<Exemption> {
    viewer.require_officer(target.department())?;
    let ValidClaim { reason, authority, needs_approval } = rules::validate_claim(input, policy)?;
    let subject = SubjectColumns::from(target);
    refuse_repeated_exemption(tx, &subject, input.kind, viewer.now).await?;
    let row = Exemption {
        id: ExemptionId::generate(),
        kind: input.kind,
        department_id: subject.department,
        organization_id: subject.organization,
        solicitation_id: subject.solicitation,
        contract_number: subject.number.clone(),
        contract_id: subject.contract,
        renewal_id: subject.renewal,
        reason,
        authority,
        claimed_by: viewer.subject.clone(),
        claimed_at: viewer.now,
        follow_up_by: follow_up_deadline_of_claim(policy, input.kind, viewer.now),
        approval: needs_approval.then_some(ExemptionApproval::Requested),
        decided_by: None,
        decided_at: None,
        decline_reason: None,
    };
    let row = store::exemptions::insert(tx, row).await?;
    let (actor, department) = (viewer.actor(), row.department_id);
    begin(tx, actor, row.id, department, LedgerAction::ExemptionClaimed, &exemption_data(&row))
        .await?;
    if row.is_in_effect() {
        enqueue_lifted(tx, &row, viewer).await?;
    }
    Ok(row)
}

/// Queues the re-evaluation of the subject of an exemption that has come into effect.
async fn enqueue_lifted(tx: &Tx, row: &Exemption, viewer: &Viewer) -> Result<()> {
    let subject = SubjectColumns::from(row);
    let lifted = LiftedRules::rules_or_all(&EXEMPTED_RULES.into());
    enqueue_subject(tx, &subject, lifted, viewer.now).await?;
    // When the disclosure that it puts off is overdue, the gate says so.
    let Some(follow_up_by) = row.follow_up_by else { return Ok(()) };
    enqueue_subject(tx, &subject, LiftedRules::none(), settles_at(follow_up_by)).await
}

/// Approves an exemption that another person claimed and that needs an approval: from now on it is in
/// effect.
///
/// # Errors
/// `Forbidden` unless the viewer is a supervisor or a contract officer of the department and not the
/// claimant, `NotFound` if the viewer may not see the exemption, `Conflict` if it is not awaiting approval
/// or its disclosure is due already.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn approve_exemption(
    db: &Database,
    viewer: &Viewer,
    id: ExemptionId,
) -> Result<Exemption> {
    require_approver(viewer, None)?;
    let tx = db.begin().await?;
    let row = lock_for_decision(&tx, viewer, id).await?;
    if row.claimed_by == viewer.subject {
        return Err(Fault::Forbidden("the person who claimed an exemption cannot approve it"));
    }
    if row.follow_up_by.is_some_and(|due| due <= viewer.now) {
        return Err(Fault::conflict(
            "the disclosure that this exemption puts off is due already; decline it",
        ));
    }
    let row = Exemption {
        approval: Some(ExemptionApproval::Approved),
        decided_by: Some(viewer.subject.clone()),
        decided_at: Some(viewer.now),
        ..row
    };
    let row = store::update_exemption(&tx, row).await?;
    append(&tx, viewer.actor(), row.id, LedgerAction::ExemptionApproved, &json!({})).await?;
    enqueue_lifted(&tx, &row, viewer).await?;
    tx.commit().await?;
    Ok(row)
}

/// Declines an exemption that awaits approval: it never comes into effect. Its claimant may withdraw it
/// in this way.
///
/// # Errors
/// As [`approve_exemption`], but the claimant may decline; `Invalid` without a reason.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn decline_exemption(
    db: &Database,
    viewer: &Viewer,
    id: ExemptionId,
    reason: &str,
) -> Result<Exemption> {
    require_approver(viewer, None)?;
    let mut errors = InputErrors::default();
    let path = FieldPath::argument("reason");
    let reason = validate_required(reason, MAX_PROSE_CHARS, &path, &mut errors);
    errors.finish()?;
    let tx = db.begin().await?;
    let row = lock_for_decision(&tx, viewer, id).await?;
    let data = json!({ "reason": reason });
    let row = Exemption {
        approval: Some(ExemptionApproval::Declined),
        decided_by: Some(viewer.subject.clone()),
        decided_at: Some(viewer.now),
        decline_reason: Some(reason),
        ..row
    };
    let row = store::update_exemption(&tx, row).await?;
    append(&tx, viewer.actor(), row.id, LedgerAction::ExemptionDeclined, &data).await?;
    tx.commit().await?;
    Ok(row)
}

/// Requires a supervisor or a contract officer: of any department before the exemption is read, of its own
/// `department` then.
fn require_approver(viewer: &Viewer, department: Option<DepartmentId>) -> Result<()> {
    let is_officer = match department {
        Some(department) => viewer.own_departments().contains(&department),
        None => viewer.has_role(Role::ContractOfficer),
    };
    if is_officer {
        return Ok(());
    }
    viewer.require_supervisor(
        "only a supervisor or a contract officer of that department may decide on an exemption",
    )
}

/// Locks an exemption on which the viewer may decide and which awaits approval.
async fn lock_for_decision(tx: &Tx, viewer: &Viewer, id: ExemptionId) -> Result<Exemption> {
    let row = store::lock_exemption(tx, viewer, id).await?.ok_or(Fault::NotFound)?;
    require_approver(viewer, Some(row.department_id))?;
    match (row.approval, &row.decided_by) {
        (Some(ExemptionApproval::Requested), _) => Ok(row),
        (Some(approval), Some(by)) => {
            let done = match approval {
                ExemptionApproval::Declined => "declined",
                ExemptionApproval::Approved | ExemptionApproval::Requested => "approved",
            };
            let message =
                format!("{} already {done} this exemption; reload the page", by.subject());
            Err(Fault::conflict(message))
        }
        _ => Err(Fault::conflict("this exemption needs no approval; it is in effect")),
    }
}

/// Returns the ledger data of a claim.
pub(super) fn exemption_data(row: &Exemption) -> Value {
    json!({
        "kind": row.kind,
        "department": row.department_id,
        "organization": row.organization_id,
        "contractNumber": row.contract_number,
        "reason": row.reason,
        "authority": row.authority,
    })
}
