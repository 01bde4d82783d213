//! Recording many contracts that were made outside the service, as a file lists them.
use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::award::first_term;
use super::record::{RECORDED, row, told};
use super::standing::stood_with;
use super::{ContractRow, store};
use crate::contracting::model::{ContractId, ContractInput};
use crate::contracting::rules::{self, Read};
use crate::database::{Database, Tx};
use crate::decision::model::Parties;
use crate::decision::service::members_now;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::Method;
use crate::ledger::service::{Beginning, append_first};
use crate::money::MoneyText;
use crate::organization;
use crate::organization::model::{DepartmentId, Identifier, OrganizationId, Viewer};
use crate::organization::service::Vendor;
use crate::policy;
use crate::principal::ServiceActor;
use crate::scalar::Date;
use crate::text::{MAX_LINE_CHARS, validate_optional, is_blank};

/// A contract as a row of a file has it, its texts as they stand there; empty where the row says
/// nothing.
#[derive(Clone, Debug, Default)]
pub struct ImportRow {
    /// The row's first line, from 1.
    pub line: u64,
    pub number: String,
    /// The department's code or name.
    pub department: String,
    /// The contractor's legal name.
    pub vendor: String,
    /// By what it can be found, if the row tells.
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
    /// The number of the master contract that it is an order under.
    pub master: String,
}

/// What came of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Imported {
    /// It is recorded.
    Recorded,
    /// It was recorded already, with the same in it.
    Unchanged,
    /// It is not recorded, and why: what to mend.
    Refused(String),
}

/// Who imports, when, from which file.
#[derive(Clone, Debug)]
pub struct Import {
    /// As the ledger names the actor.
    pub actor: ServiceActor,
    /// UTC, whole microseconds.
    pub at: DateTime<Utc>,
    /// The file's name, which each contract keeps with its line.
    pub file: String,
}

/// Records the contracts of some rows in one transaction, in their order; contractors that nobody
/// knows are registered with them. A row that cannot be recorded is told, and keeps no other from
/// being recorded.
///
/// # Errors
/// `Unavailable` or `Internal` if the database fails; nothing of these rows was recorded then.
pub async fn import(
    db: &Database,
    import: &Import,
    rows: Vec<ImportRow>,
) -> Result<(Vec<(u64, Imported)>, u64)> {
    /// How often a batch is tried again after somebody claimed an identifier of it, or made a
    /// contract of its number, at the same moment: the next try sees what they did.
    const RETRIES: usize = 3;
    for _ in 0..RETRIES {
        match import_batch(db, import, rows.clone()).await {
            Err(Fault::Conflict(_)) => {}
            came => return came,
        }
    }
    import_batch(db, import, rows).await
}

async fn import_batch(
    db: &Database,
    import: &Import,
    rows: Vec<ImportRow>,
) -> Result<(Vec<(u64, Imported)>, u64)> {
    let viewer = Viewer {
        subject: import.actor.into(),
        email: None,
        roles: [].into(),
        organizations: Vec::new(),
        departments: Vec::new(),
        now: import.at,
    };
    let tx = db.begin().await?;
    let today = policy::service::timeline(&*tx).await?.date(import.at);
    let departments = organization::service::departments_by_word(&*tx).await?;
    let mut told = BTreeMap::<u64, Imported>::new();
    let mut read = Vec::new();
    for mut row in rows {
        match typed(&mut row, &departments, today) {
            Ok((department, input, cleaned)) => read.push((row, department, input, cleaned)),
            Err(why) => drop(told.insert(row.line, Imported::Refused(why))),
        }
    }
    let wanted = read.iter().map(|(row, ..)| vendor(row)).collect();
    let (holders, registered) = organization::service::vendors(&tx, &viewer, wanted).await?;
    let numbers = read.iter().map(|(_, _, _, cleaned)| cleaned.number.clone());
    let masters = read.iter().map(|(row, ..)| row.master.clone());
    let numbers = numbers.chain(masters.filter(|number| !number.is_empty())).collect();
    let known = store::by_numbers(&*tx, numbers).await?;
    let mut known: HashMap<(DepartmentId, String), ContractRow> =
        known.into_iter().map(|row| ((row.department_id, row.number.clone()), row)).collect();
    let mut fresh = Vec::new();
    for ((row, department, mut input, cleaned), holder) in read.into_iter().zip(holders) {
        let outcome = match holder {
            Err(why) => Imported::Refused(why),
            Ok(holder) => {
                input.organization_id = holder;
                let new = New { row: &row, department, input, cleaned: &cleaned };
                match new.beside(&known, &viewer, &import.file) {
                    Ok(made) => {
                        known.insert((department, made.number.clone()), made.clone());
                        fresh.push(made);
                        Imported::Recorded
                    }
                    Err(outcome) => outcome,
                }
            }
        };
        told.insert(row.line, outcome);
    }
    write(&tx, &viewer, fresh).await?;
    tx.commit().await?;
    Ok((told.into_iter().collect(), registered))
}

/// A row that can be read, before it is compared with what is recorded.
struct New<'a> {
    row: &'a ImportRow,
    department: DepartmentId,
    input: ContractInput,
    cleaned: &'a Read,
}

impl New<'_> {
    /// The contract, unless one of its number is recorded.
    fn beside(
        mut self,
        known: &HashMap<(DepartmentId, String), ContractRow>,
        viewer: &Viewer,
        file: &str,
    ) -> Result<ContractRow, Imported> {
        let place = format!("{file}:{}", self.row.line);
        let master = &self.row.master;
        if !master.is_empty() {
            let Some(found) = known.get(&(self.department, master.clone())) else {
                return Err(Imported::Refused(format!(
                    "master: the department has no contract {master} yet; put its row before this \
                    one"
                )));
            };
            self.input.master_id = Some(found.id);
        }
        let id = ContractId::generate();
        let made = row(id, &self.input, self.cleaned, viewer, Some(place.clone()));
        let Some(there) = known.get(&(self.department, made.number.clone())) else {
            return Ok(made);
        };
        let differing = differing(there, &made);
        let from = there.recorded_from.as_deref();
        if !differing.is_empty() {
            let where_from = from.map(|from| format!(" (from {from})")).unwrap_or_default();
            return Err(Imported::Refused(format!(
                "number: {} is recorded already{where_from}, with another {}; what is recorded is \
                not overwritten",
                made.number,
                differing.join(", ")
            )));
        }
        let same_file = from.and_then(|from| from.rsplit_once(':')).map(|(name, _)| name);
        if same_file == Some(file) && from != Some(&*place) {
            let first = from.unwrap_or_default();
            return Err(Imported::Refused(format!(
                "number: {} stands twice in the file, first at {first}; remove one",
                made.number
            )));
        }
        Err(Imported::Unchanged)
    }
}

/// What a row says otherwise than what is recorded, by the column.
fn differing(there: &ContractRow, made: &ContractRow) -> Vec<&'static str> {
    let pairs = [
        ("vendor", there.awarded_to == made.awarded_to),
        ("title", there.title == made.title),
        ("value", (there.value_cents, &there.currency) == (made.value_cents, &made.currency)),
        ("signed_on", there.signed_on == made.signed_on),
        ("start_date", there.start_date == made.start_date),
        ("end_date", there.end_date == made.end_date),
        ("options_left", there.options_left == made.options_left),
        ("method", there.method == made.method),
        ("public_works", there.public_works == made.public_works),
        ("clause_version", there.clause_version == made.clause_version),
        ("master", there.master_id == made.master_id),
    ];
    pairs.into_iter().filter_map(|(name, same)| (!same).then_some(name)).collect()
}

fn vendor(row: &ImportRow) -> Vendor {
    Vendor { legal_name: row.vendor.clone(), identifiers: row.identifiers.clone() }
}

/// Writes new contracts with how they stand, their terms and their entries in the ledger.
async fn write(tx: &Tx, viewer: &Viewer, fresh: Vec<ContractRow>) -> Result<()> {
    if fresh.is_empty() {
        return Ok(());
    }
    let holders: HashSet<OrganizationId> = fresh.iter().map(|row| row.organization_id).collect();
    let mut ventures = members_now(&**tx, holders.into_iter().collect(), viewer.now).await?;
    let members = ventures.values_mut().flatten().collect();
    organization::service::resolve_pending(&**tx, members, viewer.now).await?;
    let named = fresh.iter().filter_map(|row| {
        let members = ventures.get(&row.organization_id)?.clone();
        Some((row.id, Parties { members, subcontractors: Vec::new() }))
    });
    let named: HashMap<ContractId, Parties> = named.collect();
    let rows = stood_with(&**tx, fresh, named.clone(), viewer.now).await?;
    let terms = rows.iter().map(first_term).collect();
    let beginnings = rows.iter().map(|row| Beginning {
        subject: row.id.into(),
        under: Some(row.department_id.into()),
        data: told(row),
    });
    let beginnings = beginnings.collect();
    store::write(tx, rows).await?;
    let named: Vec<(ContractId, &Parties)> = named.iter().map(|(id, named)| (*id, named)).collect();
    store::insert_parties(tx, &named).await?;
    store::insert_terms(tx, terms).await?;
    append_first(tx, viewer.actor(), RECORDED, beginnings).await
}

/// A row's texts, read: its department, and the contract without its holder; or what is wrong with
/// it, by its columns. The master contract's number is left in the row as numbers are kept.
fn typed(
    row: &mut ImportRow,
    departments: &HashMap<String, DepartmentId>,
    today: chrono::NaiveDate,
) -> Result<(DepartmentId, ContractInput, Read), String> {
    let (column, mut problems) = (FieldPath::default(), InputErrors::default());
    row.master = validate_optional(&row.master, rules::NUMBER, &column.at("master"), &mut problems);
    let name = validate_optional(&row.department, MAX_LINE_CHARS, &column.at("department"), &mut problems);
    let department = departments.get(&name.to_lowercase());
    let is_refused = name.is_empty() && !is_blank(&row.department);
    if department.is_none() && !is_refused {
        let told = format!("no department has the code or the name {name:?}");
        problems.add(&column.at("department"), "invalid", told);
    }
    let mut number = |text: &str, name: &str| -> Option<i32> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let read = text.parse();
        if read.is_err() {
            problems.add(&column.at(name), "invalid", "write a whole number");
        }
        read.ok()
    };
    let options_left = number(&row.options_left, "options_left");
    let clause_version = number(&row.clause_version, "clause_version");
    let word = row.method.trim().to_uppercase().replace([' ', '-'], "_");
    let method = Method::ALL.iter().copied().find(|method| method.word() == word);
    if method.is_none() && !word.is_empty() {
        let words: Vec<String> = Method::ALL.iter().map(|method| method.word()).collect();
        problems.add(&column.at("method"), "invalid", format!("write {}", words.join(", ")));
    }
    let public_works = match row.public_works.trim().to_lowercase().as_str() {
        "" | "false" | "no" | "0" => false,
        "true" | "yes" | "1" => true,
        _ => {
            problems.add(&column.at("public_works"), "invalid", "write true or false");
            false
        }
    };
    let currency = if row.currency.trim().is_empty() { "USD" } else { row.currency.trim() };
    let date = |text: &str| Date::from(text.trim().to_owned());
    let signed = Some(date(&row.signed_on)).filter(|_| !row.signed_on.trim().is_empty());
    let input = ContractInput {
        department_id: department.copied().unwrap_or_else(DepartmentId::generate),
        // Put in once the contractor is known.
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
    let read = rules::recorded(&input, today);
    let mut wrong: Vec<String> = problems
        .into_errors()
        .into_iter()
        .map(|error| format!("{}: {}", error.path.join("."), error.message))
        .collect();
    match (read, department) {
        (Ok(read), Some(department)) if wrong.is_empty() => Ok((*department, input, read)),
        (Ok(_), _) => Err(wrong.join("; ")),
        (Err(Fault::Invalid(errors)), _) => {
            wrong.extend(errors.into_iter().map(|error| {
                let column = error.path.get(1).map_or("row", |field| in_a_file(field));
                format!("{column}: {}", error.message)
            }));
            Err(wrong.join("; "))
        }
        (Err(_), _) => Err("it cannot be read".to_owned()),
    }
}

/// The column that a field of the input stands in.
fn in_a_file(field: &str) -> &str {
    match field {
        "signedOn" => "signed_on",
        "startDate" => "start_date",
        "endDate" => "end_date",
        "optionsLeft" => "options_left",
        "clauseVersion" => "clause_version",
        other => other,
    }
}
