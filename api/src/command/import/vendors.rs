//! `candor import vendors`: verifies and registers firms from the City's vendor list.
use std::collections::HashMap;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use candor_schema::database::Database;
use candor_schema::organization::model::{
    VendorChange, VendorFileRow, VendorImport, VendorOutcome,
};
use candor_schema::organization::service::{VendorListImport, insert_missing_names};
use candor_schema::principal::ServiceActor;
use chrono::{DateTime, Utc};
use clap::Args;
use indicatif::ProgressBar;

use crate::command::table::{Row, Table};
use crate::command::{fault_message, open_database};
use crate::config::Config;

const REQUIRED_COLUMNS: [&str; 2] = ["number", "name"];
const OPTIONAL_COLUMNS: [&str; 5] = ["tax_number", "uei", "city", "state", "email"];
/// The number of rows in one transaction.
const BATCH_ROWS: usize = 250;
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

/// The result of an import of vendors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VendorImportSummary {
    /// The number of newly registered firms.
    pub registered: u64,
    /// The number of registered firms with newly verified numbers.
    pub verified: u64,
    /// The number of rows without anything new.
    pub unchanged: u64,
    /// The number of rejected rows.
    pub rejected: u64,
    /// The number of invited signatories.
    pub invited: u64,
    /// The number of proposed merges.
    pub proposed_merges: u64,
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
    let mut table = Table::open(file, &REQUIRED_COLUMNS, &OPTIONAL_COLUMNS)?;
    if !table.ignored_columns.is_empty() {
        eprintln!("unknown columns, ignored: {}", table.ignored_columns.join(", "));
    }
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
    let import = VendorImport { actor: ACTOR, at: now, file: name.unwrap_or_default(), is_dry_run };
    let (bar, summary) = (table.bar.clone(), VendorImportSummary::default());
    insert_missing_names(database).await.map_err(fault_message)?;
    let (name, lines) = (import.file.clone(), HashMap::new());
    let import = VendorListImport::new(database, import);
    let mut importer = Importer { import, file: name, bar, summary, lines, output };
    let mut rows = Vec::with_capacity(BATCH_ROWS);
    loop {
        let is_end = match table.next() {
            Some(Ok(row)) => {
                let row = vendor_row(&row);
                if importer.is_first(&row)? {
                    rows.push(row);
                }
                false
            }
            Some(Err((line, message))) => {
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
            return Ok(importer.summary);
        }
    }
}

/// Reads a row's cells by column; a missing column gives an empty text.
fn vendor_row(row: &Row<'_>) -> VendorFileRow {
    VendorFileRow {
        line: row.line,
        number: row.cell("number"),
        name: row.cell("name"),
        tax_number: row.cell("tax_number"),
        uei: row.cell("uei"),
        city: row.cell("city"),
        state: row.cell("state"),
        email: row.cell("email"),
    }
}

/// A running import.
struct Importer<'a, W> {
    import: VendorListImport<'a>,
    /// The name of the file.
    file: String,
    bar: ProgressBar,
    summary: VendorImportSummary,
    /// The first line of each vendor number.
    lines: HashMap<String, u64>,
    output: &'a mut W,
}

impl<W: Write> Importer<'_, W> {
    /// Returns whether no earlier row has the vendor number; rejects the row otherwise.
    fn is_first(&mut self, row: &VendorFileRow) -> Result<bool> {
        let number = row.number.trim().to_uppercase();
        if number.is_empty() {
            return Ok(true);
        }
        let first = *self.lines.entry(number).or_insert(row.line);
        if first != row.line {
            let number = row.number.trim();
            let message = format!(
                "number: {number} occurs twice in the file, first on line {first}; remove one of the rows"
            );
            self.reject(row.line, &message)?;
        }
        Ok(first == row.line)
    }

    /// Imports rows in one transaction.
    async fn import_batch(&mut self, rows: Vec<VendorFileRow>) -> Result<()> {
        let imported = self.import.import_rows(&rows).await;
        for outcome in imported.map_err(fault_message)? {
            let VendorOutcome { line, change, is_invited, proposed_merges, warnings } = outcome;
            match change {
                VendorChange::Registered => self.summary.registered += 1,
                VendorChange::Verified => self.summary.verified += 1,
                VendorChange::Unchanged => self.summary.unchanged += 1,
                VendorChange::Refused(message) => self.reject(line, &message)?,
            }
            self.summary.invited += u64::from(is_invited);
            for warning in warnings {
                self.write(line, &format!("warning: {warning}"))?;
            }
            for merge in proposed_merges {
                self.summary.proposed_merges += 1;
                self.write(line, &format!("merge proposed: {merge}"))?;
            }
        }
        let VendorImportSummary { registered, verified, unchanged, rejected, .. } = self.summary;
        let rows = registered + verified + unchanged + rejected;
        let seconds = self.bar.elapsed().as_secs().max(1);
        self.bar.set_message(format!("{rows} rows, {} per second", rows / seconds));
        Ok(())
    }

    /// Writes a rejected row to the output.
    fn reject(&mut self, line: u64, message: &str) -> Result<()> {
        self.summary.rejected += 1;
        self.write(line, message)
    }

    /// Writes a line about a row to the output, with the progress bar suspended.
    fn write(&mut self, line: u64, message: &str) -> Result<()> {
        let (file, output) = (&self.file, &mut *self.output);
        let written = self.bar.suspend(|| writeln!(output, "{file}:{line}: {message}"));
        written.context("cannot write the report")
    }
}
