//! One row of a table.
use std::borrow::Cow;
use std::collections::BTreeMap;

use csv::ByteRecord;

use super::quotes::QuoteError;

/// One row of a table: its cells by their columns.
pub struct Row<'a> {
    /// Its first line in the file, from 1.
    pub line: u64,
    /// The number of cells of the table's header.
    pub width: usize,
    pub(super) delimiter: u8,
    /// Whether blank cells beyond the last column are no cells.
    pub(super) ignores_blank_surplus: bool,
    pub(super) quote_error: Option<QuoteError>,
    pub(super) columns: &'a BTreeMap<String, usize>,
    pub(super) record: &'a ByteRecord,
}

impl<'a> Row<'a> {
    /// Returns the text of a column's cell; empty if the table has no such column.
    pub fn cell(&self, column: &str) -> String {
        self.column_index(column).map_or_else(String::new, |index| self.cell_at(index))
    }

    /// Returns the text of a cell, by index from 0; empty if the row is shorter.
    pub fn cell_at(&self, index: usize) -> String {
        self.text_at(index).into_owned()
    }

    /// Returns the same text without a copy.
    pub fn text_at(&self, index: usize) -> Cow<'a, str> {
        String::from_utf8_lossy(self.cell_bytes(index))
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
        let count = self.record.len();
        let mut surplus = (self.width..count).map(|index| self.cell_bytes(index).trim_ascii());
        if self.ignores_blank_surplus && surplus.all(<[u8]>::is_empty) {
            count.min(self.width)
        } else {
            count
        }
    }

    /// Returns why the row's cells cannot be assigned to columns; `None` if they can.
    pub fn malformed(&self) -> Option<String> {
        let (cells, width) = (self.cell_count(), self.width);
        if self.quote_error == Some(QuoteError::NotDoubled) {
            return Some(QuoteError::NotDoubled.message().to_owned());
        }
        if cells > width {
            let separator = delimiter_name(self.delimiter);
            return Some(format!(
                "it has {cells} cells for {width} columns; quote the cell that contains {separator}"
            ));
        }
        let last = self.cell_bytes(cells.saturating_sub(1));
        if cells < width && last.contains(&b'\n') {
            let lines = last.split(|byte| *byte == b'\n').count() - 1;
            return Some(format!(
                "cell {cells} of {width} continues for {lines} more lines and is the last: a quote \
                is not closed"
            ));
        }
        self.quote_error.map(|error| error.message().to_owned())
    }
}

/// Returns a delimiter with its article, for messages.
pub const fn delimiter_name(delimiter: u8) -> &'static str {
    match delimiter {
        b';' => "a semicolon",
        b'\t' => "a tab",
        b'|' => "a vertical bar",
        _ => "a comma",
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
