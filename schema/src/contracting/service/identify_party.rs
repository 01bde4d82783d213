//! Identifies a party of a contract: a reviewer chooses the organization that it is.
use serde_json::json;

use super::contract_status::refresh_contract_status_in_tx;
use super::{Contract, ContractInclude, include_contracts, store};
use crate::contracting::model::ContractId;
use crate::database::Database;
use crate::decision::model::{PartyChoice, PartyOwner};
use crate::decision::service::{ChoiceScope, choose_party, load_parties, save_resolutions};
use crate::fault::{Fault, Result};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::append;
use crate::organization;
use crate::organization::model::{OrganizationId, Viewer};

/// Identifies a party of a contract, and refreshes the contract's status.
///
/// # Errors
/// `NotFound` if the viewer may not see the contract, `Forbidden` unless the viewer is a reviewer,
/// `Invalid` if the choice does not fit.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn identify_contract_party(
    db: &Database,
    viewer: &Viewer,
    id: ContractId,
    choice: &PartyChoice,
    include: ContractInclude,
) -> Result<Contract> {
    let unlocked = store::find_visible(&db.read, viewer, id).await?.ok_or(Fault::NotFound)?;
    viewer.require_reviewer("only a reviewer identifies a party of a contract")?;
    let tx = db.begin().await?;
    let stored = load_parties(&*tx, PartyOwner::Contract, id.uuid()).await?;
    let holder = unlocked.organization_id;
    let ids: Vec<OrganizationId> =
        [holder, choice.organization_id].into_iter().chain(stored.organizations()).collect();
    organization::service::lock_organizations(&tx, ids).await?;
    let contract = store::lock(&tx, vec![id.uuid()]).await?.pop().ok_or(Fault::NotFound)?;
    let stored = load_parties(&*tx, PartyOwner::Contract, id.uuid()).await?;
    let prime = contract.organization_id;
    let (_, resolved) =
        choose_party(&*tx, prime, &stored, choice, ChoiceScope::All, viewer.now).await?;
    save_resolutions(&tx, PartyOwner::Contract, id.uuid(), &resolved).await?;
    let mut data = resolved.ledger_data();
    data["organization"] = json!(prime);
    data["identifiedAs"] = json!(choice.organization_id);
    append(&tx, viewer.actor(), id, LedgerAction::ContractPartyIdentified, &data).await?;
    refresh_contract_status_in_tx(&tx, viewer.now, vec![id.uuid()]).await?;
    let row = store::list_by_ids(&*tx, vec![id.uuid()]).await?;
    let contract = include_contracts(&*tx, viewer, row, include).await?.pop();
    tx.commit().await?;
    contract.ok_or(Fault::NotFound)
}
