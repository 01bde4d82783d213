//! Recording contracts that were made outside the service, and the clause as it is put in.
use serde_json::{Value, json};

use super::award::{first_term, shown, stand};
use super::{Contract, ContractRow, Include, store};
use crate::contracting::model::{Basis, ClauseInput, ContractId, ContractInput};
use crate::contracting::rules::{self, Read};
use crate::database::{Database, Tx};
use crate::decision::model::Named;
use crate::decision::service::resolve_parties;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::Outcome;
use crate::ledger::model::LedgerAction;
use crate::ledger::service::{append, begin};
use crate::money::Money;
use crate::organization;
use crate::organization::model::Viewer;
use crate::policy;
use crate::text::validate_date;

/// Records a contract as it was made outside the service: nothing is decided.
///
/// # Errors
/// `Forbidden` to all but the department's contract officers, `NotFound` without such an
/// organization, `Invalid` with all that is wrong.
pub async fn record(
    db: &Database,
    viewer: &Viewer,
    input: &ContractInput,
    include: Include,
) -> Result<Contract> {
    viewer.officer_of(input.department_id)?;
    let today = policy::service::timeline(&db.read).await?.date(viewer.now);
    let read = rules::recorded(input, today)?;
    let tx = db.begin().await?;
    organization::service::lock_one(&tx, input.organization_id).await?;
    let path = FieldPath::argument("input");
    if store::same_number(&*tx, input.department_id, &read.number).await?.is_some() {
        let told = "The department has a contract of this number; choose another.";
        return Err(Fault::invalid(&path.at("number"), "taken", told));
    }
    if let Some(master) = input.master_id {
        let known = store::by_ids(&*tx, vec![master.uuid()]).await?.pop();
        if known.is_none_or(|known| known.department_id != input.department_id) {
            let told = "The department has no such contract.";
            return Err(Fault::invalid(&path.at("masterId"), "invalid", told));
        }
    }
    let named = read.subcontractors.iter().map(|(party, _)| party);
    let (holder, at) = (input.organization_id, path.at("subcontractors"));
    organization::service::refuse_self_subcontracting(&*tx, holder, named, &at).await?;
    let named = Named::Submitted(&read.subcontractors);
    let parties = resolve_parties(&*tx, holder, named, viewer.now).await?;
    let row = row(ContractId::generate(), input, &read, viewer, None);
    let data = told(&row);
    let row = store::insert(&tx, row, &parties).await?;
    store::insert_terms(&tx, vec![first_term(&row)]).await?;
    begin(&tx, viewer.actor(), row.id, row.department_id, RECORDED, &data).await?;
    let row = stand(&tx, row, viewer.now).await?;
    shown(tx, viewer, row, include).await
}

/// What the ledger calls it when a contract is recorded.
pub(super) const RECORDED: LedgerAction = LedgerAction::ContractRecorded;

/// What the ledger is told of a recorded contract.
pub(super) fn told(row: &ContractRow) -> Value {
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

/// The row of a contract that is recorded, not yet told how it stands.
pub(super) fn row(
    id: ContractId,
    input: &ContractInput,
    read: &Read,
    viewer: &Viewer,
    recorded_from: Option<String>,
) -> ContractRow {
    ContractRow {
        id,
        department_id: input.department_id,
        number: read.number.clone(),
        title: read.title.clone(),
        organization_id: input.organization_id,
        method: input.method,
        public_works: input.public_works,
        value_cents: read.value.cents,
        currency: read.value.currency.clone(),
        signed_on: read.signed_on,
        start_date: read.start_date,
        end_date: read.end_date,
        options_left: read.options_left,
        clause_version: read.clause_version,
        clause_inserted_on: read.clause_version.map(|_| read.signed_on),
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
        lapsed_for: None,
        lapsed_since: None,
        standing_until: None,
    }
}

/// Records that the disclosure clause was put into a contract.
///
/// # Errors
/// `NotFound` if it is not the viewer's to see, `Forbidden` to all but the department's contract
/// officers, `Invalid` for a version that is no text of the City's or an earlier one than it
/// carries, and for a day that lies ahead.
pub async fn insert_clause(
    db: &Database,
    viewer: &Viewer,
    input: &ClauseInput,
    include: Include,
) -> Result<Contract> {
    let seen = store::find(&db.read, viewer, input.contract_id).await?.ok_or(Fault::NotFound)?;
    viewer.officer_of(seen.department_id)?;
    let tx = db.begin().await?;
    let row = lock_contract(&tx, input.contract_id).await?;
    let timeline = policy::service::timeline(&*tx).await?;
    let today = timeline.date(viewer.now);
    let (path, mut problems) = (FieldPath::argument("input"), InputErrors::default());
    let version = i64::from(input.version);
    if !timeline.clause_versions().contains(&version) {
        let told = format!("No policy has a version {version} of the clause.");
        problems.add(&path.at("version"), "invalid", told);
    } else if let Some(carried) = row.clause_version.filter(|carried| *carried >= version) {
        let told = format!("The contract carries version {carried} of the clause already.");
        problems.add(&path.at("version"), "contradiction", told);
    }
    let inserted_on = match &input.inserted_on {
        Some(typed) => validate_date(typed, &path.at("insertedOn"), &mut problems),
        None => Some(today),
    };
    if inserted_on.is_some_and(|on| on > today || on < row.signed_on.min(today)) {
        let told = format!(
            "Give a day from {}, when the contract was signed, until {today}.",
            row.signed_on.min(today)
        );
        problems.add(&path.at("insertedOn"), "invalid", told);
    }
    problems.finish()?;
    let row = ContractRow { clause_version: Some(version), clause_inserted_on: inserted_on, ..row };
    let data = json!({
        "organization": row.organization_id, "version": version, "insertedOn": inserted_on,
    });
    let row = store::update(&tx, row).await?;
    append(&tx, viewer.actor(), row.id, LedgerAction::ContractClauseInserted, &data).await?;
    let row = stand(&tx, row, viewer.now).await?;
    shown(tx, viewer, row, include).await
}

/// Locks one contract until `tx` ends.
pub(super) async fn lock_contract(tx: &Tx, id: ContractId) -> Result<ContractRow> {
    store::lock(tx, vec![id.uuid()]).await?.pop().ok_or(Fault::NotFound)
}
