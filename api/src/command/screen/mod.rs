//! `candor screen`: screens a list of names against federal awards or other names.
mod output;
mod reference;

use std::fs::File;
use std::io::{BufWriter, Write, stdout};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use candor_matcher::{POSSIBLE_SCORE, PROBABLE_SCORE, Profile, Record};
use clap::{Args, ValueEnum};

use self::output::{MatchRow, Output};
use self::reference::Reference;
use super::table::{Row, Table};

/// The columns with the names in a list of vendors; the first that exists is used.
const NAME_COLUMNS: [&str; 6] =
    ["name", "vendor name", "vendor_name", "vendor", "recipient name", "recipient_name"];

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
    /// The column with the names [default: name, vendor name, vendor, or the first column].
    #[arg(long, value_name = "NAME")]
    column: Option<String>,
    /// The files to screen against: award summaries, transactions, subawards or the listing of
    /// transactions of USAspending (CSV or zip); or any list with a column `name` and optional
    /// columns uei, duns, cage, city, state, address, parent.
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    against: Vec<PathBuf>,
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
The result has one row for each match, or a row with an empty match for a name without one, in the
order of the list. Columns: line, name, match, score, band, reasons, uei, component, awards,
total_amount, first_date, last_date. total_amount is the sum of the awards' obligations, in dollars.
A text that begins with =, +, -, @, a tab or a line break gets a leading apostrophe, so that no
spreadsheet runs it as a formula. Numbers are unchanged; with --raw, so is all text.

Examples:
  candor screen vendors.csv --against awards.csv
  candor screen vendors.csv --against awards_2024.zip awards_2025.csv --min-score 0.5 --top 3
  candor screen vendors.csv --column \"VENDOR NAME\" --against awards.csv --output matches.csv";

/// The format of a result.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Csv,
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let Arguments { vendors, column, against, min_score, top, format, raw, output } = arguments;
    ensure!((0.0..=1.0).contains(min_score), "--min-score must be from 0 to 1, not {min_score}");
    ensure!(*top > 0, "--top must be 1 or more");
    let mut reference = Reference::default();
    for file in against {
        reference.read(file)?;
    }
    eprintln!(
        "screening against {} names of {} awards",
        reference.name_count(),
        reference.award_count()
    );
    let mut table = Table::open(vendors, &[], &[])?;
    let column = name_column(&table, column.as_deref())?;
    let writer: Box<dyn Write> = match output {
        Some(path) => {
            let file = File::create(path);
            Box::new(BufWriter::new(
                file.with_context(|| format!("cannot write {}", path.display()))?,
            ))
        }
        None => Box::new(BufWriter::new(stdout().lock())),
    };
    let mut output = match format {
        Format::Csv => Output::csv(writer, *raw)?,
        Format::Json => Output::json(writer),
    };
    let (mut names, mut with_match, started) = (0_u64, 0_u64, Instant::now());
    loop {
        let (line, name, record) = match table.next() {
            None => break,
            Some(Ok(row)) => (row.line, row.cell(&column), vendor_record(&row, &column)),
            Some(Err((line, message))) => {
                table.bar.suspend(|| eprintln!("{}:{line}: {message}", vendors.display()));
                continue;
            }
        };
        let matches = reference.search(&Profile::new(&record), *top, *min_score);
        names += 1;
        with_match += u64::from(!matches.is_empty());
        let rows = matches.iter().map(|it| MatchRow::new(it, &reference)).collect::<Vec<_>>();
        output.write(line, &name, &rows)?;
    }
    output.finish()?;
    table.bar.finish_and_clear();
    let seconds = started.elapsed().as_secs_f64();
    eprintln!("{names} names screened in {seconds:.1} s; {with_match} have a match");
    if *min_score < POSSIBLE_SCORE {
        eprintln!("scores below {POSSIBLE_SCORE} mean that there is no evidence of a match");
    }
    Ok(())
}

/// Returns the column with the names.
fn name_column(table: &Table, requested: Option<&str>) -> Result<String> {
    if let Some(requested) = requested {
        let requested = requested.trim().to_lowercase();
        ensure!(
            table.has_column(&requested),
            "the list has no column {requested:?}; it has: {}",
            table.column_names()
        );
        return Ok(requested);
    }
    let known = NAME_COLUMNS.into_iter().find(|name| table.has_column(name)).map(str::to_owned);
    Ok(known.unwrap_or_else(|| table.first_column()))
}

/// Reads a row as a vendor's record, for the screened list and for lists of names to screen against.
fn vendor_record(row: &Row<'_>, name: &str) -> Record {
    let cell = |column: &str| {
        let cell = row.cell(column).trim().to_owned();
        (!cell.is_empty()).then_some(cell)
    };
    Record {
        name: row.cell(name),
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
