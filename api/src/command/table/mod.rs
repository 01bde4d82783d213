//! A table of separated values (RFC 4180), read row by row, with cells by column name. Its memory does
//! not grow with the file, for any content.
//!
//! Encoding (UTF-8, UTF-16, Windows-1252), separator (comma, semicolon, tab, vertical bar), line ends and
//! titles above the header are detected. What is not as usual is in the table's notes, which every
//! command prints, and which the report of an import has. A row that cannot be read is an error with its line; the others are read.
mod decoding;
mod layout;
mod quotes;
mod row;
mod row_limit;
#[cfg(test)]
mod tests;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use csv::{ByteRecord, Reader, ReaderBuilder, Terminator};
use indicatif::{ProgressBar, ProgressStyle};
use memchr::memchr_iter;

use self::decoding::{TextReader, decode_windows_1252, non_text_kind};
use self::layout::Layout;
use self::quotes::{QuoteCheck, QuoteError};
use self::row::delimiter_name;
use self::row_limit::RowLimit;

pub use self::layout::HeaderRule;
pub use self::row::{Row, parse_text};

/// The read buffer, in bytes.
const BUFFER_BYTES: usize = 1 << 16;
/// The most columns that a message lists.
const MAX_LISTED_COLUMNS: usize = 20;

/// A malformed row: its line, from 1, and what is wrong.
pub type RowError = (u64, String);
/// A source of bytes.
pub type Bytes = Box<dyn Read + Send>;

/// A table that is being read, with a progress bar (on stderr, if that is a terminal).
pub struct Table<R = Bytes> {
    /// The name in messages.
    name: String,
    reader: Reader<QuoteCheck<RowLimit<TextReader<R>>>>,
    /// The current row.
    record: ByteRecord,
    /// The first line of the current row, from 1.
    line: u64,
    /// What is wrong with the quotes of the current row.
    quote_error: Option<QuoteError>,
    /// The index of each column, from 0, by name in lower case. Of two columns with one name, the first.
    columns: BTreeMap<String, usize>,
    /// The names, in lower case, that several columns have.
    repeated_columns: BTreeSet<String>,
    /// The cells of the header as written; the numbers of the columns, if the table has none.
    header: Vec<String>,
    /// The line of the header, from 1; `None` if the table has none.
    header_line: Option<u64>,
    delimiter: u8,
    /// Whether blank cells beyond the last column are no cells.
    ignores_blank_surplus: bool,
    /// The first rows below the header.
    sample: Vec<Vec<String>>,
    /// Whether a byte order mark or an earlier cell shows that the texts are UTF-8.
    is_utf8: bool,
    /// Whether an earlier cell was read as Windows-1252.
    is_windows_1252: bool,
    /// What is not as usual in the file, not yet printed.
    notes: Vec<String>,
    /// The columns that are neither required nor optional.
    pub ignored_columns: Vec<String>,
    pub bar: ProgressBar,
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
    /// If the file cannot be read, is empty or is not a table, lacks a required column, or has two of one
    /// name.
    pub fn open(path: &Path, required: &[&str], optional: &[&str]) -> Result<Self> {
        let is_header = |cells: &[String]| {
            let names: BTreeSet<String> = cells.iter().map(|cell| column_name(cell)).collect();
            required.iter().all(|column| names.contains(*column))
        };
        let mut table = Self::open_file(path, HeaderRule::Where(&is_header))?;
        let shown = path.display();
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
        for column in &expected {
            table.require_single(column)?;
        }
        let ignored_columns =
            table.columns.keys().filter(|name| !expected.contains(name.as_str())).cloned();
        table.ignored_columns = ignored_columns.collect();
        Ok(table)
    }

    /// Opens a table of any columns, whose rows may have blank cells beyond the last one.
    ///
    /// # Errors
    /// If the file cannot be read, is empty or is not a table.
    pub fn open_list(path: &Path, rule: HeaderRule<'_>) -> Result<Self> {
        let mut table = Self::open_file(path, rule)?;
        table.ignores_blank_surplus = true;
        Ok(table)
    }

    fn open_file(path: &Path, rule: HeaderRule<'_>) -> Result<Self> {
        let shown = path.display().to_string();
        let file = File::open(path).with_context(|| format!("cannot read {shown}"))?;
        let size = file.metadata().with_context(|| format!("cannot read {shown}"))?.len();
        Self::from_reader(&shown, Box::new(file), byte_progress_bar(size)?, rule)
    }
}

impl<R: Read> Table<R> {
    /// Reads the header of a table. Messages call the table `shown`.
    ///
    /// # Errors
    /// If the source cannot be read, is empty or is not a table.
    pub fn from_reader(
        shown: &str,
        source: R,
        bar: ProgressBar,
        rule: HeaderRule<'_>,
    ) -> Result<Self> {
        let read_error = || format!("cannot read {shown}");
        let text = TextReader::new(source, bar.clone()).with_context(read_error)?;
        let is_utf8 = text.has_utf8_mark;
        let mut notes: Vec<String> =
            text.notes.iter().map(|note| format!("{shown}: {note}")).collect();
        let source = RowLimit::new(text).with_context(read_error)?;
        if let Some(message) = non_text_kind(source.head()) {
            bail!("{shown} {message}");
        }
        let layout = Layout::detect(source.head(), source.is_head_whole(), rule);
        let Layout { delimiter, rows_above, sample, width } = layout;
        if delimiter != b',' {
            let name = delimiter_name(delimiter);
            notes.push(format!("{shown}: its cells are separated by {name} each"));
        }
        // Lines end with a line feed, and `cell_bytes` removes a carriage return before it. With the
        // crate's CRLF terminator its line count is one too low.
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .terminator(Terminator::Any(b'\n'))
            .delimiter(delimiter)
            .buffer_capacity(BUFFER_BYTES)
            .from_reader(QuoteCheck::new(source, delimiter));
        let mut table = Self {
            name: shown.to_owned(),
            reader,
            record: ByteRecord::new(),
            line: 0,
            quote_error: None,
            columns: BTreeMap::new(),
            repeated_columns: BTreeSet::new(),
            header: Vec::new(),
            header_line: None,
            delimiter,
            ignores_blank_surplus: false,
            sample,
            is_utf8,
            is_windows_1252: false,
            notes,
            ignored_columns: Vec::new(),
            bar,
        };
        for _ in 0..rows_above {
            table.read_record().map_err(|(line, why)| anyhow::anyhow!("{shown}:{line}: {why}"))?;
        }
        if matches!(rule, HeaderRule::None) {
            table.name_columns((1..=width).map(|number| number.to_string()).collect());
            if width == 0 {
                bail!("{shown} is empty");
            }
            return Ok(table);
        }
        table.read_header(rows_above)?;
        Ok(table)
    }

    fn read_header(&mut self, rows_above: usize) -> Result<()> {
        let shown = self.name.clone();
        let is_row =
            self.advance().map_err(|(line, why)| anyhow::anyhow!("{shown}:{line}: {why}"))?;
        if !is_row {
            bail!("{shown} is empty; it needs a header with the names of the columns");
        }
        let mut pairs = self.record.as_slice().windows(2);
        if pairs.any(|pair| pair[0] == b'\r' && pair[1] != b'\n') {
            bail!(
                "{shown}: some of its lines end with carriage returns alone; save it with line feeds"
            );
        }
        if rows_above > 0 && self.line > 1 {
            let above = self.line - 1;
            let lines =
                if above == 1 { "line 1".to_owned() } else { format!("lines 1 to {above}") };
            self.notes.push(format!("{shown}: {lines} above the header skipped"));
        }
        self.header_line = Some(self.line);
        let row = self.row();
        // As many as there are: nothing is beyond the last column yet.
        let cells = (0..row.record.len()).map(|index| row.cell_at(index).trim().to_owned());
        let cells = cells.collect();
        self.name_columns(cells);
        Ok(())
    }

    fn name_columns(&mut self, header: Vec<String>) {
        for (index, cell) in header.iter().enumerate() {
            let name = column_name(cell);
            match self.columns.entry(name) {
                Entry::Occupied(first) => {
                    self.repeated_columns.insert(first.key().clone());
                }
                Entry::Vacant(new) => {
                    new.insert(index);
                }
            }
        }
        self.repeated_columns.remove("");
        self.header = header;
    }

    /// Passes what is not as usual in the file to `write`, each note once, with the progress bar suspended.
    pub fn take_notes(&mut self, mut write: impl FnMut(&str)) {
        for note in self.notes.drain(..) {
            self.bar.suspend(|| write(&note));
        }
    }

    /// Prints what is not as usual in the file to stderr, once.
    pub fn print_notes(&mut self) {
        self.take_notes(|note| eprintln!("{note}"));
    }

    /// Returns the line of the header, from 1; `None` if the table has none.
    pub const fn header_line(&self) -> Option<u64> {
        self.header_line
    }

    /// Returns the cells of the header as written.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Returns the first rows below the header.
    pub fn sample(&self) -> &[Vec<String>] {
        &self.sample
    }

    /// Returns whether the table has a column, named in lower case.
    pub fn has_column(&self, column: &str) -> bool {
        self.columns.contains_key(column)
    }

    /// Returns the index of a column, from 0, named in lower case.
    pub fn column_index(&self, column: &str) -> Option<usize> {
        self.columns.get(column).copied()
    }

    /// Requires that no two columns have a name.
    ///
    /// # Errors
    /// If two have.
    pub fn require_single(&self, column: &str) -> Result<()> {
        if self.repeated_columns.contains(column) {
            bail!("{} has two columns {column:?}; rename one of them", self.name);
        }
        Ok(())
    }

    /// Requires that all columns have different names.
    ///
    /// # Errors
    /// If two have one name.
    pub fn require_distinct(&self) -> Result<()> {
        self.repeated_columns.iter().try_for_each(|column| self.require_single(column))
    }

    /// Returns the names of up to 20 columns as a list for messages.
    pub fn column_names(&self) -> String {
        if self.columns.len() <= MAX_LISTED_COLUMNS {
            return self.columns.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        }
        let first: Vec<&str> =
            self.header.iter().take(MAX_LISTED_COLUMNS).map(String::as_str).collect();
        let more = self.header.len() - first.len();
        format!("{} and {more} more", first.join(", "))
    }

    /// Returns the next row, or what is wrong with it; `None` at the end. The cells of a malformed row
    /// are in [`row`](Self::row).
    pub fn next(&mut self) -> Option<Result<Row<'_>, RowError>> {
        match self.advance() {
            Ok(true) => {}
            Ok(false) => return None,
            Err(error) => return Some(Err(error)),
        }
        let row = self.row();
        let text_error = (0..row.cell_count()).find_map(|index| {
            parse_text("", row.cell_bytes(index)).err()?;
            let name = self.header.get(index).filter(|name| !name.is_empty());
            let name = name.map_or_else(|| "a cell".to_owned(), |name| name.to_lowercase());
            parse_text(&name, row.cell_bytes(index)).err()
        });
        Some(
            text_error
                .or_else(|| row.malformed())
                .map_or(Ok(row), |message| Err((self.line, message))),
        )
    }

    /// Moves to the next row without checking its cells; returns false at the end. Blank lines are
    /// skipped.
    ///
    /// # Errors
    /// If reading fails.
    pub fn advance(&mut self) -> Result<bool, RowError> {
        loop {
            if !self.read_record()? {
                return Ok(false);
            }
            if self.record.iter().any(|cell| !cell.trim_ascii().is_empty()) {
                self.decode_record();
                return Ok(true);
            }
        }
    }

    fn read_record(&mut self) -> Result<bool, RowError> {
        let line = self.reader.position().line();
        self.reader.get_mut().source_mut().begin_row();
        let is_row = self.reader.read_byte_record(&mut self.record).map_err(|error| {
            self.record.clear();
            (line, format!("it cannot be read: {error}"))
        })?;
        // The reader's own position of a record is that of the blank lines before it.
        let position = self.reader.position();
        let (end, next_line) = (position.byte(), position.line());
        let feeds = memchr_iter(b'\n', self.record.as_slice()).count() as u64;
        let quotes = self.reader.get_mut();
        let own_end = u64::from(!quotes.is_unclosed());
        self.quote_error = quotes.take_error(end);
        self.line = next_line.saturating_sub(feeds + own_end).max(1);
        Ok(is_row)
    }

    /// Decodes cells that are not UTF-8 as Windows-1252, unless the file has shown that it is UTF-8.
    fn decode_record(&mut self) {
        let bytes = self.record.as_slice();
        if std::str::from_utf8(bytes).is_ok() {
            self.is_utf8 |= !self.is_windows_1252 && !bytes.is_ascii();
            return;
        }
        if self.is_utf8 {
            return;
        }
        let is_utf8 = |cell: &[u8]| std::str::from_utf8(cell).is_ok();
        let mut decoded = ByteRecord::with_capacity(bytes.len() * 2, self.record.len());
        for cell in &self.record {
            match Some(cell).filter(|cell| !is_utf8(cell)).and_then(decode_windows_1252) {
                Some(text) => decoded.push_field(text.as_bytes()),
                None => decoded.push_field(cell),
            }
        }
        if !self.is_windows_1252 && is_utf8(decoded.as_slice()) {
            self.is_windows_1252 = true;
            let (name, line) = (&self.name, self.line);
            self.notes.push(format!(
                "{name}:{line}: it is not UTF-8; such texts are read as Windows-1252"
            ));
        }
        self.record = decoded;
    }

    /// Returns the current row, unchecked.
    pub fn row(&self) -> Row<'_> {
        Row {
            line: self.line,
            width: self.header.len().max(usize::from(self.header.is_empty()) * self.record.len()),
            delimiter: self.delimiter,
            ignores_blank_surplus: self.ignores_blank_surplus,
            quote_error: self.quote_error,
            columns: &self.columns,
            record: &self.record,
        }
    }
}

/// Returns the name of a column by its cell in the header: trimmed, in lower case.
pub fn column_name(cell: &str) -> String {
    cell.trim().trim_matches('"').trim().to_lowercase()
}
