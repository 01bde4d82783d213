//! `candor import contracts`: records contracts from a list.
use std::collections::BTreeMap;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use candor_schema::contracting::service::{
    ContractFileRow, ContractImport, ContractListImport, ImportedRow, RowOutcome,
};
use candor_schema::database::Database;
use candor_schema::organization::model::{Identifier, IdentifierScheme};
use candor_schema::organization::service::insert_missing_names;
use candor_schema::principal::ServiceActor;
use chrono::{DateTime, Utc};
use clap::Args;
use indicatif::ProgressBar;

use crate::command::table::{Row, Table};
use crate::command::{fault_message, open_database};
use crate::config::Config;

const REQUIRED_COLUMNS: [&str; 7] =
    ["number", "department", "vendor", "title", "value", "start_date", "end_date"];
const OPTIONAL_COLUMNS: [&str; 10] = [
    "currency",
    "signed_on",
    "options_left",
    "method",
    "public_works",
    "clause_version",
    "master",
    "vendor_number",
    "uei",
    "new_vendor",
];
/// The number of rows in one transaction.
const BATCH_ROWS: usize = 500;
/// The actor in the ledger's entries.
const ACTOR: ServiceActor = ServiceActor::ImportContractsCommand;

const COLUMNS: &str = "\
Columns (CSV with a header line, in any order):
  number          the contract number, unique in its department
  department      the code or name of a registered department
  vendor          the contractor's legal name
  title           the subject of the contract
  value           the contract value, such as 125000.00
  start_date      the first day, such as 2024-07-01
  end_date        the last day
Optional columns, with their [defaults]:
  currency        [USD]
  signed_on       [the first day]
  options_left    [0]
  method          BIDS, PROPOSALS, SOLE_SOURCE, EMERGENCY, COOPERATIVE, SMALL_PURCHASE,
                  LEASE_OR_CONCESSION or GRANT
  public_works    true or false [false]
  clause_version  the version of the disclosure clause in the contract [none]
  master          the number of the master contract of this order
  vendor_number   the City's number of the vendor
  uei             the federal Unique Entity Identifier
  new_vendor      yes if the contractor is none of the registered firms with a similar name [no]

A contractor is found by its identifiers, or else by its exact name. An unknown one is registered with
its first contract. A row is rejected if its contractor's name is probably that of a registered firm:
give that firm's name or number, or write yes in new_vendor. A row whose contract is already recorded
changes nothing, and a rejected row leaves nothing behind.

Exit: 0 every row was imported, 1 some rows were rejected (each is listed with its line), 2 invalid
arguments or settings.

Examples:
  candor import contracts contracts.csv --dry-run
  candor import contracts contracts.csv";

/// Records contracts that were made outside Candor, from a CSV file.
#[derive(Debug, Args)]
#[command(after_help = COLUMNS)]
pub struct Arguments {
    /// The list of contracts (CSV).
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Store nothing; say what would happen, by department.
    #[arg(long)]
    dry_run: bool,
}

/// The result of an import of contracts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContractImportSummary {
    /// The number of newly recorded contracts.
    pub recorded: u64,
    /// The number of rows whose contracts were already recorded with the same data.
    pub unchanged: u64,
    /// The number of rejected rows.
    pub rejected: u64,
    /// The number of newly registered contractors.
    pub registered: u64,
    /// The numbers of rows by the code of their department; empty for rows of no known one.
    pub by_department: BTreeMap<String, RowCounts>,
}

/// The numbers of rows of a department by their result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowCounts {
    pub recorded: u64,
    pub unchanged: u64,
    pub rejected: u64,
}

pub(super) async fn run(arguments: Arguments, config: &Config) -> Result<()> {
    let Arguments { file, dry_run } = arguments;
    let database = open_database(config).await?;
    let now = config.clock.now();
    let summary = import_contracts(&database, &file, dry_run, now, &mut stdout()).await?;
    let ContractImportSummary { recorded, unchanged, rejected, registered, by_department } =
        summary;
    if dry_run {
        for (code, RowCounts { recorded, unchanged, rejected }) in by_department {
            let code = if code.is_empty() { "no known department" } else { &*code };
            println!(
                "{code}: {recorded} to record, {unchanged} already recorded, {rejected} rejected"
            );
        }
    }
    println!("contracts recorded: {recorded}");
    println!("contracts already recorded: {unchanged}");
    println!("rows rejected: {rejected}");
    println!("contractors registered: {registered}");
    if dry_run {
        println!("dry run: nothing was stored");
    }
    if rejected > 0 {
        bail!("fix the rejected rows and import the file again; it changes nothing twice");
    }
    Ok(())
}

/// Records the contracts of a list; in a dry run it stores nothing. It writes each rejected row to
/// `output`, with its line and the reason, and a progress bar to stderr.
///
/// # Errors
/// If the file cannot be read or lacks a column, or the database fails. Committed batches stay
/// recorded.
pub async fn import_contracts(
    database: &Database,
    file: &Path,
    is_dry_run: bool,
    now: DateTime<Utc>,
    output: &mut impl Write,
) -> Result<ContractImportSummary> {
    let mut table = Table::open(file, &REQUIRED_COLUMNS, &OPTIONAL_COLUMNS)?;
    insert_missing_names(database).await.map_err(fault_message)?;
    if !table.ignored_columns.is_empty() {
        eprintln!("unknown columns, ignored: {}", table.ignored_columns.join(", "));
    }
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let import = ContractImport { actor: ACTOR, at: now, file: name.clone(), is_dry_run };
    let import = ContractListImport::begin(database, import).await.map_err(fault_message)?;
    let (bar, summary) = (table.bar.clone(), ContractImportSummary::default());
    let mut importer = Importer { import, file: name, bar, summary, output };
    let mut rows = Vec::with_capacity(BATCH_ROWS);
    loop {
        let is_end = match table.next() {
            Some(Ok(row)) => {
                rows.push(contract_row(&row));
                false
            }
            Some(Err((line, message))) => {
                importer.count(None).rejected += 1;
                importer.reject(line, &message)?;
                false
            }
            None => true,
        };
        if rows.len() == BATCH_ROWS || (is_end && !rows.is_empty()) {
            let batch = std::mem::replace(&mut rows, Vec::with_capacity(BATCH_ROWS));
            importer.import_batch(batch).await?;
        }
        if is_end {
            table.print_notes();
            importer.bar.finish_and_clear();
            importer.summary.registered = importer.import.count_registered();
            return Ok(importer.summary);
        }
    }
}

/// Reads a row's cells by column; a missing column gives an empty text.
fn contract_row(row: &Row<'_>) -> ContractFileRow {
    let identifier = |column: &str, scheme| {
        let id = row.cell(column).trim().to_owned();
        (!id.is_empty()).then_some(Identifier { scheme, id })
    };
    let identifiers = [
        identifier("vendor_number", IdentifierScheme::CityVendor),
        identifier("uei", IdentifierScheme::Uei),
    ];
    ContractFileRow {
        line: row.line,
        number: row.cell("number"),
        department: row.cell("department"),
        vendor: row.cell("vendor"),
        identifiers: identifiers.into_iter().flatten().collect(),
        title: row.cell("title"),
        value: row.cell("value"),
        currency: row.cell("currency"),
        signed_on: row.cell("signed_on"),
        start_date: row.cell("start_date"),
        end_date: row.cell("end_date"),
        options_left: row.cell("options_left"),
        method: row.cell("method"),
        public_works: row.cell("public_works"),
        clause_version: row.cell("clause_version"),
        master: row.cell("master"),
        new_vendor: row.cell("new_vendor"),
    }
}

/// A running import.
struct Importer<'a, W> {
    import: ContractListImport<'a>,
    /// The name of the file.
    file: String,
    bar: ProgressBar,
    summary: ContractImportSummary,
    output: &'a mut W,
}

impl<W: Write> Importer<'_, W> {
    /// Imports rows in one transaction.
    async fn import_batch(&mut self, rows: Vec<ContractFileRow>) -> Result<()> {
        let imported = self.import.import_rows(&rows).await.map_err(fault_message)?;
        for ImportedRow { line, department, outcome } in imported {
            let counts = self.count(department);
            match outcome {
                RowOutcome::Recorded => {
                    counts.recorded += 1;
                    self.summary.recorded += 1;
                }
                RowOutcome::Unchanged => {
                    counts.unchanged += 1;
                    self.summary.unchanged += 1;
                }
                RowOutcome::Refused(message) => {
                    counts.rejected += 1;
                    self.reject(line, &message)?;
                }
            }
        }
        let ContractImportSummary { recorded, unchanged, rejected, .. } = self.summary;
        let rows = recorded + unchanged + rejected;
        let seconds = self.bar.elapsed().as_secs().max(1);
        self.bar.set_message(format!("{rows} rows, {} per second", rows / seconds));
        Ok(())
    }

    /// The counts of a department, by its code.
    fn count(&mut self, department: Option<String>) -> &mut RowCounts {
        self.summary.by_department.entry(department.unwrap_or_default()).or_default()
    }

    /// Writes a rejected row to the output, with the progress bar suspended.
    fn reject(&mut self, line: u64, message: &str) -> Result<()> {
        self.summary.rejected += 1;
        let (file, output) = (&self.file, &mut *self.output);
        let written = self.bar.suspend(|| writeln!(output, "{file}:{line}: {message}"));
        written.context("cannot write a rejected row")
    }
}
