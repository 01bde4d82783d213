//! `candor import federal-awards`: imports award files of USAspending.
use std::io::{Write, stdout};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use candor_schema::award::model::{AwardFileEntry, CompleteSpan, ListedTransactions};
use candor_schema::award::service::{
    ImportFile, RowOutcome, count_recipients_and_awards, find_resume_line, finish_imports,
    import_rows, match_backlog, remove_missing_transactions,
};
use candor_schema::canonical::sha256;
use candor_schema::database::Database;
use chrono::{DateTime, NaiveDate, Utc};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use crate::command::award_file::AwardFile;
use crate::command::{fault_message, open_database};
use crate::config::Config;

/// The number of rows in one transaction.
const BATCH_ROWS: usize = 1_000;

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
    #[arg(long, value_name = "FROM..TO", value_parser = parse_span)]
    complete: Option<(NaiveDate, NaiveDate)>,
}

/// Parses a span of days.
///
/// # Errors
/// If it is not two days, or the first is after the last.
fn parse_span(text: &str) -> Result<(NaiveDate, NaiveDate), String> {
    let span = text.split_once("..").and_then(|(from, to)| {
        let to = to.strip_prefix('=').unwrap_or(to);
        Some((from.trim().parse().ok()?, to.trim().parse().ok()?))
    });
    let (from, to): (NaiveDate, NaiveDate) =
        span.ok_or("write two days, such as 2024-10-01..2025-09-30")?;
    if from > to {
        return Err("the first day is after the last".to_owned());
    }
    Ok((from, to))
}

/// Which rows of award files are imported, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AwardImportOptions {
    /// Whether the awards of other departments are imported.
    pub every_agency: bool,
    /// The first and the last of the days in which the files have every transaction of their awards.
    pub complete: Option<(NaiveDate, NaiveDate)>,
}

/// The result of an import of federal awards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AwardImportSummary {
    /// The number of rows with a new award.
    pub new: u64,
    /// The number of rows that updated a known award.
    pub changed: u64,
    /// The number of removed transactions.
    pub removed: u64,
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
    let mut importer = Importer {
        database,
        options,
        now,
        summary: AwardImportSummary::default(),
        listed: ListedTransactions::default(),
        unfinished: Vec::new(),
        output,
    };
    let result = importer.import_all(files).await;
    // Also if a later file cannot be read.
    importer.finish().await?;
    result?;
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
    options: AwardImportOptions,
    now: DateTime<Utc>,
    summary: AwardImportSummary,
    /// The transactions of complete files.
    listed: ListedTransactions,
    /// The files whose rows are imported. Their imports are finished together, because the digest of the
    /// award tables that is recorded then takes a pass over all awards.
    unfinished: Vec<ImportFile>,
    output: &'a mut W,
}

impl<W: Write> Importer<'_, W> {
    async fn import_all(&mut self, files: &[PathBuf]) -> Result<()> {
        for path in files {
            for file in AwardFile::open_all(path)? {
                self.import_file(file?).await?;
            }
        }
        self.remove_missing().await
    }

    /// Imports a file, from where an earlier import of it was interrupted.
    async fn import_file(&mut self, mut file: AwardFile) -> Result<()> {
        let Self { database, options: AwardImportOptions { every_agency, complete }, .. } = *self;
        // An import of every agency does not resume one that skipped awards of other departments.
        let sha256 = if every_agency {
            sha256(&format!("{} of every agency", file.sha256()?))
        } else {
            file.sha256()?
        };
        let as_of = file.modified_until;
        let complete = complete.map(|(from, to)| CompleteSpan { from, to, as_of });
        let source = ImportFile { name: file.name.clone(), sha256, complete };
        // Of a complete file, every row must be seen.
        let resume_line = match complete {
            None => find_resume_line(database, &source).await.map_err(fault_message)?,
            Some(_) => None,
        };
        if let Some(line) = resume_line {
            eprintln!("{}: resuming after line {line}", file.name);
            let skipped = file.skip_to(line.saturating_add(1));
            skipped.map_err(|(line, message)| anyhow!("{}:{line}: {message}", file.name))?;
        }
        let mut rows = Vec::with_capacity(BATCH_ROWS);
        loop {
            let next = file.next();
            let is_end = next.is_none();
            match next {
                Some(Ok(AwardFileEntry::Row(row)))
                    if !every_agency && row.component().is_none() =>
                {
                    self.summary.other_agencies += 1;
                }
                Some(Ok(entry)) => {
                    if let (AwardFileEntry::Row(row), Some(_)) = (&entry, complete) {
                        self.listed.insert(row);
                    }
                    rows.push(entry);
                }
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
        self.unfinished.push(source);
        Ok(())
    }

    /// Removes the transactions that complete files do not have. A download may have the transactions of
    /// an award in several files.
    async fn remove_missing(&mut self) -> Result<()> {
        let as_of = self.unfinished.iter().filter_map(|it| it.complete?.as_of).max();
        let last = self.unfinished.last().cloned();
        let Some((source, complete)) = last.and_then(|it| Some((it.clone(), it.complete?))) else {
            return Ok(());
        };
        let source = ImportFile { complete: Some(CompleteSpan { as_of, ..complete }), ..source };
        if self.summary.rejected > 0 {
            // A rejected row may have one of the transactions that seem to be missing.
            eprintln!("no missing transaction was removed, because some rows were rejected");
        } else {
            self.remove_missing_of(&source).await?;
        }
        Ok(())
    }

    /// Finishes the imports of the files.
    async fn finish(&mut self) -> Result<()> {
        let sources = std::mem::take(&mut self.unfinished);
        finish_imports(self.database, &sources, self.now).await.map_err(fault_message)
    }

    async fn remove_missing_of(&mut self, source: &ImportFile) -> Result<()> {
        let missing = remove_missing_transactions(self.database, source, &self.listed).await;
        let missing = missing.map_err(fault_message)?;
        self.summary.removed += missing.removed;
        if missing.undated > 0 {
            eprintln!(
                "transactions without a known day that the files do not have, not removed: {}; import \
                the files that have them again first",
                missing.undated
            );
        }
        Ok(())
    }

    /// Imports rows in one transaction.
    async fn import_batch(
        &mut self,
        file: &AwardFile,
        source: &ImportFile,
        rows: Vec<AwardFileEntry>,
    ) -> Result<()> {
        let outcomes = import_rows(self.database, source, self.now, rows).await;
        for (line, outcome) in outcomes.map_err(fault_message)? {
            match outcome {
                RowOutcome::New => self.summary.new += 1,
                RowOutcome::Changed => self.summary.changed += 1,
                RowOutcome::Removed => self.summary.removed += 1,
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
