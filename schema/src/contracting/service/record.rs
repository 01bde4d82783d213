//! Records contracts that were made outside the service, and the insertion of the disclosure clause.
use serde_json::{Value, json};

use super::award::{commit_and_load, first_term, save_contract_status};
use super::{Contract, ContractInclude, ContractRow, store};
use crate::contracting::model::{Basis, ClauseInput, ContractId, ContractInput};
use crate::contracting::rules::{self, ValidContract};
use crate::database::{Database, Tx};
use crate::decision::model::{Parties, PartyOwner, PartySource};
use crate::decision::service::{
    SubcontractorList, insert_parties, lock_parties, validate_subcontractors,
};
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::Outcome;
use crate::ledger::model::LedgerAction;
use crate::ledger::service::{append, begin};
use crate::money::Money;
use crate::organization;
use crate::organization::model::Viewer;
use crate::policy;
use crate::text::validate_date;
use crate::user_message::UserMessage;

/// Records a contract that was made outside the service, without a decision.
///
/// # Errors
/// `Forbidden` except to contract officers of the department, `NotFound` if the organization does not
/// exist, `Invalid` with every error.
#[tracing::instrument(skip_all)]
pub async fn record_contract(
    db: &Database,
    viewer: &Viewer,
    input: &ContractInput,
    include: ContractInclude,
) -> Result<Contract> {
    viewer.require_officer(input.department_id)?;
    let today = policy::service::load_timeline(&db.read).await?.local_date(viewer.now);
    let (path, mut errors) = (FieldPath::argument("input"), InputErrors::default());
    let list = SubcontractorList {
        owner: PartyOwner::Contract,
        prime: Some(input.organization_id),
        subcontractors: &input.subcontractors,
    };
    let at = path.at("subcontractors");
    let subcontractors = validate_subcontractors(list, &at, &mut errors);
    let contract = rules::validate_recorded_contract(input, subcontractors, today, errors)?;
    let tx = db.begin().await?;
    let parties = lock_status_inputs(&tx, viewer, input, &contract).await?;
    let firm = organization::service::lock_organization(&tx, input.organization_id).await?;
    organization::service::require_unmerged(&firm, &path.at("organizationId"))?;
    let row = record_in_tx(&tx, viewer, input, &contract, &parties).await?;
    commit_and_load(tx, viewer, row, include).await
}

/// Locks what the status of a new contract is computed from: its parties, which it resolves, and the policy in
/// force. Else a change that is made at the same time would not find the contract, which is not committed yet, and
/// the status would not know the change.
pub(super) async fn lock_status_inputs(
    tx: &Tx,
    viewer: &Viewer,
    input: &ContractInput,
    contract: &ValidContract,
) -> Result<Parties> {
    let named = PartySource::Submitted(&contract.subcontractors);
    let parties = lock_parties(tx, input.organization_id, named, viewer.now).await?;
    policy::service::lock_version_in_force(tx, viewer.now).await?;
    Ok(parties)
}

/// Records a validated contract: see [`record_contract`]. The caller holds the locks of
/// [`lock_status_inputs`], which returns its parties.
pub(super) async fn record_in_tx(
    tx: &Tx,
    viewer: &Viewer,
    input: &ContractInput,
    contract: &ValidContract,
    parties: &Parties,
) -> Result<ContractRow> {
    let path = FieldPath::argument("input");
    if store::find_by_number(&**tx, input.department_id, &contract.number).await?.is_some() {
        return Err(Fault::invalid(&path.at("number"), UserMessage::ContractNumberTaken));
    }
    if let Some(master) = input.master_id {
        let master = store::list_by_ids(&**tx, vec![master.uuid()]).await?.pop();
        if master.is_none_or(|master| master.department_id != input.department_id) {
            return Err(Fault::invalid(&path.at("masterId"), UserMessage::MasterUnknown));
        }
    }
    let holder = input.organization_id;
    let named = parties.subcontractors.iter().map(|it| &it.party);
    let at = path.at("subcontractors");
    organization::service::validate_subcontractors_are_others(&**tx, holder, named, &at).await?;
    let row = new_contract_row(ContractId::generate(), input, contract, viewer, None);
    let data = recorded_data(&row);
    let row = store::insert(tx, row).await?;
    insert_parties(tx, PartyOwner::Contract, &[(row.id.uuid(), parties)]).await?;
    store::insert_terms(tx, vec![first_term(&row)]).await?;
    begin(tx, viewer.actor(), row.id, row.department_id, RECORDED_ACTION, &data).await?;
    save_contract_status(tx, row, viewer.now).await
}

/// The ledger action of a recorded contract.
pub(super) const RECORDED_ACTION: LedgerAction = LedgerAction::ContractRecorded;

/// The ledger data of a recorded contract.
pub(super) fn recorded_data(row: &ContractRow) -> Value {
    json!({
        "department": row.department_id,
        "number": row.number,
        "organization": row.organization_id,
        "value": Money { cents: row.value_cents, currency: row.currency.clone() },
        "signedOn": row.signed_on,
        "basis": row.basis,
        "clauseVersion": row.clause_version,
        "recordedFrom": row.recorded_from,
    })
}

/// Builds the row of a recorded contract; its status is not computed yet.
pub(super) fn new_contract_row(
    id: ContractId,
    input: &ContractInput,
    contract: &ValidContract,
    viewer: &Viewer,
    recorded_from: Option<String>,
) -> ContractRow {
    ContractRow {
        id,
        department_id: input.department_id,
        number: contract.number.clone(),
        title: contract.title.clone(),
        organization_id: input.organization_id,
        method: input.method,
        public_works: input.public_works,
        value_cents: contract.value.cents,
        currency: contract.value.currency.clone(),
        signed_on: contract.signed_on,
        start_date: contract.start_date,
        end_date: contract.end_date,
        options_left: contract.options_left,
        clause_version: contract.clause_version,
        clause_inserted_on: contract.clause_version.map(|_| contract.signed_on),
        master_id: input.master_id,
        basis: Basis::Recorded,
        awarded_to: input.organization_id,
        bid_id: None,
        decision_id: None,
        decision_outcome: None,
        award_disclosure_id: None,
        disclosure_id: None,
        recorded_at: viewer.now,
        recorded_by: viewer.subject.clone(),
        recorded_from,
        readiness: Outcome::Block,
        readiness_at_end: Outcome::Block,
        disclosure_lapses_on: None,
        noncompliance_code: None,
        noncompliant_since: None,
        status_expires_at: None,
    }
}

/// Records that the disclosure clause was inserted into a contract.
///
/// # Errors
/// `NotFound` if the viewer may not see the contract, `Forbidden` except to contract officers of the
/// department, `Invalid` for an unknown version, one that is not later than the contract's, or a date
/// after today.
#[tracing::instrument(skip_all)]
pub async fn insert_clause(
    db: &Database,
    viewer: &Viewer,
    input: &ClauseInput,
    include: ContractInclude,
) -> Result<Contract> {
    let unlocked =
        store::find_visible(&db.read, viewer, input.contract_id).await?.ok_or(Fault::NotFound)?;
    viewer.require_officer(unlocked.department_id)?;
    let tx = db.begin().await?;
    let row = lock_contract(&tx, input.contract_id).await?;
    let row = insert_clause_in_tx(&tx, viewer, row, input).await?;
    commit_and_load(tx, viewer, row, include).await
}

/// Records the clause of a locked contract: see [`insert_clause`].
pub(super) async fn insert_clause_in_tx(
    tx: &Tx,
    viewer: &Viewer,
    row: ContractRow,
    input: &ClauseInput,
) -> Result<ContractRow> {
    let timeline = policy::service::load_timeline(&**tx).await?;
    let today = timeline.local_date(viewer.now);
    let (path, mut errors) = (FieldPath::argument("input"), InputErrors::default());
    let version = i64::from(input.version);
    if !timeline.clause_versions().contains(&version) {
        errors.add(&path.at("version"), UserMessage::ClauseVersionUnknown { version });
    } else if let Some(current) = row.clause_version.filter(|current| *current >= version) {
        errors.add(&path.at("version"), UserMessage::ClauseVersionNotLater { current });
    }
    let inserted_on = match &input.inserted_on {
        Some(date) => validate_date(date, &path.at("insertedOn"), &mut errors),
        None => Some(today),
    };
    if inserted_on.is_some_and(|date| date > today || date < row.signed_on.min(today)) {
        let message = UserMessage::ClauseDateInvalid { from: row.signed_on.min(today), today };
        errors.add(&path.at("insertedOn"), message);
    }
    errors.finish()?;
    let row = ContractRow { clause_version: Some(version), clause_inserted_on: inserted_on, ..row };
    let data = json!({
        "organization": row.organization_id, "version": version, "insertedOn": inserted_on,
    });
    let row = store::update(tx, row).await?;
    append(tx, viewer.actor(), row.id, LedgerAction::ContractClauseInserted, &data).await?;
    save_contract_status(tx, row, viewer.now).await
}

/// Locks a contract until `tx` ends.
pub(super) async fn lock_contract(tx: &Tx, id: ContractId) -> Result<ContractRow> {
    store::lock(tx, vec![id.uuid()]).await?.pop().ok_or(Fault::NotFound)
}
