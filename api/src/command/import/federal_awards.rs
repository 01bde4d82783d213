//! `candor import federal-awards`
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use candor_schema::award::model::AwardFileRow;
use candor_schema::award::service::{
    Imported, Source, catch_up, counts, cut_off_at, finish, import,
};
use candor_schema::canonical::sha256;
use candor_schema::database::Database;
use chrono::{DateTime, Utc};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use crate::command::award_file::AwardFile;
use crate::command::{open, told as in_words};
use crate::config::Config;

/// How many rows are taken up at a time: together, or none of them.
const BATCH: usize = 500;

const AFTER: &str = "\
Files are USAspending's own, as they come (CSV, or the zip archive): contract and assistance prime
award summaries, prime transactions, subawards, and the short listing of the search for
transactions. What a file is is told by its columns.

An award is known by its key: told again, it changes only where the file says otherwise. The
transactions of an award are summed, unless a summary tells it whole. An import that was cut off
goes on where it stopped when the same file is imported again.

At the end every organization is held against the recipients that are new or changed.

Exit: 0 every row is in, 1 some are not (each is told with its line), 2 asked wrongly.

Examples:
  candor import federal-awards PrimeAwardSummariesAndSubawards.zip
  candor import federal-awards contracts_2024.csv contracts_2025.csv";

/// Takes up federal awards, as USAspending publishes them.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub struct Arguments {
    /// The files (CSV or zip).
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Take up the awards of every agency, not only of the Department of Homeland Security: none
    /// of the others is ever matched.
    #[arg(long)]
    every_agency: bool,
}

/// How many rows of award files came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AwardCount {
    /// Rows whose awards are new.
    pub new: u64,
    /// Rows that told something else, or more, of an award that was known.
    pub changed: u64,
    /// Rows that told nothing new.
    pub unchanged: u64,
    /// Rows of other departments' awards.
    pub left_out: u64,
    /// Rows that are not in.
    pub refused: u64,
    /// Matches with organizations that are new or changed.
    pub matches: u64,
}

pub(super) async fn run(arguments: Arguments, config: &Config) -> Result<()> {
    let Arguments { files, every_agency } = arguments;
    let database = open(config).await?;
    let now = config.clock.now();
    let count = import_federal_awards(&database, &files, every_agency, now, &mut stdout()).await?;
    let AwardCount { new, changed, unchanged, left_out, refused, matches } = count;
    println!("rows with a new award: {new}");
    println!("rows that tell more of a known one: {changed}");
    println!("rows that tell nothing new: {unchanged}");
    println!("rows of other departments: {left_out}");
    println!("rows that are not in: {refused}");
    let (recipients, awards) = counts(&database).await.map_err(in_words)?;
    println!("known now: {awards} awards of {recipients} recipients");
    println!("matches with organizations that are new or changed: {matches}");
    if refused > 0 {
        bail!("{refused} rows are not in; mend them and import the file again: the others stay");
    }
    Ok(())
}

/// Takes up the awards of some files, so many rows a transaction, and holds every organization
/// against what has changed. Each row that is not in is written to `told`, with its line and why;
/// the bar that tells how far it is goes to stderr.
///
/// # Errors
/// If a file cannot be read or is no award file, or the database fails: what was taken up stays.
pub async fn import_federal_awards(
    database: &Database,
    files: &[PathBuf],
    every_agency: bool,
    now: DateTime<Utc>,
    told: &mut impl Write,
) -> Result<AwardCount> {
    let mut count = AwardCount::default();
    for path in files {
        take_up(database, path, every_agency, now, (&mut count, told)).await?;
    }
    let bar = ProgressBar::new_spinner();
    bar.set_style(ProgressStyle::with_template("{spinner} {msg}  {elapsed_precise}")?);
    bar.enable_steady_tick(Duration::from_millis(200));
    let matched = catch_up(database, now, |done| {
        bar.set_message(format!("{done} organizations held against the recipients"));
    });
    count.matches = matched.await.map_err(in_words)?;
    bar.finish_and_clear();
    Ok(count)
}

async fn take_up(
    database: &Database,
    path: &Path,
    every_agency: bool,
    now: DateTime<Utc>,
    (count, told): (&mut AwardCount, &mut impl Write),
) -> Result<()> {
    for file in AwardFile::all(path)? {
        let mut file = file?;
        // What was left out of a file is not in when more of it is asked for.
        let sha256 = if every_agency {
            sha256(&format!("{} of every agency", file.sha256))
        } else {
            file.sha256.clone()
        };
        let source = Source { file: file.name.clone(), sha256 };
        if let Some(line) = cut_off_at(database, &source).await.map_err(in_words)? {
            eprintln!("{}: goes on after line {line}, where it was cut off", file.name);
            let passed = file.skip_to(line.saturating_add(1));
            passed.map_err(|(line, why)| anyhow::anyhow!("{}:{line}: {why}", file.name))?;
        }
        let mut rows = Vec::with_capacity(BATCH);
        loop {
            let next = file.next();
            let at_end = next.is_none();
            match next {
                Some(Ok(row)) if every_agency || row.component().is_some() => rows.push(row),
                Some(Ok(_)) => count.left_out += 1,
                Some(Err((line, why))) => refuse(&file, line, &why, (count, told))?,
                None => {}
            }
            if rows.len() == BATCH || (at_end && !rows.is_empty()) {
                let batch = std::mem::replace(&mut rows, Vec::with_capacity(BATCH));
                record(database, &source, now, batch, (&file, count, told)).await?;
            }
            if at_end {
                break;
            }
        }
        file.bar.finish_and_clear();
        finish(database, &source, now).await.map_err(in_words)?;
    }
    Ok(())
}

async fn record(
    database: &Database,
    source: &Source,
    now: DateTime<Utc>,
    rows: Vec<AwardFileRow>,
    (file, count, told): (&AwardFile, &mut AwardCount, &mut impl Write),
) -> Result<()> {
    for (line, outcome) in import(database, source, now, rows).await.map_err(in_words)? {
        match outcome {
            Imported::New => count.new += 1,
            Imported::Changed => count.changed += 1,
            Imported::Unchanged => count.unchanged += 1,
            Imported::Refused(why) => refuse(file, line, &why, (count, told))?,
        }
    }
    Ok(())
}

/// Tells a row that is not in, without tearing the bar.
fn refuse(
    file: &AwardFile,
    line: u64,
    why: &str,
    (count, told): (&mut AwardCount, &mut impl Write),
) -> Result<()> {
    count.refused += 1;
    let told = file.bar.suspend(|| writeln!(told, "{}:{line}: {why}", file.name));
    told.context("cannot tell what is not in")
}
