//! What a list is held against: recipients of federal awards, or names of any list.
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;

use anyhow::{Result, bail};
use candor_schema::award::matcher::{Index, Match, Profile, Record, RecordId};
use candor_schema::award::model::{AwardFileRow, RowScope};
use candor_schema::gate::DhsComponent;
use chrono::NaiveDate;

use super::record;
use crate::command::award_file::{self, AwardFile};
use crate::command::table::Table;

/// An award, as far as its rows tell it.
#[derive(Clone, Debug)]
struct Award {
    /// Who was the first to be named with it.
    recipient: RecordId,
    cents: i64,
    component: Option<DhsComponent>,
    first: Option<NaiveDate>,
    last: Option<NaiveDate>,
    /// It was told whole: its transactions add nothing.
    is_whole: bool,
    /// What its transactions are told by, as long as it is not told whole: files overlap.
    transactions: HashSet<String>,
}

impl Award {
    fn of(recipient: RecordId) -> Self {
        let (component, first, last, transactions) = (None, None, None, HashSet::new());
        Self { recipient, cents: 0, component, first, last, is_whole: false, transactions }
    }
}

/// What the awards of one firm come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Total {
    pub awards: usize,
    pub cents: i64,
    pub components: BTreeSet<DhsComponent>,
    pub first: Option<NaiveDate>,
    pub last: Option<NaiveDate>,
}

/// Recipients and their awards, or names alone, ready to be searched.
#[derive(Default)]
pub struct Known {
    index: Index,
    /// Each record, by its number.
    records: Vec<Record>,
    /// Each record's identifier, by name and UEI: one a recipient, however many its awards.
    numbers: HashMap<(String, Option<String>), RecordId>,
    awards: HashMap<String, Award>,
    /// The awards of each record.
    of_record: HashMap<RecordId, Vec<String>>,
}

impl Known {
    /// How many different names there are.
    pub fn names(&self) -> usize {
        self.records.len()
    }

    /// How many awards there are.
    pub fn awards(&self) -> usize {
        self.awards.len()
    }

    /// Reads a file: awards, as USAspending publishes them, or a list of names.
    ///
    /// # Errors
    /// If it cannot be read, or is neither.
    pub fn read(&mut self, path: &Path) -> Result<()> {
        if award_file::is_zip(path)? {
            return self.read_awards(path);
        }
        let table = Table::open(path, &[], &[])?;
        if award_file::knows(&table) {
            return self.read_awards(path);
        }
        if table.has("name") {
            self.read_names(path, table);
            return Ok(());
        }
        bail!(
            "{} is no award file of USAspending's and has no column \"name\"; it has: {}",
            path.display(),
            table.columns()
        )
    }

    fn read_names(&mut self, path: &Path, mut table: Table) {
        while let Some(row) = table.next() {
            match row {
                Ok(row) => {
                    self.recipient(&record(&row, "name"));
                }
                Err((line, why)) => {
                    table.bar.suspend(|| eprintln!("{}:{line}: {why}", path.display()));
                }
            }
        }
        table.bar.finish_and_clear();
    }

    fn read_awards(&mut self, path: &Path) -> Result<()> {
        for file in AwardFile::all(path)? {
            let mut file = file?;
            let (mut read, mut refused) = (0_u64, 0_u64);
            while let Some(row) = file.next() {
                match row {
                    Ok(row) => {
                        self.award(&row);
                        read += 1;
                    }
                    Err((line, why)) => {
                        file.bar.suspend(|| eprintln!("{}:{line}: {why}", file.name));
                        refused += 1;
                    }
                }
            }
            file.bar.finish_and_clear();
            eprintln!("{}: {read} of {} rows read, {refused} left out", file.name, file.rows);
        }
        Ok(())
    }

    fn award(&mut self, row: &AwardFileRow) {
        let recipient = self.recipient(&row.recipient.record());
        let award = self.awards.entry(row.key.clone()).or_insert_with(|| {
            self.of_record.entry(recipient).or_default().push(row.key.clone());
            Award::of(recipient)
        });
        if award.recipient != recipient {
            self.index.record_award_transfer(award.recipient, recipient);
        }
        let cents = row.obligated_cents.unwrap_or_default();
        match &row.scope {
            RowScope::Summary => {
                (award.cents, award.is_whole) = (cents, true);
                award.transactions = HashSet::new();
            }
            RowScope::Transaction(_) if award.is_whole => return,
            RowScope::Transaction(key) if award.transactions.contains(key) => return,
            RowScope::Transaction(key) => {
                award.transactions.insert(key.clone());
                award.cents = award.cents.saturating_add(cents);
            }
        }
        award.component = row.component().or(award.component);
        award.first = [award.first, row.signed_on].into_iter().flatten().min();
        award.last = [award.last, row.latest_on].into_iter().flatten().max();
    }

    /// A recipient, who is put into the index if it is new; if it is not, by its other names too.
    fn recipient(&mut self, record: &Record) -> RecordId {
        let key = (record.name.clone(), record.uei.clone());
        let Some(id) = self.numbers.get(&key).copied() else {
            let id = self.index.insert(record);
            self.records.push(record.clone());
            self.numbers.insert(key, id);
            return id;
        };
        if let Some(known) = self.records.get_mut(id.number() as usize) {
            let before = known.aliases.len();
            for alias in &record.aliases {
                if !known.aliases.contains(alias) {
                    known.aliases.push(alias.clone());
                }
            }
            if known.aliases.len() > before {
                self.index.replace(id, known);
            }
        }
        id
    }

    /// The firms most like the one asked for, best first.
    pub fn search(&self, asked: &Profile, top: usize, min_score: f32) -> Vec<Match> {
        self.index.search(asked, top, min_score)
    }

    /// The name and the UEI of a record; of a firm, the UEI that any of its names has.
    pub fn named(&self, id: RecordId) -> (&str, Option<&str>) {
        let of = |id: RecordId| self.records.get(id.number() as usize);
        let name = of(id).map_or("", |record| record.name.as_str());
        let uei = |id: RecordId| of(id).and_then(|record| record.uei.as_deref());
        (name, uei(id).or_else(|| self.index.same_firm(id).find_map(uei)))
    }

    /// What the awards of a firm come to, under all of its names.
    pub fn total(&self, id: RecordId) -> Total {
        let mut total = Total::default();
        let keys = self.index.same_firm(id).filter_map(|one| self.of_record.get(&one));
        for award in keys.flatten().filter_map(|key| self.awards.get(key)) {
            total.awards += 1;
            total.cents = total.cents.saturating_add(award.cents);
            total.components.extend(award.component);
            total.first = [total.first, award.first].into_iter().flatten().min();
            total.last = [total.last, award.last].into_iter().flatten().max();
        }
        total
    }
}
