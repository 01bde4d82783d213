//! `candor screen`: screens a list of names against federal awards or other names.
mod name_column;
mod output;
mod reference;

use std::fs::File;
use std::io::{BufWriter, Write, stdout};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use candor_matcher::{POSSIBLE_SCORE, PROBABLE_SCORE, Profile, Record};
use clap::{Args, ValueEnum};

use self::name_column::NameOptions;
use self::output::{MatchRow, Output};
use self::reference::Reference;
use super::table::Row;

/// The columns that describe a firm beside its name.
const DETAIL_COLUMNS: [&str; 8] =
    ["uei", "duns", "cage", "city", "state", "address", "parent", "parent_uei"];

/// Screens a list of names against federal awards, or any other list of names.
///
/// Needs no server, database or configuration. A match is not a finding: it shows which award data to
/// check, with a score and the reasons.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The list to screen (CSV).
    #[arg(value_name = "VENDORS")]
    vendors: PathBuf,
    /// The column with the names: its name, or its number from 1 [default: the column whose header
    /// is made of words such as name, vendor, payee, supplier, contractor, company, legal].
    #[arg(long, value_name = "NAME")]
    column: Option<String>,
    /// The list has no header, so that its first row is a vendor; or which list has none.
    #[arg(
        long,
        value_enum,
        value_name = "LIST",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "vendors"
    )]
    no_header: Option<HeaderlessList>,
    /// The files to screen against: award summaries, transactions, subawards or the listing of
    /// transactions of USAspending (CSV or zip); or any list with a column of names and optional
    /// columns uei, duns, cage, city, state, address, parent.
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    against: Vec<PathBuf>,
    /// The column with the names in the lists given to --against that are not of USAspending.
    #[arg(long, value_name = "NAME")]
    against_column: Option<String>,
    /// The lowest score to report, from 0 to 1. A score of 0.8 or more is PROBABLE, 0.5 or more
    /// POSSIBLE.
    #[arg(long, value_name = "SCORE", default_value_t = PROBABLE_SCORE)]
    min_score: f32,
    /// The most matches to report for each name.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    top: usize,
    /// The format of the result.
    #[arg(long, value_enum, default_value = "csv")]
    format: Format,
    /// Write cells unchanged, for programs. Without it, a text that a spreadsheet would run as a
    /// formula gets a leading apostrophe.
    #[arg(long)]
    raw: bool,
    /// The file to write to [default: stdout].
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
The lists may be in UTF-8, UTF-16 or Windows-1252, separated by commas, semicolons, tabs or vertical
bars, with titles above the header. stderr says which column has the names, and what else was found.

The result has one row for each match, or a row with an empty match for a name without one, in the
order of the list. Columns: line, name, match, score, band, reasons, uei, component, awards,
total_amount, first_date, last_date, problem. total_amount is the sum of the awards' obligations, in
dollars. A row of the list that was not screened (it cannot be read, has no name, or is a total) has
a row with the reason as its problem.
A text that begins with =, +, -, @, a tab or a line break gets a leading apostrophe, so that no
spreadsheet runs it as a formula. Numbers are unchanged; with --raw, so is all text.

Exit: 0 every row of the lists was read and screened; 1 some were not (the others are in the result),
or no column is known to have the names (there is no result); 2 invalid arguments. stderr names the
rows that were not read, also those of USAspending's files, and counts them.

Examples:
  candor screen vendors.csv --against awards.csv
  candor screen vendors.csv --against awards_2024.zip awards_2025.csv --min-score 0.5 --top 3
  candor screen vendors.csv --column \"DOING BUSINESS AS\" --against awards.csv --output matches.csv
  candor screen names.txt --no-header --against awards.csv";

/// The lists that have no header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum HeaderlessList {
    /// The list of vendors.
    Vendors,
    /// The lists given to --against.
    Against,
    /// All lists.
    Both,
}

/// The format of a result.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Csv,
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let Arguments { vendors, column, no_header, min_score, top, .. } = arguments;
    ensure!((0.0..=1.0).contains(min_score), "--min-score must be from 0 to 1, not {min_score}");
    ensure!(*top > 0, "--top must be 1 or more");
    let shown = vendors.display().to_string();
    let options = NameOptions {
        column: column.as_deref(),
        has_no_header: matches!(no_header, Some(HeaderlessList::Vendors | HeaderlessList::Both)),
        column_option: "--column",
        no_header_option: "--no-header",
    };
    // Before the award files, which take longer.
    let mut table = options.open(vendors)?;
    let names = name_column::find(&shown, &table, options)?;
    for column in DETAIL_COLUMNS {
        table.require_single(column)?;
    }
    table.print_notes();
    eprintln!("{}", names.note);
    let reference = read_reference(arguments)?;
    let mut output = arguments.open_output()?;
    let (mut rows, mut unscreened, mut with_match) = (0_u64, 0_u64, 0_u64);
    let started = Instant::now();
    loop {
        let (line, name, record) = match table.next() {
            None => break,
            Some(Ok(row)) => {
                let name = row.cell_at(names.index);
                match names.find_non_vendor(&row) {
                    None => (row.line, name, Ok(vendor_record(&row, names.index))),
                    Some(problem) => (row.line, name, Err(problem.to_owned())),
                }
            }
            Some(Err((line, message))) => (line, table.row().cell_at(names.index), Err(message)),
        };
        rows += 1;
        match record {
            Ok(record) => {
                let matches = reference.search(&Profile::new(&record), *top, *min_score);
                with_match += u64::from(!matches.is_empty());
                let matches: Vec<MatchRow> =
                    matches.iter().map(|it| MatchRow::new(it, &reference)).collect();
                output.write(line, &name, &matches)?;
            }
            Err(problem) => {
                unscreened += 1;
                table.bar.suspend(|| eprintln!("{shown}:{line}: not screened: {problem}"));
                output.write_unscreened(line, name.trim(), &problem)?;
            }
        }
    }
    output.finish()?;
    table.print_notes();
    table.bar.finish_and_clear();
    let seconds = started.elapsed().as_secs_f64();
    let screened = rows - unscreened;
    eprintln!("{screened} names screened in {seconds:.1} s; {with_match} have a match");
    if rows == 0 {
        eprintln!("{shown}: it has no rows");
    }
    if *min_score < POSSIBLE_SCORE {
        eprintln!("scores below {POSSIBLE_SCORE} mean that there is no evidence of a match");
    }
    let unread = reference.unread_count();
    if unscreened > 0 {
        eprintln!("rows not screened: {unscreened} of {rows}");
    }
    if unread > 0 {
        eprintln!("rows of the lists to screen against that were not read: {unread}");
    }
    if unscreened > 0 || unread > 0 {
        bail!("fix the rows named above and screen the list again; the other rows were screened");
    }
    Ok(())
}

/// Reads the files to screen against.
fn read_reference(arguments: &Arguments) -> Result<Reference> {
    let Arguments { against_column, no_header, against, .. } = arguments;
    let options = NameOptions {
        column: against_column.as_deref(),
        has_no_header: matches!(no_header, Some(HeaderlessList::Against | HeaderlessList::Both)),
        column_option: "--against-column",
        no_header_option: "--no-header=against",
    };
    let mut reference = Reference::default();
    for file in against {
        reference.read(file, options)?;
    }
    let (names, awards) = (reference.name_count(), reference.award_count());
    ensure!(names > 0, "the files given to --against have no names, so nothing can be found");
    eprintln!("screening against {names} names of {awards} awards");
    Ok(reference)
}

impl Arguments {
    fn open_output(&self) -> Result<Output> {
        let writer: Box<dyn Write> = match &self.output {
            Some(path) => {
                let file = File::create(path);
                Box::new(BufWriter::new(
                    file.with_context(|| format!("cannot write {}", path.display()))?,
                ))
            }
            None => Box::new(BufWriter::new(stdout().lock())),
        };
        match self.format {
            Format::Csv => Output::csv(writer, self.raw),
            Format::Json => Ok(Output::json(writer)),
        }
    }
}

/// Reads a row as a vendor's record, for the screened list and for lists of names to screen against.
/// `name` is the index of the column with the name, from 0.
fn vendor_record(row: &Row<'_>, name: usize) -> Record {
    let cell = |column: &str| {
        // A table without names of columns has none of them.
        let cell = row.cell(column).trim().to_owned();
        (!cell.is_empty()).then_some(cell)
    };
    Record {
        name: row.cell_at(name),
        aliases: Vec::new(),
        uei: cell("uei"),
        duns: cell("duns"),
        cage: cell("cage"),
        city: cell("city"),
        state: cell("state"),
        address: cell("address"),
        parent: cell("parent"),
        parent_uei: cell("parent_uei"),
    }
}
