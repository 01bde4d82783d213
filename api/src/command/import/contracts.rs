//! `candor import contracts`: records contracts from a list.
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use candor_schema::database::Database;
use candor_schema::principal::ServiceActor;
use chrono::{DateTime, Utc};
use clap::Args;

use crate::command::open_database;
use crate::config::Config;
use crate::import::{
    ContractImportSummary, ImportRun, RowCounts, TextReport, import_contract_list,
};

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
    let run = ImportRun { actor: ACTOR.into(), at: now, is_dry_run };
    import_contract_list(database, file, run, &mut TextReport::new(output)).await
}
