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
use crate::organization::model::{DepartmentId, Identifier, OrganizationId, ResolvedParty, Viewer};
use crate::organization::service::{ListedDepartment, SearchBy, Vendor, VendorRegister};
use crate::policy;
use crate::principal::Principal;
use crate::scalar::Date;
use crate::spreadsheet::{day_of_serial, is_shortened_number};
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
    /// Whether the contractor is none of the registered firms with a similar name.
    pub new_vendor: String,
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

/// A row with its result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedRow {
    /// The first line of the row, from 1.
    pub line: u64,
    /// The code of its department; none if the row names no registered one.
    pub department: Option<String>,
    pub outcome: RowOutcome,
}

/// The actor, time and file name of an import.
#[derive(Clone, Debug)]
pub struct ContractImport {
    /// The actor that the ledger names.
    pub actor: Principal,
    /// UTC, whole microseconds.
    pub at: DateTime<Utc>,
    /// The name of the file, stored with each contract and its line.
    pub file: String,
    /// Whether nothing is stored.
    pub is_dry_run: bool,
}

/// The recorded contracts, by department and number.
type RecordedContracts = HashMap<(DepartmentId, String), ContractRow>;

/// A running import of a list of contracts.
#[derive(Debug)]
pub struct ContractListImport<'a> {
    db: &'a Database,
    import: ContractImport,
    viewer: Viewer,
    vendors: VendorRegister,
    /// The contracts of the rows before, which a dry run did not store.
    unstored: RecordedContracts,
    /// The lines of the rows before whose contracts are recorded, by department and number.
    lines: HashMap<(DepartmentId, String), u64>,
    registered: u64,
}

impl<'a> ContractListImport<'a> {
    /// Begins an import. Loads the names of all organizations.
    ///
    /// # Errors
    /// Database faults only.
    #[tracing::instrument(skip_all)]
    pub async fn begin(db: &'a Database, import: ContractImport) -> Result<Self> {
        let viewer = Viewer::of_actor(import.actor.clone(), import.at);
        let vendors = VendorRegister::load(&db.read, viewer.clone()).await?;
        let (unstored, lines) = (HashMap::new(), HashMap::new());
        Ok(Self { db, import, viewer, vendors, unstored, lines, registered: 0 })
    }

    /// Records the contracts of the next rows in one transaction, in their order, and registers their unknown
    /// contractors. A refused row leaves nothing behind and does not stop the others.
    ///
    /// # Errors
    /// Database faults only; then none of these rows was recorded.
    #[tracing::instrument(skip_all)]
    pub async fn import_rows(&mut self, rows: &[ContractFileRow]) -> Result<Vec<ImportedRow>> {
        /// The number of retries after another transaction claimed one of the identifiers or numbers at
        /// the same time. The next try sees its result.
        const RETRIES: usize = 3;
        for _ in 0..RETRIES {
            match self.import_batch(rows).await {
                Err(Fault::Conflict(_)) if !self.import.is_dry_run => {
                    // The register knows contractors of the failed try that nobody registered.
                    self.vendors = VendorRegister::load(&self.db.read, self.viewer.clone()).await?;
                }
                result => return result,
            }
        }
        self.import_batch(rows).await
    }

    /// The number of contractors that were registered; in a dry run, that would have been.
    #[must_use]
    pub const fn count_registered(&self) -> u64 {
        self.registered
    }

    async fn import_batch(&mut self, rows: &[ContractFileRow]) -> Result<Vec<ImportedRow>> {
        let tx = self.db.begin().await?;
        let today = policy::service::load_timeline(&*tx).await?.local_date(self.import.at);
        let departments = organization::service::load_departments_by_code_and_name(&*tx).await?;
        let (mut imported, mut parsed) = (BTreeMap::<u64, ImportedRow>::new(), Vec::new());
        for row in rows {
            let line = row.line;
            let department = departments.get(&row.department.trim().to_lowercase());
            let code = department.map(|it| it.code.clone());
            match parse_row(row.clone(), &departments, today) {
                Ok(row) => parsed.push((row, code)),
                Err(reason) => {
                    let outcome = RowOutcome::Refused(reason);
                    imported.insert(line, ImportedRow { line, department: code, outcome });
                }
            }
        }
        let vendors = parsed.iter().map(|(row, _)| vendor(&row.source)).collect();
        let vendors = self.vendors.find(&*tx, vendors).await?;
        let numbers = parsed.iter().map(|(row, _)| row.contract.number.clone());
        let masters = parsed.iter().map(|(row, _)| row.source.master.clone());
        let numbers = numbers.chain(masters.filter(|number| !number.is_empty())).collect();
        let mut recorded = load_recorded(&tx, numbers).await?;
        if self.import.is_dry_run {
            recorded.extend(self.unstored.clone());
        }
        let (mut new_rows, mut lines) = (Vec::new(), HashMap::new());
        for ((row, department), vendor) in parsed.into_iter().zip(vendors) {
            let line = row.source.line;
            let outcome = match self.vendors.holder(vendor) {
                Err(reason) => RowOutcome::Refused(reason),
                Ok(holder) => {
                    let key = (row.department, row.contract.number.clone());
                    let first_line = lines.get(&key).or_else(|| self.lines.get(&key)).copied();
                    let context = RowContext {
                        recorded: &recorded,
                        viewer: &self.viewer,
                        import: &self.import,
                        first_line,
                    };
                    let outcome = match row.compare_with_recorded(holder.id(), context) {
                        Ok(row) => {
                            self.vendors.keep(holder);
                            recorded.insert(key.clone(), row.clone());
                            new_rows.push(row);
                            RowOutcome::Recorded
                        }
                        Err(outcome) => outcome,
                    };
                    if !matches!(outcome, RowOutcome::Refused(_)) {
                        lines.insert(key, line);
                    }
                    outcome
                }
            };
            imported.insert(line, ImportedRow { line, department, outcome });
        }
        if self.import.is_dry_run {
            let unstored = new_rows.into_iter();
            self.unstored
                .extend(unstored.map(|row| ((row.department_id, row.number.clone()), row)));
            self.registered = self.vendors.count_new();
            self.lines.extend(lines);
            return Ok(imported.into_values().collect());
        }
        let locked = lock_status_inputs_of_rows(&tx, &self.viewer, &new_rows).await?;
        let registered = self.vendors.register(&tx).await?;
        insert_contracts(&tx, &self.viewer, new_rows, &locked).await?;
        tx.commit().await?;
        self.registered += registered;
        self.lines.extend(lines);
        Ok(imported.into_values().collect())
    }
}

/// Loads the recorded contracts with some numbers. A vendor in the file is the organization that goes on,
/// the recorded one may have been merged.
async fn load_recorded(tx: &Tx, numbers: Vec<String>) -> Result<RecordedContracts> {
    let mut rows = store::list_by_numbers(&**tx, numbers).await?;
    let awarded_to = rows.iter().map(|row| row.awarded_to.uuid()).collect();
    let groups = organization::service::load_groups(&**tx, awarded_to).await?;
    for row in &mut rows {
        row.awarded_to = groups.survivor_of(row.awarded_to);
    }
    Ok(rows.into_iter().map(|row| ((row.department_id, row.number.clone()), row)).collect())
}

/// What a row is compared with.
#[derive(Clone, Copy)]
struct RowContext<'a> {
    recorded: &'a RecordedContracts,
    viewer: &'a Viewer,
    import: &'a ContractImport,
    /// The line of an earlier row of the file with the same contract, if there is one. Another file of the
    /// same name is no reason to refuse a row.
    first_line: Option<u64>,
}

/// A parsed row, before it is compared with the recorded contracts.
struct ParsedRow {
    /// The row, with the number of its master contract normalized.
    source: ContractFileRow,
    department: DepartmentId,
    /// The contract without its holder.
    input: ContractInput,
    contract: ValidContract,
}

impl ParsedRow {
    /// The row of the new contract of `holder`, or the outcome if its number is already recorded.
    fn compare_with_recorded(
        self,
        holder: OrganizationId,
        context: RowContext<'_>,
    ) -> Result<ContractRow, RowOutcome> {
        let RowContext { recorded, viewer, import, first_line } = context;
        let Self { source: row, department, mut input, contract } = self;
        input.organization_id = holder;
        let file = &*import.file;
        let source = format!("{file}:{}", row.line);
        let number = &row.master;
        if !number.is_empty() {
            let Some(master) = recorded.get(&(department, number.clone())) else {
                return Err(RowOutcome::Refused(format!(
                    "master: the department has no contract {number}; move its row before this one"
                )));
            };
            input.master_id = Some(master.id);
        }
        let id = ContractId::generate();
        let new = new_contract_row(id, &input, &contract, viewer, Some(source));
        let Some(existing) = recorded.get(&(department, new.number.clone())) else {
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
        if let Some(first) = first_line {
            return Err(RowOutcome::Refused(format!(
                "number: {} occurs twice in the file, first at {file}:{first}; remove one of the rows",
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
    Vendor {
        legal_name: row.vendor.clone(),
        identifiers: row.identifiers.clone(),
        is_new: parse_boolean(&row.new_vendor) == Some(true),
    }
}

/// Locks what the status of new contracts is computed from: their holders, the members of joint ventures, and the
/// policy in force (see [`super::record::lock_status_inputs`]). Returns the organizations, also those that are still
/// to be registered.
async fn lock_status_inputs_of_rows(
    tx: &Tx,
    viewer: &Viewer,
    new_rows: &[ContractRow],
) -> Result<HashSet<OrganizationId>> {
    if new_rows.is_empty() {
        return Ok(HashSet::new());
    }
    let mut ids: HashSet<_> = new_rows.iter().map(|row| row.organization_id).collect();
    let ventures = load_ventures(tx, viewer, new_rows).await?;
    ids.extend(ventures.values().flatten().filter_map(|member| member.resolution.organization));
    organization::service::lock_organizations(tx, ids.iter().copied().collect()).await?;
    policy::service::lock_version_in_force(tx, viewer.now).await?;
    Ok(ids)
}

/// Loads the members of those holders of contracts that are joint ventures.
async fn load_ventures(
    tx: &Tx,
    viewer: &Viewer,
    rows: &[ContractRow],
) -> Result<HashMap<OrganizationId, Vec<ResolvedParty>>> {
    let holders: HashSet<OrganizationId> = rows.iter().map(|row| row.organization_id).collect();
    let mut ventures =
        list_current_members(&**tx, holders.into_iter().collect(), viewer.now).await?;
    let members = ventures.values_mut().flatten().collect();
    let by = SearchBy::NumberOrName;
    organization::service::resolve_pending_parties(&**tx, members, by, viewer.now).await?;
    Ok(ventures)
}

/// Inserts new contracts with their status, parties, terms and ledger entries.
///
/// # Errors
/// `Conflict` if a member of a joint venture is none of the `locked` organizations.
async fn insert_contracts(
    tx: &Tx,
    viewer: &Viewer,
    new_rows: Vec<ContractRow>,
    locked: &HashSet<OrganizationId>,
) -> Result<()> {
    if new_rows.is_empty() {
        return Ok(());
    }
    let ventures = load_ventures(tx, viewer, &new_rows).await?;
    let mut members = ventures.values().flatten().filter_map(|it| it.resolution.organization);
    if !members.all(|member| locked.contains(&member)) {
        return Err(Fault::conflict("a member of a joint venture has just registered; try again"));
    }
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

/// The boolean of a cell; false for an empty one, none for another word.
fn parse_boolean(cell: &str) -> Option<bool> {
    match cell.trim().to_lowercase().as_str() {
        "" | "false" | "no" | "n" | "0" => Some(false),
        "true" | "yes" | "y" | "1" => Some(true),
        _ => None,
    }
}

/// Adds an error for each cell that a spreadsheet has changed, by its column.
fn refuse_spreadsheet_damage(row: &ContractFileRow, errors: &mut InputErrors) {
    let column = FieldPath::default();
    for (name, text) in [("number", &row.number), ("master", &row.master)] {
        if is_shortened_number(text) {
            let text = text.trim().to_owned();
            errors.add(&column.at(name), UserMessage::NumberShortened { text });
        }
    }
    for (name, text) in [
        ("signed_on", &row.signed_on),
        ("start_date", &row.start_date),
        ("end_date", &row.end_date),
    ] {
        if let Some(day) = day_of_serial(text) {
            let text = text.trim().to_owned();
            errors.add(&column.at(name), UserMessage::DayIsSerialNumber { text, day });
        }
    }
}

/// Parses a row, or lists the errors by column.
fn parse_row(
    mut row: ContractFileRow,
    departments: &HashMap<String, ListedDepartment>,
    today: chrono::NaiveDate,
) -> Result<ParsedRow, String> {
    let (column, mut errors) = (FieldPath::default(), InputErrors::default());
    refuse_spreadsheet_damage(&row, &mut errors);
    row.master =
        validate_optional(&row.master, rules::MAX_NUMBER_CHARS, &column.at("master"), &mut errors);
    let name =
        validate_optional(&row.department, MAX_LINE_CHARS, &column.at("department"), &mut errors);
    let department = departments.get(&name.to_lowercase()).map(|it| it.id);
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
    let mut boolean = |text: &str, name: &str| {
        let value = parse_boolean(text);
        if value.is_none() {
            errors.add(&column.at(name), UserMessage::TrueOrFalseRequired);
        }
        value.unwrap_or_default()
    };
    let public_works = boolean(&row.public_works, "public_works");
    boolean(&row.new_vendor, "new_vendor");
    let currency = if row.currency.trim().is_empty() { "USD" } else { row.currency.trim() };
    let date = |text: &str| Date::from(text.trim().to_owned());
    let signed = Some(date(&row.signed_on)).filter(|_| !row.signed_on.trim().is_empty());
    let input = ContractInput {
        department_id: department.unwrap_or_else(DepartmentId::generate),
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
    let errors: Vec<(String, String)> = errors
        .into_errors()
        .into_iter()
        .map(|error| (error.path.join("."), error.message.english()))
        .collect();
    let has_error = |name: &str| errors.iter().any(|(column, _)| column == name);
    let mut messages: Vec<String> =
        errors.iter().map(|(column, message)| format!("{column}: {message}")).collect();
    match (contract, department) {
        (Ok(contract), Some(department)) if messages.is_empty() => {
            Ok(ParsedRow { source: row, department, input, contract })
        }
        (Ok(_), _) => Err(messages.join("; ")),
        (Err(Fault::Invalid(refused)), _) => {
            // What a spreadsheet has changed is said once.
            messages.extend(refused.into_iter().filter_map(|error| {
                let column = error.path.get(1).map_or("row", |field| column_of_field(field));
                (!has_error(column)).then(|| format!("{column}: {}", error.message.english()))
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
