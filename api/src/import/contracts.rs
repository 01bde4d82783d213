//! Records contracts that were made outside Candor from a list.
use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use candor_schema::contracting::service::{
    ContractFileRow, ContractImport, ContractListImport, ImportedRow, RowOutcome,
};
use candor_schema::database::Database;
use candor_schema::import_job::model::{ImportProgress, ReportLineKind};
use candor_schema::organization::model::{Identifier, IdentifierScheme};
use candor_schema::organization::service::insert_missing_names;
use indicatif::ProgressBar;
use serde::Serialize;

use super::report::{ImportReport, ImportRun, database_failed};
use crate::command::table::{Row, Table};

const REQUIRED_COLUMNS: [&str; 7] =
    ["number", "department", "vendor", "title", "value", "start_date", "end_date"];
const OPTIONAL_COLUMNS: [&str; 10] = [
    "currency",
    "signed_on",
    "options_left",
    "method",
    "public_works",
    "clause_version",
    "master",
    "vendor_number",
    "uei",
    "new_vendor",
];
/// The number of rows in one transaction.
const BATCH_ROWS: usize = 500;

/// The result of an import of contracts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContractImportSummary {
    /// The number of newly recorded contracts.
    pub recorded: u64,
    /// The number of rows whose contracts were already recorded with the same data.
    pub unchanged: u64,
    /// The number of rejected rows.
    pub rejected: u64,
    /// The number of newly registered contractors.
    pub registered: u64,
    /// The numbers of rows by the code of their department; empty for rows of no known one.
    pub by_department: BTreeMap<String, RowCounts>,
}

/// The numbers of rows of a department by their result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RowCounts {
    pub recorded: u64,
    pub unchanged: u64,
    pub rejected: u64,
}

/// Records the contracts of a list; in a dry run it stores nothing. Each rejected row goes to the report.
///
/// # Errors
/// If the file cannot be read or lacks a column, or the database fails ([`ImportStopped`]). Committed
/// batches stay recorded.
///
/// [`ImportStopped`]: super::ImportStopped
pub async fn import_contract_list(
    database: &Database,
    file: &Path,
    run: ImportRun,
    report: &mut impl ImportReport,
) -> Result<ContractImportSummary> {
    let mut table = Table::open(file, &REQUIRED_COLUMNS, &OPTIONAL_COLUMNS)?;
    table.bar.set_draw_target(report.draw_target());
    table.take_notes(|note| report.note(note));
    insert_missing_names(database).await.map_err(database_failed)?;
    if !table.ignored_columns.is_empty() {
        report.note(&format!("unknown columns, ignored: {}", table.ignored_columns.join(", ")));
    }
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let ImportRun { actor, at, is_dry_run } = run;
    let import = ContractImport { actor, at, file: name.clone(), is_dry_run };
    let import = ContractListImport::begin(database, import).await.map_err(database_failed)?;
    let (bar, summary) = (table.bar.clone(), ContractImportSummary::default());
    let mut importer = Importer { import, file: name, bar, summary, report };
    let mut rows = Vec::with_capacity(BATCH_ROWS);
    loop {
        let is_end = match table.next() {
            Some(Ok(row)) => {
                rows.push(contract_row(&row));
                false
            }
            Some(Err((line, message))) => {
                importer.count(None).rejected += 1;
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
            importer.summary.registered = importer.import.count_registered();
            importer.report.save(importer.progress()).await?;
            return Ok(importer.summary);
        }
    }
}

/// Reads a row's cells by column; a missing column gives an empty text.
fn contract_row(row: &Row<'_>) -> ContractFileRow {
    let identifier = |column: &str, scheme| {
        let id = row.cell(column).trim().to_owned();
        (!id.is_empty()).then_some(Identifier { scheme, id })
    };
    let identifiers = [
        identifier("vendor_number", IdentifierScheme::CityVendor),
        identifier("uei", IdentifierScheme::Uei),
    ];
    ContractFileRow {
        line: row.line,
        number: row.cell("number"),
        department: row.cell("department"),
        vendor: row.cell("vendor"),
        identifiers: identifiers.into_iter().flatten().collect(),
        title: row.cell("title"),
        value: row.cell("value"),
        currency: row.cell("currency"),
        signed_on: row.cell("signed_on"),
        start_date: row.cell("start_date"),
        end_date: row.cell("end_date"),
        options_left: row.cell("options_left"),
        method: row.cell("method"),
        public_works: row.cell("public_works"),
        clause_version: row.cell("clause_version"),
        master: row.cell("master"),
        new_vendor: row.cell("new_vendor"),
    }
}

/// A running import.
struct Importer<'a, R> {
    import: ContractListImport<'a>,
    /// The name of the file.
    file: String,
    bar: ProgressBar,
    summary: ContractImportSummary,
    report: &'a mut R,
}

impl<R: ImportReport> Importer<'_, R> {
    /// Imports rows in one transaction.
    async fn import_batch(&mut self, rows: Vec<ContractFileRow>) -> Result<()> {
        let imported = self.import.import_rows(&rows).await.map_err(database_failed)?;
        for ImportedRow { line, department, outcome } in imported {
            let counts = self.count(department);
            match outcome {
                RowOutcome::Recorded => {
                    counts.recorded += 1;
                    self.summary.recorded += 1;
                }
                RowOutcome::Unchanged => {
                    counts.unchanged += 1;
                    self.summary.unchanged += 1;
                }
                RowOutcome::Refused(message) => {
                    counts.rejected += 1;
                    self.reject(line, &message)?;
                }
            }
        }
        let ContractImportSummary { recorded, unchanged, rejected, .. } = self.summary;
        let rows = recorded + unchanged + rejected;
        let seconds = self.bar.elapsed().as_secs().max(1);
        self.bar.set_message(format!("{rows} rows, {} per second", rows / seconds));
        self.report.save(self.progress()).await
    }

    fn progress(&self) -> ImportProgress {
        let ContractImportSummary { recorded, unchanged, rejected, .. } = self.summary;
        ImportProgress {
            bytes_read: self.bar.position(),
            rows_read: recorded + unchanged + rejected,
            rows_imported: recorded + unchanged,
            rows_refused: rejected,
        }
    }

    /// The counts of a department, by its code.
    fn count(&mut self, department: Option<String>) -> &mut RowCounts {
        self.summary.by_department.entry(department.unwrap_or_default()).or_default()
    }

    /// Reports a rejected row, with the progress bar suspended.
    fn reject(&mut self, line: u64, message: &str) -> Result<()> {
        self.summary.rejected += 1;
        let (file, report) = (&self.file, &mut *self.report);
        self.bar.suspend(|| report.row(file, line, ReportLineKind::Refused, message))
    }
}
