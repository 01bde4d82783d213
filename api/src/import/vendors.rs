//! Verifies and registers firms from the City's vendor list.
use std::collections::HashMap;
use std::path::Path;

use anyhow::Result;
use candor_schema::database::Database;
use candor_schema::import_job::model::{ImportProgress, ReportLineKind};
use candor_schema::organization::model::{
    VendorChange, VendorFileRow, VendorImport, VendorOutcome,
};
use candor_schema::organization::service::{VendorListImport, insert_missing_names};
use indicatif::ProgressBar;
use serde::Serialize;

use super::report::{ImportReport, ImportRun, database_failed};
use crate::command::table::{Row, Table};

const REQUIRED_COLUMNS: [&str; 2] = ["number", "name"];
const OPTIONAL_COLUMNS: [&str; 5] = ["tax_number", "uei", "city", "state", "email"];
/// The number of rows in one transaction.
const BATCH_ROWS: usize = 250;

/// The result of an import of vendors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
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

/// Imports the vendors of a list; in a dry run it stores nothing. Each rejected row and each proposed merge
/// goes to the report.
///
/// # Errors
/// If the file cannot be read or lacks a column, or the database fails ([`ImportStopped`]). Committed
/// batches stay stored.
///
/// [`ImportStopped`]: super::ImportStopped
pub async fn import_vendor_list(
    database: &Database,
    file: &Path,
    run: ImportRun,
    report: &mut impl ImportReport,
) -> Result<VendorImportSummary> {
    let mut table = Table::open(file, &REQUIRED_COLUMNS, &OPTIONAL_COLUMNS)?;
    table.bar.set_draw_target(report.draw_target());
    table.take_notes(|note| report.note(note));
    if !table.ignored_columns.is_empty() {
        report.note(&format!("unknown columns, ignored: {}", table.ignored_columns.join(", ")));
    }
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
    let ImportRun { actor, at, is_dry_run } = run;
    let import = VendorImport { actor, at, file: name.unwrap_or_default(), is_dry_run };
    let (bar, summary) = (table.bar.clone(), VendorImportSummary::default());
    insert_missing_names(database).await.map_err(database_failed)?;
    let (name, lines) = (import.file.clone(), HashMap::new());
    let import = VendorListImport::new(database, import);
    let mut importer = Importer { import, file: name, bar, summary, lines, report };
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
            table.take_notes(|note| importer.report.note(note));
            importer.bar.finish_and_clear();
            importer.report.save(importer.progress()).await?;
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
struct Importer<'a, R> {
    import: VendorListImport<'a>,
    /// The name of the file.
    file: String,
    bar: ProgressBar,
    summary: VendorImportSummary,
    /// The first line of each vendor number.
    lines: HashMap<String, u64>,
    report: &'a mut R,
}

impl<R: ImportReport> Importer<'_, R> {
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
        for outcome in imported.map_err(database_failed)? {
            let VendorOutcome { line, change, is_invited, proposed_merges, warnings } = outcome;
            match change {
                VendorChange::Registered => self.summary.registered += 1,
                VendorChange::Verified => self.summary.verified += 1,
                VendorChange::Unchanged => self.summary.unchanged += 1,
                VendorChange::Refused(message) => self.reject(line, &message)?,
            }
            self.summary.invited += u64::from(is_invited);
            for warning in warnings {
                self.write(line, ReportLineKind::Warning, &warning)?;
            }
            for merge in proposed_merges {
                self.summary.proposed_merges += 1;
                self.write(line, ReportLineKind::MergeProposed, &merge)?;
            }
        }
        let VendorImportSummary { registered, verified, unchanged, rejected, .. } = self.summary;
        let rows = registered + verified + unchanged + rejected;
        let seconds = self.bar.elapsed().as_secs().max(1);
        self.bar.set_message(format!("{rows} rows, {} per second", rows / seconds));
        self.report.save(self.progress()).await
    }

    fn progress(&self) -> ImportProgress {
        let VendorImportSummary { registered, verified, unchanged, rejected, .. } = self.summary;
        let rows_imported = registered + verified + unchanged;
        ImportProgress {
            bytes_read: self.bar.position(),
            rows_read: rows_imported + rejected,
            rows_imported,
            rows_refused: rejected,
        }
    }

    /// Reports a rejected row.
    fn reject(&mut self, line: u64, message: &str) -> Result<()> {
        self.summary.rejected += 1;
        self.write(line, ReportLineKind::Refused, message)
    }

    /// Reports something about a row, with the progress bar suspended.
    fn write(&mut self, line: u64, kind: ReportLineKind, message: &str) -> Result<()> {
        let (file, report) = (&self.file, &mut *self.report);
        self.bar.suspend(|| report.row(file, line, kind, message))
    }
}
