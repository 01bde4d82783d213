//! A list whose rows are imported in batches: how it is opened, read and reported, whatever its rows are.
use std::path::Path;

use anyhow::Result;
use candor_schema::import_job::model::{ImportProgress, ReportLineKind};
use indicatif::ProgressBar;

use super::report::ImportReport;
use crate::command::table::{Row, Table};

/// The columns of a list, in lower case.
pub(super) struct ListColumns<'a> {
    pub required: &'a [&'a str],
    pub optional: &'a [&'a str],
}

/// Where the import of a list reports: the rows of its file, with a progress bar.
pub(super) struct ListReport<'a, R> {
    /// The name of the file.
    pub file: String,
    bar: ProgressBar,
    report: &'a mut R,
}

/// How many rows of a list were read so far.
#[derive(Clone, Copy)]
pub(super) struct ListProgress {
    pub imported: u64,
    pub refused: u64,
}

impl<'a, R: ImportReport> ListReport<'a, R> {
    /// Opens a list. What is not as usual in the file, such as columns that are ignored, is noted.
    ///
    /// # Errors
    /// If the file cannot be read or lacks a column.
    pub fn open(
        path: &Path,
        ListColumns { required, optional }: ListColumns<'_>,
        report: &'a mut R,
    ) -> Result<(Table, Self)> {
        let mut table = Table::open(path, required, optional)?;
        table.bar.set_draw_target(report.draw_target());
        table.take_notes(|note| report.note(note));
        if !table.ignored_columns.is_empty() {
            let ignored = table.ignored_columns.join(", ");
            report.note(&format!("unknown columns, ignored: {ignored}"));
        }
        let file = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let (file, bar) = (file.unwrap_or_default(), table.bar.clone());
        Ok((table, Self { file, bar, report }))
    }

    /// Reports something about a row, with the progress bar suspended.
    pub fn row(&mut self, line: u64, kind: ReportLineKind, message: &str) -> Result<()> {
        let (file, report) = (&self.file, &mut *self.report);
        self.bar.suspend(|| report.row(file, line, kind, message))
    }

    async fn save(&mut self, ListProgress { imported, refused }: ListProgress) -> Result<()> {
        let rows = imported + refused;
        let seconds = self.bar.elapsed().as_secs().max(1);
        self.bar.set_message(format!("{rows} rows, {} per second", rows / seconds));
        let bytes_read = self.bar.position();
        let progress = ImportProgress {
            bytes_read,
            rows_read: rows,
            rows_imported: imported,
            rows_refused: refused,
        };
        self.report.save(progress).await
    }
}

/// The import of one kind of list.
pub(super) trait ListImporter<'a> {
    /// A row that is imported.
    type Row;
    type Report: ImportReport + 'a;
    /// The number of rows in one transaction.
    const BATCH_ROWS: usize;

    /// Reads the cells of a row; none if the row is already refused.
    fn read(&mut self, row: &Row<'_>) -> Result<Option<Self::Row>>;

    /// Counts and reports a row that cannot be read.
    fn refuse_unreadable(&mut self, line: u64, message: &str) -> Result<()>;

    /// Imports rows in one transaction.
    async fn import_batch(&mut self, rows: Vec<Self::Row>) -> Result<()>;

    fn progress(&self) -> ListProgress;

    fn report(&mut self) -> &mut ListReport<'a, Self::Report>;
}

/// Imports all rows of a list in batches, and saves the progress after each.
pub(super) async fn import_all<'a, I: ListImporter<'a>>(
    mut table: Table,
    importer: &mut I,
) -> Result<()> {
    let mut rows = Vec::with_capacity(I::BATCH_ROWS);
    loop {
        let is_end = match table.next() {
            Some(Ok(row)) => {
                rows.extend(importer.read(&row)?);
                false
            }
            Some(Err((line, message))) => {
                importer.refuse_unreadable(line, &message)?;
                false
            }
            None => true,
        };
        if rows.len() == I::BATCH_ROWS || (is_end && !rows.is_empty()) {
            let batch = std::mem::replace(&mut rows, Vec::with_capacity(I::BATCH_ROWS));
            importer.import_batch(batch).await?;
            let progress = importer.progress();
            importer.report().save(progress).await?;
        }
        if is_end {
            let progress = importer.progress();
            let report = importer.report();
            table.take_notes(|note| report.report.note(note));
            report.bar.finish_and_clear();
            return report.save(progress).await;
        }
    }
}
