//! The lines of an export: the columns of each kind, and their writing as CSV and JSON Lines.
use candor_schema::disclosure::service::{DisclosureExport, DisclosureRow};
use candor_schema::fault::Fault;
use candor_schema::gate::Outcome;
use candor_schema::money::Money;
use candor_schema::screening::service::{
    BidExport, ContractExport, ScreenedBidRow, ScreenedContractRow,
};
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

use super::ExportFormat;
use crate::csv_output::CsvOutput;

/// The columns of bids, in their order.
pub const BID_COLUMNS: [&str; 20] = [
    "id",
    "solicitationId",
    "solicitationNumber",
    "solicitationTitle",
    "dueAt",
    "departmentId",
    "departmentCode",
    "departmentName",
    "organizationId",
    "organizationName",
    "status",
    "outcome",
    "amount",
    "currency",
    "submittedAt",
    "decidedAt",
    "cureBy",
    "disclosureId",
    "disclosureVersion",
    "review",
];

/// The columns of contracts and of renewals due, in their order.
pub const CONTRACT_COLUMNS: [&str; 21] = [
    "id",
    "number",
    "title",
    "departmentId",
    "departmentCode",
    "departmentName",
    "organizationId",
    "organizationName",
    "value",
    "currency",
    "signedOn",
    "startDate",
    "endDate",
    "optionsLeft",
    "clauseVersion",
    "readiness",
    "readinessAtEnd",
    "disclosureId",
    "disclosureLapsesOn",
    "noncomplianceCode",
    "noncompliantSince",
];

/// The columns of disclosures, in their order.
pub const DISCLOSURE_COLUMNS: [&str; 15] = [
    "id",
    "organizationId",
    "organizationName",
    "version",
    "kind",
    "status",
    "review",
    "filedAt",
    "withdrawnAt",
    "policyVersion",
    "sha256",
    "withheld",
    "paper",
    "agreements",
    "arrangements",
];

/// A value of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    Empty,
    Text(String),
    Number(i64),
    Flag(bool),
}

impl Cell {
    fn id(id: &impl ToString) -> Self {
        Self::Text(id.to_string())
    }

    fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    fn time(at: DateTime<Utc>) -> Self {
        Self::Text(at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }

    fn day(day: NaiveDate) -> Self {
        Self::Text(day.to_string())
    }

    fn amount(cents: i64) -> Self {
        Self::Text(Money { cents, currency: String::new() }.decimal())
    }

    fn optional<T>(value: Option<T>, cell: impl Fn(T) -> Self) -> Self {
        value.map_or(Self::Empty, cell)
    }

    fn in_csv(&self) -> std::borrow::Cow<'_, str> {
        match self {
            Self::Empty => "".into(),
            Self::Text(text) => text.into(),
            Self::Number(number) => number.to_string().into(),
            Self::Flag(flag) => (if *flag { "true" } else { "false" }).into(),
        }
    }

    fn write_json(&self, to: &mut Vec<u8>) -> Result<(), Fault> {
        let written = match self {
            Self::Empty => serde_json::to_writer(to, &()),
            Self::Text(text) => serde_json::to_writer(to, text),
            Self::Number(number) => serde_json::to_writer(to, number),
            Self::Flag(flag) => serde_json::to_writer(to, flag),
        };
        written.map_err(internal)
    }
}

/// Returns the cells of a bid.
pub fn bid_cells((row, shown): &(ScreenedBidRow, BidExport)) -> [Cell; BID_COLUMNS.len()] {
    [
        Cell::id(&row.id),
        Cell::id(&row.solicitation_id),
        Cell::text(&shown.solicitation_number),
        Cell::text(&shown.solicitation_title),
        Cell::time(shown.due_at),
        Cell::id(&row.department_id),
        Cell::text(&shown.department_code),
        Cell::text(&shown.department_name),
        Cell::id(&shown.firm_id),
        Cell::text(&shown.organization_name),
        Cell::text(row.status.as_str()),
        Cell::text(row.outcome.as_str()),
        Cell::optional(shown.amount_cents, Cell::amount),
        Cell::optional(shown.currency.as_deref(), Cell::text),
        Cell::time(row.submitted_at),
        Cell::time(row.decided_at),
        Cell::optional(row.cure_by, Cell::time),
        Cell::optional(row.disclosure_id, |id| Cell::id(&id)),
        Cell::optional(shown.disclosure_version, Cell::Number),
        Cell::optional(row.review, |review| Cell::text(review.as_str())),
    ]
}

/// Returns the cells of a contract.
pub fn contract_cells(
    (row, shown): &(ScreenedContractRow, ContractExport),
) -> [Cell; CONTRACT_COLUMNS.len()] {
    let outcome = |outcome: Outcome| Cell::text(outcome.as_str());
    [
        Cell::id(&row.id),
        Cell::text(&row.number),
        Cell::text(&row.title),
        Cell::id(&row.department_id),
        Cell::text(&shown.department_code),
        Cell::text(&shown.department_name),
        Cell::id(&shown.firm_id),
        Cell::text(&shown.organization_name),
        Cell::amount(row.value_cents),
        Cell::text(&row.currency),
        Cell::day(shown.signed_on),
        Cell::day(row.start_date),
        Cell::day(row.end_date),
        Cell::Number(shown.options_left),
        Cell::optional(row.clause_version, Cell::Number),
        outcome(row.readiness),
        outcome(row.readiness_at_end),
        Cell::optional(row.disclosure_id, |id| Cell::id(&id)),
        Cell::optional(row.disclosure_lapses_on, Cell::day),
        Cell::optional(row.noncompliance_code.as_deref(), Cell::text),
        Cell::optional(row.noncompliant_since, Cell::day),
    ]
}

/// Returns the cells of a disclosure.
pub fn disclosure_cells(
    (row, shown): &(DisclosureRow, DisclosureExport),
) -> [Cell; DISCLOSURE_COLUMNS.len()] {
    [
        Cell::id(&row.id),
        Cell::id(&row.organization_id),
        Cell::text(&shown.organization_name),
        Cell::Number(row.version),
        Cell::text(shown.kind.as_str()),
        Cell::text(row.status.as_str()),
        Cell::text(row.review.as_str()),
        Cell::time(row.filed_at),
        Cell::optional(row.withdrawn_at, Cell::time),
        Cell::Number(shown.policy_version),
        Cell::text(&shown.sha256),
        Cell::Flag(shown.withheld),
        Cell::Flag(shown.paper),
        Cell::Number(shown.agreements),
        Cell::Number(shown.arrangements),
    ]
}

/// Writes lines in one form. The first batch of a CSV begins with the names of the columns.
#[derive(Debug)]
pub struct LineWriter {
    format: ExportFormat,
    is_raw: bool,
    has_begun: bool,
}

impl LineWriter {
    pub const fn new(format: ExportFormat, is_raw: bool) -> Self {
        Self { format, is_raw, has_begun: false }
    }

    /// Returns the lines of some rows.
    ///
    /// # Errors
    /// `Internal` if a line cannot be written.
    pub fn write<const N: usize>(
        &mut self,
        columns: &[&str; N],
        rows: impl Iterator<Item = [Cell; N]>,
    ) -> Result<Vec<u8>, Fault> {
        let has_begun = std::mem::replace(&mut self.has_begun, true);
        let mut bytes = Vec::new();
        match self.format {
            ExportFormat::Csv => {
                let mut output = CsvOutput::new(&mut bytes, self.is_raw);
                if !has_begun {
                    output.write_row(columns.iter().copied()).map_err(internal)?;
                }
                for row in rows {
                    let cells = row.each_ref().map(Cell::in_csv);
                    output.write_row(cells.iter().map(|cell| &**cell)).map_err(internal)?;
                }
                output.finish().map_err(internal)?;
            }
            ExportFormat::Jsonl => {
                for row in rows {
                    for (index, (name, cell)) in columns.iter().zip(&row).enumerate() {
                        bytes.extend(if index == 0 { b"{\"" } else { b",\"" });
                        bytes.extend(name.as_bytes());
                        bytes.extend(b"\":");
                        cell.write_json(&mut bytes)?;
                    }
                    bytes.extend(b"}\n");
                }
            }
        }
        Ok(bytes)
    }
}

fn internal(error: impl std::fmt::Display) -> Fault {
    Fault::Internal(error.to_string().into())
}

#[cfg(test)]
mod tests {
    use super::{Cell, LineWriter};
    use crate::export::ExportFormat;

    fn row() -> [Cell; 4] {
        let text = Cell::Text("=1+\"a\",\nb".to_owned());
        [text, Cell::Empty, Cell::Number(-3), Cell::Flag(true)]
    }

    fn lines(writer: &mut LineWriter) -> String {
        let bytes = writer.write(&["a", "b", "c", "d"], [row()].into_iter()).expect("lines");
        String::from_utf8(bytes).expect("UTF-8")
    }

    #[test]
    fn a_csv_names_its_columns_once_and_runs_no_formula() {
        let mut writer = LineWriter::new(ExportFormat::Csv, false);
        assert_eq!(lines(&mut writer), "a,b,c,d\n\"'=1+\"\"a\"\",\nb\",,-3,true\n");
        assert_eq!(lines(&mut writer), "\"'=1+\"\"a\"\",\nb\",,-3,true\n");
        let mut empty = LineWriter::new(ExportFormat::Csv, false);
        let header = empty.write(&["a"], std::iter::empty()).expect("a line");
        assert_eq!(header, b"a\n");
        let mut raw = LineWriter::new(ExportFormat::Csv, true);
        assert!(lines(&mut raw).contains("\"=1+"));
    }

    #[test]
    fn json_lines_are_objects_in_one_line() {
        let mut writer = LineWriter::new(ExportFormat::Jsonl, false);
        let line = lines(&mut writer);
        assert_eq!(line, "{\"a\":\"=1+\\\"a\\\",\\nb\",\"b\":null,\"c\":-3,\"d\":true}\n");
        assert!(serde_json::from_str::<serde_json::Value>(&line).is_ok());
    }
}
