//! `candor import contracts`
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use candor_schema::contracting::service::{ContractImport, ContractFileRow, RowOutcome, import_contracts};
use candor_schema::database::Database;
use candor_schema::organization::model::{Identifier, IdentifierScheme};
use candor_schema::principal::ServiceActor;
use chrono::{DateTime, Utc};
use clap::Args;

use crate::command::table::{Row, Table};
use crate::command::{open, told as in_words};
use crate::config::Config;

const REQUIRED: [&str; 7] =
    ["number", "department", "vendor", "title", "value", "start_date", "end_date"];
const KNOWN: [&str; 9] = [
    "currency",
    "signed_on",
    "options_left",
    "method",
    "public_works",
    "clause_version",
    "master",
    "vendor_number",
    "uei",
];
/// How many rows are recorded at a time: together, or none of them.
const BATCH: usize = 500;
/// Whom the ledger names.
const ACTOR: ServiceActor = ServiceActor::ImportContractsCommand;

const COLUMNS: &str = "\
Columns (CSV with a first line of names, in any order):
  number          the contract's, one of a kind in its department
  department      its code or its name, as it is registered
  vendor          the contractor's legal name
  title           what it is for
  value           what it comes to, as 125000.00
  start_date      its first day, as 2024-07-01
  end_date        its last day
and, where they are known:
  currency        [USD]
  signed_on       [the first day]
  options_left    [0]
  method          BIDS, PROPOSALS, SOLE_SOURCE, EMERGENCY, COOPERATIVE, SMALL_PURCHASE,
                  LEASE_OR_CONCESSION or GRANT
  public_works    true or false [false]
  clause_version  the version of the disclosure clause that stands in it [none]
  master          the number of the master contract that it is an order under
  vendor_number   the City's number of the vendor
  uei             the federal Unique Entity Identifier

A contractor is found by its numbers, or else by its legal name to the letter; one that nobody
knows is registered. A row whose contract is recorded already changes nothing.

Exit: 0 every row is in, 1 some are not (each is told with its line), 2 asked wrongly.

Example:
  candor import contracts contracts.csv";

/// Records contracts that were made outside the service, as a file lists them.
#[derive(Debug, Args)]
#[command(after_help = COLUMNS)]
pub struct Arguments {
    /// The list (CSV).
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// How many rows of a list came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Contracts that are recorded now.
    pub recorded: u64,
    /// Rows whose contracts were recorded already, with the same in them.
    pub unchanged: u64,
    /// Rows that are not in.
    pub refused: u64,
    /// Contractors that nobody knew.
    pub registered: u64,
}

pub(super) async fn run(arguments: Arguments, config: &Config) -> Result<()> {
    let database = open(config).await?;
    let now = config.clock.now();
    let count = import_contracts(&database, &arguments.file, now, &mut stdout()).await?;
    let Count { recorded, unchanged, refused, registered } = count;
    println!("contracts recorded: {recorded}");
    println!("recorded already, and the same: {unchanged}");
    println!("rows that are not in: {refused}");
    println!("contractors registered: {registered}");
    if refused > 0 {
        bail!("{refused} rows are not in; mend them and import the file again: the others stay");
    }
    Ok(())
}

/// Records the contracts of a list, so many rows a transaction. Each row that is not in is written
/// to `told`, with its line and why; the bar that tells how far it is goes to stderr.
///
/// # Errors
/// If the file cannot be read or lacks a column, or the database fails: what was recorded stays.
pub async fn import_contracts(
    database: &Database,
    file: &Path,
    now: DateTime<Utc>,
    told: &mut impl Write,
) -> Result<Count> {
    let mut table = Table::open(file, &REQUIRED, &KNOWN)?;
    if !table.ignored.is_empty() {
        eprintln!("these columns are not read: {}", table.ignored.join(", "));
    }
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
    let by = ContractImport { actor: ACTOR, at: now, file: name.unwrap_or_default() };
    let (mut count, mut rows) = (Count::default(), Vec::with_capacity(BATCH));
    loop {
        let mut refused = None;
        let at_end = match table.next() {
            Some(Ok(row)) => {
                rows.push(read(&row));
                false
            }
            Some(Err(why)) => {
                refused = Some(why);
                false
            }
            None => true,
        };
        if let Some((line, why)) = refused {
            refuse(&table, &mut count, told, &format!("{}:{line}: {why}", by.file))?;
        }
        if rows.len() == BATCH || (at_end && !rows.is_empty()) {
            let batch = std::mem::replace(&mut rows, Vec::with_capacity(BATCH));
            record(database, &by, batch, &table, (&mut count, told)).await?;
        }
        if at_end {
            table.bar.finish_and_clear();
            return Ok(count);
        }
    }
}

fn read(row: &Row<'_>) -> ContractFileRow {
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
    }
}

async fn record(
    database: &Database,
    by: &ContractImport,
    rows: Vec<ContractFileRow>,
    table: &Table,
    (count, told): (&mut Count, &mut impl Write),
) -> Result<()> {
    let (outcomes, registered) = import_contracts(database, by, rows).await.map_err(in_words)?;
    count.registered += registered;
    for (line, outcome) in outcomes {
        match outcome {
            RowOutcome::Recorded => count.recorded += 1,
            RowOutcome::Unchanged => count.unchanged += 1,
            RowOutcome::Refused(why) => {
                refuse(table, count, told, &format!("{}:{line}: {why}", by.file))?;
            }
        }
    }
    let Count { recorded, unchanged, refused, .. } = count;
    let rows = *recorded + *unchanged + *refused;
    let seconds = table.bar.elapsed().as_secs().max(1);
    table.bar.set_message(format!("{rows} rows, {} a second", rows / seconds));
    Ok(())
}

/// Tells a row that is not in, without tearing the bar.
fn refuse(table: &Table, count: &mut Count, told: &mut impl Write, why: &str) -> Result<()> {
    count.refused += 1;
    table.bar.suspend(|| writeln!(told, "{why}")).context("cannot tell what is not in")
}
