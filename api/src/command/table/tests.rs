//! Tests of tables, with valid and malformed files.
use std::io::{self, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use indicatif::ProgressBar;

use super::{HeaderRule, Table};

/// The rule of tables whose header is their first row.
const FIRST_ROW: HeaderRule<'static> = HeaderRule::Where(&|_| false);

fn table(bytes: &[u8]) -> anyhow::Result<Table<Cursor<Vec<u8>>>> {
    Table::from_reader("list.csv", Cursor::new(bytes.to_vec()), ProgressBar::hidden(), FIRST_ROW)
}

/// Returns each row's line with its first cell, or with its error.
fn rows(bytes: &[u8]) -> Vec<(u64, String)> {
    let mut table = table(bytes).expect("a table");
    let mut rows = Vec::new();
    while let Some(row) = table.next() {
        rows.push(row.map_or_else(|why| why, |row| (row.line, row.cell_at(0))));
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
        let message = match Table::from_reader("list.csv", source, ProgressBar::hidden(), FIRST_ROW)
        {
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
        (b"%PDF-1.7\n", "list.csv is a PDF document; save the table as CSV (UTF-8)"),
        (
            b"name,ci\rty\nA,B\n",
            "list.csv: some of its lines end with carriage returns alone; save it with line feeds",
        ),
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
        (&b"A\0B,b\n"[..], "name: it contains a NUL character, so it is not text"),
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

#[test]
fn blank_lines_do_not_shift_the_lines() {
    let expected = |[first, second, third]: [u64; 3]| {
        [(first, "A"), (second, "B\nB"), (third, "C")].map(|(line, name)| (line, name.to_owned()))
    };
    assert_eq!(rows(b"name\nA\n\n\n\"B\nB\"\nC"), expected([2, 5, 7]));
    assert_eq!(rows(b"\n\nname\n\nA\n,\n\"B\nB\"\n\n\nC\n\n"), expected([5, 7, 11]));
    assert_eq!(rows(b"name\r\nA\r\n\r\n\"B\nB\"\r\nC\r\n"), expected([2, 4, 6]));
}

#[test]
fn encodings_are_decoded_across_buffers() {
    // More than one buffer of characters of one to four bytes.
    let names: Vec<String> = (0..20_000).map(|it| format!("Ünïon €{it} 𝄞")).collect();
    let text = format!("name\n{}\n", names.join("\n"));
    let of_rows = |bytes: &[u8]| rows(bytes).into_iter().map(|(_, name)| name).collect::<Vec<_>>();
    assert_eq!(of_rows(text.as_bytes()), names);
    for to_bytes in [u16::to_le_bytes, u16::to_be_bytes] {
        for mark in ["\u{FEFF}", ""] {
            let text = format!("{mark}{text}");
            let bytes: Vec<u8> = text.encode_utf16().flat_map(to_bytes).collect();
            assert_eq!(of_rows(&bytes), names);
        }
    }
    let plain: Vec<String> = (0..20_000).map(|it| format!("Pe\u{f1}a {it}")).collect();
    let latin = format!("name\n{}", plain.join("\n"));
    let latin: Vec<u8> = latin.chars().filter_map(|it| u8::try_from(u32::from(it)).ok()).collect();
    assert_eq!(of_rows(&latin), plain);
    let returns = format!("name\r{}\r", names.join("\r"));
    assert_eq!(of_rows(returns.as_bytes()), names);
}

#[test]
fn a_quote_inside_a_quoted_cell_is_reported_wherever_the_buffers_end() {
    const WHY: &str =
        "a quoted cell has a quote inside; write two quotes for each quote inside a cell";
    for length in 65_500..65_560 {
        let bytes = format!("name,x\n{},x\n\"A \"B\" C\",x\nD,\"x\"\n", "n".repeat(length));
        let found = rows(bytes.as_bytes());
        assert_eq!(found[1..], [(3, WHY.to_owned()), (4, "D".to_owned())], "{length}");
    }
}
