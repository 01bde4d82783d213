//! `candor screen`
mod known;
mod output;

use std::fs::File;
use std::io::{BufWriter, Write, stdout};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use candor_schema::award::matcher::{POSSIBLE_SCORE, PROBABLE_SCORE, Profile, Record};
use clap::{Args, ValueEnum};

use self::known::Known;
use self::output::{Found, Output};
use super::table::{Row, Table};

/// The columns that a list of vendors may have its names in, the first that there is.
const NAMES: [&str; 6] =
    ["name", "vendor name", "vendor_name", "vendor", "recipient name", "recipient_name"];

/// Screens a list of names against federal awards, or any other list of names.
///
/// Needs no server, no database and no set-up. A match is no finding: it says which award data to
/// look at, how sure that is, and why.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub struct Arguments {
    /// The list to screen (CSV).
    #[arg(value_name = "VENDORS")]
    vendors: PathBuf,
    /// The column that has the names [default: name, vendor name, vendor, or the first one].
    #[arg(long, value_name = "NAME")]
    column: Option<String>,
    /// What it is held against (CSV): USAspending's award summaries, transactions, subawards or
    /// listing of transactions, also in the zip archive as it comes; or any list with a column
    /// `name` and perhaps uei, duns, cage, city, state, address, parent.
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    against: Vec<PathBuf>,
    /// The least score that is told, from 0 to 1; 0.8 and more is PROBABLE, 0.5 and more POSSIBLE.
    #[arg(long, value_name = "SCORE", default_value_t = PROBABLE_SCORE)]
    min_score: f32,
    /// How many matches of each name are told.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    top: usize,
    /// How the answer is written.
    #[arg(long, value_enum, default_value = "csv")]
    format: Format,
    /// Write cells as they are, for a program. Without it, a text that a spreadsheet would run as a
    /// formula begins with an apostrophe.
    #[arg(long)]
    raw: bool,
    /// Where it is written [default: the terminal].
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

const AFTER: &str = "\
The answer has a row for each match, or one with an empty match for a name that has none, in the
order of the list: line, name, match, score, band, reasons, uei, component, awards, total_amount,
first_date, last_date. An amount is the sum of the awards' obligations, in dollars. A text that
begins with =, +, -, @, a tab or a line break gets a leading apostrophe, so that no spreadsheet runs
it as a formula; numbers stay as they are, and --raw writes all as it is.

Examples:
  candor screen vendors.csv --against awards.csv
  candor screen vendors.csv --against awards_2024.zip awards_2025.csv --min-score 0.5 --top 3
  candor screen vendors.csv --column \"VENDOR NAME\" --against awards.csv --output matches.csv";

/// How an answer is written.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Csv,
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let Arguments { vendors, column, against, min_score, top, format, raw, output } = arguments;
    ensure!((0.0..=1.0).contains(min_score), "--min-score is from 0 to 1, not {min_score}");
    ensure!(*top > 0, "--top is 1 or more");
    let mut known = Known::default();
    for file in against {
        known.read(file)?;
    }
    eprintln!("held against {} names of {} awards", known.names(), known.awards());
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
    let (mut asked, mut hit, started) = (0_u64, 0_u64, Instant::now());
    loop {
        let (line, name, record) = match table.next() {
            None => break,
            Some(Ok(row)) => (row.line, row.cell(&column), record(&row, &column)),
            Some(Err((line, why))) => {
                table.bar.suspend(|| eprintln!("{}:{line}: {why}", vendors.display()));
                continue;
            }
        };
        let matches = known.search(&Profile::new(&record), *top, *min_score);
        asked += 1;
        hit += u64::from(!matches.is_empty());
        let found = matches.iter().map(|it| Found::of(it, &known)).collect::<Vec<_>>();
        output.write(line, &name, &found)?;
    }
    output.finish()?;
    table.bar.finish_and_clear();
    let seconds = started.elapsed().as_secs_f64();
    eprintln!("{asked} names screened in {seconds:.1} s; {hit} have a match");
    if *min_score < POSSIBLE_SCORE {
        eprintln!("below {POSSIBLE} a score means that nothing speaks for it");
    }
    Ok(())
}

/// The column that has the names.
fn name_column(table: &Table, asked: Option<&str>) -> Result<String> {
    if let Some(asked) = asked {
        let asked = asked.trim().to_lowercase();
        ensure!(table.has(&asked), "the list has no column {asked:?}; it has: {}", table.columns());
        return Ok(asked);
    }
    let known = NAMES.into_iter().find(|name| table.has(name)).map(str::to_owned);
    Ok(known.unwrap_or_else(|| table.first_column()))
}

/// What a row of a list of firms says: used of what is asked and of what it is held against.
fn record(row: &Row<'_>, name: &str) -> Record {
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
