//! Asking for waivers and claiming exemptions: this feature knows every subject that they are for.
use super::record::lock_contract;
use super::renew::target;
use super::standing::refresh;
use super::store;
use crate::bidding;
use crate::contracting::model::{ExemptionInput, SubjectInput, WaiverInput};
use crate::contracting::rules::NUMBER;
use crate::database::{Database, Tx};
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::Policy;
use crate::organization;
use crate::organization::model::Viewer;
use crate::policy;
use crate::text::validate_required;
use crate::waiver::model::Target;
use crate::waiver::service::{self as waiver, Exemption, Waiver};

/// Asks for a waiver.
///
/// # Errors
/// `Forbidden` to all but reviewers, supervisors and the department's contract officers, `NotFound`
/// without such a subject, `Invalid` with all that is wrong or missing.
pub async fn request_waiver(db: &Database, viewer: &Viewer, input: &WaiverInput) -> Result<Waiver> {
    let seen = subject(db, viewer, &input.subject).await?;
    waiver::may_request(viewer, seen.target.department())?;
    let tx = db.begin().await?;
    let policy = policy_of(&tx, viewer, &seen).await?;
    let row = waiver::request(&tx, viewer, seen.target, &policy, &input.grounds).await?;
    tx.commit().await?;
    Ok(row)
}

/// Claims an exemption; it counts at once.
///
/// # Errors
/// `Forbidden` to all but the department's contract officers, `NotFound` without such a subject,
/// `Invalid` for a kind that the policy does not make available, and without a reason.
pub async fn claim_exemption(
    db: &Database,
    viewer: &Viewer,
    input: &ExemptionInput,
) -> Result<Exemption> {
    let seen = subject(db, viewer, &input.subject).await?;
    viewer.officer_of(seen.target.department())?;
    let tx = db.begin().await?;
    let contract = match &seen.target {
        Target::Contract { contract: Some(contract), .. } => Some(*contract),
        _ => None,
    };
    let policy = policy_of(&tx, viewer, &seen).await?;
    let row = waiver::claim(&tx, viewer, seen.target, &policy, &input.grounds).await?;
    if let Some(contract) = contract {
        refresh(&tx, viewer.now, vec![contract]).await?;
    }
    tx.commit().await?;
    Ok(row)
}

/// A subject, and the version of the policy that decides it if that is pinned.
struct Seen {
    target: Target,
    pinned: Option<i64>,
}

async fn policy_of(tx: &Tx, viewer: &Viewer, seen: &Seen) -> Result<Policy> {
    if let Target::Contract { contract: Some(contract), .. } = &seen.target {
        lock_contract(tx, crate::contracting::model::ContractId::from_uuid(*contract)).await?;
    }
    match seen.pinned {
        Some(version) => policy::service::of_version(&**tx, version).await,
        None => Ok(policy::service::current(&**tx, viewer.now).await?.policy),
    }
}

/// What a waiver or an exemption is to be for.
async fn subject(db: &Database, viewer: &Viewer, input: &SubjectInput) -> Result<Seen> {
    let SubjectInput {
        solicitation_id,
        organization_id,
        contract_id,
        renewal_id,
        department_id,
        contract_number,
    } = input;
    let path = FieldPath::argument("input");
    let given = [
        solicitation_id.is_some() || organization_id.is_some(),
        contract_id.is_some(),
        renewal_id.is_some(),
        department_id.is_some() || contract_number.is_some(),
    ];
    if given.into_iter().filter(|given| *given).count() != 1 {
        let told = "Name one subject: solicitationId with organizationId, contractId, renewalId, or \
            departmentId with the contractNumber of a contract to be.";
        return Err(Fault::invalid(&path, "contradiction", told));
    }
    if let Some(id) = contract_id {
        let row = store::find(&db.read, viewer, *id).await?.ok_or(Fault::NotFound)?;
        return Ok(Seen { target: target(&row, None), pinned: None });
    }
    if let Some(id) = renewal_id {
        let renewal = store::find_renewal(&db.read, viewer, *id).await?.ok_or(Fault::NotFound)?;
        let contract = store::by_ids(&db.read, vec![renewal.contract_id.uuid()]).await?.pop();
        let contract = contract.ok_or(Fault::NotFound)?;
        return Ok(Seen { target: target(&contract, Some(*id)), pinned: None });
    }
    let mut problems = InputErrors::default();
    let mut lacks = |name: &str| problems.add(&path.at(name), "required", "Give this too.");
    match (solicitation_id, organization_id, department_id, contract_number) {
        (Some(solicitation), Some(organization), ..) => {
            let include = bidding::service::Include::default();
            let found = bidding::service::find(db, viewer, *solicitation, include).await?;
            let row = found.ok_or(Fault::NotFound)?.row;
            let ids = vec![organization.uuid()];
            let include = organization::service::Include::default();
            let firm = organization::service::by_ids(&db.read, ids, include).await?;
            if firm.is_empty() {
                return Err(Fault::NotFound);
            }
            let (department, solicitation) = (row.department_id, solicitation.uuid());
            let target = Target::Bid { department, solicitation, organization: *organization };
            return Ok(Seen { target, pinned: row.policy_version });
        }
        (_, _, Some(department), Some(number)) => {
            let number = validate_required(number, NUMBER, &path.at("contractNumber"), &mut problems);
            problems.finish()?;
            if let Some(row) = store::same_number(&db.read, *department, &number).await? {
                return Ok(Seen { target: target(&row, None), pinned: None });
            }
            let target =
                Target::Contract { department: *department, number, contract: None, renewal: None };
            return Ok(Seen { target, pinned: None });
        }
        (Some(_), None, ..) => lacks("organizationId"),
        (None, Some(_), ..) => lacks("solicitationId"),
        (_, _, Some(_), None) => lacks("contractNumber"),
        _ => lacks("departmentId"),
    }
    problems.finish()?;
    Err(Fault::NotFound)
}
