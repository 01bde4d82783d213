//! Records contracts that were made outside Candor from a list.
use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use candor_schema::contracting::service::{
    ContractFileRow, ContractImport, ContractListImport, ImportedRow, RowOutcome,
};
use candor_schema::database::Database;
use candor_schema::import_job::model::ReportLineKind;
use candor_schema::organization::model::{Identifier, IdentifierScheme};
use candor_schema::organization::service::insert_missing_names;
use serde::Serialize;

use super::list::{ListColumns, ListImporter, ListProgress, ListReport, import_all};
use super::report::{ImportReport, ImportRun, database_failed};
use crate::command::table::Row;

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
    let columns = ListColumns { required: &REQUIRED_COLUMNS, optional: &OPTIONAL_COLUMNS };
    let (table, report) = ListReport::open(file, columns, report)?;
    insert_missing_names(database).await.map_err(database_failed)?;
    let ImportRun { actor, at, is_dry_run } = run;
    let import = ContractImport { actor, at, file: report.file.clone(), is_dry_run };
    let import = ContractListImport::begin(database, import).await.map_err(database_failed)?;
    let summary = ContractImportSummary::default();
    let mut importer = Importer { import, summary, report };
    import_all(table, &mut importer).await?;
    importer.summary.registered = importer.import.count_registered();
    Ok(importer.summary)
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
    summary: ContractImportSummary,
    report: ListReport<'a, R>,
}

impl<R: ImportReport> Importer<'_, R> {
    /// The counts of a department, by its code.
    fn count(&mut self, department: Option<String>) -> &mut RowCounts {
        self.summary.by_department.entry(department.unwrap_or_default()).or_default()
    }

    fn refuse(&mut self, department: Option<String>, line: u64, message: &str) -> Result<()> {
        self.count(department).rejected += 1;
        self.summary.rejected += 1;
        self.report.row(line, ReportLineKind::Refused, message)
    }
}

impl<'a, R: ImportReport> ListImporter<'a> for Importer<'a, R> {
    type Row = ContractFileRow;
    type Report = R;
    const BATCH_ROWS: usize = 500;

    fn read(&mut self, row: &Row<'_>) -> Result<Option<ContractFileRow>> {
        Ok(Some(contract_row(row)))
    }

    fn refuse_unreadable(&mut self, line: u64, message: &str) -> Result<()> {
        self.refuse(None, line, message)
    }

    async fn import_batch(&mut self, rows: Vec<ContractFileRow>) -> Result<()> {
        let imported = self.import.import_rows(&rows).await.map_err(database_failed)?;
        for ImportedRow { line, department, outcome } in imported {
            match outcome {
                RowOutcome::Recorded => {
                    self.count(department).recorded += 1;
                    self.summary.recorded += 1;
                }
                RowOutcome::Unchanged => {
                    self.count(department).unchanged += 1;
                    self.summary.unchanged += 1;
                }
                RowOutcome::Refused(message) => self.refuse(department, line, &message)?,
            }
        }
        Ok(())
    }

    fn progress(&self) -> ListProgress {
        let ContractImportSummary { recorded, unchanged, rejected, .. } = self.summary;
        ListProgress { imported: recorded + unchanged, refused: rejected }
    }

    fn report(&mut self) -> &mut ListReport<'a, R> {
        &mut self.report
    }
}
