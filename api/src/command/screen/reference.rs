//! The reference data of a screening: recipients of federal awards, or names of any list.
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;

use anyhow::{Result, bail};
use candor_matcher::{Index, Match, Profile, Record, RecordId};
use candor_schema::award::model::{AwardFileRow, RowScope};
use candor_schema::gate::DhsComponent;
use chrono::NaiveDate;

use super::vendor_record;
use crate::command::award_file::{self, AwardFile};
use crate::command::table::Table;

/// An award, combined from its rows.
#[derive(Clone, Debug)]
struct Award {
    /// The first recipient in its rows.
    recipient: RecordId,
    cents: i64,
    component: Option<DhsComponent>,
    first: Option<NaiveDate>,
    last: Option<NaiveDate>,
    /// Whether a row had the whole award, so that its transactions add nothing.
    is_whole: bool,
    /// The keys of its summed transactions, since files overlap; empty if `is_whole`.
    transactions: HashSet<String>,
}

impl Award {
    fn of(recipient: RecordId) -> Self {
        let (component, first, last, transactions) = (None, None, None, HashSet::new());
        Self { recipient, cents: 0, component, first, last, is_whole: false, transactions }
    }
}

/// The totals of a firm's awards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Total {
    pub awards: usize,
    pub cents: i64,
    pub components: BTreeSet<DhsComponent>,
    pub first: Option<NaiveDate>,
    pub last: Option<NaiveDate>,
}

/// A search index of recipients with their awards, or of names.
#[derive(Default)]
pub struct Reference {
    index: Index,
    /// The records, by their number.
    records: Vec<Record>,
    /// The id of each recipient, by name and UEI.
    ids: HashMap<(String, Option<String>), RecordId>,
    awards: HashMap<String, Award>,
    /// The keys of each record's awards.
    keys_by_record: HashMap<RecordId, Vec<String>>,
}

impl Reference {
    /// Returns the number of distinct records.
    pub fn name_count(&self) -> usize {
        self.records.len()
    }

    /// Returns the number of awards.
    pub fn award_count(&self) -> usize {
        self.awards.len()
    }

    /// Reads an award file of USAspending, or a list of names.
    ///
    /// # Errors
    /// If the file cannot be read, or is neither.
    pub fn read(&mut self, path: &Path) -> Result<()> {
        if award_file::is_zip(path)? {
            return self.read_awards(path);
        }
        let table = Table::open(path, &[], &[])?;
        if award_file::is_award_file(&table) {
            return self.read_awards(path);
        }
        if table.has_column("name") {
            self.read_names(path, table);
            return Ok(());
        }
        bail!(
            "{} is not an award file of USAspending and has no column \"name\"; it has: {}",
            path.display(),
            table.column_names()
        )
    }

    fn read_names(&mut self, path: &Path, mut table: Table) {
        while let Some(row) = table.next() {
            match row {
                Ok(row) => {
                    self.recipient_id(&vendor_record(&row, "name"));
                }
                Err((line, message)) => {
                    table.bar.suspend(|| eprintln!("{}:{line}: {message}", path.display()));
                }
            }
        }
        table.bar.finish_and_clear();
    }

    fn read_awards(&mut self, path: &Path) -> Result<()> {
        for file in AwardFile::open_all(path)? {
            let mut file = file?;
            let (mut read, mut rejected) = (0_u64, 0_u64);
            while let Some(row) = file.next() {
                match row {
                    Ok(row) => {
                        self.add_award(&row);
                        read += 1;
                    }
                    Err((line, message)) => {
                        file.bar.suspend(|| eprintln!("{}:{line}: {message}", file.name));
                        rejected += 1;
                    }
                }
            }
            file.bar.finish_and_clear();
            eprintln!("{}: {read} of {} rows read, {rejected} rejected", file.name, file.rows);
        }
        Ok(())
    }

    fn add_award(&mut self, row: &AwardFileRow) {
        let recipient = self.recipient_id(&row.recipient.record());
        let award = self.awards.entry(row.key.clone()).or_insert_with(|| {
            self.keys_by_record.entry(recipient).or_default().push(row.key.clone());
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

    /// Returns the id of a recipient. Adds a new one to the index, and new aliases to a known one.
    fn recipient_id(&mut self, record: &Record) -> RecordId {
        let key = (record.name.clone(), record.uei.clone());
        let Some(id) = self.ids.get(&key).copied() else {
            let id = self.index.insert(record);
            self.records.push(record.clone());
            self.ids.insert(key, id);
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

    /// Returns the best matches of a firm, the best first.
    pub fn search(&self, profile: &Profile, top: usize, min_score: f32) -> Vec<Match> {
        self.index.search(profile, top, min_score)
    }

    /// Returns the name of a record, and its UEI or else the UEI of another name of the same firm.
    pub fn name_and_uei(&self, id: RecordId) -> (&str, Option<&str>) {
        let of = |id: RecordId| self.records.get(id.number() as usize);
        let name = of(id).map_or("", |record| record.name.as_str());
        let uei = |id: RecordId| of(id).and_then(|record| record.uei.as_deref());
        (name, uei(id).or_else(|| self.index.same_firm(id).find_map(uei)))
    }

    /// Totals the awards of a firm, under all of its names.
    pub fn total(&self, id: RecordId) -> Total {
        let mut total = Total::default();
        let keys = self.index.same_firm(id).filter_map(|one| self.keys_by_record.get(&one));
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
