//! Contracts as the procurement system sends them, by their numbers. Sending one again changes nothing.
use chrono::NaiveDate;
use sea_orm::ConnectionTrait;
use serde::Serialize;

use super::portal_renewals::require_contract;
use super::record::{insert_clause_in_tx, lock_contract, lock_status_inputs, record_in_tx};
use super::{ContractRow, store};
use crate::bidding::service::PutOutcome;
use crate::contracting::model::{Basis, ClauseInput, ContractId, ContractInput};
use crate::contracting::rules::{self, ValidContract};
use crate::database::{Database, Tx};
use crate::decision::model::DecisionId;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::wording::format_date;
use crate::gate::{AwardMethod, is_gated};
use crate::money::{Money, MoneyText};
use crate::organization;
use crate::organization::model::{DepartmentId, OrganizationId, Viewer};
use crate::organization::service::{
    list_vendor_numbers, require_department, require_verified_vendor,
};
use crate::policy;
use crate::policy::service::PolicyTimeline;
use crate::precondition::{ObjectVersion, Precondition};
use crate::scalar::Date;
use crate::user_message::UserMessage;

/// A contract as the procurement system sends it.
#[derive(Clone, Debug)]
pub struct PortalContract {
    /// The code of the department.
    pub department: String,
    /// The number, unique within the department.
    pub number: String,
    /// The vendor number of the contractor.
    pub vendor: String,
    pub title: String,
    pub value: MoneyText,
    /// Of a stored contract, as it is stored by default; so are the other optional values.
    pub method: Option<AwardMethod>,
    /// By default no.
    pub public_works: Option<bool>,
    /// By default the first day.
    pub signed_on: Option<Date>,
    pub start_date: Date,
    pub end_date: Date,
    /// By default none.
    pub options_left: Option<i32>,
    pub clause_version: Option<i32>,
    /// The number of the master contract, if this is an order under one.
    pub master: Option<String>,
    /// The decision that admitted its award; required for a contract that the gate has admitted.
    pub reference: Option<DecisionId>,
}

/// A contract as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContractRecord {
    pub id: ContractId,
    pub number: String,
    /// The code of the department.
    pub department: String,
    pub organization_id: OrganizationId,
    /// The verified vendor number of the contractor, if it has one.
    pub vendor: Option<String>,
    pub title: String,
    pub value: MoneyText,
    pub method: Option<AwardMethod>,
    pub public_works: bool,
    pub signed_on: NaiveDate,
    pub start_date: NaiveDate,
    pub end_date: NaiveDate,
    pub options_left: i64,
    pub clause_version: Option<i64>,
    pub basis: Basis,
    /// The decision that admitted its award.
    pub reference: Option<DecisionId>,
}

/// A contract that was sent, as it is stored.
#[derive(Clone, Debug)]
pub struct PutContract {
    pub record: ContractRecord,
    pub version: ObjectVersion,
    pub outcome: PutOutcome,
}

async fn record_of(db: &impl ConnectionTrait, row: ContractRow) -> Result<ContractRecord> {
    let departments = vec![row.department_id.uuid()];
    let mut departments = organization::service::load_departments(db, departments).await?;
    let department = departments.remove(&row.department_id).ok_or(Fault::NotFound)?;
    let firm = organization::service::load_group(db, row.organization_id).await?;
    let firm = firm.survivor_of(row.organization_id);
    let vendor = list_vendor_numbers(db, [firm]).await?.remove(&firm);
    Ok(ContractRecord {
        id: row.id,
        number: row.number,
        department: department.code,
        organization_id: firm,
        vendor,
        title: row.title,
        value: Money { cents: row.value_cents, currency: row.currency }.into(),
        method: row.method,
        public_works: row.public_works,
        signed_on: row.signed_on,
        start_date: row.start_date,
        end_date: row.end_date,
        options_left: row.options_left,
        clause_version: row.clause_version,
        basis: row.basis,
        reference: row.decision_id,
    })
}

/// Finds a contract by its number, with its version.
///
/// # Errors
/// `NotFound` if the viewer may see none, `Invalid` if several departments have the number.
#[tracing::instrument(skip_all)]
pub async fn find_contract_record(
    db: &Database,
    viewer: &Viewer,
    number: &str,
    department: Option<&str>,
) -> Result<(ContractRecord, ObjectVersion)> {
    let found = require_contract(db, viewer, number, department).await;
    let row = found.map_err(|fault| match fault {
        Fault::Invalid(errors)
            if errors
                .iter()
                .any(|it| matches!(it.message, UserMessage::ContractUnknown { .. })) =>
        {
            Fault::NotFound
        }
        other => other,
    })?;
    let record = record_of(&db.read, row).await?;
    let version = ObjectVersion::of(&record)?;
    Ok((record, version))
}

/// Stores a contract of the procurement system under its number. A new one is recorded without a decision,
/// so it must be one that the gate does not decide: of a method that no policy gates, or signed before the
/// first policy took effect. One that the gate has admitted is only confirmed, by the reference of its
/// decision. Of a stored contract only a later clause is changed: end, value and holder change by contract
/// actions.
///
/// # Errors
/// `Forbidden` except to the procurement system, `Invalid` with every error, `PreconditionFailed`, and
/// `Conflict` with what to do instead.
#[tracing::instrument(skip_all)]
pub async fn put_contract(
    db: &Database,
    viewer: &Viewer,
    sent: &PortalContract,
    precondition: &Precondition,
) -> Result<PutContract> {
    viewer.require_procurement_system("only the procurement system sends contracts")?;
    let path = FieldPath::argument("department");
    let department = require_department(&db.read, &sent.department, &path).await?;
    let path = FieldPath::argument("vendor");
    let vendor = require_verified_vendor(&db.read, &sent.vendor, &path).await?;
    let timeline = policy::service::load_timeline(&db.read).await?;
    let input = contract_input(db, sent, department, vendor.organization).await?;
    let today = timeline.local_date(viewer.now);
    // A contract that was awarded here may be signed later.
    let valid = rules::validate_recorded_contract(
        &input,
        Vec::new(),
        NaiveDate::MAX,
        InputErrors::default(),
    )?;
    let viewer = &viewer.acting_for_department(department);
    let tx = db.begin().await?;
    let parties = lock_status_inputs(&tx, viewer, &input, &valid).await?;
    let found = store::find_by_number(&*tx, department, &valid.number).await?;
    let before = match found {
        Some(found) => Some(lock_contract(&tx, found.id).await?),
        None => None,
    };
    let version = match &before {
        Some(row) => Some(ObjectVersion::of(&record_of(&*tx, row.clone()).await?)?),
        None => None,
    };
    precondition.check(version.as_ref())?;
    let (row, outcome) = match before {
        None => {
            rules::validate_recorded_contract(&input, Vec::new(), today, InputErrors::default())?;
            require_ungated(&timeline, viewer, sent, &valid)?;
            (record_in_tx(&tx, viewer, &input, &valid, &parties).await?, PutOutcome::Created)
        }
        Some(row) => confirm(&tx, viewer, row, sent, (&input, &valid)).await?,
    };
    let record = record_of(&*tx, row).await?;
    let version = ObjectVersion::of(&record)?;
    tx.commit().await?;
    Ok(PutContract { record, version, outcome })
}

async fn contract_input(
    db: &Database,
    sent: &PortalContract,
    department: DepartmentId,
    holder: OrganizationId,
) -> Result<ContractInput> {
    let master_id = match &sent.master {
        Some(number) => {
            let master = store::find_by_number(&db.read, department, number.trim()).await?;
            let path = FieldPath::argument("input").at("master");
            let unknown = || Fault::invalid(&path, UserMessage::MasterUnknown);
            Some(master.ok_or_else(unknown)?.id)
        }
        None => None,
    };
    Ok(ContractInput {
        department_id: department,
        organization_id: holder,
        number: sent.number.clone(),
        title: sent.title.clone(),
        value: sent.value.clone(),
        method: sent.method,
        public_works: sent.public_works.unwrap_or_default(),
        signed_on: sent.signed_on.clone(),
        start_date: sent.start_date.clone(),
        end_date: sent.end_date.clone(),
        options_left: sent.options_left.unwrap_or_default(),
        clause_version: sent.clause_version,
        master_id,
        subcontractors: Vec::new(),
    })
}

/// Requires that no policy gates a new contract: it was signed before the first one took effect, or the one
/// in force when it was signed does not gate its method.
fn require_ungated(
    timeline: &PolicyTimeline,
    viewer: &Viewer,
    sent: &PortalContract,
    valid: &ValidContract,
) -> Result<()> {
    let signed = timeline.local_midnight(valid.signed_on, viewer.now);
    let policy = timeline.in_force_at(signed);
    if policy.is_some_and(|policy| is_gated(&policy, sent.method, None, &valid.value)) {
        let method = if sent.method.is_none() {
            " Name its award method if it is one that needs no decision."
        } else {
            ""
        };
        return Err(Fault::conflict(format!(
            "this contract needs a decision of the gate, because it was signed on {}; send its award to \
            the gate, which stores the contract if it admits it.{method}",
            format_date(valid.signed_on)
        )));
    }
    if let Some(reference) = sent.reference {
        return Err(Fault::conflict(format!(
            "the decision {reference} has not admitted a contract with this number; leave the reference \
            out, or correct the number"
        )));
    }
    Ok(())
}

/// Confirms a stored contract: nothing but a later clause may differ.
async fn confirm(
    tx: &Tx,
    viewer: &Viewer,
    row: ContractRow,
    sent: &PortalContract,
    (input, valid): (&ContractInput, &ValidContract),
) -> Result<(ContractRow, PutOutcome)> {
    require_reference(&row, sent.reference)?;
    let firm = organization::service::load_group(&**tx, row.organization_id).await?;
    let is_same_holder = firm.is_same_firm(row.organization_id, input.organization_id);
    let by_action = [
        ("endDate", row.end_date == valid.end_date),
        ("value", (row.value_cents, &row.currency) == (valid.value.cents, &valid.value.currency)),
        ("vendor", is_same_holder),
        ("optionsLeft", sent.options_left.is_none() || row.options_left == valid.options_left),
    ];
    let fixed = [
        ("title", row.title == valid.title),
        ("method", sent.method.is_none() || row.method == sent.method),
        ("publicWorks", sent.public_works.is_none_or(|sent| sent == row.public_works)),
        ("signedOn", sent.signed_on.is_none() || row.signed_on == valid.signed_on),
        ("startDate", row.start_date == valid.start_date),
        ("master", sent.master.is_none() || row.master_id == input.master_id),
    ];
    if let Some(fields) = differing(&by_action) {
        return Err(Fault::conflict(format!(
            "the stored contract differs in {fields}; these change only by a contract action, such as a \
            renewal, an assignment or an amendment: send that to the gate"
        )));
    }
    if let Some(fields) = differing(&fixed) {
        return Err(Fault::conflict(format!(
            "the stored contract differs in {fields}, which do not change; correct what you send, or ask \
            the department to record another contract"
        )));
    }
    match (valid.clause_version, sent.clause_version) {
        (Some(version), Some(given)) if row.clause_version != Some(version) => {
            let clause = ClauseInput { contract_id: row.id, version: given, inserted_on: None };
            let row = insert_clause_in_tx(tx, viewer, row, &clause).await?;
            Ok((row, PutOutcome::Changed))
        }
        _ => Ok((row, PutOutcome::Unchanged)),
    }
}

/// Requires that the reference is that of the decision that admitted the award, if there is one.
fn require_reference(row: &ContractRow, reference: Option<DecisionId>) -> Result<()> {
    if row.decision_id == reference {
        return Ok(());
    }
    Err(Fault::conflict(match (row.basis, reference) {
        (Basis::Gated, None) => {
            "the gate has admitted the award of this contract; send the reference of that decision"
        }
        (Basis::Gated, Some(_)) => {
            "another decision has admitted the award of this contract; send its reference, or correct \
            the number"
        }
        (Basis::Ungated | Basis::Recorded, _) => {
            "this contract was stored without a decision; leave the reference out, or correct the number"
        }
    }))
}

/// The names of the fields that differ; none if all are the same.
fn differing(fields: &[(&'static str, bool)]) -> Option<String> {
    let names: Vec<&str> =
        fields.iter().filter(|(_, is_same)| !is_same).map(|(name, _)| *name).collect();
    (!names.is_empty()).then(|| names.join(", "))
}
