//! Claims an exemption.
use serde_json::{Value, json};

use super::Exemption;
use super::enqueue::enqueue_subject;
use crate::database::Tx;
use crate::fault::Result;
use crate::gate::{Policy, RuleCode, follow_up_deadline_of_claim};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::begin;
use crate::organization::model::Viewer;
use crate::reevaluation::model::LiftedRules;
use crate::waiver::model::{ExemptionClaim, ExemptionId, ReliefSubject, SubjectColumns};
use crate::waiver::rules::{self, ValidClaim};
use crate::waiver::store;

/// Claims an exemption inside the caller's transaction, which holds the locks on its subject.
///
/// # Errors
/// `Forbidden` unless the viewer is a contract officer of the department, `Invalid` for a kind that
/// the policy does not allow and for a missing reason.
#[tracing::instrument(skip_all)]
pub async fn claim_exemption(
    tx: &Tx,
    viewer: &Viewer,
    target: ReliefSubject,
    policy: &Policy,
    input: &ExemptionClaim,
) -> Result<Exemption> {
    viewer.require_officer(target.department())?;
    let ValidClaim { reason, authority } = rules::validate_claim(input, policy)?;
    let subject = SubjectColumns::from(target);
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
    };
    let row = store::exemptions::insert(tx, row).await?;
    let (actor, department) = (viewer.actor(), row.department_id);
    begin(tx, actor, row.id, department, LedgerAction::ExemptionClaimed, &exemption_data(&row))
        .await?;
    let rules = [
        RuleCode::DisclosureMissing,
        RuleCode::DisclosureStale,
        RuleCode::DisclosureOutdatedTerms,
        RuleCode::MemberMissingDisclosure,
        RuleCode::SubcontractorMissingDisclosure,
    ];
    enqueue_subject(tx, &subject, LiftedRules::rules_or_all(&rules.into()), viewer.now).await?;
    Ok(row)
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
