//! A CSV table (RFC 4180), read row by row, with cells by column name. Its memory does not grow with
//! the file, for any content.
mod row_limit;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use csv::{ByteRecord, Reader, ReaderBuilder, Terminator};
use indicatif::{ProgressBar, ProgressStyle};

use self::row_limit::RowLimit;

/// The byte order mark, which spreadsheets write before UTF-8 text.
const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();
/// The read buffer, in bytes.
const BUFFER_BYTES: usize = 1 << 16;

/// A malformed row: its line, from 1, and what is wrong.
pub type RowError = (u64, String);
/// A source of bytes.
pub type Bytes = Box<dyn Read + Send>;

/// A table that is being read, with a progress bar (on stderr, if that is a terminal).
pub struct Table<R = Bytes> {
    reader: Reader<RowLimit<R>>,
    /// The current row.
    record: ByteRecord,
    /// The index of each column, from 0, by name in lower case.
    columns: BTreeMap<String, usize>,
    /// The number of cells of the header.
    width: usize,
    /// The columns that are neither required nor optional.
    pub ignored_columns: Vec<String>,
    pub bar: ProgressBar,
}

/// One row of a table: its cells by their columns.
pub struct Row<'a> {
    /// Its first line in the file, from 1.
    pub line: u64,
    /// The number of cells of the table's header.
    pub width: usize,
    columns: &'a BTreeMap<String, usize>,
    record: &'a ByteRecord,
}

impl<'a> Row<'a> {
    /// Returns the text of a column's cell; empty if the table has no such column.
    pub fn cell(&self, column: &str) -> String {
        let index = self.column_index(column);
        index.map_or_else(String::new, |it| {
            String::from_utf8_lossy(self.cell_bytes(it)).into_owned()
        })
    }

    /// Returns the index of a column, from 0.
    pub fn column_index(&self, column: &str) -> Option<usize> {
        self.columns.get(column).copied()
    }

    /// Returns the raw bytes of a cell, by index from 0; empty if the row is shorter.
    pub fn cell_bytes(&self, index: usize) -> &'a [u8] {
        let cell = self.record.get(index).unwrap_or_default();
        // A carriage return at the end of the line is not part of the cell.
        let is_last = index + 1 == self.record.len();
        cell.strip_suffix(b"\r").filter(|_| is_last).unwrap_or(cell)
    }

    /// Returns the number of cells.
    pub fn cell_count(&self) -> usize {
        self.record.len()
    }

    /// Returns why the row's cells cannot be assigned to columns; `None` if they can.
    pub fn malformed(&self) -> Option<String> {
        let (cells, width) = (self.cell_count(), self.width);
        if cells > width {
            return Some(format!(
                "it has {cells} cells for {width} columns; quote the cell that contains a comma"
            ));
        }
        let last = self.cell_bytes(cells.saturating_sub(1));
        (cells < width && last.contains(&b'\n')).then(|| {
            let lines = last.split(|byte| *byte == b'\n').count() - 1;
            format!(
                "cell {cells} of {width} continues for {lines} more lines and is the last: a quote \
                is not closed"
            )
        })
    }
}

/// Returns a cell as text.
///
/// # Errors
/// If it is not UTF-8, or contains a NUL, which databases do not store.
pub fn parse_text<'a>(column: &str, cell: &'a [u8]) -> Result<&'a str, String> {
    let text = std::str::from_utf8(cell).map_err(|error| {
        let before = cell.get(..error.valid_up_to()).unwrap_or_default();
        format!(
            "{column}: it is not UTF-8 (byte 0x{:02X} after {:?}); save the file as UTF-8",
            cell.get(error.valid_up_to()).copied().unwrap_or_default(),
            String::from_utf8_lossy(before)
        )
    })?;
    if text.contains('\0') {
        return Err(format!("{column}: it contains a NUL character, so it is not text"));
    }
    Ok(text)
}

/// Returns a progress bar for a file of `size` bytes.
///
/// # Errors
/// Never, since the template is valid.
pub fn byte_progress_bar(size: u64) -> Result<ProgressBar> {
    let template = "{bar:32} {percent:>3} %  {msg}  {elapsed_precise}, {eta} left";
    let style = ProgressStyle::with_template(template).context("a progress bar's template")?;
    Ok(ProgressBar::new(size).with_style(style))
}

impl Table {
    /// Opens a table with all of the `required` columns and any of the `optional` ones.
    ///
    /// # Errors
    /// If the file cannot be read, is empty or is not a table, or lacks a required column.
    pub fn open(path: &Path, required: &[&str], optional: &[&str]) -> Result<Self> {
        let shown = path.display().to_string();
        let file = File::open(path).with_context(|| format!("cannot read {shown}"))?;
        let size = file.metadata().with_context(|| format!("cannot read {shown}"))?.len();
        let mut table = Self::from_reader(&shown, Box::new(file), byte_progress_bar(size)?)?;
        let missing: Vec<&str> =
            required.iter().copied().filter(|it| !table.has_column(it)).collect();
        if !missing.is_empty() {
            bail!(
                "{shown} lacks the column{} {}; its header has: {}",
                if missing.len() == 1 { "" } else { "s" },
                missing.join(", "),
                table.column_names()
            );
        }
        let expected: BTreeSet<&str> = required.iter().chain(optional).copied().collect();
        let ignored_columns =
            table.columns.keys().filter(|name| !expected.contains(name.as_str())).cloned();
        table.ignored_columns = ignored_columns.collect();
        Ok(table)
    }
}

impl<R: Read> Table<R> {
    /// Reads the header of a table. Messages call the table `shown`.
    ///
    /// # Errors
    /// If the source cannot be read, is empty or is not a table.
    pub fn from_reader(shown: &str, source: R, bar: ProgressBar) -> Result<Self> {
        let read_error = || format!("cannot read {shown}");
        let source = RowLimit::new(source, bar.clone()).with_context(read_error)?;
        if let Some(message) = non_text_kind(source.head()) {
            bail!("{shown} {message}; save it as CSV (UTF-8)");
        }
        // Lines end with a line feed, and `cell_bytes` removes a carriage return before it. With the
        // crate's CRLF terminator its line count is one too low.
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .terminator(Terminator::Any(b'\n'))
            .buffer_capacity(BUFFER_BYTES)
            .from_reader(source);
        let mut header = ByteRecord::new();
        if !reader.read_byte_record(&mut header).with_context(read_error)? {
            bail!("{shown} is empty; it needs a header with the names of the columns");
        }
        if let Some(message) = header_error(&header) {
            bail!("{shown}: {message}");
        }
        let mut columns = BTreeMap::new();
        for (index, cell) in header.iter().enumerate() {
            let name = column_name(cell).trim().trim_matches('"').to_lowercase();
            if columns.insert(name.clone(), index).is_some() && !name.is_empty() {
                bail!("{shown} has two columns {name:?}; rename one of them");
            }
        }
        let (record, width, ignored_columns) = (ByteRecord::new(), header.len(), Vec::new());
        Ok(Self { reader, record, columns, width, ignored_columns, bar })
    }

    /// Returns whether the table has a column, named in lower case.
    pub fn has_column(&self, column: &str) -> bool {
        self.columns.contains_key(column)
    }

    /// Returns the column names as a list for messages.
    pub fn column_names(&self) -> String {
        self.columns.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
    }

    /// Returns the name of the first column.
    pub fn first_column(&self) -> String {
        let first = self.columns.iter().min_by_key(|(_, index)| **index);
        first.map(|(name, _)| name.clone()).unwrap_or_default()
    }

    /// Returns the next row, or what is wrong with it; `None` at the end.
    pub fn next(&mut self) -> Option<Result<Row<'_>, RowError>> {
        match self.advance() {
            Ok(true) => {}
            Ok(false) => return None,
            Err(error) => return Some(Err(error)),
        }
        let row = self.row();
        let text_error = (0..row.cell_count()).find_map(|index| {
            parse_text("", row.cell_bytes(index)).err()?;
            let name = self.columns.iter().find(|(_, at)| **at == index);
            parse_text(name.map_or("a cell", |(name, _)| name.as_str()), row.cell_bytes(index))
                .err()
        });
        Some(
            text_error
                .or_else(|| row.malformed())
                .map_or(Ok(row), |message| Err((self.line(), message))),
        )
    }

    /// Moves to the next row without checking its cells; returns false at the end. Blank lines are
    /// skipped.
    ///
    /// # Errors
    /// If reading fails.
    pub fn advance(&mut self) -> Result<bool, RowError> {
        loop {
            let line = self.reader.position().line();
            self.reader.get_mut().begin_row();
            match self.reader.read_byte_record(&mut self.record) {
                Ok(true) if self.record.iter().all(|cell| cell.trim_ascii().is_empty()) => {}
                Ok(is_row) => return Ok(is_row),
                Err(error) => return Err((line, format!("it cannot be read: {error}"))),
            }
        }
    }

    /// Returns the current row, unchecked.
    pub fn row(&self) -> Row<'_> {
        let (columns, record) = (&self.columns, &self.record);
        Row { line: self.line(), width: self.width, columns, record }
    }

    /// Returns the first line of the current row, from 1.
    fn line(&self) -> u64 {
        self.record.position().map_or(1, csv::Position::line)
    }

    /// Returns the source of the table.
    pub fn into_source(self) -> R {
        self.reader.into_inner().into_source()
    }
}

fn column_name(cell: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(cell.strip_prefix(BYTE_ORDER_MARK).unwrap_or(cell))
}

/// Returns what kind of file the first bytes show, if it is not text in UTF-8.
fn non_text_kind(head: &[u8]) -> Option<&'static str> {
    if head.starts_with(b"PK\x03\x04") {
        return Some("is a zip archive or a spreadsheet");
    }
    if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") {
        return Some("is text in UTF-16");
    }
    head.contains(&0).then_some("is not text")
}

/// Returns why the first line is not a header with separate column names.
fn header_error(header: &ByteRecord) -> Option<String> {
    let mut pairs = header.as_slice().windows(2);
    if pairs.any(|pair| pair[0] == b'\r' && pair[1] != b'\n') {
        return Some(
            "its lines end with carriage returns alone; save it with line feeds".to_owned(),
        );
    }
    let single_name = column_name(header.get(0).filter(|_| header.len() == 1)?);
    let separators = [(';', "';'"), ('\t', "tabs"), ('|', "'|'")];
    let (_, name) =
        separators.into_iter().find(|(separator, _)| single_name.contains(*separator))?;
    Some(format!("its columns seem to be separated by {name}; save it with commas"))
}
