//! `candor import vendors`: verifies and registers firms from the City's vendor list.
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use candor_schema::database::Database;
use candor_schema::principal::ServiceActor;
use chrono::{DateTime, Utc};
use clap::Args;

use crate::command::open_database;
use crate::config::Config;
use crate::import::{ImportRun, TextReport, VendorImportSummary, import_vendor_list};

/// The actor in the ledger's entries.
const ACTOR: ServiceActor = ServiceActor::ImportVendorsCommand;

const COLUMNS: &str = "\
Columns (CSV with a header line, in any order):
  number      the City's vendor number, once in the file
  name        the vendor's legal name
Optional columns:
  tax_number  the City's tax registration number; never a social security number
  uei         the federal Unique Entity Identifier
  city        the city of the vendor's address
  state       its state, such as CA
  email       the e-mail address of the first signatory, who is invited if nobody acts for the firm

A vendor is found by a number that the City has verified, by a number that it claims together with its
name, or by its name if nobody acts for it or it is in the same city. Its numbers become verified; a claim
of another firm to one of them becomes disputed. An unknown vendor is registered. Where a registered firm
may be the same one, a merge is proposed to the supervisors, here and in the review queue. A second import
of the same file changes nothing.

Exit: 0 every row was imported, 1 some rows were rejected (each is listed with its line), 2 invalid
arguments or settings.

Examples:
  candor import vendors vendors.csv --dry-run
  candor import vendors vendors.csv";

/// Verifies and registers firms from the City's vendor list, a CSV file.
#[derive(Debug, Args)]
#[command(after_help = COLUMNS)]
pub struct Arguments {
    /// The vendor list (CSV).
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Show what the import would do, and store nothing.
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(arguments: Arguments, config: &Config) -> Result<()> {
    let Arguments { file, dry_run } = arguments;
    let database = open_database(config).await?;
    let now = config.clock.now();
    let summary = import_vendors(&database, &file, dry_run, now, &mut stdout()).await?;
    let VendorImportSummary { registered, verified, unchanged, rejected, invited, proposed_merges } =
        summary;
    println!("firms registered: {registered}");
    println!("firms with verified numbers: {verified}");
    println!("rows without anything new: {unchanged}");
    println!("rows rejected: {rejected}");
    println!("signatories invited: {invited}");
    println!("merges proposed: {proposed_merges}");
    if dry_run {
        println!("dry run: nothing was stored");
    }
    if rejected > 0 {
        bail!("fix the rejected rows and import the file again; it changes nothing twice");
    }
    Ok(())
}

/// Imports the vendors of a list. It writes each rejected row and each proposed merge to `output`, with its
/// line, and a progress bar to stderr.
///
/// # Errors
/// If the file cannot be read or lacks a column, or the database fails. Committed batches stay stored.
pub async fn import_vendors(
    database: &Database,
    file: &Path,
    is_dry_run: bool,
    now: DateTime<Utc>,
    output: &mut impl Write,
) -> Result<VendorImportSummary> {
    let run = ImportRun { actor: ACTOR.into(), at: now, is_dry_run };
    import_vendor_list(database, file, run, &mut TextReport::new(output)).await
}
