//! Rows of a file by column name.
use std::collections::HashMap;
use std::path::Path;

/// A row's texts by column name.
pub struct Row(HashMap<String, String>);

impl Row {
    /// Returns the text in a column.
    pub fn text(&self, column: &str) -> &str {
        self.0.get(column).unwrap_or_else(|| panic!("there is no column {column:?}"))
    }

    /// Returns the text in a column; none if empty.
    pub fn non_empty(&self, column: &str) -> Option<String> {
        Some(self.text(column).to_owned()).filter(|text| !text.is_empty())
    }
}

/// Reads all rows. Some published files are not UTF-8, and some end within the last row.
pub fn rows(path: &Path) -> Vec<Row> {
    let opened = csv::ReaderBuilder::new().flexible(true).from_path(path);
    let mut file = opened.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    let headers: Vec<String> =
        file.byte_headers().expect("a line of headers").iter().map(text).collect();
    let row = |row: csv::Result<csv::ByteRecord>| {
        let row = row.expect("a row");
        let cells = row.iter().chain(std::iter::repeat(&b""[..])).map(text);
        Row(headers.iter().cloned().zip(cells).collect())
    };
    file.byte_records().map(row).collect()
}
