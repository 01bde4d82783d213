//! A table in a file (CSV, RFC 4180), read row by row by the names of its columns. What it takes
//! of memory does not grow with the file, whatever the file holds.
mod bounded;
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

use self::bounded::Bounded;

/// What stands before the text in a file that a spreadsheet saved as UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();
/// What is read from the file at a time.
const BUFFER: usize = 1 << 16;

/// A row that is none: its line, and why.
pub type Refused = (u64, String);
/// Any bytes.
pub type Bytes = Box<dyn Read + Send>;

/// A table that is being read, with a bar that tells how far (on stderr, if that is a terminal).
pub struct Table<R = Bytes> {
    reader: Reader<Bounded<R>>,
    /// The row that it stands at.
    record: ByteRecord,
    /// The place of each column, by its name.
    columns: BTreeMap<String, usize>,
    /// How many cells the first line has.
    width: usize,
    /// Columns that nobody asked for.
    pub ignored: Vec<String>,
    pub bar: ProgressBar,
}

/// One row of a table: its cells by their columns.
pub struct Row<'a> {
    /// Its first line in the file, from 1.
    pub line: u64,
    /// How many cells the table's first line has.
    pub width: usize,
    columns: &'a BTreeMap<String, usize>,
    record: &'a ByteRecord,
}

impl<'a> Row<'a> {
    /// What stands in a column; nothing if the table has none of that name.
    pub fn cell(&self, column: &str) -> String {
        let place = self.place(column);
        place.map_or_else(String::new, |it| String::from_utf8_lossy(self.bytes(it)).into_owned())
    }

    /// The place of a column, from 0.
    pub fn place(&self, column: &str) -> Option<usize> {
        self.columns.get(column).copied()
    }

    /// What stands at a place, from 0, as it is in the file; nothing if the row ends before it.
    pub fn bytes(&self, place: usize) -> &'a [u8] {
        let cell = self.record.get(place).unwrap_or_default();
        // The carriage return of the line's end.
        let is_last = place + 1 == self.record.len();
        cell.strip_suffix(b"\r").filter(|_| is_last).unwrap_or(cell)
    }

    /// How many cells it has.
    pub fn cells(&self) -> usize {
        self.record.len()
    }

    /// Why its cells cannot be told apart; nothing if they can.
    pub fn torn(&self) -> Option<String> {
        let (cells, width) = (self.cells(), self.width);
        if cells > width {
            return Some(format!(
                "it has {cells} cells for {width} columns; quote the one that has a comma in it"
            ));
        }
        let last = self.bytes(cells.saturating_sub(1));
        (cells < width && last.contains(&b'\n')).then(|| {
            let lines = last.split(|byte| *byte == b'\n').count() - 1;
            format!(
                "its cell no. {cells} runs over {lines} further lines and is its last of {width}: \
                a quote is not closed"
            )
        })
    }
}

/// A cell as text.
///
/// # Errors
/// If it is none: not UTF-8, or with a NUL in it, which no database takes.
pub fn text<'a>(column: &str, cell: &'a [u8]) -> Result<&'a str, String> {
    let text = std::str::from_utf8(cell).map_err(|error| {
        let before = cell.get(..error.valid_up_to()).unwrap_or_default();
        format!(
            "{column}: it is not UTF-8 (byte 0x{:02X} after {:?}); save the file as UTF-8",
            cell.get(error.valid_up_to()).copied().unwrap_or_default(),
            String::from_utf8_lossy(before)
        )
    })?;
    if text.contains('\0') {
        return Err(format!("{column}: there is a NUL in it, so it is no text"));
    }
    Ok(text)
}

/// A bar for the bytes of a file of this size.
///
/// # Errors
/// None that can happen: if its form is wrong.
pub fn bar(size: u64) -> Result<ProgressBar> {
    let form = "{bar:32} {percent:>3} %  {msg}  {elapsed_precise}, {eta} left";
    let style = ProgressStyle::with_template(form).context("a progress bar's form")?;
    Ok(ProgressBar::new(size).with_style(style))
}

impl Table {
    /// Opens a table that has all of the `required` columns, and perhaps some of the `known` ones.
    ///
    /// # Errors
    /// If the file cannot be read, is no table, holds nothing, or lacks a column: which.
    pub fn open(path: &Path, required: &[&str], known: &[&str]) -> Result<Self> {
        let shown = path.display().to_string();
        let file = File::open(path).with_context(|| format!("cannot read {shown}"))?;
        let size = file.metadata().with_context(|| format!("cannot read {shown}"))?.len();
        let mut table = Self::read(&shown, Box::new(file), bar(size)?)?;
        let lacking: Vec<&str> = required.iter().copied().filter(|it| !table.has(it)).collect();
        if !lacking.is_empty() {
            bail!(
                "{shown} lacks the column{} {}; its first line has: {}",
                if lacking.len() == 1 { "" } else { "s" },
                lacking.join(", "),
                table.columns()
            );
        }
        let taken: BTreeSet<&str> = required.iter().chain(known).copied().collect();
        let ignored = table.columns.keys().filter(|name| !taken.contains(name.as_str())).cloned();
        table.ignored = ignored.collect();
        Ok(table)
    }
}

impl<R: Read> Table<R> {
    /// Reads the first line of a table that messages call `shown`.
    ///
    /// # Errors
    /// If it cannot be read, is no table, or holds nothing.
    pub fn read(shown: &str, source: R, bar: ProgressBar) -> Result<Self> {
        let cannot = || format!("cannot read {shown}");
        let source = Bounded::new(source, bar.clone()).with_context(cannot)?;
        if let Some(why) = no_text(source.head()) {
            bail!("{shown} {why}; save it as CSV (UTF-8)");
        }
        // Lines end with a line feed; a carriage return before it is taken off the last cell. With
        // the crate's own ending of both, it counts the lines one too few.
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .terminator(Terminator::Any(b'\n'))
            .buffer_capacity(BUFFER)
            .from_reader(source);
        let mut header = ByteRecord::new();
        if !reader.read_byte_record(&mut header).with_context(cannot)? {
            bail!("{shown} is empty: it needs a first line with the names of the columns");
        }
        if let Some(why) = no_header(&header) {
            bail!("{shown}: {why}");
        }
        let mut columns = BTreeMap::new();
        for (place, cell) in header.iter().enumerate() {
            let name = column_name(cell).trim().trim_matches('"').to_lowercase();
            if columns.insert(name.clone(), place).is_some() && !name.is_empty() {
                bail!("{shown} has two columns {name:?}: rename one of them");
            }
        }
        let (record, width, ignored) = (ByteRecord::new(), header.len(), Vec::new());
        Ok(Self { reader, record, columns, width, ignored, bar })
    }

    /// Whether it has a column of this name, which is in small letters.
    pub fn has(&self, column: &str) -> bool {
        self.columns.contains_key(column)
    }

    /// The names of its columns, as a message lists them.
    pub fn columns(&self) -> String {
        self.columns.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
    }

    /// The name of its first column.
    pub fn first_column(&self) -> String {
        let first = self.columns.iter().min_by_key(|(_, place)| **place);
        first.map(|(name, _)| name.clone()).unwrap_or_default()
    }

    /// The next row, or why it is none; nothing at the end.
    pub fn next(&mut self) -> Option<Result<Row<'_>, Refused>> {
        match self.advance() {
            Ok(true) => {}
            Ok(false) => return None,
            Err(refused) => return Some(Err(refused)),
        }
        let row = self.row();
        let unread = (0..row.cells()).find_map(|place| {
            text("", row.bytes(place)).err()?;
            let name = self.columns.iter().find(|(_, at)| **at == place);
            text(name.map_or("a cell", |(name, _)| name.as_str()), row.bytes(place)).err()
        });
        Some(unread.or_else(|| row.torn()).map_or(Ok(row), |why| Err((self.line(), why))))
    }

    /// Goes to the next row, whatever its cells hold; false at the end. A line with nothing on it
    /// is no row.
    ///
    /// # Errors
    /// If the file cannot be read any further.
    pub fn advance(&mut self) -> Result<bool, Refused> {
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

    /// The row that it stands at, whatever its cells hold.
    pub fn row(&self) -> Row<'_> {
        let (columns, record) = (&self.columns, &self.record);
        Row { line: self.line(), width: self.width, columns, record }
    }

    /// The first line of the row that it stands at, from 1.
    fn line(&self) -> u64 {
        self.record.position().map_or(1, csv::Position::line)
    }

    /// What it was read from.
    pub fn into_source(self) -> R {
        self.reader.into_inner().into_source()
    }
}

fn column_name(cell: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(cell.strip_prefix(BYTE_ORDER_MARK).unwrap_or(cell))
}

/// What a file is whose first bytes are no text's.
fn no_text(head: &[u8]) -> Option<&'static str> {
    if head.starts_with(b"PK\x03\x04") {
        return Some("is a zip archive or a spreadsheet");
    }
    if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") {
        return Some("is text in UTF-16");
    }
    head.contains(&0).then_some("is no text")
}

/// Why a first line names no columns that could be told apart.
fn no_header(header: &ByteRecord) -> Option<String> {
    let mut pairs = header.as_slice().windows(2);
    if pairs.any(|pair| pair[0] == b'\r' && pair[1] != b'\n') {
        return Some(
            "its lines end with carriage returns alone; save it with line feeds".to_owned(),
        );
    }
    let only = column_name(header.get(0).filter(|_| header.len() == 1)?);
    let separators = [(';', "';'"), ('\t', "tabs"), ('|', "'|'")];
    let (_, name) = separators.into_iter().find(|(separator, _)| only.contains(*separator))?;
    Some(format!("its columns seem to be separated by {name}; save it with commas"))
}
