//! The imported files: those of a folder, and one made from them.
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use candor_tests::run;
use csv::{ReaderBuilder, StringRecord, Writer};

/// Returns the award files of the folder of public data, in order of name.
pub fn public_files(folder: &Path) -> Vec<PathBuf> {
    let folder = folder.join("federal-awards");
    let entries =
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
    files.retain(|file| file.extension().is_some_and(|it| it == "csv"));
    files.sort();
    files
}

/// Columns of keys and names, which differ in each copy of a row, by their names in the listing of
/// transactions and in summaries.
const COPIED_COLUMNS: [&str; 6] = [
    "Award ID",
    "Generated Award ID",
    "Recipient Name",
    "contract_award_unique_key",
    "award_id_piid",
    "recipient_name",
];

/// Makes a file of `count` rows from the files with the most common header: copies of their rows, each
/// with its own awards and recipients.
pub fn make_rows(sources: &[PathBuf], count: usize) -> PathBuf {
    let mut header = StringRecord::new();
    let mut rows = Vec::new();
    for source in sources {
        let mut reader = ReaderBuilder::new().from_path(source).expect("a readable file");
        let its_header = reader.headers().expect("a header").clone();
        if header.is_empty() {
            header = its_header;
        } else if header != its_header {
            continue;
        }
        rows.extend(reader.records().map(|row| row.expect("a row")));
    }
    let is_copied: Vec<bool> = header
        .iter()
        .map(|name| COPIED_COLUMNS.contains(&name.trim_start_matches('\u{feff}')))
        .collect();
    let path = run::directory().join("made.csv");
    let mut made = Writer::from_writer(BufWriter::new(File::create(&path).expect("a file")));
    made.write_record(&header).expect("room on the disk");
    for number in 0..count {
        let (copy, row) = (number / rows.len(), &rows[number % rows.len()]);
        let cells = row.iter().zip(&is_copied).map(|(cell, is_copied)| {
            if *is_copied { insert_number(cell, copy) } else { cell.to_owned() }
        });
        made.write_record(cells).expect("room on the disk");
    }
    made.flush().expect("room on the disk");
    path
}

/// Returns a name with a number at its end, or a key with one at the end of its award's number.
fn insert_number(cell: &str, copy: usize) -> String {
    if let Some(key) = cell.strip_prefix("CONT_AWD_") {
        let (number, rest) = key.split_once('_').unwrap_or((key, ""));
        return format!("CONT_AWD_{number}{copy:02}_{rest}");
    }
    if let Some(key) = cell.strip_prefix("CONT_IDV_") {
        let (number, rest) = key.split_once('_').unwrap_or((key, ""));
        return format!("CONT_IDV_{number}{copy:02}_{rest}");
    }
    if cell.contains(' ') { format!("{cell} {copy:02}") } else { format!("{cell}{copy:02}") }
}
