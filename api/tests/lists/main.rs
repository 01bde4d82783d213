//! `candor screen` with lists as they come: other headers, encodings, separators and rows that are no
//! vendors. Every row of a list is in the answer, screened or with a reason.
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use uuid::Uuid;

const HARBOR: &str = "Harbor Orchid Detention Services LLC";
const PAVING: &str = "Perennial Paving";

/// A directory of one test.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("candor-{}", Uuid::now_v7().simple()));
        fs::create_dir(&path).expect("a directory");
        Self(path)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, bytes).expect("a file");
        path
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // A leftover is in the system's directory of temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What the command answers.
#[derive(Debug)]
struct Answer {
    code: Option<i32>,
    /// Each row's line, name, band and problem.
    rows: Vec<[String; 4]>,
    /// The messages, without the directory's name.
    messages: String,
}

impl Answer {
    fn row(&self, line: u64) -> [&str; 4] {
        let line = line.to_string();
        let mut found = self.rows.iter().filter(|row| row[0] == line);
        let (Some(row), None) = (found.next(), found.next()) else {
            panic!("one row of line {line}: {self:#?}")
        };
        row.each_ref().map(String::as_str)
    }

    /// The lines of the rows that were screened.
    fn screened(&self) -> Vec<&str> {
        self.rows.iter().filter(|row| row[3].is_empty()).map(|row| row[0].as_str()).collect()
    }

    /// The lines of the rows that were not.
    fn unscreened(&self) -> Vec<&str> {
        self.rows.iter().filter(|row| !row[3].is_empty()).map(|row| row[0].as_str()).collect()
    }
}

fn run(directory: &Directory, words: &[&str]) -> Answer {
    let mut command = Command::new(env!("CARGO_BIN_EXE_candor"));
    let output = command.arg("screen").args(words).output().expect("a run");
    let mut reader = csv::Reader::from_reader(&*output.stdout);
    let rows = reader.records().map(|row| {
        let row = row.expect("a row");
        [0, 1, 4, 12].map(|index| row[index].to_owned())
    });
    let messages = String::from_utf8(output.stderr).expect("text");
    let directory = directory.0.join("").display().to_string();
    Answer {
        code: output.status.code(),
        rows: rows.collect(),
        messages: messages.replace(&directory, ""),
    }
}

fn awards() -> String {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/federal_awards.csv");
    samples.display().to_string()
}

/// Screens a list against the sample of awards.
fn screen(list: impl AsRef<[u8]>, more: &[&str]) -> Answer {
    let directory = Directory::new();
    let list = directory.write("list.csv", list).display().to_string();
    run(&directory, &[&[&list, "--against", &awards()], more].concat())
}

/// Screens one vendor against a list.
fn screen_against(list: impl AsRef<[u8]>, more: &[&str]) -> Answer {
    let directory = Directory::new();
    let vendors = directory.write("vendors.csv", format!("name\n{HARBOR}\n"));
    let list = directory.write("other.csv", list);
    let files = [vendors, list].map(|path| path.display().to_string());
    run(&directory, &[&[&files[0], "--against", &files[1]], more].concat())
}

/// Requires that two vendors were screened, with all of the messages.
fn assert_two(list: impl AsRef<[u8]>, more: &[&str], lines: [u64; 2], messages: &[&str]) {
    let shown = String::from_utf8_lossy(list.as_ref()).into_owned();
    let answer = screen(list, more);
    assert_eq!(answer.code, Some(0), "{shown}\n{answer:#?}");
    assert_eq!(answer.row(lines[0])[1..], [HARBOR, "PROBABLE", ""], "{shown}");
    assert_eq!(answer.row(lines[1])[1..], [PAVING, "", ""], "{shown}");
    assert_eq!(answer.rows.len(), 2, "{answer:#?}");
    for message in messages {
        assert!(answer.messages.contains(message), "{message:?} of {shown}\n{}", answer.messages);
    }
}

fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(to_bytes).collect()
}

#[test]
fn the_column_with_names_is_found_by_its_words() {
    for header in [
        "Payee",
        "PAYEE NAME",
        "Vendor",
        "vendor_name",
        "VendorName",
        "Name of Vendor",
        "Name (Legal)",
        "Legal Business Name",
        "SUPPLIER",
        "Supplier/Payee",
        "Contractor's Name",
        "Company Name",
        "  Company  ",
        "Prime Contractor",
        "Recipient Name",
        "Nombre del proveedor",
        "Razón Social",
        "Name 1",
    ] {
        let list = format!(
            "Fiscal Year,Department Name,\"{header}\",Vendor Number,Amount\n\
            2026,Library,{HARBOR},V-100,100.00\n\
            2026,Library,{PAVING},V-101,50.00\n"
        );
        let message = format!("names are in the column {:?} (header in line 1)", header.trim());
        assert_two(list, &[], [2, 3], &[&message]);
    }
    // Where a column named "Vendor" holds numbers, it is not the one.
    let list = format!("Vendor,Name,City\n100234,{HARBOR},LA\n100235,{PAVING},LA\n");
    assert_two(list, &[], [2, 3], &["names are in the column \"Name\" (header in line 1)"]);
    // Of several, the likeliest is taken, and the others are named.
    let list = format!("Payee,Vendor Name\nBank A,{HARBOR}\nBank B,{PAVING}\n");
    assert_two(list, &[], [2, 3], &["\"Vendor Name\"", "for \"Payee\" use --column"]);
}

#[test]
fn a_list_without_a_known_column_is_refused() {
    for (list, messages) in [
        (
            format!("{HARBOR}\n{PAVING}\n"),
            &["line 1 seems to be a row, not a header", "--column", "--no-header"][..],
        ),
        (
            format!("{PAVING}\n{HARBOR}\n"),
            &["no column in its header (line 1) is known", "--no-header"],
        ),
        (
            format!("2026,{PAVING},100.00\n2026,{HARBOR},50.00\n"),
            &["line 1 seems to be a row", "2 \"Perennial Paving\""],
        ),
        (
            format!("Vendor Number,Vendor Address\n100,1 Main St\n101,{HARBOR}\n"),
            &["no column in its header (line 1) is known", "1 \"Vendor Number\""],
        ),
        ("name\n".repeat(0), &["is empty; it needs a header"]),
        ("\u{FEFF}\n\n".to_owned(), &["is empty; it needs a header"]),
    ] {
        let answer = screen(&list, &[]);
        assert_eq!((answer.code, answer.rows.len()), (Some(1), 0), "{list}\n{answer:#?}");
        for message in messages {
            assert!(answer.messages.contains(message), "{message}: {}", answer.messages);
        }
    }
    // At most twenty columns are listed, the likeliest first.
    let header: Vec<String> = (1..=60).map(|it| format!("Field {it}")).collect();
    let list = format!("{},Vendor Code\n", header.join(","));
    let messages = screen(list, &[]).messages;
    assert!(messages.contains(": 61 \"Vendor Code\", 1 \"Field 1\""), "{messages}");
    assert!(messages.contains("19 \"Field 19\" and 41 more"), "{messages}");
}

#[test]
fn the_column_can_be_given_by_name_or_number() {
    let list = format!("firma,x\n{HARBOR},1\n{PAVING},2\n");
    assert_two(&list, &["--column", " FIRMA "], [2, 3], &["in the column \"firma\""]);
    assert_two(&list, &["--column", "1"], [2, 3], &["in the column \"firma\""]);
    let rows = format!("1,{HARBOR}\n2,{PAVING}\n");
    let options = ["--no-header", "--column", "2"];
    assert_two(&rows, &options, [1, 2], &["names are in column 2 of all rows, from line 1"]);
    assert_two(format!("{HARBOR}\n{PAVING}"), &["--no-header"], [1, 2], &["from line 1"]);
    let titled = format!("Payments of 2026\n\nfirma,x\n{HARBOR},1\n{PAVING},2\n");
    assert_two(titled, &["--column", "firma"], [4, 5], &["header in line 3"]);
    for (list, options, message) in [
        (&list, &["--column", "3"][..], "has no column \"3\"; it has: firma, x"),
        (&rows, &["--no-header"], "give the number of the column with the names with --column"),
        (&rows, &["--no-header", "--column", "name"], "has no column \"name\""),
        (&rows, &["--no-header", "--column", "0"], "has no column \"0\""),
    ] {
        let answer = screen(list, options);
        assert_eq!((answer.code, answer.rows.len()), (Some(1), 0));
        assert!(answer.messages.contains(message), "{message}: {}", answer.messages);
    }
}

#[test]
fn other_encodings_separators_and_line_ends_are_read() {
    let plain = format!("Payee,City\n{HARBOR},LA\n{PAVING},LA\n");
    let name = "names are in the column \"Payee\" (header in line 1)";
    assert_two(format!("\u{FEFF}{plain}"), &[], [2, 3], &[name]);
    assert_two(plain.replace('\n', "\r\n"), &[], [2, 3], &[name]);
    assert_two(plain.replace('\n', "\r"), &[], [2, 3], &[name, "end with carriage returns"]);
    assert_two(plain.replace(',', ";"), &[], [2, 3], &[name, "separated by a semicolon each"]);
    assert_two(plain.replace(',', "\t"), &[], [2, 3], &[name, "separated by a tab each"]);
    assert_two(plain.replace(',', "|"), &[], [2, 3], &[name, "separated by a vertical bar each"]);
    let name_below = "names are in the column \"Payee\" (header in line 2)";
    let stated = format!("sep=;\r\n{}", plain.replace(',', ";"));
    assert_two(stated, &[], [3, 4], &[name_below]);
    for (to_bytes, mark) in [
        (u16::to_le_bytes as fn(u16) -> [u8; 2], "\u{FEFF}"),
        (u16::to_be_bytes, "\u{FEFF}"),
        (u16::to_le_bytes, ""),
        (u16::to_be_bytes, ""),
    ] {
        let list = utf16(&format!("{mark}{}", plain.replace(',', "\t")), to_bytes);
        assert_two(list, &[], [2, 3], &[name, "it is text in UTF-16"]);
    }
    // Quoted cells keep the separators, and a comma in an unquoted one of other tables is none.
    let quoted = format!("Payee;City;Amount\n\"{HARBOR}\";\"LA; CA\";1,50\n{PAVING};LA;2,50\n");
    assert_two(quoted, &[], [2, 3], &[name]);
    let tab = format!("City\tPayee\n\"L\tA\"\t{HARBOR}\n\"\"\t{PAVING}\n");
    assert_two(tab, &[], [2, 3], &[name]);
    // A list of one column has no separator, whatever is in its names.
    let semicolon = screen("name\nA; B; C Paving\nA; B; D Paving\n", &[]);
    assert_eq!((semicolon.row(2)[1], semicolon.screened().len()), ("A; B; C Paving", 2));
}

#[test]
fn windows_1252_is_read() {
    let list = b"name\r\nPe\xF1a Harbor Trucking\r\nHarbor Orchid Detention Services LLC\r\n\
        Harbor Orchid Detention Services \x96 LLC\r\n";
    let answer = screen(list, &[]);
    assert_eq!(answer.code, Some(0), "{answer:#?}");
    assert_eq!(answer.row(2)[1..], ["Peña Harbor Trucking", "", ""]);
    assert_eq!(answer.row(3)[1..], [HARBOR, "PROBABLE", ""]);
    assert_eq!(answer.row(4)[1..], ["Harbor Orchid Detention Services – LLC", "PROBABLE", ""]);
    let message = "list.csv:2: it is not UTF-8; such texts are read as Windows-1252";
    assert!(answer.messages.contains(message), "{}", answer.messages);
    // Far from the start.
    let rows = format!("{PAVING}\n").repeat(5_000);
    let answer = screen([b"name\n", rows.as_bytes(), b"Pe\xF1a\n"].concat(), &[]);
    assert_eq!((answer.code, answer.row(5_002)[1]), (Some(0), "Peña"));
    // A file that is UTF-8 has a broken row, and so has one with a byte that neither encoding has.
    for (list, line) in [
        (&b"\xEF\xBB\xBFname\nPe\xF1a\nPerennial Paving\n"[..], 2),
        (b"name\nPe\xC3\xB1a\nCaf\xC3\nPerennial Paving\n", 3),
        (b"name\nPerennial Paving\nPe\x81a\n", 3),
    ] {
        let answer = screen(list, &[]);
        assert_eq!(answer.code, Some(1), "{answer:#?}");
        let [_, _, _, problem] = answer.row(line);
        assert!(problem.starts_with("name: it is not UTF-8 (byte 0x"), "{problem}");
    }
}

#[test]
fn titles_above_the_header_are_skipped() {
    let rows = format!("{HARBOR},LA,1.00\n{PAVING},LA,2.00\n");
    for (above, first, message) in [
        ("City of Perennial\n", 3, "line 1 above the header skipped"),
        ("City of Perennial,,\nPayments to Vendors,,\n,,\n", 5, "lines 1 to 3 above the header"),
        (
            "\"Vendors, 2026\n(draft)\"\n\n\nRun on:,2026-08-03\n",
            7,
            "lines 1 to 5 above the header",
        ),
        ("Vendors\n", 3, "line 1 above the header skipped"),
    ] {
        let list = format!("{above}Vendor,City,Amount\n{rows}");
        let header = format!("(header in line {})", first - 1);
        assert_two(list, &[], [first, first + 1], &[message, &header]);
    }
    let single = format!("List of vendors 2026\nname\n{HARBOR}\n{PAVING}\n");
    assert_two(single, &[], [3, 4], &["(header in line 2)"]);
    let semicolons = format!("Proveedores;;\n\nProveedor;Ciudad\n{HARBOR};LA\n{PAVING};LA\n");
    assert_two(semicolons, &[], [4, 5], &["(header in line 3)"]);
    // A row below is no header, although its cell is a word of one.
    let kinds = format!("Firma,Kind\n{HARBOR},x\nB,y\nC,Contractor\n{PAVING},Vendor\n");
    assert_eq!(screen(kinds, &[]).code, Some(1));
    let kinds = format!("{HARBOR},Vendor\n{PAVING},Contractor\n");
    let answer = screen(kinds, &[]);
    assert!(answer.messages.contains("line 1 seems to be a row"), "{}", answer.messages);
}

#[test]
fn rows_that_are_no_vendors_have_their_reason() {
    let list = format!(
        "Payee,Department,Amount\n\
        {HARBOR},Library,100.00\n\
        \n\
        Total for Library,,100.00\n\
        Payee,Department,Amount\n\
        ,Library,5.00\n\
        ---,Library,5.00\n\
        {PAVING},Library,50.00,,\n\
        A, B and C Paving,Library,50.00\n\
        Total,,150.00\n\
        ,Grand Total:,150.00\n\
        Source: City Controller\n"
    );
    let answer = screen(list, &[]);
    assert_eq!(answer.code, Some(1));
    for (line, problem) in [
        (4, "it is a total, not a vendor"),
        (5, "it repeats the header"),
        (6, "it has no name"),
        (9, "it has 4 cells for 3 columns; quote the cell that contains a comma"),
        (10, "it is a total, not a vendor"),
        (11, "it is a total, not a vendor"),
    ] {
        assert_eq!(answer.row(line)[2..], ["", problem], "{answer:#?}");
        let message = format!("list.csv:{line}: not screened: {problem}");
        assert!(answer.messages.contains(&message), "{}", answer.messages);
    }
    assert_eq!(answer.screened(), ["2", "7", "8", "12"], "{answer:#?}");
    assert!(answer.messages.contains("4 names screened in"), "{}", answer.messages);
    assert!(answer.messages.contains("rows not screened: 6 of 10"), "{}", answer.messages);
    // Firms of such names are vendors.
    let names = "name\nTotal\nTotal Traffic Services\nSum\n";
    assert_eq!(screen(names, &[]).screened(), ["2", "3", "4"]);
    let with_amounts = "name,amount\nTotal Traffic Services,5\nSubtotal Records Inc,6\n";
    assert_eq!(screen(with_amounts, &[]).screened(), ["2", "3"]);
}

#[test]
fn broken_quotes_and_bytes_cost_only_their_rows() {
    for (rows, broken, screened) in [
        (format!("\"Bob \"The Builder\" Inc\",x\n{PAVING},x\n"), &["2"][..], &["3"][..]),
        (format!("{PAVING},\"a \"b\"\n{HARBOR},x\n"), &["2"], &["3"]),
        (format!("{PAVING},x\n\"{HARBOR},x\nA,x\nB,x\n"), &["3"], &["2"]),
        (format!("{PAVING},x\n{HARBOR},\"x\nA,x"), &["3"], &["2"]),
        (format!("A\0B,x\n{PAVING},x\n"), &["2"], &["3"]),
        (format!("\"{PAVING}\" ,x\n\"5\"\" Pipe \"\"Best\"\"\",x\n"), &[], &["2", "3"]),
        (format!("5\" Pipe,x\n{PAVING}\n"), &[], &["2", "3"]),
    ] {
        let answer = screen(format!("name,note\n{rows}"), &[]);
        assert_eq!(answer.unscreened(), broken, "{rows}\n{answer:#?}");
        assert_eq!(answer.screened(), screened, "{rows}\n{answer:#?}");
        assert_eq!(answer.code, Some(i32::from(!broken.is_empty())));
    }
    let one = screen(format!("name\n{PAVING}\n\"{HARBOR}\nA\nB\n"), &[]);
    assert_eq!((one.screened(), one.unscreened()), (vec!["2"], vec!["3"]));
    assert!(one.row(3)[3].starts_with("a quote is not closed"), "{one:#?}");
}

#[test]
fn repeated_columns_are_refused_only_if_they_are_used() {
    let list = format!("Payee,Amount,Amount\n{HARBOR},1,2\n{PAVING},1,2\n");
    assert_two(list, &[], [2, 3], &[]);
    let list = format!("Payee,Payee\n{HARBOR},{PAVING}\n");
    let answer = screen(&list, &[]);
    assert_eq!((answer.code, answer.rows.len()), (Some(1), 0));
    assert!(answer.messages.contains("has two columns \"payee\""), "{}", answer.messages);
    assert_eq!(screen(&list, &["--column", "1"]).row(2)[1], HARBOR);
    assert_eq!(screen(&list, &["--column", "2"]).row(2)[1], PAVING);
}

#[test]
fn a_list_without_rows_says_so() {
    let answer = screen("Payee,City\n", &[]);
    assert_eq!((answer.code, answer.rows.len()), (Some(0), 0));
    assert!(answer.messages.contains("list.csv: it has no rows"), "{}", answer.messages);
}

#[test]
fn other_files_are_refused_by_kind() {
    for (bytes, message) in [
        (&b"PK\x03\x04\x14\0\0\0"[..], "is a zip archive or a spreadsheet; save it as CSV"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "is a spreadsheet of an old form"),
        (b"%PDF-1.7\n", "is a PDF document"),
        (b"<!DOCTYPE html><html>", "is a web page, not a table"),
        (b"\x7FELF\x02\x01\x01\0\0\0\0\0", "is not text"),
    ] {
        let answer = screen(bytes, &[]);
        assert_eq!((answer.code, answer.rows.len()), (Some(1), 0));
        assert!(answer.messages.contains(message), "{message}: {}", answer.messages);
    }
}

#[test]
fn the_same_holds_for_a_list_to_screen_against() {
    let found = format!("Supplier;City\n{HARBOR};LA\n");
    let answer = screen_against(found, &[]);
    assert_eq!((answer.code, answer.row(2)[2]), (Some(0), "PROBABLE"), "{answer:#?}");
    for message in ["other.csv: names are in the column \"Supplier\"", "1 of 1 names read"] {
        assert!(answer.messages.contains(message), "{}", answer.messages);
    }
    let headerless = format!("{HARBOR}\n{PAVING}\n");
    let answer = screen_against(&headerless, &[]);
    assert_eq!((answer.code, answer.rows.len()), (Some(1), 0));
    assert!(answer.messages.contains("add --no-header=against"), "{}", answer.messages);
    let answer = screen_against(&headerless, &["--no-header=against"]);
    assert_eq!((answer.code, answer.row(2)[2]), (Some(0), "PROBABLE"), "{answer:#?}");
    let other = format!("firma,x\n{HARBOR},1\n");
    assert_eq!(screen_against(&other, &[]).code, Some(1));
    let answer = screen_against(&other, &["--against-column", "firma"]);
    assert_eq!((answer.code, answer.row(2)[2]), (Some(0), "PROBABLE"));
    // A row that was not read may be the match.
    let broken = format!("name\n{HARBOR}\n\"A \"B\" C\"\n");
    let answer = screen_against(broken, &[]);
    assert_eq!((answer.code, answer.row(2)[2]), (Some(1), "PROBABLE"));
    for message in ["other.csv:3: not read: a quoted cell", "that were not read: 1"] {
        assert!(answer.messages.contains(message), "{}", answer.messages);
    }
    let answer = screen_against("name\n", &[]);
    assert_eq!((answer.code, answer.rows.len()), (Some(1), 0));
    assert!(answer.messages.contains("have no names"), "{}", answer.messages);
    let unknown = "treasury_account_symbol,x\n1,2\n";
    let answer = screen_against(unknown, &[]);
    assert!(answer.messages.contains("seems to be account data"), "{}", answer.messages);
}

const SUMMARY: &str = "contract_award_unique_key,award_id_piid,recipient_name,recipient_uei,\
    awarding_agency_code,awarding_sub_agency_code,total_obligated_amount,award_base_action_date,\
    award_latest_action_date";

#[test]
fn the_latest_action_wins_in_either_order_of_the_files() {
    let directory = Directory::new();
    let key =
        "CONT_AWD_70B02C25P00000401_7014_-NONE-_-NONE-,70B02C25P00000401,QUARLO LADDERS LLC,,070";
    let file = |name: &str, row: &str| {
        let text = format!("{SUMMARY}\n{key},7014,{row}\n");
        directory.write(name, text).display().to_string()
    };
    let newer = file("newer.csv", "900000.00,2023-01-15,2026-09-01");
    let older = file("older.csv", "100000.00,2023-01-15,2023-06-01");
    let vendors = directory.write("vendors.csv", "name\nQuarlo Ladders LLC\n");
    let vendors = vendors.display().to_string();
    for files in [[&newer, &older], [&older, &newer]] {
        let output = Command::new(env!("CARGO_BIN_EXE_candor"))
            .args(["screen", &vendors, "--against", files[0], files[1]])
            .output()
            .expect("a run");
        let text = String::from_utf8(output.stdout).expect("text");
        assert!(text.contains(",CBP,1,900000.00,2023-01-15,2026-09-01,"), "{text}");
    }
}

#[test]
fn a_deleted_transaction_adds_nothing_in_either_order_of_the_files() {
    let directory = Directory::new();
    let header = "correction_delete_ind,contract_transaction_unique_key,contract_award_unique_key,\
        award_id_piid,recipient_name,awarding_sub_agency_code,federal_action_obligation,action_date,\
        last_modified_date";
    let award =
        "CONT_AWD_70B02C25P00000131_7014_-NONE-_-NONE-,70B02C25P00000131,QUARLO GATES LLC,7014";
    let key = |modification: &str| format!("7014_-NONE-_70B02C25P00000131_{modification}_-NONE-_0");
    let full = format!(
        "{header}\n,{},{award},100000.00,2025-01-15,2025-01-20\n\
        ,{},{award},5000000.00,2025-03-15,2025-03-20\n",
        key("0"),
        key("P00001")
    );
    // As in delta files: only the transaction's key and the day.
    let delta = format!("{header}\nD,{},,,,,,,2025-04-01\n", key("P00001"));
    let full = directory.write("full.csv", full).display().to_string();
    let delta = directory.write("delta.csv", delta).display().to_string();
    let vendors = directory.write("vendors.csv", "name\nQuarlo Gates LLC\n").display().to_string();
    for files in [[&full, &delta], [&delta, &full]] {
        let output = Command::new(env!("CARGO_BIN_EXE_candor"))
            .args(["screen", &vendors, "--against", files[0], files[1]])
            .output()
            .expect("a run");
        assert_eq!(output.status.code(), Some(0));
        let text = String::from_utf8(output.stdout).expect("text");
        assert!(text.contains(",CBP,1,100000.00,2025-01-15,2025-01-15,"), "{text}");
    }
}
