//! Use cases of contracts and contract actions, and the processing of re-evaluations.
mod award;
mod contract_status;
mod identify_party;
mod import;
mod include;
mod portal_awards;
mod portal_renewals;
mod preview_suspension;
mod proposed_action;
mod put_contract;
mod record;
mod reevaluation;
mod relief_effect;
mod renew;
mod search_index;
mod substitute_subcontractor;
mod verification;
mod waivers_and_exemptions;

pub use award::{AwardResult, award_contract};
pub use contract_status::{
    Outlook, PreparedEnds, PreparedReadiness, RenewalReadiness, evaluate_readiness,
    prepare_readiness, prepare_readiness_at_end,
};
pub use identify_party::identify_contract_party;
pub use import::{ContractFileRow, ContractImport, ContractListImport, ImportedRow, RowOutcome};
pub use portal_awards::{PortalAward, PortalAwardResult, gate_award};
pub use portal_renewals::{PortalRenewal, PortalRenewalResult, gate_renewal};
pub use preview_suspension::{
    ChangedReadiness, ContractsPreview, OutcomeChange, PreviewedContracts, ReadinessCounts,
    preview_suspension_of_contracts,
};
pub use proposed_action::ProposedAction;
pub use put_contract::{
    ContractRecord, PortalContract, PutContract, find_contract_record, put_contract,
};
pub use record::{insert_clause, record_contract};
pub use reevaluation::{
    ReevaluationBudget, ReevaluationSummary, process_awards, process_deadlines, process_pending,
    process_queue, process_queued_by,
};
pub use renew::{
    ExecutionInclude, RenewalExecution, evaluate_renewal, execute_renewal, propose_renewal,
};
pub use search_index::{fill_search_index, verify_search_index};
pub use substitute_subcontractor::substitute_contract_subcontractor;
pub use verification::{StatusVerification, recorded_tables, verify_contract_status};
pub use waivers_and_exemptions::{claim_exemption, request_waiver};

use std::collections::HashMap;

use include::{include_contracts, include_renewals};
use uuid::Uuid;

use super::model::{ContractId, RenewalId};
use super::store;
use crate::database::Database;
use crate::fault::Result;
use crate::organization::model::{Lookup, Viewer};
use crate::organization::service::choose_by_number;
use crate::page::{CountedPage, ListRequest};

pub use super::entity::contract::Model as ContractRow;
pub use include::{Contract, ContractInclude, Renewal, RenewalInclude};

use super::entity::attempt::Model as AttemptRow;
use super::entity::term::Model as TermRow;

/// Finds a contract that `viewer` may see.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn find_contract(
    db: &Database,
    viewer: &Viewer,
    id: ContractId,
    include: ContractInclude,
) -> Result<Option<Contract>> {
    let row = store::find_visible(&db.read, viewer, id).await?;
    Ok(include_contracts(&db.read, viewer, row.into_iter().collect(), include).await?.pop())
}

/// Finds a contract that `viewer` may see, by its identifier or its number.
///
/// # Errors
/// `Invalid` if several contracts that the viewer may see have the number, with the departments to
/// choose from.
#[tracing::instrument(skip_all)]
pub async fn look_up_contract(
    db: &Database,
    viewer: &Viewer,
    lookup: &Lookup<ContractId>,
    include: ContractInclude,
) -> Result<Option<Contract>> {
    let row = match lookup {
        Lookup::Id(id) => store::find_visible(&db.read, viewer, *id).await?,
        Lookup::Number(lookup) => {
            let found = store::list_visible_by_number(&db.read, viewer, lookup).await?;
            choose_by_number(&db.read, lookup, found, |it| (it.department_id, &it.number)).await?
        }
    };
    Ok(include_contracts(&db.read, viewer, row.into_iter().collect(), include).await?.pop())
}

/// Loads those contracts in `ids` that `viewer` may see, by id.
#[tracing::instrument(skip_all)]
pub async fn load_visible_contracts(
    db: &Database,
    viewer: &Viewer,
    ids: Vec<Uuid>,
    include: ContractInclude,
) -> Result<HashMap<ContractId, Contract>> {
    let rows = store::list_visible_by_ids(&db.read, viewer, ids).await?;
    let contracts = include_contracts(&db.read, viewer, rows, include).await?;
    Ok(contracts.into_iter().map(|contract| (contract.row.id, contract)).collect())
}

/// Lists a page of the contracts that the viewer's own organizations hold, the last recorded first.
///
/// # Errors
/// `Invalid` for invalid page arguments, such as a cursor of another list.
#[tracing::instrument(skip_all)]
pub async fn list_own_contracts(
    db: &Database,
    viewer: &Viewer,
    request: ListRequest<'_, ContractInclude>,
) -> Result<CountedPage<Contract>> {
    let ListRequest { arguments, includes_total, include } = request;
    let (page, total) = store::list_own(&db.read, viewer, arguments, includes_total).await?;
    let (page, rows) = page.split();
    let contracts = include_contracts(&db.read, viewer, rows, include).await?;
    Ok((page.replace(|_| contracts), total))
}

/// Loads those contract actions in `ids` that `viewer` may see, by id.
#[tracing::instrument(skip_all)]
pub async fn load_visible_renewals(
    db: &Database,
    viewer: &Viewer,
    ids: Vec<Uuid>,
    include: RenewalInclude,
) -> Result<HashMap<RenewalId, Renewal>> {
    let rows = store::list_visible_renewals_by_ids(&db.read, viewer, ids).await?;
    let renewals = include_renewals(&db.read, viewer, rows, include).await?;
    Ok(renewals.into_iter().map(|renewal| (renewal.record.id, renewal)).collect())
}

/// Finds a contract action that `viewer` may see.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn find_renewal(
    db: &Database,
    viewer: &Viewer,
    id: RenewalId,
    include: RenewalInclude,
) -> Result<Option<Renewal>> {
    let row = store::find_visible_renewal(&db.read, viewer, id).await?;
    let rows = row.into_iter().collect();
    Ok(include_renewals(&db.read, viewer, rows, include).await?.pop())
}
