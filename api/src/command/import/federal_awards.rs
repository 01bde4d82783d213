//! `candor import federal-awards`: imports award files of USAspending.
use std::io::{Write, stdout};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use candor_schema::award::model::AwardFileRow;
use candor_schema::award::service::{
    ImportFile, RowOutcome, count_recipients_and_awards, find_resume_line, finish_import,
    import_rows, match_backlog,
};
use candor_schema::canonical::sha256;
use candor_schema::database::Database;
use chrono::{DateTime, Utc};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use crate::command::award_file::AwardFile;
use crate::command::{fault_message, open_database};
use crate::config::Config;

/// The number of rows in one transaction.
const BATCH_ROWS: usize = 500;

const AFTER: &str = "\
The files are those of USAspending, unchanged (CSV, or the zip archive): prime award summaries,
prime transactions and subawards of contracts and assistance, and the short listing of the search
for transactions. The columns of a file show which kind it is.

An award is identified by its key. Importing it again changes only the fields that differ. The
transactions of an award are summed, unless a summary gives its total. To resume an interrupted
import, import the same file again.

At the end every organization is matched with the new and changed recipients.

Exit: 0 every row was imported, 1 some rows were rejected (each is listed with its line), 2 invalid
arguments or settings.

Examples:
  candor import federal-awards PrimeAwardSummariesAndSubawards.zip
  candor import federal-awards contracts_2024.csv contracts_2025.csv";

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
}

/// The result of an import of federal awards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AwardImportSummary {
    /// The number of rows with a new award.
    pub new: u64,
    /// The number of rows that updated a known award.
    pub changed: u64,
    /// The number of rows without new data.
    pub unchanged: u64,
    /// The number of skipped rows with awards of other departments.
    pub other_agencies: u64,
    /// The number of rejected rows.
    pub rejected: u64,
    /// The number of new or changed matches with organizations.
    pub matches: u64,
}

pub(super) async fn run(arguments: Arguments, config: &Config) -> Result<()> {
    let Arguments { files, every_agency } = arguments;
    let database = open_database(config).await?;
    let now = config.clock.now();
    let count = import_federal_awards(&database, &files, every_agency, now, &mut stdout()).await?;
    let AwardImportSummary { new, changed, unchanged, other_agencies, rejected, matches } = count;
    println!("rows with a new award: {new}");
    println!("rows that updated a known award: {changed}");
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

/// Imports the awards of some files, and matches every organization with the changes. It writes each
/// rejected row to `output`, with its line and the reason, and a progress bar to stderr.
///
/// # Errors
/// If a file cannot be read or is not an award file, or the database fails. Committed batches stay
/// imported.
pub async fn import_federal_awards(
    database: &Database,
    files: &[PathBuf],
    every_agency: bool,
    now: DateTime<Utc>,
    output: &mut impl Write,
) -> Result<AwardImportSummary> {
    let mut importer =
        Importer { database, every_agency, now, summary: AwardImportSummary::default(), output };
    for path in files {
        for file in AwardFile::open_all(path)? {
            importer.import_file(file?).await?;
        }
    }
    let mut summary = importer.summary;
    let bar = ProgressBar::new_spinner();
    bar.set_style(ProgressStyle::with_template("{spinner} {msg}  {elapsed_precise}")?);
    bar.enable_steady_tick(Duration::from_millis(200));
    let matched = match_backlog(database, now, |done| {
        bar.set_message(format!("{done} organizations matched with the recipients"));
    });
    summary.matches = matched.await.map_err(fault_message)?;
    bar.finish_and_clear();
    Ok(summary)
}

/// A running import.
struct Importer<'a, W> {
    database: &'a Database,
    every_agency: bool,
    now: DateTime<Utc>,
    summary: AwardImportSummary,
    output: &'a mut W,
}

impl<W: Write> Importer<'_, W> {
    /// Imports a file, from where an earlier import of it was interrupted.
    async fn import_file(&mut self, mut file: AwardFile) -> Result<()> {
        let Self { database, every_agency, now, .. } = *self;
        // An import of every agency does not resume one that skipped awards of other departments.
        let sha256 = if every_agency {
            sha256(&format!("{} of every agency", file.sha256))
        } else {
            file.sha256.clone()
        };
        let source = ImportFile { name: file.name.clone(), sha256 };
        if let Some(line) = find_resume_line(database, &source).await.map_err(fault_message)? {
            eprintln!("{}: resuming after line {line}", file.name);
            let skipped = file.skip_to(line.saturating_add(1));
            skipped.map_err(|(line, message)| anyhow!("{}:{line}: {message}", file.name))?;
        }
        let mut rows = Vec::with_capacity(BATCH_ROWS);
        loop {
            let next = file.next();
            let is_end = next.is_none();
            match next {
                Some(Ok(row)) if every_agency || row.component().is_some() => rows.push(row),
                Some(Ok(_)) => self.summary.other_agencies += 1,
                Some(Err((line, message))) => self.reject(&file, line, &message)?,
                None => {}
            }
            if rows.len() == BATCH_ROWS || (is_end && !rows.is_empty()) {
                let batch = std::mem::replace(&mut rows, Vec::with_capacity(BATCH_ROWS));
                self.import_batch(&file, &source, batch).await?;
            }
            if is_end {
                break;
            }
        }
        file.bar.finish_and_clear();
        finish_import(database, &source, now).await.map_err(fault_message)
    }

    /// Imports rows in one transaction.
    async fn import_batch(
        &mut self,
        file: &AwardFile,
        source: &ImportFile,
        rows: Vec<AwardFileRow>,
    ) -> Result<()> {
        let outcomes = import_rows(self.database, source, self.now, rows).await;
        for (line, outcome) in outcomes.map_err(fault_message)? {
            match outcome {
                RowOutcome::New => self.summary.new += 1,
                RowOutcome::Changed => self.summary.changed += 1,
                RowOutcome::Unchanged => self.summary.unchanged += 1,
                RowOutcome::Rejected(message) => self.reject(file, line, &message)?,
            }
        }
        Ok(())
    }

    /// Writes a rejected row to the output, with the progress bar suspended.
    fn reject(&mut self, file: &AwardFile, line: u64, message: &str) -> Result<()> {
        self.summary.rejected += 1;
        let output = &mut *self.output;
        let written = file.bar.suspend(|| writeln!(output, "{}:{line}: {message}", file.name));
        written.context("cannot write a rejected row")
    }
}
