//! Verifies and registers firms from the City's vendor list.
use std::collections::HashMap;
use std::path::Path;

use anyhow::Result;
use candor_schema::database::Database;
use candor_schema::import_job::model::ReportLineKind;
use candor_schema::organization::model::{
    VendorChange, VendorFileRow, VendorImport, VendorOutcome,
};
use candor_schema::organization::service::{VendorListImport, insert_missing_names};
use serde::Serialize;

use super::list::{ListColumns, ListImporter, ListProgress, ListReport, import_all};
use super::report::{ImportReport, ImportRun, database_failed};
use crate::command::table::Row;

const REQUIRED_COLUMNS: [&str; 2] = ["number", "name"];
const OPTIONAL_COLUMNS: [&str; 5] = ["tax_number", "uei", "city", "state", "email"];

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
    let columns = ListColumns { required: &REQUIRED_COLUMNS, optional: &OPTIONAL_COLUMNS };
    let (table, report) = ListReport::open(file, columns, report)?;
    insert_missing_names(database).await.map_err(database_failed)?;
    let ImportRun { actor, at, is_dry_run } = run;
    let import = VendorImport { actor, at, file: report.file.clone(), is_dry_run };
    let import = VendorListImport::new(database, import);
    let (summary, lines) = (VendorImportSummary::default(), HashMap::new());
    let mut importer = Importer { import, summary, lines, report };
    import_all(table, &mut importer).await?;
    Ok(importer.summary)
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
    summary: VendorImportSummary,
    /// The first line of each vendor number.
    lines: HashMap<String, u64>,
    report: ListReport<'a, R>,
}

impl<R: ImportReport> Importer<'_, R> {
    /// Returns whether no earlier row has the vendor number; refuses the row otherwise.
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
            self.refuse(row.line, &message)?;
        }
        Ok(first == row.line)
    }

    fn refuse(&mut self, line: u64, message: &str) -> Result<()> {
        self.summary.rejected += 1;
        self.report.row(line, ReportLineKind::Refused, message)
    }
}

impl<'a, R: ImportReport> ListImporter<'a> for Importer<'a, R> {
    type Row = VendorFileRow;
    type Report = R;
    const BATCH_ROWS: usize = 250;

    fn read(&mut self, row: &Row<'_>) -> Result<Option<VendorFileRow>> {
        let row = vendor_row(row);
        Ok(self.is_first(&row)?.then_some(row))
    }

    fn refuse_unreadable(&mut self, line: u64, message: &str) -> Result<()> {
        self.refuse(line, message)
    }

    async fn import_batch(&mut self, rows: Vec<VendorFileRow>) -> Result<()> {
        let imported = self.import.import_rows(&rows).await;
        for outcome in imported.map_err(database_failed)? {
            let VendorOutcome { line, change, is_invited, proposed_merges, warnings } = outcome;
            match change {
                VendorChange::Registered => self.summary.registered += 1,
                VendorChange::Verified => self.summary.verified += 1,
                VendorChange::Unchanged => self.summary.unchanged += 1,
                VendorChange::Refused(message) => self.refuse(line, &message)?,
            }
            self.summary.invited += u64::from(is_invited);
            for warning in warnings {
                self.report.row(line, ReportLineKind::Warning, &warning)?;
            }
            for merge in proposed_merges {
                self.summary.proposed_merges += 1;
                self.report.row(line, ReportLineKind::MergeProposed, &merge)?;
            }
        }
        Ok(())
    }

    fn progress(&self) -> ListProgress {
        let VendorImportSummary { registered, verified, unchanged, rejected, .. } = self.summary;
        ListProgress { imported: registered + verified + unchanged, refused: rejected }
    }

    fn report(&mut self) -> &mut ListReport<'a, R> {
        &mut self.report
    }
}
