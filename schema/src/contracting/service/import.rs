//! Imports contracts that were made outside the service from the rows of a file.
use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::award::first_term;
use super::contract_status::with_status_given_parties;
use super::record::{RECORDED_ACTION, new_contract_row, recorded_data};
use super::{ContractRow, store};
use crate::contracting::model::{ContractId, ContractInput};
use crate::contracting::rules::{self, ValidContract};
use crate::database::{Database, Tx};
use crate::decision::model::{Parties, PartyOwner};
use crate::decision::service::{insert_parties, list_current_members};
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::AwardMethod;
use crate::ledger::service::{FirstEntry, append_first};
use crate::money::MoneyText;
use crate::organization;
use crate::organization::model::{DepartmentId, Identifier, OrganizationId, Viewer};
use crate::organization::service::{SearchBy, Vendor};
use crate::policy;
use crate::principal::ServiceActor;
use crate::scalar::Date;
use crate::text::{MAX_LINE_CHARS, is_blank, validate_optional};
use crate::user_message::{Kinds, UserMessage};

/// A contract as a row of a file gives it: unparsed texts, empty where the row has no value.
#[derive(Clone, Debug, Default)]
pub struct ContractFileRow {
    /// The first line of the row, from 1.
    pub line: u64,
    pub number: String,
    /// The code or name of the department.
    pub department: String,
    /// The legal name of the contractor.
    pub vendor: String,
    /// The identifiers of the contractor, if the row has any.
    pub identifiers: Vec<Identifier>,
    pub title: String,
    pub value: String,
    pub currency: String,
    pub signed_on: String,
    pub start_date: String,
    pub end_date: String,
    pub options_left: String,
    pub method: String,
    pub public_works: String,
    pub clause_version: String,
    /// The number of the master contract, if this is an order under one.
    pub master: String,
}

/// The result of importing a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowOutcome {
    /// The contract was recorded.
    Recorded,
    /// The same contract was already recorded.
    Unchanged,
    /// The contract was not recorded; the text says what to fix.
    Refused(String),
}

/// The actor, time and file name of an import.
#[derive(Clone, Debug)]
pub struct ContractImport {
    /// The actor that the ledger names.
    pub actor: ServiceActor,
    /// UTC, whole microseconds.
    pub at: DateTime<Utc>,
    /// The name of the file, stored with each contract and its line.
    pub file: String,
}

/// Records the contracts of `rows` in one transaction, in their order, and registers unknown
/// contractors. A refused row does not stop the others. Returns the result of each line, and the number
/// of contractors registered.
///
/// # Errors
/// Database faults only; then none of these rows was recorded.
pub async fn import_contracts(
    db: &Database,
    import: &ContractImport,
    rows: Vec<ContractFileRow>,
) -> Result<(Vec<(u64, RowOutcome)>, u64)> {
    /// The number of retries after another transaction claimed one of the identifiers or numbers at
    /// the same time. The next try sees its result.
    const RETRIES: usize = 3;
    for _ in 0..RETRIES {
        match import_batch(db, import, rows.clone()).await {
            Err(Fault::Conflict(_)) => {}
            result => return result,
        }
    }
    import_batch(db, import, rows).await
}

async fn import_batch(
    db: &Database,
    import: &ContractImport,
    rows: Vec<ContractFileRow>,
) -> Result<(Vec<(u64, RowOutcome)>, u64)> {
    let viewer = Viewer::of_service(import.actor, import.at);
    let tx = db.begin().await?;
    let today = policy::service::load_timeline(&*tx).await?.local_date(import.at);
    let departments = organization::service::load_departments_by_code_and_name(&*tx).await?;
    let mut outcomes = BTreeMap::<u64, RowOutcome>::new();
    let mut parsed = Vec::new();
    for mut row in rows {
        match parse_row(&mut row, &departments, today) {
            Ok((department, input, contract)) => parsed.push((row, department, input, contract)),
            Err(reason) => drop(outcomes.insert(row.line, RowOutcome::Refused(reason))),
        }
    }
    let vendors = parsed.iter().map(|(row, ..)| vendor(row)).collect();
    let (holders, registered) =
        organization::service::find_or_register_vendors(&tx, &viewer, vendors).await?;
    let numbers = parsed.iter().map(|(_, _, _, contract)| contract.number.clone());
    let masters = parsed.iter().map(|(row, ..)| row.master.clone());
    let numbers = numbers.chain(masters.filter(|number| !number.is_empty())).collect();
    let recorded = store::list_by_numbers(&*tx, numbers).await?;
    let mut recorded: HashMap<(DepartmentId, String), ContractRow> =
        recorded.into_iter().map(|row| ((row.department_id, row.number.clone()), row)).collect();
    // A vendor in the file is the organization that goes on, the recorded one may have been merged.
    let awarded_to = recorded.values().map(|row| row.awarded_to.uuid()).collect();
    let groups = organization::service::load_groups(&*tx, awarded_to).await?;
    for row in recorded.values_mut() {
        row.awarded_to = groups.survivor_of(row.awarded_to);
    }
    let mut new_rows = Vec::new();
    for ((row, department, mut input, contract), holder) in parsed.into_iter().zip(holders) {
        let outcome = match holder {
            Err(reason) => RowOutcome::Refused(reason),
            Ok(holder) => {
                input.organization_id = holder;
                let new = NewContract { row: &row, department, input, contract: &contract };
                match new.compare_with_recorded(&recorded, &viewer, &import.file) {
                    Ok(row) => {
                        recorded.insert((department, row.number.clone()), row.clone());
                        new_rows.push(row);
                        RowOutcome::Recorded
                    }
                    Err(outcome) => outcome,
                }
            }
        };
        outcomes.insert(row.line, outcome);
    }
    insert_contracts(&tx, &viewer, new_rows).await?;
    tx.commit().await?;
    Ok((outcomes.into_iter().collect(), registered))
}

/// A parsed row, before it is compared with the recorded contracts.
struct NewContract<'a> {
    row: &'a ContractFileRow,
    department: DepartmentId,
    input: ContractInput,
    contract: &'a ValidContract,
}

impl NewContract<'_> {
    /// The row of the new contract, or the outcome if its number is already recorded.
    fn compare_with_recorded(
        mut self,
        recorded: &HashMap<(DepartmentId, String), ContractRow>,
        viewer: &Viewer,
        file: &str,
    ) -> Result<ContractRow, RowOutcome> {
        let source = format!("{file}:{}", self.row.line);
        let number = &self.row.master;
        if !number.is_empty() {
            let Some(master) = recorded.get(&(self.department, number.clone())) else {
                return Err(RowOutcome::Refused(format!(
                    "master: the department has no contract {number}; move its row before this one"
                )));
            };
            self.input.master_id = Some(master.id);
        }
        let id = ContractId::generate();
        let new = new_contract_row(id, &self.input, self.contract, viewer, Some(source.clone()));
        let Some(existing) = recorded.get(&(self.department, new.number.clone())) else {
            return Ok(new);
        };
        let columns = differing_columns(existing, &new);
        let existing_source = existing.recorded_from.as_deref();
        if !columns.is_empty() {
            let imported_from =
                existing_source.map(|source| format!(" (from {source})")).unwrap_or_default();
            return Err(RowOutcome::Refused(format!(
                "number: {} is already recorded{imported_from} with a different {}; an import does not \
                overwrite recorded contracts",
                new.number,
                columns.join(", ")
            )));
        }
        let existing_file =
            existing_source.and_then(|source| source.rsplit_once(':')).map(|(name, _)| name);
        if existing_file == Some(file) && existing_source != Some(&*source) {
            let first = existing_source.unwrap_or_default();
            return Err(RowOutcome::Refused(format!(
                "number: {} occurs twice in the file, first at {first}; remove one of the rows",
                new.number
            )));
        }
        Err(RowOutcome::Unchanged)
    }
}

/// The columns in which a row differs from the recorded contract.
fn differing_columns(recorded: &ContractRow, new: &ContractRow) -> Vec<&'static str> {
    let pairs = [
        ("vendor", recorded.awarded_to == new.awarded_to),
        ("title", recorded.title == new.title),
        ("value", (recorded.value_cents, &recorded.currency) == (new.value_cents, &new.currency)),
        ("signed_on", recorded.signed_on == new.signed_on),
        ("start_date", recorded.start_date == new.start_date),
        ("end_date", recorded.end_date == new.end_date),
        ("options_left", recorded.options_left == new.options_left),
        ("method", recorded.method == new.method),
        ("public_works", recorded.public_works == new.public_works),
        ("clause_version", recorded.clause_version == new.clause_version),
        ("master", recorded.master_id == new.master_id),
    ];
    pairs.into_iter().filter_map(|(name, same)| (!same).then_some(name)).collect()
}

fn vendor(row: &ContractFileRow) -> Vendor {
    Vendor { legal_name: row.vendor.clone(), identifiers: row.identifiers.clone() }
}

/// Inserts new contracts with their status, parties, terms and ledger entries.
async fn insert_contracts(tx: &Tx, viewer: &Viewer, new_rows: Vec<ContractRow>) -> Result<()> {
    if new_rows.is_empty() {
        return Ok(());
    }
    let holders: HashSet<OrganizationId> = new_rows.iter().map(|row| row.organization_id).collect();
    let mut ventures =
        list_current_members(&**tx, holders.into_iter().collect(), viewer.now).await?;
    let members = ventures.values_mut().flatten().collect();
    let by = SearchBy::NumberOrName;
    organization::service::resolve_pending_parties(&**tx, members, by, viewer.now).await?;
    let parties = new_rows.iter().filter_map(|row| {
        let members = ventures.get(&row.organization_id)?.clone();
        Some((row.id, Parties { members, subcontractors: Vec::new() }))
    });
    let parties: HashMap<ContractId, Parties> = parties.collect();
    let rows = with_status_given_parties(&**tx, new_rows, parties.clone(), viewer.now).await?;
    let terms = rows.iter().map(first_term).collect();
    let first_entries = rows.iter().map(|row| FirstEntry {
        subject: row.id.into(),
        parent: Some(row.department_id.into()),
        data: recorded_data(row),
    });
    let first_entries = first_entries.collect();
    store::insert_all(tx, rows).await?;
    let parties: Vec<(Uuid, &Parties)> = parties.iter().map(|(id, it)| (id.uuid(), it)).collect();
    insert_parties(tx, PartyOwner::Contract, &parties).await?;
    store::insert_terms(tx, terms).await?;
    append_first(tx, viewer.actor(), RECORDED_ACTION, first_entries).await
}

/// Parses a row into its department and the contract without its holder, or lists the errors by
/// column. Normalizes the master contract's number in the row.
fn parse_row(
    row: &mut ContractFileRow,
    departments: &HashMap<String, DepartmentId>,
    today: chrono::NaiveDate,
) -> Result<(DepartmentId, ContractInput, ValidContract), String> {
    let (column, mut errors) = (FieldPath::default(), InputErrors::default());
    row.master =
        validate_optional(&row.master, rules::MAX_NUMBER_CHARS, &column.at("master"), &mut errors);
    let name =
        validate_optional(&row.department, MAX_LINE_CHARS, &column.at("department"), &mut errors);
    let department = departments.get(&name.to_lowercase());
    let is_refused = name.is_empty() && !is_blank(&row.department);
    if department.is_none() && !is_refused {
        let message = UserMessage::DepartmentUnknown { name };
        errors.add(&column.at("department"), message);
    }
    let mut number = |text: &str, name: &str| -> Option<i32> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let number = text.parse();
        if number.is_err() {
            errors.add(&column.at(name), UserMessage::WholeNumberRequired);
        }
        number.ok()
    };
    let options_left = number(&row.options_left, "options_left");
    let clause_version = number(&row.clause_version, "clause_version");
    let word = row.method.trim().to_uppercase().replace([' ', '-'], "_");
    let method: Option<AwardMethod> = word.parse().ok();
    if method.is_none() && !word.is_empty() {
        let words = Kinds::list(AwardMethod::ALL.iter().map(|method| method.as_str()));
        let message = UserMessage::WordUnknown { words };
        errors.add(&column.at("method"), message);
    }
    let public_works = match row.public_works.trim().to_lowercase().as_str() {
        "" | "false" | "no" | "0" => false,
        "true" | "yes" | "1" => true,
        _ => {
            errors.add(&column.at("public_works"), UserMessage::TrueOrFalseRequired);
            false
        }
    };
    let currency = if row.currency.trim().is_empty() { "USD" } else { row.currency.trim() };
    let date = |text: &str| Date::from(text.trim().to_owned());
    let signed = Some(date(&row.signed_on)).filter(|_| !row.signed_on.trim().is_empty());
    let input = ContractInput {
        department_id: department.copied().unwrap_or_else(DepartmentId::generate),
        // Replaced once the contractor is known.
        organization_id: OrganizationId::generate(),
        number: row.number.clone(),
        title: row.title.clone(),
        value: MoneyText {
            amount: row.value.trim().to_owned().into(),
            currency: currency.to_owned().into(),
        },
        method,
        public_works,
        signed_on: signed,
        start_date: date(&row.start_date),
        end_date: date(&row.end_date),
        options_left: options_left.unwrap_or(0),
        clause_version,
        master_id: None,
        subcontractors: Vec::new(),
    };
    let contract =
        rules::validate_recorded_contract(&input, Vec::new(), today, InputErrors::default());
    let mut messages: Vec<String> = errors
        .into_errors()
        .into_iter()
        .map(|error| format!("{}: {}", error.path.join("."), error.message.english()))
        .collect();
    match (contract, department) {
        (Ok(contract), Some(department)) if messages.is_empty() => {
            Ok((*department, input, contract))
        }
        (Ok(_), _) => Err(messages.join("; ")),
        (Err(Fault::Invalid(errors)), _) => {
            messages.extend(errors.into_iter().map(|error| {
                let column = error.path.get(1).map_or("row", |field| column_of_field(field));
                format!("{column}: {}", error.message.english())
            }));
            Err(messages.join("; "))
        }
        (Err(_), _) => Err("the row cannot be parsed".to_owned()),
    }
}

/// The column of the file that holds a field of the input.
fn column_of_field(field: &str) -> &str {
    match field {
        "signedOn" => "signed_on",
        "startDate" => "start_date",
        "endDate" => "end_date",
        "optionsLeft" => "options_left",
        "clauseVersion" => "clause_version",
        field => field,
    }
}
