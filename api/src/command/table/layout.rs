//! Detection of a table's layout from its first rows: the character between cells, and the header below
//! titles.
use std::borrow::Cow;

use csv::{ReaderBuilder, Terminator};

use super::decoding::decode_windows_1252;

/// The characters that may separate cells, the likeliest first.
const DELIMITERS: [u8; 4] = *b",;\t|";
/// The number of rows from which the layout is detected.
const SAMPLE_ROWS: usize = 60;
/// The number of rows among which the header is.
const HEADER_ROWS: usize = 30;

/// Which row of a table names its columns.
#[derive(Clone, Copy)]
pub enum HeaderRule<'a> {
    /// None does. The columns are called "1", "2" and so on.
    None,
    /// The first for which the function returns true, with titles above it; the first of all if there is
    /// no such row.
    Where(&'a dyn Fn(&[String]) -> bool),
}

/// The layout of a table.
#[derive(Clone, Debug)]
pub struct Layout {
    pub delimiter: u8,
    /// The number of rows above the header, or above the first row of a table without one.
    pub rows_above: usize,
    /// The rows below the header, as far as they were read.
    pub sample: Vec<Vec<String>>,
    /// The largest number of cells of a row.
    pub width: usize,
}

impl Layout {
    /// Detects the layout from the first bytes of a table. `is_whole` says that they are all of it.
    pub fn detect(head: &[u8], is_whole: bool, rule: HeaderRule<'_>) -> Self {
        let stated = stated_delimiter(head);
        let delimiters = stated.map_or(&DELIMITERS[..], |it| std::slice::from_ref(it));
        let skipped = usize::from(stated.is_some());
        let mut best = ((false, 0), b',', None, Vec::new());
        for delimiter in delimiters {
            let rows = parse_rows(head, *delimiter, is_whole);
            let header = match rule {
                HeaderRule::None => None,
                HeaderRule::Where(is_header) => find_header(&rows, skipped, is_header),
            };
            let fit = (header.is_some(), count_regular_rows(&rows, header));
            // The first of the best, so that a comma precedes.
            if best.3.is_empty() || fit > best.0 {
                best = (fit, *delimiter, header, rows);
            }
            if best.0 == (true, SAMPLE_ROWS) {
                // No other can fit better.
                break;
            }
        }
        let (_, delimiter, header, mut rows) = best;
        let first = rows.iter().skip(skipped).position(|row| count_filled(row) > 0);
        let rows_above = match rule {
            HeaderRule::None => skipped,
            HeaderRule::Where(_) => header.unwrap_or(skipped + first.unwrap_or_default()),
        };
        let width = rows.iter().skip(skipped).map(Vec::len).max().unwrap_or_default();
        let header_rows = usize::from(matches!(rule, HeaderRule::Where(_)));
        rows.drain(..(rows_above + header_rows).min(rows.len()));
        Self { delimiter, rows_above, sample: rows, width }
    }
}

/// Returns the delimiter that a first line such as `sep=;` states for spreadsheets.
fn stated_delimiter(head: &[u8]) -> Option<&u8> {
    let line = head.split(|byte| *byte == b'\n').next()?.trim_ascii_end();
    let line = line.strip_suffix(b"\"").unwrap_or(line);
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let (key, delimiter) = line.split_at_checked(4)?;
    // A tab at the end was trimmed.
    let delimiter = delimiter.first().unwrap_or(&b'\t');
    let is_known = DELIMITERS.contains(delimiter);
    (key.eq_ignore_ascii_case(b"sep=") && is_known).then_some(delimiter)
}

fn parse_rows(head: &[u8], delimiter: u8, is_whole: bool) -> Vec<Vec<String>> {
    let reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .terminator(Terminator::Any(b'\n'))
        .delimiter(delimiter)
        .from_reader(head);
    let records = reader.into_byte_records().map_while(Result::ok).take(SAMPLE_ROWS);
    let mut rows: Vec<Vec<String>> = records
        .map(|record| record.iter().map(|cell| cell_text(cell).trim().to_owned()).collect())
        .collect();
    // The last one may be cut.
    if !is_whole && rows.len() > 1 && rows.len() < SAMPLE_ROWS {
        rows.pop();
    }
    rows
}

/// Returns the text of a cell of unknown encoding.
fn cell_text(cell: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(cell) {
        Ok(text) => text.into(),
        Err(_) => {
            decode_windows_1252(cell).map_or_else(|| String::from_utf8_lossy(cell), Cow::Owned)
        }
    }
}

fn count_filled(row: &[String]) -> usize {
    row.iter().filter(|cell| !cell.is_empty()).count()
}

/// Finds the header, below rows that have fewer cells: titles.
fn find_header(
    rows: &[Vec<String>],
    skipped: usize,
    is_header: &dyn Fn(&[String]) -> bool,
) -> Option<usize> {
    let candidates = rows.iter().enumerate().take(HEADER_ROWS).skip(skipped);
    let (first, row) = candidates.clone().find(|(_, row)| is_header(row))?;
    // A title can name a column too: "Vendors" above "Vendor,City".
    let below = rows
        .get(first + 1)
        .filter(|below| count_filled(row) == 1 && count_filled(below) > 1 && is_header(below));
    let header = if below.is_some() { first + 1 } else { first };
    let width = rows.get(header).map_or(0, |row| count_filled(row));
    let mut titles =
        rows.get(skipped..header).unwrap_or_default().iter().map(|it| count_filled(it));
    titles.all(|filled| filled < width.max(2) && filled <= 2).then_some(header)
}

/// Counts the rows with as many cells as the header or, without one, as most of the rows; 0 if that is
/// one cell, or if they are the smaller part.
fn count_regular_rows(rows: &[Vec<String>], header: Option<usize>) -> usize {
    let widths: Vec<usize> =
        rows.iter().filter(|row| count_filled(row) > 0).map(Vec::len).collect();
    let count = |width: usize| widths.iter().filter(|it| **it == width).count();
    if let Some(header) = header.and_then(|index| rows.get(index)) {
        return if header.len() > 1 { count(header.len()) } else { 0 };
    }
    let best = widths.iter().filter(|it| **it > 1).map(|width| count(*width)).max();
    best.filter(|count| count * 2 > widths.len()).unwrap_or_default()
}
