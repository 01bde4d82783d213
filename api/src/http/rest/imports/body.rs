//! What the addresses of imports show.
use candor_schema::import_job::model::{
    ImportJobId, ImportJobState, ImportKind, ReportLine, ReportLineKind,
};
use candor_schema::import_job::service::{ImportJob, MAX_REPORT_LINES, ReportPage};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::http::rest::words;

/// An import of a file.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct ImportJobBody {
    /// The identifier of the import.
    #[schema(value_type = String, example = "job_01kb00000000000000000000ab")]
    id: ImportJobId,
    /// What the file has.
    #[schema(schema_with = words::import_kind)]
    kind: ImportKind,
    /// `RECEIVED` waits for its turn, `RUNNING` is being read; `DONE` was read to its end, `REFUSED` cannot be
    /// imported, `INTERRUPTED` ended before its end.
    #[schema(schema_with = words::import_job_state)]
    state: ImportJobState,
    /// Why it was refused or interrupted, and what to do; null otherwise.
    reason: Option<String>,
    /// The name of the file.
    #[schema(example = "vendors.csv")]
    file: String,
    /// The SHA-256 of the file, in hexadecimal.
    sha256: String,
    /// Whether nothing is stored.
    dry_run: bool,
    /// Whether awards of every agency are imported.
    every_agency: bool,
    /// The days in which the file has every transaction of its awards; null if it only adds some.
    #[schema(example = "2024-10-01..2025-09-30")]
    complete: Option<String>,
    /// The size of the file.
    bytes: i64,
    /// The bytes of the table that were read; of an archive, unpacked ones.
    bytes_read: i64,
    /// The rows that were read.
    rows_read: i64,
    /// The rows whose content is stored, whether by this import or before; in a dry run, that would be.
    rows_imported: i64,
    /// The rows that were refused; the report says why.
    rows_refused: i64,
    /// When the whole file had arrived (UTC).
    #[schema(value_type = String, format = DateTime)]
    received_at: DateTime<Utc>,
    /// When the import began (UTC); null before.
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<DateTime<Utc>>,
    /// When it ended (UTC); null before.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<DateTime<Utc>>,
    /// What it did, as the commands `candor import` print it; null before it is done.
    #[schema(value_type = Option<Object>)]
    counts: Option<Value>,
    /// The address of the report by line.
    #[schema(example = "/v1/imports/job_01kb00000000000000000000ab/report")]
    report: String,
    /// The number of lines of the report.
    report_lines: i64,
    /// Whether the report has only the first 10,000 of its lines.
    report_is_cut: bool,
}

impl ImportJobBody {
    pub(super) fn new(job: ImportJob) -> Self {
        let complete = job.complete_from.zip(job.complete_to);
        let stored_lines = i64::try_from(MAX_REPORT_LINES).unwrap_or(i64::MAX);
        Self {
            id: job.id,
            kind: job.kind,
            state: job.state,
            reason: job.reason(),
            file: job.file,
            sha256: job.sha256,
            dry_run: job.is_dry_run,
            every_agency: job.is_every_agency,
            complete: complete.map(|(from, to)| format!("{from}..{to}")),
            bytes: job.bytes,
            bytes_read: job.bytes_read,
            rows_read: job.rows_read,
            rows_imported: job.rows_imported,
            rows_refused: job.rows_refused,
            received_at: job.received_at,
            started_at: job.started_at,
            ended_at: job.ended_at,
            counts: job.counts.and_then(|counts| serde_json::from_str(&counts).ok()),
            report: format!("{}/report", address(job.id)),
            report_lines: job.report_lines,
            report_is_cut: job.report_lines > stored_lines,
        }
    }

    /// The address of the import.
    pub(super) fn address(&self) -> String {
        address(self.id)
    }
}

fn address(id: ImportJobId) -> String {
    format!("/v1/imports/{id}")
}

/// A page of a report.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::http) struct ReportBody {
    /// The lines, in the order in which the import met them.
    lines: Vec<ReportLineBody>,
    /// What to send as `after` for the next lines; null if there are none so far.
    next: Option<u64>,
}

/// A line of a report.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::http) struct ReportLineBody {
    /// The place in the report, from 1.
    #[schema(example = 1)]
    number: u64,
    /// `REFUSED` is a row that was not imported, `WARNING` one to look at, `MERGE_PROPOSED` two firms that may
    /// be one, `NOTE` about the whole file.
    #[schema(schema_with = words::report_line_kind)]
    kind: ReportLineKind,
    /// The line of the file, from 1; null for a note.
    #[schema(example = 17)]
    line: Option<u64>,
    /// The column that is wrong; null if it is not one.
    #[schema(example = "end_date")]
    field: Option<String>,
    /// What is wrong and what to do.
    #[schema(example = "The last day is before the first. Correct one of them.")]
    message: String,
}

impl From<ReportPage> for ReportBody {
    fn from(page: ReportPage) -> Self {
        let ReportPage { lines, has_more } = page;
        let last = lines.last().map(|line| line.number);
        let lines = lines.into_iter().map(|line| {
            let ReportLine { number, kind, line, field, message } = line;
            ReportLineBody { number, kind, line, field, message }
        });
        Self { lines: lines.collect(), next: last.filter(|_| has_more) }
    }
}
