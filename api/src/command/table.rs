//! A table in a file (CSV, RFC 4180), read row by row by the names of its columns.
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::{Context, Result, bail};
use csv::{ByteRecord, Reader, ReaderBuilder, Terminator};
use indicatif::{ProgressBar, ProgressBarIter, ProgressStyle};

/// What stands before the text in a file that a spreadsheet saved as UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();

/// A file that is being read, with a bar that tells how far (on stderr, if that is a terminal).
pub struct Table {
    reader: Reader<ProgressBarIter<BufReader<File>>>,
    /// The place of each column, by its name.
    columns: BTreeMap<String, usize>,
    /// Columns that nobody asked for.
    pub ignored: Vec<String>,
    pub bar: ProgressBar,
}

/// One row of a table: its cells by their columns.
pub struct Row<'a> {
    /// Its first line in the file, from 1.
    pub line: u64,
    columns: &'a BTreeMap<String, usize>,
    cells: Vec<String>,
}

impl Row<'_> {
    /// What stands in a column; nothing if the table has none of that name.
    pub fn cell(&self, column: &str) -> String {
        let place = self.columns.get(column);
        place.and_then(|place| self.cells.get(*place)).cloned().unwrap_or_default()
    }
}

impl Table {
    /// Opens a table that has all of the `required` columns, and perhaps some of the `known` ones.
    ///
    /// # Errors
    /// If the file cannot be read, holds nothing, or lacks a column: which.
    pub fn open(path: &Path, required: &[&str], known: &[&str]) -> Result<Self> {
        let shown = path.display();
        let file = File::open(path).with_context(|| format!("cannot read {shown}"))?;
        let size = file.metadata().with_context(|| format!("cannot read {shown}"))?.len();
        let bar = ProgressBar::new(size);
        let form = "{bar:32} {percent:>3} %  {msg}  {elapsed_precise}, {eta} left";
        bar.set_style(ProgressStyle::with_template(form).context("a progress bar's form")?);
        let source = bar.wrap_read(BufReader::new(file));
        // Lines end with a line feed; a carriage return before it is taken off the last cell. With
        // the crate's own ending of both, it counts the lines one too few.
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .terminator(Terminator::Any(b'\n'))
            .from_reader(source);
        let mut header = ByteRecord::new();
        if !reader.read_byte_record(&mut header).with_context(|| format!("cannot read {shown}"))? {
            bail!("{shown} is empty: it needs a first line with the names of the columns");
        }
        let mut columns = BTreeMap::new();
        for (place, cell) in header.iter().enumerate() {
            let cell = cell.strip_prefix(BYTE_ORDER_MARK).unwrap_or(cell);
            let name = String::from_utf8_lossy(cell).trim().trim_matches('"').to_lowercase();
            if columns.insert(name.clone(), place).is_some() && !name.is_empty() {
                bail!("{shown} has two columns {name:?}: rename one of them");
            }
        }
        let lacking: Vec<&str> =
            required.iter().copied().filter(|name| !columns.contains_key(*name)).collect();
        if !lacking.is_empty() {
            bail!(
                "{shown} lacks the column{} {}; its first line has: {}",
                if lacking.len() == 1 { "" } else { "s" },
                lacking.join(", "),
                listed(&columns)
            );
        }
        let taken: BTreeSet<&str> = required.iter().chain(known).copied().collect();
        let ignored = columns.keys().filter(|name| !taken.contains(name.as_str())).cloned();
        Ok(Self { reader, ignored: ignored.collect(), columns, bar })
    }

    /// Whether it has a column of this name.
    pub fn has(&self, column: &str) -> bool {
        self.columns.contains_key(column)
    }

    /// The names of its columns, as a message lists them.
    pub fn columns(&self) -> String {
        listed(&self.columns)
    }

    /// The name of its first column.
    pub fn first_column(&self) -> String {
        let first = self.columns.iter().min_by_key(|(_, place)| **place);
        first.map(|(name, _)| name.clone()).unwrap_or_default()
    }

    /// The next row, or why it is none; nothing at the end.
    pub fn next(&mut self) -> Option<Result<Row<'_>, (u64, String)>> {
        let mut record = ByteRecord::new();
        loop {
            let line = self.reader.position().line();
            match self.reader.read_byte_record(&mut record) {
                Ok(false) => return None,
                // A line with nothing on it is no row.
                Ok(true) if record.iter().all(|cell| cell.trim_ascii().is_empty()) => {}
                Ok(true) => break,
                Err(error) => return Some(Err((line, format!("it cannot be read: {error}")))),
            }
        }
        let line = self.reader.position().line();
        let line = record.position().map_or(line, csv::Position::line);
        let mut cells = Vec::with_capacity(record.len());
        let last = record.len().saturating_sub(1);
        for (place, cell) in record.iter().enumerate() {
            let cell = if place == last { cell.strip_suffix(b"\r").unwrap_or(cell) } else { cell };
            match std::str::from_utf8(cell) {
                Ok(text) => cells.push(text.to_owned()),
                Err(error) => {
                    let name = self.columns.iter().find(|(_, at)| **at == place);
                    let name = name.map_or("a cell", |(name, _)| name.as_str());
                    let byte = cell.get(error.valid_up_to()).copied().unwrap_or_default();
                    let told = format!(
                        "{name}: it is not UTF-8 (byte 0x{byte:02X} after {:?}); save the file as \
                        UTF-8",
                        String::from_utf8_lossy(&cell[..error.valid_up_to()])
                    );
                    return Some(Err((line, told)));
                }
            }
        }
        if cells.len() > self.columns.len() {
            let told = format!(
                "it has {} cells for {} columns; quote the one that has a comma in it",
                cells.len(),
                self.columns.len()
            );
            return Some(Err((line, told)));
        }
        Some(Ok(Row { line, columns: &self.columns, cells }))
    }
}

fn listed(columns: &BTreeMap<String, usize>) -> String {
    columns.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
}
