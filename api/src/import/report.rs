//! Where an import reports the rows that it refuses, and how far it is.
use std::fmt;
use std::io::Write;

use anyhow::{Context, Result};
use candor_schema::fault::Fault;
use candor_schema::import_job::model::{ImportProgress, ReportLineKind};
use candor_schema::principal::Principal;
use chrono::{DateTime, Utc};
use indicatif::ProgressDrawTarget;

/// Who imports, and when.
#[derive(Clone, Debug)]
pub struct ImportRun {
    /// The actor that the ledger names.
    pub actor: Principal,
    /// UTC, whole microseconds.
    pub at: DateTime<Utc>,
    /// Whether nothing is stored.
    pub is_dry_run: bool,
}

/// Where an import reports.
pub trait ImportReport {
    /// Reports something about a row of a file, by the row's first line.
    ///
    /// # Errors
    /// If it cannot be written.
    fn row(&mut self, file: &str, line: u64, kind: ReportLineKind, message: &str) -> Result<()>;

    /// Reports something about a whole file.
    fn note(&mut self, message: &str);

    /// Where a progress bar is drawn.
    fn draw_target(&self) -> ProgressDrawTarget;

    /// Called after each batch of rows that was committed, and at the end.
    ///
    /// # Errors
    /// [`ImportStopped`] if the import must not go on.
    fn save(&mut self, progress: ImportProgress) -> impl Future<Output = Result<()>>;
}

/// Why an import ended although its file is a good one: the database failed, or it was stopped. The
/// committed batches stay, and the same file can be imported again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportStopped(pub String);

impl fmt::Display for ImportStopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ImportStopped {}

/// Converts a fault of the database to an error with the message that a client gets. The cause is only
/// logged.
pub(super) fn database_failed(fault: Fault) -> anyhow::Error {
    ImportStopped(async_graphql::Error::from(fault).message).into()
}

/// Reports to a command's output, a line for each row, with a progress bar and notes on stderr.
#[derive(Debug)]
pub struct TextReport<'a, W> {
    output: &'a mut W,
}

impl<'a, W: Write> TextReport<'a, W> {
    pub fn new(output: &'a mut W) -> Self {
        Self { output }
    }
}

impl<W: Write> ImportReport for TextReport<'_, W> {
    fn row(&mut self, file: &str, line: u64, kind: ReportLineKind, message: &str) -> Result<()> {
        let kind = match kind {
            ReportLineKind::Refused | ReportLineKind::Note => "",
            ReportLineKind::Warning => "warning: ",
            ReportLineKind::MergeProposed => "merge proposed: ",
        };
        let written = writeln!(self.output, "{file}:{line}: {kind}{message}");
        written.context("cannot write the report")
    }

    fn note(&mut self, message: &str) {
        eprintln!("{message}");
    }

    fn draw_target(&self) -> ProgressDrawTarget {
        ProgressDrawTarget::stderr()
    }

    fn save(&mut self, _: ImportProgress) -> impl Future<Output = Result<()>> {
        std::future::ready(Ok(()))
    }
}
