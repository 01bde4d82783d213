//! Runs an import that was asked for over HTTP, and reports to the database.
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Result, bail};
use candor_schema::award::service::count_recipients_and_awards;
use candor_schema::clock::Clock;
use candor_schema::database::Database;
use candor_schema::import_job::model::{
    ImportEnd, ImportJobId, ImportKind, ImportProgress, ReportLine, ReportLineKind,
};
use candor_schema::import_job::service::{ImportJob, MAX_REPORT_LINES, save_progress};
use indicatif::ProgressDrawTarget;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::report::{ImportReport, ImportRun, ImportStopped, database_failed};
use super::{AwardImportOptions, import_awards, import_contract_list, import_vendor_list};
use crate::command::award_file::{AwardFile, is_zip};

/// The longest time of one import.
const MAX_IMPORT_TIME: Duration = Duration::from_hours(6);
/// The most bytes of the tables of an archive, unpacked.
const MAX_UNPACKED_BYTES: u64 = 8 * 1024 * 1024 * 1024;
/// The most rows of a list of vendors or contracts, whose numbers are remembered.
const MAX_LIST_ROWS: u64 = 1_000_000;
/// The most rows of award files, whose transactions are remembered.
const MAX_AWARD_ROWS: u64 = 20_000_000;
/// The time between two writes of the progress.
const SAVE_INTERVAL: Duration = Duration::from_secs(1);
/// The number of new lines of a report at which the progress is written at once.
const SAVED_LINES: usize = 500;
/// The longest message of a line, in characters.
const MAX_MESSAGE_CHARS: usize = 1_000;

/// Imports the file at `path` and returns how that ended. It reads and parses as it goes: run it on a
/// thread of its own. Once `is_stopped` is set, it ends after the current batch.
pub(crate) async fn run_job(
    database: &Database,
    job: &ImportJob,
    path: &Path,
    clock: &Clock,
    is_stopped: Arc<AtomicBool>,
) -> ImportEnd {
    let mut report = JobReport {
        database,
        id: job.id,
        path,
        file: &job.file,
        max_rows: if job.kind == ImportKind::Awards { MAX_AWARD_ROWS } else { MAX_LIST_ROWS },
        lines: Vec::new(),
        reported: 0,
        progress: ImportProgress::default(),
        saved_at: None,
        until: Instant::now() + MAX_IMPORT_TIME,
        is_stopped,
    };
    let run = ImportRun { actor: job.owner.clone(), at: clock.now(), is_dry_run: job.is_dry_run };
    let imported = import(database, job, path, run, &mut report).await;
    // Also of an import that failed: the report says how far it came.
    let saved = report.write().await;
    match imported.and_then(|counts| saved.map(|()| counts)) {
        Ok(counts) => ImportEnd::Done(counts),
        Err(error) => match error.downcast_ref::<ImportStopped>() {
            Some(stopped) => ImportEnd::Interrupted(stopped.to_string()),
            None => ImportEnd::Refused(without_path(&format!("{error:#}"), path, &job.file)),
        },
    }
}

/// Returns a message with the name of the file instead of its path, which is of no use to its sender.
fn without_path(message: &str, path: &Path, name: &str) -> String {
    let message = message.replace(&*path.to_string_lossy(), name);
    message.chars().take(MAX_MESSAGE_CHARS).collect()
}

async fn import(
    database: &Database,
    job: &ImportJob,
    path: &Path,
    run: ImportRun,
    report: &mut JobReport<'_>,
) -> Result<Value> {
    let counts = match job.kind {
        ImportKind::Contracts => {
            json!(import_contract_list(database, path, run, report).await?)
        }
        ImportKind::Vendors => json!(import_vendor_list(database, path, run, report).await?),
        ImportKind::Awards => {
            let bytes = AwardFile::unpacked_bytes(path)?;
            if is_zip(path)? && bytes > MAX_UNPACKED_BYTES {
                bail!(
                    "{} unpacks to {bytes} bytes; send at most {MAX_UNPACKED_BYTES} bytes of tables in one \
                     archive",
                    path.display()
                );
            }
            let complete = job.complete_from.zip(job.complete_to);
            let options = AwardImportOptions { every_agency: job.is_every_agency, complete };
            let files = [path.to_owned()];
            let summary = import_awards(database, &files, options, run, report).await?;
            let (recipients, awards) =
                count_recipients_and_awards(database).await.map_err(database_failed)?;
            let mut counts = json!(summary);
            counts["allRecipients"] = json!(recipients);
            counts["allAwards"] = json!(awards);
            counts
        }
    };
    Ok(counts)
}

/// Reports to the rows of an import.
struct JobReport<'a> {
    database: &'a Database,
    id: ImportJobId,
    /// Where the file is on disk.
    path: &'a Path,
    /// The name of the file in messages.
    file: &'a str,
    max_rows: u64,
    /// The lines that are not written yet.
    lines: Vec<ReportLine>,
    /// The number of lines, with those beyond the stored ones.
    reported: u64,
    progress: ImportProgress,
    /// When the progress was last written; none before the first batch.
    saved_at: Option<Instant>,
    until: Instant,
    is_stopped: Arc<AtomicBool>,
}

impl JobReport<'_> {
    fn add(&mut self, line: Option<u64>, kind: ReportLineKind, message: &str) {
        self.reported += 1;
        if self.reported > MAX_REPORT_LINES {
            return;
        }
        let (field, message) = split_field(message);
        let message = message.chars().take(MAX_MESSAGE_CHARS).collect();
        let number = self.reported;
        let field = field.map(str::to_owned);
        self.lines.push(ReportLine { number, kind, line, field, message });
    }

    /// Writes the progress and the new lines.
    async fn write(&mut self) -> Result<()> {
        let lines = std::mem::take(&mut self.lines);
        let saved = save_progress(self.database, self.id, self.progress, self.reported, lines);
        saved.await.map_err(database_failed)?;
        self.saved_at = Some(Instant::now());
        Ok(())
    }
}

/// Splits a message that begins with the name of a column and a colon.
fn split_field(message: &str) -> (Option<&str>, &str) {
    let is_column = |text: &str| {
        text.starts_with(|it: char| it.is_ascii_lowercase())
            && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
    };
    match message.split_once(": ") {
        Some((field, rest)) if is_column(field) => (Some(field), rest),
        _ => (None, message),
    }
}

impl ImportReport for JobReport<'_> {
    fn row(&mut self, _: &str, line: u64, kind: ReportLineKind, message: &str) -> Result<()> {
        self.add(Some(line), kind, message);
        Ok(())
    }

    fn note(&mut self, message: &str) {
        let message = without_path(message, self.path, self.file);
        self.add(None, ReportLineKind::Note, &message);
    }

    fn draw_target(&self) -> ProgressDrawTarget {
        ProgressDrawTarget::hidden()
    }

    async fn save(&mut self, progress: ImportProgress) -> Result<()> {
        self.progress = progress;
        if self.is_stopped.load(Ordering::Acquire) {
            bail!(ImportStopped("The service was stopped.".to_owned()));
        }
        if Instant::now() > self.until {
            bail!(ImportStopped("It took longer than six hours.".to_owned()));
        }
        if progress.rows_read > self.max_rows {
            bail!(
                "the file has more than {} rows, and the rest was not read; send it in several files",
                self.max_rows
            );
        }
        let is_due = self.saved_at.is_none_or(|at| at.elapsed() >= SAVE_INTERVAL);
        if is_due || self.lines.len() >= SAVED_LINES {
            self.write().await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{split_field, without_path};

    #[test]
    fn the_column_of_a_message_is_its_field() {
        for (message, expected) in [
            ("tax_number: it is too long", (Some("tax_number"), "it is too long")),
            ("value: 1: 2", (Some("value"), "1: 2")),
            ("the row has 3 cells: 2 expected", (None, "the row has 3 cells: 2 expected")),
            ("Prime: a name", (None, "Prime: a name")),
            ("nothing", (None, "nothing")),
            (": empty", (None, ": empty")),
        ] {
            assert_eq!(split_field(message), expected, "{message}");
        }
    }

    #[test]
    fn a_message_has_no_path() {
        let path = Path::new("/data/imports/0190/job_01/list.csv");
        let message = "/data/imports/0190/job_01/list.csv lacks the column name";
        assert_eq!(without_path(message, path, "list.csv"), "list.csv lacks the column name");
    }
}
