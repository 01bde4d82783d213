//! Requests waivers and claims exemptions, here because this feature knows every kind of subject.
use super::contract_status::refresh_contract_status_in_tx;
use super::record::lock_contract;
use super::relief_effect::{ReliefKind, require_effect};
use super::renew::waiver_target;
use super::store;
use crate::bidding;
use crate::contracting::model::{ExemptionInput, SubjectInput, WaiverInput};
use crate::contracting::rules::MAX_NUMBER_CHARS;
use crate::database::{Database, Tx};
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::Policy;
use crate::organization;
use crate::organization::model::Viewer;
use crate::policy;
use crate::text::validate_required;
use crate::user_message::UserMessage;
use crate::waiver::model::{ReliefSubject, Waiver};
use crate::waiver::service::{self as waiver, Exemption};

/// Requests a waiver.
///
/// # Errors
/// `Forbidden` except to reviewers, supervisors and contract officers of the department, `NotFound` if
/// the viewer may not see the subject, `Invalid` with every error, and if the waiver would change
/// nothing.
#[tracing::instrument(skip_all)]
pub async fn request_waiver(db: &Database, viewer: &Viewer, input: &WaiverInput) -> Result<Waiver> {
    let subject = resolve_subject(db, viewer, &input.subject).await?;
    waiver::require_requester(viewer, subject.target.department())?;
    let tx = db.begin().await?;
    let policy = load_policy(&tx, viewer, &subject).await?;
    let rule = waiver::validate_request(&input.grounds, &policy, viewer.now)?;
    let target = require_effect(&tx, viewer, subject.target, ReliefKind::Waiver(rule)).await?;
    let row = waiver::request_waiver(&tx, viewer, target, &policy, &input.grounds).await?;
    tx.commit().await?;
    Ok(row)
}

/// Claims an exemption, which is in effect at once unless the policy asks for a second person's approval.
/// On a contract whose next action is proposed, it is for that action.
///
/// # Errors
/// `Forbidden` except to contract officers of the department, `NotFound` if the viewer may not see the
/// subject, `Invalid` without a reason or an authority, for a kind that the policy does not make
/// available, and if the exemption would change nothing.
#[tracing::instrument(skip_all)]
pub async fn claim_exemption(
    db: &Database,
    viewer: &Viewer,
    input: &ExemptionInput,
) -> Result<Exemption> {
    let subject = resolve_subject(db, viewer, &input.subject).await?;
    viewer.require_officer(subject.target.department())?;
    let tx = db.begin().await?;
    let contract = match &subject.target {
        ReliefSubject::Contract { contract: Some(contract), .. } => Some(*contract),
        _ => None,
    };
    let policy = load_policy(&tx, viewer, &subject).await?;
    waiver::validate_claim(&input.grounds, &policy)?;
    let relief = ReliefKind::Exemption(input.grounds.kind);
    let target = require_effect(&tx, viewer, subject.target, relief).await?;
    let row = waiver::claim_exemption(&tx, viewer, target, &policy, &input.grounds).await?;
    if let Some(contract) = contract {
        refresh_contract_status_in_tx(&tx, viewer.now, vec![contract]).await?;
    }
    tx.commit().await?;
    Ok(row)
}

/// The target of a waiver or an exemption, and the policy version that decides it if one is pinned.
struct ResolvedSubject {
    target: ReliefSubject,
    policy_version: Option<i64>,
}

async fn load_policy(tx: &Tx, viewer: &Viewer, subject: &ResolvedSubject) -> Result<Policy> {
    if let ReliefSubject::Contract { contract: Some(contract), .. } = &subject.target {
        lock_contract(tx, crate::contracting::model::ContractId::from_uuid(*contract)).await?;
    }
    match subject.policy_version {
        Some(version) => policy::service::load_version(&**tx, version).await,
        None => Ok(policy::service::require_in_force(&**tx, viewer.now).await?.policy),
    }
}

/// Resolves the subject of a waiver or an exemption.
async fn resolve_subject(
    db: &Database,
    viewer: &Viewer,
    input: &SubjectInput,
) -> Result<ResolvedSubject> {
    let SubjectInput {
        solicitation_id,
        organization_id,
        contract_id,
        renewal_id,
        department_id,
        contract_number,
    } = input;
    let path = FieldPath::argument("input");
    let is_given = [
        solicitation_id.is_some() || organization_id.is_some(),
        contract_id.is_some(),
        renewal_id.is_some(),
        department_id.is_some() || contract_number.is_some(),
    ];
    if is_given.into_iter().filter(|is_given| *is_given).count() != 1 {
        return Err(Fault::invalid(&path, UserMessage::ReliefSubjectUnclear));
    }
    if let Some(id) = contract_id {
        let row = store::find_visible(&db.read, viewer, *id).await?.ok_or(Fault::NotFound)?;
        return Ok(ResolvedSubject { target: waiver_target(&row, None), policy_version: None });
    }
    if let Some(id) = renewal_id {
        let renewal =
            store::find_visible_renewal(&db.read, viewer, *id).await?.ok_or(Fault::NotFound)?;
        let contract = store::list_by_ids(&db.read, vec![renewal.contract_id.uuid()]).await?.pop();
        let contract = contract.ok_or(Fault::NotFound)?;
        return Ok(ResolvedSubject {
            target: waiver_target(&contract, Some(*id)),
            policy_version: None,
        });
    }
    let mut errors = InputErrors::default();
    let mut add_missing = |name: &str| errors.add(&path.at(name), UserMessage::ReliefValueRequired);
    match (solicitation_id, organization_id, department_id, contract_number) {
        (Some(solicitation), Some(organization), ..) => {
            let include = bidding::service::SolicitationInclude::default();
            let found =
                bidding::service::find_solicitation(db, viewer, *solicitation, include).await?;
            let record = found.ok_or(Fault::NotFound)?.record;
            let ids = vec![organization.uuid()];
            let include = organization::service::OrganizationInclude::default();
            let firm = organization::service::load_organizations(&db.read, ids, include).await?;
            if firm.is_empty() {
                return Err(Fault::NotFound);
            }
            let policy_version = record.state.publication().map(|it| it.policy_version);
            let (department, solicitation) = (record.department_id, solicitation.uuid());
            let target =
                ReliefSubject::Bid { department, solicitation, organization: *organization };
            return Ok(ResolvedSubject { target, policy_version });
        }
        (_, _, Some(department), Some(number)) => {
            let number = validate_required(
                number,
                MAX_NUMBER_CHARS,
                &path.at("contractNumber"),
                &mut errors,
            );
            errors.finish()?;
            if let Some(row) = store::find_by_number(&db.read, *department, &number).await? {
                return Ok(ResolvedSubject {
                    target: waiver_target(&row, None),
                    policy_version: None,
                });
            }
            let target = ReliefSubject::Contract {
                department: *department,
                number,
                contract: None,
                renewal: None,
            };
            return Ok(ResolvedSubject { target, policy_version: None });
        }
        (Some(_), None, ..) => add_missing("organizationId"),
        (None, Some(_), ..) => add_missing("solicitationId"),
        (_, _, Some(_), None) => add_missing("contractNumber"),
        _ => add_missing("departmentId"),
    }
    errors.finish()?;
    Err(Fault::NotFound)
}
