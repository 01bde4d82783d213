//! Imports award files of USAspending.
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, anyhow};
use candor_schema::award::model::{AwardFileEntry, CompleteSpan, ListedTransactions};
use candor_schema::award::service::{
    ImportFile, RowOutcome, find_resume_line, finish_imports, import_rows, match_backlog,
    remove_missing_transactions,
};
use candor_schema::canonical::sha256;
use candor_schema::database::Database;
use candor_schema::import_job::model::{ImportProgress, ReportLineKind};
use candor_schema::principal::Principal;
use chrono::{DateTime, NaiveDate, Utc};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::report::{ImportReport, ImportRun, database_failed};
use crate::command::award_file::AwardFile;

/// The number of rows in one transaction.
const BATCH_ROWS: usize = 1_000;

/// Parses a span of days, such as `2024-10-01..2025-09-30`.
///
/// # Errors
/// If it is not two days, or the first is after the last.
pub fn parse_day_span(text: &str) -> Result<(NaiveDate, NaiveDate), String> {
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
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

/// Imports the awards of some files, and matches every organization with the changes. Each rejected row goes
/// to the report. An import of awards is never a dry run.
///
/// # Errors
/// If a file cannot be read or is not an award file, or the database fails ([`ImportStopped`]). Committed
/// batches stay imported.
///
/// [`ImportStopped`]: super::ImportStopped
pub async fn import_awards(
    database: &Database,
    files: &[PathBuf],
    options: AwardImportOptions,
    run: ImportRun,
    report: &mut impl ImportReport,
) -> Result<AwardImportSummary> {
    let ImportRun { actor, at: now, is_dry_run: _ } = run;
    let mut importer = Importer {
        database,
        options,
        actor,
        now,
        summary: AwardImportSummary::default(),
        removed_rows: 0,
        bytes_read: 0,
        listed: ListedTransactions::default(),
        unfinished: Vec::new(),
        report,
    };
    let result = Box::pin(importer.import_all(files)).await;
    // Also if a later file cannot be read.
    importer.finish().await?;
    result?;
    let mut summary = importer.summary;
    let bar = ProgressBar::with_draw_target(None, report.draw_target());
    bar.set_style(ProgressStyle::with_template("{spinner} {msg}  {elapsed_precise}")?);
    bar.enable_steady_tick(Duration::from_millis(200));
    let matched = match_backlog(database, now, |done| {
        bar.set_message(format!("{done} organizations matched with the recipients"));
    });
    summary.matches = matched.await.map_err(database_failed)?;
    bar.finish_and_clear();
    Ok(summary)
}

/// A running import.
struct Importer<'a, R> {
    database: &'a Database,
    options: AwardImportOptions,
    /// The actor that the ledger names.
    actor: Principal,
    now: DateTime<Utc>,
    summary: AwardImportSummary,
    /// The number of rows that removed a transaction.
    removed_rows: u64,
    /// The bytes of the tables before the current one.
    bytes_read: u64,
    /// The transactions of complete files.
    listed: ListedTransactions,
    /// The files whose rows are imported. Their imports are finished together, because the digest of the
    /// award tables that is recorded then takes a pass over all awards.
    unfinished: Vec<ImportFile>,
    report: &'a mut R,
}

impl<R: ImportReport> Importer<'_, R> {
    async fn import_all(&mut self, files: &[PathBuf]) -> Result<()> {
        for path in files {
            for file in AwardFile::open_all(path, &mut |note| self.report.note(note))? {
                self.import_file(file?).await?;
            }
        }
        self.remove_missing().await
    }

    /// Imports a file, from where an earlier import of it was interrupted.
    async fn import_file(&mut self, mut file: AwardFile) -> Result<()> {
        let Self { database, options: AwardImportOptions { every_agency, complete }, .. } = *self;
        file.bar.set_draw_target(self.report.draw_target());
        for note in &file.notes {
            self.report.note(note);
        }
        // An import of every agency does not resume one that skipped awards of other departments.
        let sha256 = if every_agency {
            sha256(&format!("{} of every agency", file.sha256()?))
        } else {
            file.sha256()?
        };
        let as_of = file.modified_until;
        let complete = complete.map(|(from, to)| CompleteSpan { from, to, as_of });
        let (name, actor) = (file.name.clone(), self.actor.clone());
        let source = ImportFile { name, sha256, complete, actor };
        // Of a complete file, every row must be seen.
        let resume_line = match complete {
            None => find_resume_line(database, &source).await.map_err(database_failed)?,
            Some(_) => None,
        };
        if let Some(line) = resume_line {
            self.report.note(&format!("{}: resuming after line {line}", file.name));
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
        self.bytes_read += file.bytes_read();
        self.unfinished.push(source);
        self.report.save(self.progress(0)).await?;
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
            self.report.note("no missing transaction was removed, because some rows were rejected");
        } else {
            self.remove_missing_of(&source).await?;
        }
        Ok(())
    }

    /// Finishes the imports of the files.
    async fn finish(&mut self) -> Result<()> {
        let sources = std::mem::take(&mut self.unfinished);
        finish_imports(self.database, &sources, self.now).await.map_err(database_failed)
    }

    async fn remove_missing_of(&mut self, source: &ImportFile) -> Result<()> {
        let missing =
            remove_missing_transactions(self.database, source, self.now, &self.listed).await;
        let missing = missing.map_err(database_failed)?;
        self.summary.removed += missing.removed;
        if missing.undated > 0 {
            self.report.note(&format!(
                "transactions without a known day that the files do not have, not removed: {}; import \
                the files that have them again first",
                missing.undated
            ));
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
        for (line, outcome) in outcomes.map_err(database_failed)? {
            match outcome {
                RowOutcome::New => self.summary.new += 1,
                RowOutcome::Changed => self.summary.changed += 1,
                RowOutcome::Removed => {
                    self.summary.removed += 1;
                    self.removed_rows += 1;
                }
                RowOutcome::Unchanged => self.summary.unchanged += 1,
                RowOutcome::Rejected(message) => self.reject(file, line, &message)?,
            }
        }
        self.report.save(self.progress(file.bytes_read())).await
    }

    /// The progress after `bytes` of the current table.
    fn progress(&self, bytes: u64) -> ImportProgress {
        let AwardImportSummary { new, changed, unchanged, other_agencies, rejected, .. } =
            self.summary;
        let rows_imported = new + changed + self.removed_rows + unchanged;
        ImportProgress {
            bytes_read: self.bytes_read + bytes,
            rows_read: rows_imported + other_agencies + rejected,
            rows_imported,
            rows_refused: rejected,
        }
    }

    /// Reports a rejected row, with the progress bar suspended.
    fn reject(&mut self, file: &AwardFile, line: u64, message: &str) -> Result<()> {
        self.summary.rejected += 1;
        let (bar, report) = (&file.bar, &mut *self.report);
        bar.suspend(|| report.row(&file.name, line, ReportLineKind::Refused, message))
    }
}
