//! Replaces a subcontractor of a running contract.
use super::contract_status::refresh_contract_status_in_tx;
use super::{Contract, ContractInclude, include_contracts, store};
use crate::contracting::model::ContractId;
use crate::database::Database;
use crate::decision::model::{PartyOwner, SubstitutionRequest, SubstitutionSubject};
use crate::decision::service::{lock_replacement, substitute, validate_substitution};
use crate::fault::{Fault, FieldPath, Result};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::append;
use crate::organization::model::Viewer;
use crate::policy;
use crate::user_message::UserMessage;

/// Replaces a named subcontractor of a contract that has not ended by another, by the policy in force now,
/// and refreshes the contract's status.
///
/// # Errors
/// `NotFound` if the viewer may not see the contract, `Forbidden` except to contract officers of the
/// department, `Invalid` if the policy does not allow it, after the contract's end, or for wrong values,
/// `Invalid` if no policy is in force or the contract was assigned at the same time.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn substitute_contract_subcontractor(
    db: &Database,
    viewer: &Viewer,
    id: ContractId,
    request: &SubstitutionRequest,
    include: ContractInclude,
) -> Result<Contract> {
    let unlocked = store::find_visible(&db.read, viewer, id).await?.ok_or(Fault::NotFound)?;
    viewer.require_officer(unlocked.department_id)?;
    let policy = policy::service::require_in_force(&db.read, viewer.now).await?.policy;
    let subject = SubstitutionSubject {
        owner: PartyOwner::Contract,
        id: id.uuid(),
        prime: unlocked.organization_id,
        is_public_works: unlocked.public_works,
        policy: &policy,
    };
    let valid = validate_substitution(request, subject)?;
    let tx = db.begin().await?;
    let replacement = lock_replacement(&tx, viewer, subject, &valid).await?;
    let contract = store::lock(&tx, vec![id.uuid()]).await?.pop().ok_or(Fault::NotFound)?;
    if contract.organization_id != unlocked.organization_id {
        return Err(Fault::conflict("the contract was assigned at the same time; reload"));
    }
    if contract.end_date < policy.calendar().local_date(viewer.now) {
        let path = FieldPath::argument("input").at("contractId");
        let message = UserMessage::SubstitutionContractEnded { last: contract.end_date };
        return Err(Fault::invalid(&path, message));
    }
    let data = substitute(&tx, viewer, subject, request, &valid, &replacement).await?;
    append(&tx, viewer.actor(), id, LedgerAction::ContractSubcontractorSubstituted, &data).await?;
    refresh_contract_status_in_tx(&tx, viewer.now, vec![id.uuid()]).await?;
    let row = store::list_by_ids(&*tx, vec![id.uuid()]).await?;
    let contract = include_contracts(&*tx, viewer, row, include).await?.pop();
    tx.commit().await?;
    contract.ok_or(Fault::NotFound)
}
