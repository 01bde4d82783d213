//! Award files of USAspending, parsed into rows of one type: the bulk downloads of prime award
//! summaries, prime transactions and subawards, of contracts and of assistance, and the short listing
//! of the search for transactions; as CSV, or in a zip archive.
//!
//! A file is read twice. The first pass finds the order of its days and its number of rows; the second
//! returns the rows. Each pass holds one row in memory. Its digest takes a pass of its own, which an
//! import needs and a screening does not.
//!
//! In a file that is UTF-8, as USAspending writes them, an invalid byte rejects the row, except in a
//! description, where it is replaced, and in unused columns, where it is ignored.
mod amounts;
mod columns;
mod dates;
mod keys;
mod row;
mod source;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use candor_schema::award::model::AwardFileEntry;
use chrono::NaiveDate;
use indicatif::{ProgressBar, ProgressStyle};

use self::columns::{EXPECTED_COLUMNS, Field, FieldColumns, FileFormat};
use self::dates::DateColumn;
use self::row::{DayOrders, RowParser};
use self::source::Source;
use super::table::{self, HeaderRule, RowError, Table};

pub use columns::describe_kind;
pub use source::is_zip;

/// The fields with dates.
const DATE_FIELDS: [Field; 6] = [
    Field::SignedOn,
    Field::StartsOn,
    Field::EndsOn,
    Field::OrdersUntil,
    Field::LatestOn,
    Field::ModifiedOn,
];

/// The rule by which the header of an award file is found.
const HEADER: HeaderRule<'static> = HeaderRule::Where(&is_award_header);

/// One table of awards, as an iterator of rows. A row that cannot be parsed is an error with its line
/// and the reason; the iteration continues after it.
pub struct AwardFile {
    /// The name in messages: the file's name, or `archive.zip/inner.csv` for one in an archive.
    pub name: String,
    /// The number of rows, with those that cannot be parsed.
    pub rows: u64,
    /// The progress in rows (on stderr, if that is a terminal).
    pub bar: ProgressBar,
    /// The latest day on which the source modified a row; `None` if no row has it.
    pub modified_until: Option<NaiveDate>,
    /// What is not as usual in the table, as messages.
    pub notes: Vec<String>,
    source: Source,
    format: FileFormat,
    columns: FieldColumns,
    day_orders: DayOrders,
    table: Table,
    /// Whether the table's current row has not been returned yet.
    has_pending_row: bool,
}

/// Returns whether a row is the header of an award file.
pub fn is_award_header(cells: &[String]) -> bool {
    FileFormat::of_header(cells).is_some()
}

/// Returns whether a table is an award file with all required columns.
pub fn is_award_file(table: &Table) -> bool {
    FileFormat::detect(table).is_some_and(|format| format.missing_columns(table).is_empty())
}

impl AwardFile {
    /// Returns the award files of a path: the file itself, or those in an archive, in its order. The
    /// first pass over a file happens when the iterator reaches it. Other tables of an archive are
    /// skipped, with a message to `note`.
    ///
    /// # Errors
    /// If the path cannot be read, has no award file, or has one that lacks a column. An item is an
    /// error if its file is damaged or has a row without an end.
    pub fn open_all(
        path: &Path,
        note: &mut dyn FnMut(&str),
    ) -> Result<impl Iterator<Item = Result<Self>> + use<>> {
        let sources = Source::list(path)?;
        let is_alone = sources.len() == 1;
        let mut files = Vec::new();
        for source in sources {
            match detect_format(&source)? {
                Ok(format) => files.push((source, format)),
                Err(message) if is_alone => bail!(message),
                Err(message) => note(&format!("{message}; skipped")),
            }
        }
        ensure!(!files.is_empty(), "{} has no award file", path.display());
        Ok(files.into_iter().map(|(source, format)| Self::open(source, format)))
    }

    fn open(source: Source, format: FileFormat) -> Result<Self> {
        let name = source.name.clone();
        let bar = table::byte_progress_bar(source.size)?;
        bar.set_message(format!("{name}: detecting date formats"));
        let mut table = Table::from_reader(&name, source.open()?, bar.clone(), HEADER)?;
        let columns = FieldColumns::new(format, &table);
        let mut date_columns = BTreeMap::new();
        for (column, index) in DATE_FIELDS.iter().flat_map(|field| columns.of(*field)) {
            date_columns.insert(*column, (*index, DateColumn::default()));
        }
        let mut rows = 0;
        while table.advance().map_err(|(line, message)| anyhow!("{name}:{line}: {message}"))? {
            rows += 1;
            let row = table.row();
            // In a malformed row, a cell may belong to another column.
            let is_whole = row.cell_count() == row.width;
            for (index, dates) in date_columns.values_mut().filter(|_| is_whole) {
                if let Ok(cell) = std::str::from_utf8(row.cell_bytes(*index)) {
                    dates.observe(cell.trim(), row.line);
                }
            }
        }
        bar.finish_and_clear();
        let mut notes = Vec::new();
        table.take_notes(|note| notes.push(note.to_owned()));
        let mut day_orders = DayOrders::new();
        for (column, (_, dates)) in &date_columns {
            if let Some(order) = dates.order() {
                day_orders.insert(column, order);
            } else if let Some(line) = dates.first_ambiguous {
                let count = dates.ambiguous;
                notes.push(format!(
                    "{name}: {column}: {count} days such as that in line {line} can mean two days; \
                    they are left out"
                ));
            }
        }
        let modified = columns.of(Field::ModifiedOn).iter();
        let modified_until =
            modified.filter_map(|(column, _)| date_columns.get(column)?.1.latest()).max();
        let template =
            "{bar:32} {percent:>3} %  {human_pos} rows, {per_sec:0}  {elapsed_precise}, {eta} left";
        let style = ProgressStyle::with_template(template).context("a progress bar's template")?;
        Ok(Self {
            format,
            columns,
            day_orders,
            modified_until,
            notes,
            rows,
            bar: ProgressBar::new(rows).with_style(style),
            table: Table::from_reader(&name, source.open()?, ProgressBar::hidden(), HEADER)?,
            name,
            source,
            has_pending_row: false,
        })
    }

    /// Reads the table once more, and returns the SHA-256 of its bytes, unpacked, in hexadecimal.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn sha256(&self) -> Result<String> {
        self.source.sha256()
    }

    /// Returns the number of bytes of the table, unpacked, that the second pass has read.
    pub fn bytes_read(&self) -> u64 {
        self.table.bar.position()
    }

    /// Returns the number of bytes of the tables of a path, unpacked, as the file system or the archive
    /// states it.
    ///
    /// # Errors
    /// If the path cannot be read, or is an archive without a CSV file.
    pub fn unpacked_bytes(path: &Path) -> Result<u64> {
        Ok(Source::list(path)?.iter().map(|source| source.size).sum())
    }

    /// Skips the rows that begin before a line, without parsing them.
    ///
    /// # Errors
    /// If reading fails.
    pub fn skip_to(&mut self, line: u64) -> Result<(), RowError> {
        loop {
            if !self.has_pending_row && !self.table.advance()? {
                break;
            }
            self.has_pending_row = self.table.row().line >= line;
            if self.has_pending_row {
                break;
            }
            self.bar.inc(1);
        }
        // The skipped rows do not show how long the rest takes.
        self.bar.reset_eta();
        Ok(())
    }
}

impl Iterator for AwardFile {
    type Item = Result<AwardFileEntry, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if !std::mem::take(&mut self.has_pending_row) {
            match self.table.advance() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
        self.bar.inc(1);
        let row = self.table.row();
        let parser = RowParser {
            row: &row,
            format: self.format,
            columns: &self.columns,
            day_orders: &self.day_orders,
        };
        Some(parser.parse().map_err(|message| (row.line, message)))
    }
}

/// Detects the format of a source by its header, or returns why it is not an award file.
///
/// # Errors
/// If the source cannot be read, or lacks a column of its format.
fn detect_format(source: &Source) -> Result<Result<FileFormat, String>> {
    let name = &source.name;
    if source.size == 0 {
        return Ok(Err(format!(
            "{name} is empty; it needs a header with the names of the columns"
        )));
    }
    let table = Table::from_reader(name, source.open()?, ProgressBar::hidden(), HEADER)?;
    let column_names = table.column_names();
    let Some(format) = FileFormat::detect(&table) else {
        let kind = describe_kind(&table);
        let kind = kind.map(|kind| format!("; it seems to be {kind}")).unwrap_or_default();
        return Ok(Err(format!(
            "{name} is not an award file of USAspending, which has {EXPECTED_COLUMNS}{kind}; its \
             header has: {column_names}"
        )));
    };
    table.require_distinct()?;
    let missing = format.missing_columns(&table).join(", ");
    ensure!(
        missing.is_empty(),
        "{name} has {}, but lacks the columns {missing}; its header has: {column_names}",
        format.description()
    );
    Ok(Ok(format))
}
