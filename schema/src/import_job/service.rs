//! Use cases of imports over HTTP: somebody asks for one and reads it; the process with the file runs it.
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::entity::import_report_line as line;
use super::model::{
    ImportEnd, ImportJobId, ImportJobState, ImportProgress, NewImportJob, ReportLine,
};
use super::store;
use crate::database::Database;
use crate::fault::{Fault, Result};
use crate::organization::model::Viewer;
use crate::page::cut_batch;

pub use super::entity::import_job::Model as ImportJob;

/// The most imports of one process that wait for their turn.
pub const MAX_WAITING: u64 = 8;
/// The most lines of a report that are stored.
pub const MAX_REPORT_LINES: u64 = 10_000;
/// The most lines of a report in one answer.
pub const MAX_LISTED_LINES: u64 = 1_000;
/// How long an import and its report are kept after its end.
pub const KEPT_FOR: TimeDelta = TimeDelta::days(30);
/// After how long without a sign of its process an import is interrupted.
const UNSEEN_AFTER: TimeDelta = TimeDelta::minutes(2);
/// When to ask again for an import that was one too many.
const RETRY_AFTER: Duration = Duration::from_mins(1);
/// The number of imports that one transaction deletes with their reports.
const DELETED_AT_ONCE: u64 = 5;
/// The number of transactions of one clean-up, so that it ends.
const MAX_DELETIONS: usize = 50;

/// Checks before a file is received that the viewer may import it and that its import could wait for its
/// turn at a process.
///
/// # Errors
/// `Forbidden` except to the procurement system and administrators, `RateLimited` if [`MAX_WAITING`] wait.
#[tracing::instrument(skip_all)]
pub async fn check_import(db: &Database, viewer: &Viewer, process: Uuid) -> Result<()> {
    require_place(&db.read, viewer, process).await
}

async fn require_place(db: &impl ConnectionTrait, viewer: &Viewer, process: Uuid) -> Result<()> {
    viewer.require_importer("only the procurement system and administrators import lists")?;
    if store::count_waiting(db, process).await? < MAX_WAITING {
        return Ok(());
    }
    let message =
        format!("{MAX_WAITING} imports wait for their turn, which is the most; try again later");
    Err(Fault::RateLimited { message: message.into(), retry_after: RETRY_AFTER })
}

/// Stores an import whose file has arrived. The process that has the file runs it.
///
/// # Errors
/// As [`check_import`].
#[tracing::instrument(skip_all, fields(id = %job.id))]
pub async fn create_import_job(
    db: &Database,
    viewer: &Viewer,
    job: NewImportJob,
) -> Result<ImportJob> {
    let tx = db.begin().await?;
    store::lock_queue(&tx).await?;
    require_place(&*tx, viewer, job.process).await?;
    let row = ImportJob {
        id: job.id,
        kind: job.kind,
        owner: viewer.subject.clone(),
        file: job.file,
        bytes: i64::try_from(job.bytes).unwrap_or(i64::MAX),
        sha256: job.sha256,
        is_dry_run: job.is_dry_run,
        is_every_agency: job.is_every_agency,
        complete_from: job.complete.map(|(from, _)| from),
        complete_to: job.complete.map(|(_, to)| to),
        process: job.process,
        seen_at: viewer.now,
        state: ImportJobState::Received,
        received_at: viewer.now,
        started_at: None,
        ended_at: None,
        bytes_read: 0,
        rows_read: 0,
        rows_imported: 0,
        rows_refused: 0,
        report_lines: 0,
        counts: None,
        message: None,
    };
    let row = store::insert(&tx, row).await?;
    tx.record_change(&row.id.to_string(), "import.received");
    tx.commit().await?;
    Ok(row)
}

impl ImportJob {
    /// Returns why it was refused or interrupted, and what to do; none otherwise.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        let stored = self.message.as_deref();
        match self.state {
            ImportJobState::Refused => stored.map(str::to_owned),
            ImportJobState::Interrupted => {
                let why = stored.unwrap_or("The process of the service that ran it has ended.");
                let what = match self.rows_imported {
                    _ if self.is_dry_run || self.started_at.is_none() => {
                        "Nothing was imported.".to_owned()
                    }
                    rows => format!(
                        "At least {rows} of its rows are imported, and stay; a few hundred rows more may be."
                    ),
                };
                Some(format!("{why} {what} Send the same file again: no row is imported twice."))
            }
            ImportJobState::Received | ImportJobState::Running | ImportJobState::Done => None,
        }
    }
}

/// Finds an import. Only its owner and administrators see it.
///
/// # Errors
/// `NotFound` to others, or if there is none.
#[tracing::instrument(skip_all, fields(%id))]
pub async fn find_import_job(db: &Database, viewer: &Viewer, id: ImportJobId) -> Result<ImportJob> {
    let owner = (!viewer.can_administer()).then_some(&viewer.subject);
    store::find(&db.read, id, owner).await?.ok_or(Fault::NotFound)
}

/// Which lines of a report are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportRange {
    /// The lines come after this place in the report.
    pub after: u64,
    /// The most lines; at least 1 and at most [`MAX_LISTED_LINES`] are read.
    pub limit: u64,
}

/// A page of a report.
#[derive(Clone, Debug)]
pub struct ReportPage {
    pub lines: Vec<ReportLine>,
    /// Whether there are more lines after these.
    pub has_more: bool,
}

/// Lists lines of an import's report, in its order.
///
/// # Errors
/// As [`find_import_job`].
#[tracing::instrument(skip_all, fields(%id))]
pub async fn list_report_lines(
    db: &Database,
    viewer: &Viewer,
    id: ImportJobId,
    range: ReportRange,
) -> Result<ReportPage> {
    let ReportRange { after, limit } = range;
    let job = find_import_job(db, viewer, id).await?;
    let limit = limit.clamp(1, MAX_LISTED_LINES);
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let rows = store::list_lines(&db.read, job.id, after, limit + 1).await?;
    let (rows, has_more) = cut_batch(rows, limit);
    let lines = rows.into_iter().map(|row| ReportLine {
        number: row.number.unsigned_abs(),
        kind: row.kind,
        line: row.line.map(i64::unsigned_abs),
        field: row.field,
        message: row.message,
    });
    Ok(ReportPage { lines: lines.collect(), has_more })
}

/// Starts the import of a process that has waited longest; none if none waits.
pub async fn start_next_job(
    db: &Database,
    process: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<ImportJob>> {
    let Some(next) = store::find_next(&db.read, process).await? else { return Ok(None) };
    let tx = db.begin().await?;
    if !store::start(&tx, next.id, now).await? {
        return Ok(None);
    }
    tx.commit().await?;
    Ok(Some(next))
}

/// Stores the progress of an import that runs, with new lines of its report. `report_lines` is the number of
/// all of its lines.
///
/// # Errors
/// `Conflict` if the import was interrupted meanwhile: it must stop.
pub async fn save_progress(
    db: &Database,
    id: ImportJobId,
    progress: ImportProgress,
    report_lines: u64,
    lines: Vec<ReportLine>,
) -> Result<()> {
    let tx = db.begin().await?;
    if !store::save_progress(&tx, id, progress, report_lines).await? {
        return Err(Fault::conflict("another process of the service has interrupted this import"));
    }
    let number = |it: u64| i64::try_from(it).unwrap_or(i64::MAX);
    let rows = lines.into_iter().map(|line| line::Model {
        job_id: id,
        number: number(line.number),
        kind: line.kind,
        line: line.line.map(number),
        field: line.field,
        message: line.message,
    });
    store::insert_lines(&tx, rows.collect()).await?;
    tx.commit().await
}

/// Ends an import that runs. Does nothing if it was interrupted meanwhile.
pub async fn end_job(
    db: &Database,
    id: ImportJobId,
    end: ImportEnd,
    now: DateTime<Utc>,
) -> Result<()> {
    let tx = db.begin().await?;
    if store::end(&tx, id, end, now).await? {
        tx.commit().await?;
    }
    Ok(())
}

/// Notes that a process runs, so that nobody interrupts its imports.
pub async fn touch_jobs(db: &Database, process: Uuid, now: DateTime<Utc>) -> Result<()> {
    let tx = db.begin().await?;
    store::touch(&tx, process, now).await?;
    tx.commit().await
}

/// Interrupts the imports of a process that has ended. Returns their number.
pub async fn interrupt_jobs_of(db: &Database, process: Uuid, now: DateTime<Utc>) -> Result<u64> {
    let tx = db.begin().await?;
    let interrupted = store::interrupt_of(&tx, process, now).await?;
    tx.commit().await?;
    Ok(interrupted)
}

/// Interrupts the import that a process runs, whose worker failed. Returns their number.
pub async fn interrupt_running_job(
    db: &Database,
    process: Uuid,
    now: DateTime<Utc>,
) -> Result<u64> {
    let tx = db.begin().await?;
    let interrupted = store::interrupt_running(&tx, process, now).await?;
    tx.commit().await?;
    Ok(interrupted)
}

/// Interrupts the imports whose process, another than `own`, has given no sign for two minutes. Returns
/// their number.
pub async fn interrupt_unseen_jobs(db: &Database, own: Uuid, now: DateTime<Utc>) -> Result<u64> {
    let tx = db.begin().await?;
    let interrupted = store::interrupt_unseen(&tx, own, now - UNSEEN_AFTER, now).await?;
    tx.commit().await?;
    Ok(interrupted)
}

/// Deletes imports that ended more than [`KEPT_FOR`] ago, with their reports, some in each transaction.
/// Returns their number.
pub async fn delete_old_jobs(db: &Database, now: DateTime<Utc>) -> Result<u64> {
    let mut deleted = 0;
    for _ in 0..MAX_DELETIONS {
        let tx = db.begin().await?;
        let batch = store::delete_ended(&tx, now - KEPT_FOR, DELETED_AT_ONCE).await?;
        tx.commit().await?;
        deleted += batch;
        if batch < DELETED_AT_ONCE {
            break;
        }
    }
    Ok(deleted)
}
