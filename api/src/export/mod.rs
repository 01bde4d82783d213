//! Exports of bids, contracts and disclosures as CSV or JSON Lines, over HTTP and from the command line.
//!
//! The rows are read in batches in the order of their ids, so that the memory does not depend on their
//! number, no connection is held while the reader reads, and the id of the last line is where the next
//! export continues.
mod filter;
mod lines;

use candor_schema::bidding::model::{BidId, OrderDirection};
use candor_schema::contracting::model::ContractId;
use candor_schema::database::Database;
use candor_schema::disclosure::model::{DisclosureFilter, DisclosureId, ValidDisclosureFilter};
use candor_schema::disclosure::service::{export_disclosures, validate_disclosure_export};
use candor_schema::fault::Fault;
use candor_schema::organization::model::Viewer;
use candor_schema::scalar::Date;
use candor_schema::screening::model::{
    BidFilter, ContractFilter, ContractOrder, ContractOrderField, RenewalsDueQuery, ValidBidFilter,
    ValidContractFilter,
};
use candor_schema::screening::service::{
    export_bids, export_contracts, validate_bid_export, validate_contract_export,
    validate_renewals_due_export,
};
use clap::ValueEnum;

use lines::LineWriter;

pub use filter::MAX_FILTER_BYTES;

/// The number of rows of a batch.
const BATCH_ROWS: u64 = 2_000;

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportKind {
    /// Bids, as the screen of bids lists them.
    Bids,
    /// Contracts, as the screen of contracts lists them.
    Contracts,
    /// Filed disclosures.
    Disclosures,
    /// The contracts that end in a window.
    RenewalsDue,
}

impl ExportKind {
    /// Returns the name in addresses and file names.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bids => "bids",
            Self::Contracts => "contracts",
            Self::Disclosures => "disclosures",
            Self::RenewalsDue => "renewals-due",
        }
    }
}

/// The form of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// CSV (RFC 4180) in UTF-8, with the names of the columns in the first line.
    Csv,
    /// JSON Lines: an object in each line.
    Jsonl,
}

/// The arguments of an export, as a client gives them.
#[derive(Clone, Debug, Default)]
pub struct ExportArguments {
    /// The filter of the screen, as a JSON object with the names of the GraphQL filter.
    pub filter: Option<String>,
    /// The first day of the window of renewals due.
    pub from: Option<String>,
    /// The last day of that window.
    pub to: Option<String>,
    /// The id after which the export continues.
    pub after: Option<String>,
}

/// Why an export did not begin or ended early.
#[derive(Debug)]
pub enum ExportError {
    /// An argument is malformed; says which, and what to send.
    Malformed(String),
    /// The use case failed.
    Fault(Fault),
}

impl From<Fault> for ExportError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// The rows that are still to be exported.
#[derive(Debug)]
enum Selection {
    Bids { filter: Box<ValidBidFilter>, after: Option<BidId> },
    Contracts { filter: Box<ValidContractFilter>, after: Option<ContractId> },
    Disclosures { filter: ValidDisclosureFilter, after: Option<DisclosureId> },
}

/// An export in progress.
#[derive(Debug)]
pub struct Exporter {
    database: Database,
    viewer: Viewer,
    selection: Selection,
    lines: LineWriter,
    has_ended: bool,
    /// The number of rows so far.
    rows: u64,
}

impl Exporter {
    /// Validates the arguments of an export. A raw CSV has its texts unchanged; otherwise one that a
    /// spreadsheet would run as a formula gets a leading `'`.
    ///
    /// # Errors
    /// `Malformed` for an argument that is not what it should be, `Fault` if the viewer may not export or
    /// the filter has errors.
    pub async fn new(
        database: Database,
        viewer: Viewer,
        kind: ExportKind,
        (format, is_raw): (ExportFormat, bool),
        arguments: ExportArguments,
    ) -> Result<Self, ExportError> {
        viewer.reading_exports()?;
        let ExportArguments { filter, from, to, after } = arguments;
        let filter = filter.as_deref();
        if kind != ExportKind::RenewalsDue && (from.is_some() || to.is_some()) {
            let message = "from and to are the window of renewals-due; leave them out here.";
            return Err(ExportError::Malformed(message.to_owned()));
        }
        let selection = match kind {
            ExportKind::Bids => {
                let filter: BidFilter = filter::parse(filter)?;
                let filter = Box::new(validate_bid_export(&viewer, filter)?);
                Selection::Bids { filter, after: parse_after(after.as_deref())? }
            }
            ExportKind::Contracts => {
                let filter: ContractFilter = filter::parse(filter)?;
                let filter = Box::new(validate_contract_export(&viewer, filter)?);
                Selection::Contracts { filter, after: parse_after(after.as_deref())? }
            }
            ExportKind::RenewalsDue => {
                let query = renewals_due_query(from, to, filter::parse(filter)?)?;
                let filter = Box::new(validate_renewals_due_export(&viewer, query)?);
                Selection::Contracts { filter, after: parse_after(after.as_deref())? }
            }
            ExportKind::Disclosures => {
                let filter: DisclosureFilter = filter::parse(filter)?;
                let filter = validate_disclosure_export(&database, &viewer, filter).await?;
                Selection::Disclosures { filter, after: parse_after(after.as_deref())? }
            }
        };
        let lines = LineWriter::new(format, is_raw);
        Ok(Self { database, viewer, selection, lines, has_ended: false, rows: 0 })
    }

    /// Returns the next lines, whole; `None` at the end.
    ///
    /// # Errors
    /// If the database does not answer, or a line cannot be written.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        if self.has_ended {
            return Ok(None);
        }
        let (db, viewer) = (&self.database, &self.viewer);
        let (bytes, rows) = match &mut self.selection {
            Selection::Bids { filter, after } => {
                let rows = export_bids(db, viewer, filter, *after, BATCH_ROWS).await?;
                *after = rows.last().map_or(*after, |(row, _)| Some(row.id));
                let cells = rows.iter().map(lines::bid_cells);
                (self.lines.write(&lines::BID_COLUMNS, cells)?, rows.len())
            }
            Selection::Contracts { filter, after } => {
                let rows = export_contracts(db, viewer, filter, *after, BATCH_ROWS).await?;
                *after = rows.last().map_or(*after, |(row, _)| Some(row.id));
                let cells = rows.iter().map(lines::contract_cells);
                (self.lines.write(&lines::CONTRACT_COLUMNS, cells)?, rows.len())
            }
            Selection::Disclosures { filter, after } => {
                let rows = export_disclosures(db, viewer, filter, *after, BATCH_ROWS).await?;
                *after = rows.last().map_or(*after, |(row, _)| Some(row.id));
                let cells = rows.iter().map(lines::disclosure_cells);
                (self.lines.write(&lines::DISCLOSURE_COLUMNS, cells)?, rows.len())
            }
        };
        self.rows += rows as u64;
        self.has_ended = (rows as u64) < BATCH_ROWS;
        Ok(Some(bytes))
    }

    /// Returns the number of rows so far.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }
}

/// Parses the id after which an export continues.
fn parse_after<T>(text: Option<&str>) -> Result<Option<T>, ExportError>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    let parsed = text.map(str::parse).transpose();
    parsed.map_err(|error| {
        ExportError::Malformed(format!(
            "after: {error} Send the id of the last line that you have."
        ))
    })
}

fn renewals_due_query(
    from: Option<String>,
    to: Option<String>,
    filter: ContractFilter,
) -> Result<RenewalsDueQuery, ExportError> {
    let day = |given: Option<String>, name: &str| {
        given.map(Date::from).ok_or_else(|| {
            let message = format!("{name}: send a day, as in {name}=2026-07-01.");
            ExportError::Malformed(message)
        })
    };
    // The rows are in the order of their ids; the order of the screen has no effect.
    let order =
        ContractOrder { field: ContractOrderField::EndDate, direction: OrderDirection::Asc };
    Ok(RenewalsDueQuery {
        from: day(from, "from")?,
        to: day(to, "to")?,
        department: None,
        readiness: Vec::new(),
        filter,
        order,
    })
}
