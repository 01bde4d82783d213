//! Tests of tables, with valid and malformed files.
use std::io::{self, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use indicatif::ProgressBar;

use super::Table;

fn table(bytes: &[u8]) -> anyhow::Result<Table<Cursor<Vec<u8>>>> {
    Table::from_reader("list.csv", Cursor::new(bytes.to_vec()), ProgressBar::hidden())
}

/// Returns each row's line with its first cell, or with its error.
fn rows(bytes: &[u8]) -> Vec<(u64, String)> {
    let mut table = table(bytes).expect("a table");
    let first = table.first_column();
    let mut rows = Vec::new();
    while let Some(row) = table.next() {
        rows.push(row.map_or_else(|why| why, |row| (row.line, row.cell(&first))));
    }
    rows
}

fn open_error(bytes: &[u8]) -> String {
    table(bytes).err().map(|error| format!("{error:#}")).expect("a refusal")
}

/// So many bytes `x` after a start, and how many of all were asked for.
struct Endless {
    start: Cursor<Vec<u8>>,
    left: usize,
    asked: Arc<AtomicUsize>,
}

impl Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.start.read(into)?;
        let more = (into.len() - count).min(self.left);
        into[count..count + more].fill(b'x');
        self.left -= more;
        self.asked.fetch_add(count + more, Ordering::Relaxed);
        Ok(count + more)
    }
}

#[test]
fn an_endless_row_does_not_fill_the_memory() {
    const MEBIBYTE: usize = 1 << 20;
    for (start, line) in [("a,b\n1,2\n", 3), ("a,b\n1,2\n\"", 3), ("", 1), ("\"", 1)] {
        let asked = Arc::new(AtomicUsize::new(0));
        let start = Cursor::new(start.as_bytes().to_vec());
        let source = Endless { start, left: 200 * MEBIBYTE, asked: asked.clone() };
        let message = match Table::from_reader("list.csv", source, ProgressBar::hidden()) {
            Err(error) => format!("{error:#}"),
            Ok(mut table) => {
                assert!(table.next().is_some_and(|row| row.is_ok()));
                let (at, message) = table.next().and_then(Result::err).expect("a refusal");
                assert_eq!(at, line);
                assert!(table.next().is_none(), "nothing after it is read");
                message
            }
        };
        assert!(message.contains("longer than 1 MiB: perhaps a quote is not closed"), "{message}");
        let asked = asked.load(Ordering::Relaxed);
        assert!(asked < 2 * MEBIBYTE, "{asked} bytes were read");
    }
    // Many rows that are long, but not too long, are no trouble.
    let row = format!("{},2\n", "x".repeat(MEBIBYTE / 2));
    assert_eq!(rows(format!("a,b\n{}", row.repeat(5)).as_bytes()).len(), 5);
}

#[test]
fn other_kinds_of_files_are_rejected_by_kind() {
    for (bytes, message) in [
        (&b""[..], "list.csv is empty; it needs a header with the names of the columns"),
        (b"\x7FELF\x02\x01\x01\0\0\0\0\0", "list.csv is not text; save it as CSV (UTF-8)"),
        (b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR", "list.csv is not text; save it as CSV (UTF-8)"),
        (
            b"PK\x03\x04\x14\0\0\0",
            "list.csv is a zip archive or a spreadsheet; save it as CSV (UTF-8)",
        ),
        (b"\xFF\xFEn\0a\0", "list.csv is text in UTF-16; save it as CSV (UTF-8)"),
        (
            b"name;city\nA;B\n",
            "list.csv: its columns seem to be separated by ';'; save it with commas",
        ),
        (
            b"name\tcity\nA\tB\n",
            "list.csv: its columns seem to be separated by tabs; save it with commas",
        ),
        (
            b"name,city\rA,B\r",
            "list.csv: its lines end with carriage returns alone; save it with line feeds",
        ),
        (b"name,Name\n", "list.csv has two columns \"name\"; rename one of them"),
    ] {
        assert_eq!(open_error(bytes), message);
    }
}

#[test]
fn malformed_rows_are_reported_by_line() {
    assert_eq!(rows(b"name\n"), []);
    let odd = "\u{FEFF}\"Name\",city,,\r\n\"OLD\r\nMILL\",x,,\r\n\r\n,,,\r\nACME,,,\r\n";
    assert_eq!(rows(odd.as_bytes()), [(2, "OLD\r\nMILL".to_owned()), (6, "ACME".to_owned())]);
    for (row, why) in [
        (
            &b"CAF\xC9,b\n"[..],
            "name: it is not UTF-8 (byte 0xC9 after \"CAF\"); save the file as UTF-8",
        ),
        (b"A\0B,b\n", "name: it contains a NUL character, so it is not text"),
        (b"A,b,c\n", "it has 3 cells for 2 columns; quote the cell that contains a comma"),
        (
            b"\"A,b\nC,d\nE,f\n",
            "cell 1 of 2 continues for 3 more lines and is the last: a quote is not closed",
        ),
    ] {
        // Far enough from the start, where bytes that are no text would be a whole file's.
        let before = "fine,x\n".repeat(1000);
        let all = rows(&[b"name,city\n", before.as_bytes(), row].concat());
        assert_eq!(all.last(), Some(&(1002, why.to_owned())));
    }
}
