//! Award files of USAspending, parsed into rows of one type: the bulk downloads of prime award
//! summaries, prime transactions and subawards, of contracts and of assistance, and the short listing
//! of the search for transactions; as CSV, or in a zip archive.
//!
//! A file is read twice. The first pass finds its date formats, its number of rows and its digest;
//! the second returns the rows. Each pass holds one row in memory.
//!
//! Texts are UTF-8, as USAspending writes them. An invalid byte rejects the row, except in a
//! description, where it is replaced, and in unused columns, where it is ignored.
mod amounts;
mod columns;
mod dates;
mod row;
mod source;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use candor_schema::award::model::AwardFileRow;
use indicatif::{ProgressBar, ProgressStyle};

use self::columns::{EXPECTED_COLUMNS, Field, FileFormat};
use self::row::{DateFormats, RowParser};
use self::source::{HashingReader, Source};
use super::table::{self, RowError, Table};

pub use source::is_zip;

/// The fields with dates.
const DATE_FIELDS: [Field; 5] =
    [Field::SignedOn, Field::StartsOn, Field::EndsOn, Field::OrdersUntil, Field::LatestOn];

/// One table of awards, as an iterator of rows. A row that cannot be parsed is an error with its line
/// and the reason; the iteration continues after it.
pub struct AwardFile {
    /// The name in messages: the file's name, or `archive.zip/inner.csv` for one in an archive.
    pub name: String,
    /// The SHA-256 of the table's bytes, unpacked, in hexadecimal.
    pub sha256: String,
    /// The number of rows, with those that cannot be parsed.
    pub rows: u64,
    /// The progress in rows (on stderr, if that is a terminal).
    pub bar: ProgressBar,
    format: FileFormat,
    date_formats: DateFormats,
    table: Table,
    /// Whether the table's current row has not been returned yet.
    has_pending_row: bool,
}

/// Returns whether a table is an award file with all required columns.
pub fn is_award_file(table: &Table) -> bool {
    FileFormat::detect(table).is_some_and(|format| format.missing_columns(table).is_empty())
}

impl AwardFile {
    /// Returns the award files of a path: the file itself, or those in an archive, in its order. The
    /// first pass over a file happens when the iterator reaches it. Other tables of an archive are
    /// skipped with a message on stderr.
    ///
    /// # Errors
    /// If the path cannot be read, has no award file, or has one that lacks a column. An item is an
    /// error if its file is damaged or has a row without an end.
    pub fn open_all(path: &Path) -> Result<impl Iterator<Item = Result<Self>> + use<>> {
        let sources = Source::list(path)?;
        let is_alone = sources.len() == 1;
        let mut files = Vec::new();
        for source in sources {
            match detect_format(&source)? {
                Ok(format) => files.push((source, format)),
                Err(message) if is_alone => bail!(message),
                Err(message) => eprintln!("{message}; skipped"),
            }
        }
        ensure!(!files.is_empty(), "{} has no award file", path.display());
        Ok(files.into_iter().map(|(source, format)| Self::open(&source, format)))
    }

    fn open(source: &Source, format: FileFormat) -> Result<Self> {
        let name = source.name.clone();
        let bar = table::byte_progress_bar(source.size)?;
        bar.set_message(format!("{name}: detecting date formats"));
        let mut table = Table::from_reader(&name, HashingReader::new(source.open()?), bar.clone())?;
        let mut date_columns = BTreeMap::new();
        for column in DATE_FIELDS.iter().flat_map(|field| format.columns(*field)) {
            date_columns.insert(*column, dates::DateColumn::default());
        }
        let mut rows = 0;
        while table.advance().map_err(|(line, message)| anyhow!("{name}:{line}: {message}"))? {
            rows += 1;
            let row = table.row();
            // In a malformed row, a cell may belong to another column.
            let is_whole = row.cell_count() == row.width;
            for (column, dates) in date_columns.iter_mut().filter(|_| is_whole) {
                let cell = row.column_index(column).map(|index| row.cell_bytes(index));
                if let Some(cell) = cell.and_then(|cell| std::str::from_utf8(cell).ok()) {
                    dates.observe(cell.trim());
                }
            }
        }
        bar.finish_and_clear();
        for (column, _) in date_columns.iter().filter(|(_, dates)| dates.is_ambiguous()) {
            eprintln!("{name}: the date format of {column:?} is ambiguous; its dates are skipped");
        }
        let date_formats =
            date_columns.into_iter().filter_map(|(column, dates)| Some((column, dates.format()?)));
        let template =
            "{bar:32} {percent:>3} %  {human_pos} rows, {per_sec:0}  {elapsed_precise}, {eta} left";
        let style = ProgressStyle::with_template(template).context("a progress bar's template")?;
        Ok(Self {
            format,
            date_formats: date_formats.collect(),
            sha256: table.into_source().sha256(),
            rows,
            bar: ProgressBar::new(rows).with_style(style),
            table: Table::from_reader(&name, source.open()?, ProgressBar::hidden())?,
            name,
            has_pending_row: false,
        })
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
    type Item = Result<AwardFileRow, RowError>;

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
        let parser = RowParser { row: &row, format: self.format, date_formats: &self.date_formats };
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
    let table = Table::from_reader(name, source.open()?, ProgressBar::hidden())?;
    let column_names = table.column_names();
    let Some(format) = FileFormat::detect(&table) else {
        return Ok(Err(format!(
            "{name} is not an award file of USAspending, which has {EXPECTED_COLUMNS}; its header \
             has: {column_names}"
        )));
    };
    let missing = format.missing_columns(&table).join(", ");
    ensure!(
        missing.is_empty(),
        "{name} has {}, but lacks the columns {missing}; its header has: {column_names}",
        format.description()
    );
    Ok(Ok(format))
}
