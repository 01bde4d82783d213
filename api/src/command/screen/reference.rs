//! The reference data of a screening: recipients of federal awards, or names of any list.
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use candor_matcher::{Index, Match, Profile, Record, RecordId};
use candor_schema::award::model::{
    AwardFileEntry, AwardFileRow, RowScope, TransactionDeletion, TransactionVersion, is_newer,
};
use candor_schema::gate::DhsComponent;
use chrono::NaiveDate;

use super::name_column::{self, NameOptions};
use super::{DETAIL_COLUMNS, vendor_record};
use crate::command::award_file::{self, AwardFile};
use crate::command::table::{HeaderRule, Table};

/// An award, combined from its rows.
#[derive(Clone, Debug)]
struct Award {
    /// The first recipient in its rows.
    recipient: RecordId,
    component: Option<DhsComponent>,
    /// The newest row with the whole award, whose amount counts rather than its transactions'.
    summary: Option<Summary>,
    /// By their keys, since files overlap.
    transactions: HashMap<String, TransactionVersion>,
}

/// A row with a whole award.
#[derive(Clone, Copy, Debug, Default)]
struct Summary {
    cents: Option<i64>,
    signed_on: Option<NaiveDate>,
    latest_on: Option<NaiveDate>,
}

impl Award {
    /// Returns the obligation in US cents; `None` if the award has no row left.
    fn cents(&self) -> Option<i64> {
        if let Some(summary) = &self.summary {
            return Some(summary.cents.unwrap_or_default());
        }
        let amounts = self.transactions.values().map(|it| it.cents.unwrap_or_default());
        amounts.reduce(i64::saturating_add)
    }

    fn first_day(&self) -> Option<NaiveDate> {
        let days = || self.transactions.values().filter_map(|it| it.action_on);
        match self.summary.and_then(|summary| summary.signed_on) {
            None => days().min(),
            signed_on => signed_on,
        }
    }

    fn last_day(&self) -> Option<NaiveDate> {
        let days = self.transactions.values().filter_map(|it| it.action_on);
        days.chain(self.summary.and_then(|summary| summary.latest_on)).max()
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
    /// The day of each deletion, by the keys of the award and of the transaction.
    deletions: HashMap<(String, String), Option<NaiveDate>>,
    /// The number of rows of lists of names that could not be read.
    unread: u64,
}

impl Reference {
    /// Returns the number of distinct records.
    pub const fn name_count(&self) -> usize {
        self.records.len()
    }

    /// Returns the number of awards.
    pub fn award_count(&self) -> usize {
        self.awards.values().filter(|award| award.cents().is_some()).count()
    }

    /// Returns the number of rows of lists of names that could not be read.
    pub const fn unread_count(&self) -> u64 {
        self.unread
    }

    /// Reads an award file of USAspending, or a list of names.
    ///
    /// # Errors
    /// If the file cannot be read, or is neither.
    pub fn read(&mut self, path: &Path, options: NameOptions<'_>) -> Result<()> {
        if award_file::is_zip(path)? {
            return self.read_awards(path);
        }
        let read_error = || format!("cannot read {}", path.display());
        let is_header =
            |cells: &[String]| award_file::is_award_header(cells) || options.is_header(cells);
        let is_file =
            || Ok::<_, anyhow::Error>(fs::metadata(path).with_context(read_error)?.is_file());
        // A pipe is read only once.
        let table = if options.has_no_header && !is_file()? {
            options.open(path)?
        } else {
            let table = Table::open_list(path, HeaderRule::Where(&is_header))?;
            if award_file::is_award_file(&table) {
                return self.read_awards(path);
            }
            if options.has_no_header { options.open(path)? } else { table }
        };
        self.read_names(path, table, options)
    }

    fn read_names(
        &mut self,
        path: &Path,
        mut table: Table,
        options: NameOptions<'_>,
    ) -> Result<()> {
        let shown = path.display().to_string();
        let found = name_column::find(&shown, &table, options);
        let names = found.map_err(|error| match award_file::describe_kind(&table) {
            Some(kind) => error.context(format!("{shown} seems to be {kind}")),
            None => error,
        })?;
        for column in DETAIL_COLUMNS {
            table.require_single(column)?;
        }
        table.print_notes();
        eprintln!("{}", names.note);
        let (mut rows, mut unread) = (0_u64, 0_u64);
        while let Some(row) = table.next() {
            rows += 1;
            let problem = match row {
                Ok(row) => match names.find_non_vendor(&row) {
                    None => {
                        self.recipient_id(&vendor_record(&row, names.index));
                        continue;
                    }
                    Some(problem) => (row.line, problem.to_owned()),
                },
                Err(error) => error,
            };
            unread += 1;
            let (line, problem) = problem;
            table.bar.suspend(|| eprintln!("{shown}:{line}: not read: {problem}"));
        }
        table.print_notes();
        table.bar.finish_and_clear();
        eprintln!("{shown}: {} of {rows} names read", rows - unread);
        self.unread += unread;
        Ok(())
    }

    fn read_awards(&mut self, path: &Path) -> Result<()> {
        for file in AwardFile::open_all(path, &mut |note| eprintln!("{note}"))? {
            let mut file = file?;
            for note in &file.notes {
                eprintln!("{note}");
            }
            let (mut read, mut rejected) = (0_u64, 0_u64);
            while let Some(row) = file.next() {
                match row {
                    Ok(AwardFileEntry::Row(row)) => {
                        self.add_award(&row);
                        read += 1;
                    }
                    Ok(AwardFileEntry::Deletion(deletion)) => {
                        self.delete_transaction(deletion);
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
        if let RowScope::Transaction(key) = &row.scope {
            // Most files delete nothing.
            let keys = (!self.deletions.is_empty()).then(|| (row.key.clone(), key.clone()));
            let deletion = keys.and_then(|keys| self.deletions.get(&keys));
            if deletion.is_some_and(|on| TransactionVersion::of_row(row).is_deleted_on(*on)) {
                return;
            }
        }
        let recipient = self.recipient_id(&row.recipient.record());
        let award = self.awards.entry(row.key.clone()).or_insert_with(|| {
            self.keys_by_record.entry(recipient).or_default().push(row.key.clone());
            let (component, summary, transactions) = (None, None, HashMap::new());
            Award { recipient, component, summary, transactions }
        });
        if award.recipient != recipient {
            self.index.record_award_transfer(award.recipient, recipient);
        }
        award.component = row.component().or(award.component);
        match &row.scope {
            RowScope::Summary => {
                let own = Summary {
                    cents: row.obligated_cents,
                    signed_on: row.signed_on,
                    latest_on: row.latest_on,
                };
                let known = award.summary.unwrap_or_default();
                let is_newer = is_newer(own.latest_on, known.latest_on);
                let (newer, older) = if is_newer { (own, known) } else { (known, own) };
                award.summary = Some(Summary {
                    cents: newer.cents.or(older.cents),
                    signed_on: newer.signed_on.or(older.signed_on),
                    latest_on: newer.latest_on.or(older.latest_on),
                });
            }
            RowScope::Transaction(key) => {
                let version = TransactionVersion::of_row(row);
                match award.transactions.get_mut(key) {
                    None => drop(award.transactions.insert(key.clone(), version)),
                    Some(known) if known.is_replaced_by(&version) => *known = version,
                    Some(_) => {}
                }
            }
        }
    }

    /// Removes a transaction, in whichever order the files have it and its deletion.
    fn delete_transaction(&mut self, deletion: TransactionDeletion) {
        let TransactionDeletion { award_keys, transaction, modified_on, line: _ } = deletion;
        for key in award_keys {
            let transactions = self.awards.get_mut(&key).map(|award| &mut award.transactions);
            if let Some(transactions) = transactions {
                transactions.retain(|known, version| {
                    *known != transaction || !version.is_deleted_on(modified_on)
                });
            }
            let day = self.deletions.entry((key, transaction.clone())).or_default();
            *day = (*day).max(modified_on);
        }
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
            // One whose transactions were all deleted is none.
            let Some(cents) = award.cents() else { continue };
            total.awards += 1;
            total.cents = total.cents.saturating_add(cents);
            total.components.extend(award.component);
            total.first = [total.first, award.first_day()].into_iter().flatten().min();
            total.last = total.last.max(award.last_day());
        }
        total
    }
}
