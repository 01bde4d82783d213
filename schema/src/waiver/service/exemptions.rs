//! Claiming an exemption.
use serde_json::{Value, json};

use super::Exemption;
use super::place::{Place, note_subject};
use crate::database::Tx;
use crate::fault::Result;
use crate::gate::{Policy, RuleCode};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::begin;
use crate::organization::model::Viewer;
use crate::reevaluation::model::LiftedRules;
use crate::waiver::model::{ExemptionClaim, ExemptionId, Target};
use crate::waiver::{rules, store};

/// Claims an exemption, in the transaction and under the locks of who knows its subject.
///
/// # Errors
/// `Forbidden` to all but the department's contract officers, `Invalid` for a kind that the policy
/// does not make available, and without a reason.
pub async fn claim(
    tx: &Tx,
    viewer: &Viewer,
    target: Target,
    policy: &Policy,
    input: &ExemptionClaim,
) -> Result<Exemption> {
    viewer.officer_of(target.department())?;
    let (reason, authority) = rules::claim(input, policy)?;
    let place = Place::from(target);
    let row = Exemption {
        id: ExemptionId::generate(),
        kind: input.kind,
        department_id: place.department,
        organization_id: place.organization,
        solicitation_id: place.solicitation,
        contract_number: place.number.clone(),
        contract_id: place.contract,
        renewal_id: place.renewal,
        reason,
        authority,
        claimed_by: viewer.subject.clone(),
        claimed_at: viewer.now,
    };
    let row = store::exemptions::insert(tx, row).await?;
    let (actor, department) = (viewer.actor(), row.department_id);
    begin(tx, actor, row.id, department, LedgerAction::ExemptionClaimed, &claimed(&row)).await?;
    let rules = [
        RuleCode::DisclosureMissing,
        RuleCode::DisclosureStale,
        RuleCode::DisclosureOutdatedTerms,
        RuleCode::MemberMissingDisclosure,
        RuleCode::SubcontractorMissingDisclosure,
    ];
    note_subject(tx, &place, LiftedRules::rules_or_all(&rules.into()), viewer.now).await?;
    Ok(row)
}

/// What the ledger is told of a claim.
pub(super) fn claimed(row: &Exemption) -> Value {
    json!({
        "kind": row.kind,
        "department": row.department_id,
        "organization": row.organization_id,
        "contractNumber": row.contract_number,
        "reason": row.reason,
        "authority": row.authority,
    })
}
