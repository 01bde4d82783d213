//! Award files as USAspending publishes them, read into rows of one form: the bulk downloads of
//! prime award summaries, prime transactions and subawards, of contracts and of assistance, and
//! the short listing of the search for transactions; as CSV, or in the zip archive as it comes.
//!
//! A file is read twice. The first time tells what its days mean, how many rows it has, and its
//! digest; the second time gives the rows. Neither holds more of it in memory than a row.
//!
//! Texts are UTF-8, as USAspending writes them. A byte that is not costs the row if it stands in a
//! column that tells who, what or how much; in a description it is replaced, in a column that is
//! not read it does not matter.
mod amounts;
mod columns;
mod dates;
mod row;
mod source;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use candor_schema::award::model::AwardFileRow;
use indicatif::{ProgressBar, ProgressStyle};

use self::columns::{EXPECTED, Field, Form};
use self::row::{Cells, Settled};
use self::source::{Hashed, Source};
use super::table::{self, Refused, Table};

pub use source::is_zip;

/// What is a day.
const DAYS: [Field; 5] =
    [Field::SignedOn, Field::StartsOn, Field::EndsOn, Field::OrdersUntil, Field::LatestOn];

/// One table of awards, ready to be read row by row. A row that cannot be taken is an error with
/// its line and why; the rows after it follow.
pub struct AwardFile {
    /// What messages call it: the file's name, of one in an archive `archive.zip/inner.csv`.
    pub name: String,
    /// The SHA-256 of the table's bytes, unpacked, in hexadecimal.
    pub sha256: String,
    /// How many rows it has, those too that cannot be taken.
    pub rows: u64,
    /// How far it is, in rows (on stderr, if that is a terminal).
    pub bar: ProgressBar,
    form: Form,
    settled: Settled,
    table: Table,
    /// The table stands at a row that was not given yet.
    is_held: bool,
}

/// Whether a table is an award file with all the columns that it needs.
pub fn knows(table: &Table) -> bool {
    Form::of(table).is_some_and(|form| form.lacks(table).is_empty())
}

impl AwardFile {
    /// The award files of a path: the file itself, or those in an archive, in its order. Each is
    /// read for the first time when it is asked for. What else an archive holds is told on stderr
    /// and left out.
    ///
    /// # Errors
    /// If the path cannot be read or has no award file: what was expected, and what it has; if one
    /// of its award files lacks a column. An item is an error if that file is damaged or has a row
    /// without an end: nothing of it is given then.
    pub fn all(path: &Path) -> Result<impl Iterator<Item = Result<Self>> + use<>> {
        let sources = Source::all(path)?;
        let is_alone = sources.len() == 1;
        let mut files = Vec::new();
        for source in sources {
            match form(&source)? {
                Ok(form) => files.push((source, form)),
                Err(why) if is_alone => bail!(why),
                Err(why) => eprintln!("{why}; it is left out"),
            }
        }
        ensure!(!files.is_empty(), "{} has no award file in it", path.display());
        Ok(files.into_iter().map(|(source, form)| Self::begin(&source, form)))
    }

    fn begin(source: &Source, form: Form) -> Result<Self> {
        let name = source.name.clone();
        let bar = table::bar(source.size)?;
        bar.set_message(format!("{name}: what its days mean"));
        let mut table = Table::read(&name, Hashed::new(source.open()?), bar.clone())?;
        let mut days = BTreeMap::new();
        for column in DAYS.iter().flat_map(|field| form.columns(*field)) {
            days.insert(*column, dates::Column::default());
        }
        let mut rows = 0;
        while table.advance().map_err(|(line, why)| anyhow!("{name}:{line}: {why}"))? {
            rows += 1;
            let row = table.row();
            // In a row that is torn, a cell may be another column's.
            let is_whole = row.cells() == row.width;
            for (column, days) in days.iter_mut().filter(|_| is_whole) {
                let cell = row.place(column).map(|place| row.bytes(place));
                if let Some(cell) = cell.and_then(|cell| std::str::from_utf8(cell).ok()) {
                    days.look(cell.trim());
                }
            }
        }
        bar.finish_and_clear();
        for (column, _) in days.iter().filter(|(_, days)| days.is_unclear()) {
            eprintln!("{name}: what the days of {column:?} mean cannot be told; they are left out");
        }
        let settled = days.into_iter().filter_map(|(column, days)| Some((column, days.settled()?)));
        let form_of_bar =
            "{bar:32} {percent:>3} %  {human_pos} rows, {per_sec:0}  {elapsed_precise}, {eta} left";
        let style = ProgressStyle::with_template(form_of_bar).context("a progress bar's form")?;
        Ok(Self {
            form,
            settled: settled.collect(),
            sha256: table.into_source().sha256(),
            rows,
            bar: ProgressBar::new(rows).with_style(style),
            table: Table::read(&name, source.open()?, ProgressBar::hidden())?,
            name,
            is_held: false,
        })
    }

    /// Goes on at the first row that begins at a line or after it: those before are passed over
    /// unread, which takes no longer than the file takes to be read.
    ///
    /// # Errors
    /// If the file cannot be read any further.
    pub fn skip_to(&mut self, line: u64) -> Result<(), Refused> {
        loop {
            if !self.is_held && !self.table.advance()? {
                break;
            }
            self.is_held = self.table.row().line >= line;
            if self.is_held {
                break;
            }
            self.bar.inc(1);
        }
        // What was passed over says nothing of how long the rest takes.
        self.bar.reset_eta();
        Ok(())
    }
}

impl Iterator for AwardFile {
    type Item = Result<AwardFileRow, Refused>;

    fn next(&mut self) -> Option<Self::Item> {
        if !std::mem::take(&mut self.is_held) {
            match self.table.advance() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(refused) => return Some(Err(refused)),
            }
        }
        self.bar.inc(1);
        let row = self.table.row();
        let cells = Cells { row: &row, form: self.form, settled: &self.settled };
        Some(cells.award().map_err(|why| (row.line, why)))
    }
}

/// The form of a source, by its first line, or why it has none.
///
/// # Errors
/// If it cannot be read, or lacks a column of its form.
fn form(source: &Source) -> Result<Result<Form, String>> {
    let name = &source.name;
    if source.size == 0 {
        return Ok(Err(format!("{name} is empty: it needs a first line with columns' names")));
    }
    let table = Table::read(name, source.open()?, ProgressBar::hidden())?;
    let has = table.columns();
    let Some(form) = Form::of(&table) else {
        return Ok(Err(format!(
            "{name} is no award file of USAspending's: one has {EXPECTED}; this has: {has}"
        )));
    };
    let lacks = form.lacks(&table).join(", ");
    ensure!(lacks.is_empty(), "{name} is of {}, but lacks {lacks}; it has: {has}", form.words());
    Ok(Ok(form))
}
