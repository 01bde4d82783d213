//! CSV output that is safe to open in a spreadsheet.
use std::borrow::Cow;
use std::io::Write;

use anyhow::Result;

/// The characters that start a formula, with their full-width forms, which some spreadsheets convert.
const FORMULA_SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// A CSV writer. A text that a spreadsheet would run as a formula gets a leading `'`, unless the
/// output is raw.
pub(crate) struct CsvOutput<W: Write> {
    writer: csv::Writer<W>,
    is_raw: bool,
}

impl<W: Write> CsvOutput<W> {
    pub(crate) fn new(writer: W, is_raw: bool) -> Self {
        Self { writer: csv::Writer::from_writer(writer), is_raw }
    }

    /// Writes one row.
    ///
    /// # Errors
    /// If writing fails, or the row has another number of cells than the first.
    pub(crate) fn write_row<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) -> Result<()> {
        for cell in cells {
            let cell = if self.is_raw { cell.into() } else { without_formula(cell) };
            self.writer.write_field(cell.as_bytes())?;
        }
        Ok(self.writer.write_record(None::<&[u8]>)?)
    }

    /// Writes the buffered rows.
    ///
    /// # Errors
    /// If writing fails.
    pub(crate) fn finish(mut self) -> Result<()> {
        Ok(self.writer.flush()?)
    }
}

/// Returns the cell in a form that no spreadsheet runs as a formula (OWASP, "CSV Injection"). Numbers
/// do not change.
fn without_formula(cell: &str) -> Cow<'_, str> {
    // A spreadsheet may drop invisible characters.
    let is_blank = |character: char| {
        character.is_whitespace()
            || character.is_control()
            || matches!(character, '\u{feff}' | '\u{200b}')
    };
    let starts_with_control = cell.starts_with(['\t', '\r', '\n']);
    let is_formula = cell.trim_start_matches(is_blank).starts_with(FORMULA_SIGNS);
    if starts_with_control || (is_formula && !is_number(cell)) {
        format!("'{cell}").into()
    } else {
        cell.into()
    }
}

/// Returns whether a cell is a plain decimal number, such as `-12.50`.
fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix(['+', '-']).unwrap_or(cell);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    is_digits(whole) && is_digits(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_becomes_text() {
        for (cell, written) in [
            ("Perennial Paving", "Perennial Paving"),
            ("", ""),
            ("A-1 Towing", "A-1 Towing"),
            ("'quoted", "'quoted"),
            ("=1+1", "'=1+1"),
            ("=HYPERLINK(\"http://x.example\")", "'=HYPERLINK(\"http://x.example\")"),
            ("+1 415 555 0100", "'+1 415 555 0100"),
            ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
            ("@SUM(A1:A2)", "'@SUM(A1:A2)"),
            ("-", "'-"),
            ("\t=1", "'\t=1"),
            ("\rx", "'\rx"),
            ("\nx", "'\nx"),
            ("  =1", "'  =1"),
            ("\u{feff}=1", "'\u{feff}=1"),
            ("\u{a0}@x", "'\u{a0}@x"),
            ("＝1+1", "'＝1+1"),
            ("＋1", "'＋1"),
            ("－1", "'－1"),
            ("＠x", "'＠x"),
            ("-12.50", "-12.50"),
            ("+7", "+7"),
            ("0.980", "0.980"),
            ("-12.", "'-12."),
            ("-.5", "'-.5"),
            ("-1e5", "'-1e5"),
            ("--1", "'--1"),
            ("-1.5.2", "'-1.5.2"),
            (" -1", "' -1"),
        ] {
            assert_eq!(without_formula(cell), written, "{cell:?}");
        }
    }

    #[test]
    fn raw_output_is_unchanged() {
        for (is_raw, expected) in
            [(false, "'=1,\"'-a\"\"b\",-2.00\n"), (true, "=1,\"-a\"\"b\",-2.00\n")]
        {
            let mut bytes = Vec::new();
            let mut output = CsvOutput::new(&mut bytes, is_raw);
            output.write_row(["=1", "-a\"b", "-2.00"]).expect("a row");
            output.finish().expect("written");
            assert_eq!(String::from_utf8(bytes).expect("UTF-8"), expected);
        }
    }
}
