//! `candor import federal-awards`: imports award files of USAspending.
use std::io::{Write, stdout};
use std::path::PathBuf;

use anyhow::{Result, bail};
use candor_schema::award::service::count_recipients_and_awards;
use candor_schema::database::Database;
use candor_schema::principal::ServiceActor;
use chrono::{DateTime, NaiveDate, Utc};
use clap::Args;

use crate::command::{fault_message, open_database};
use crate::config::Config;
use crate::import::{
    AwardImportOptions, AwardImportSummary, ImportRun, TextReport, import_awards, parse_day_span,
};

/// The actor in the ledger's entries.
const ACTOR: ServiceActor = ServiceActor::Service;

const AFTER: &str = "\
The files are those of USAspending, unchanged (CSV, or the zip archive): prime award summaries,
prime transactions and subawards of contracts and assistance, also by the column names of 2017 and
2018, and the short listing of the search for transactions. The columns of a file show which kind it
is.

An award is identified by its key. Importing it again changes only the fields that differ; of two
rows about an award, that with the later action decides. The transactions of an award are summed,
unless a summary gives its total. A row of a delta file with correction_delete_ind D removes its
transaction. To resume an interrupted import, import the same file again.

A file without one of its earlier transactions does not remove it, because files have only a part of
all days. Say with --complete in which span of days the files have every transaction of their
awards: then those transactions that they do not have are removed, and changed amounts replace the
earlier ones, except transactions whose last_modified_date is later than any in the files.

A day such as 01/09/2021 is read in the order of the other days of its column; where they do not
show it, this day is left out, with a message. An end before the award was signed is left out.

At the end every organization is matched with the new and changed recipients.

Exit: 0 every row was imported, 1 some rows were rejected (each is listed with its line), 2 invalid
arguments or settings.

Examples:
  candor import federal-awards PrimeAwardSummariesAndSubawards.zip
  candor import federal-awards contracts_2024.csv contracts_2025.csv
  candor import federal-awards FY2025_070_Contracts_Full.zip --complete 2024-10-01..2025-09-30";

/// Imports federal awards from files of USAspending.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub struct Arguments {
    /// The files (CSV or zip).
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Import the awards of every agency, not only those of the Department of Homeland Security.
    /// Awards of other agencies are never matched.
    #[arg(long)]
    every_agency: bool,
    /// The files have every transaction of their awards from the first to the last of these days, such
    /// as 2024-10-01..2025-09-30.
    #[arg(long, value_name = "FROM..TO", value_parser = parse_day_span)]
    complete: Option<(NaiveDate, NaiveDate)>,
}

pub(super) async fn run(arguments: Arguments, config: &Config) -> Result<()> {
    let Arguments { files, every_agency, complete } = arguments;
    let database = open_database(config).await?;
    let now = config.clock.now();
    let options = AwardImportOptions { every_agency, complete };
    let count = import_award_files(&database, &files, options, now, &mut stdout()).await?;
    let AwardImportSummary { new, changed, removed, unchanged, other_agencies, rejected, matches } =
        count;
    println!("rows with a new award: {new}");
    println!("rows that updated a known award: {changed}");
    if removed > 0 {
        println!("transactions removed: {removed}");
    }
    println!("rows without new data: {unchanged}");
    println!("rows of other departments, skipped: {other_agencies}");
    println!("rows rejected: {rejected}");
    let (recipients, awards) =
        count_recipients_and_awards(&database).await.map_err(fault_message)?;
    println!("all imported awards: {awards} of {recipients} recipients");
    println!("new or changed matches with organizations: {matches}");
    if rejected > 0 {
        bail!("fix the rejected rows and import the file again; the other rows were imported");
    }
    Ok(())
}

/// Imports the awards of some files, as [`import_award_files`] does. The files only add transactions.
///
/// # Errors
/// As [`import_award_files`].
pub async fn import_federal_awards(
    database: &Database,
    files: &[PathBuf],
    every_agency: bool,
    now: DateTime<Utc>,
    output: &mut impl Write,
) -> Result<AwardImportSummary> {
    let options = AwardImportOptions { every_agency, complete: None };
    import_award_files(database, files, options, now, output).await
}

/// Imports the awards of some files, and matches every organization with the changes. It writes each
/// rejected row to `output`, with its line and the reason, and a progress bar to stderr.
///
/// # Errors
/// If a file cannot be read or is not an award file, or the database fails. Committed batches stay
/// imported.
pub async fn import_award_files(
    database: &Database,
    files: &[PathBuf],
    options: AwardImportOptions,
    now: DateTime<Utc>,
    output: &mut impl Write,
) -> Result<AwardImportSummary> {
    let run = ImportRun { actor: ACTOR.into(), at: now, is_dry_run: false };
    import_awards(database, files, options, run, &mut TextReport::new(output)).await
}
