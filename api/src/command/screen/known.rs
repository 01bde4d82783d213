//! What a list is held against: recipients of federal awards, or names of any list.
use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use anyhow::{Result, bail};
use candor_schema::award::component;
use candor_schema::award::matcher::{Index, Match, Profile, Record, RecordId};
use candor_schema::gate::DhsComponent;
use candor_schema::money;
use chrono::NaiveDate;

use super::dates::{self, Column};
use super::record;
use crate::command::table::{Row, Table};

/// How a file tells its awards: the columns that it has each thing in.
struct Form {
    name: &'static str,
    key: &'static str,
    amount: &'static str,
    first: &'static str,
    last: &'static str,
    /// Each row is a transaction: an award is their sum.
    transactions: bool,
}

/// USAspending's bulk download of prime award summaries, contracts and assistance.
const SUMMARIES: [Form; 2] = [
    Form {
        name: "recipient_name",
        key: "contract_award_unique_key",
        amount: "total_obligated_amount",
        first: "award_base_action_date",
        last: "award_latest_action_date",
        transactions: false,
    },
    Form {
        name: "recipient_name",
        key: "assistance_award_unique_key",
        amount: "total_obligated_amount",
        first: "award_base_action_date",
        last: "award_latest_action_date",
        transactions: false,
    },
];
/// The short listing of USAspending's search for transactions.
const LISTING: Form = Form {
    name: "recipient name",
    key: "generated award id",
    amount: "federal action obligation",
    first: "action date",
    last: "action date",
    transactions: true,
};

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

    /// Reads a file, whatever it is of the three.
    ///
    /// # Errors
    /// If it cannot be read, or has no column with names.
    pub fn read(&mut self, path: &Path) -> Result<()> {
        let table = Table::open(path, &[], &[])?;
        let form = SUMMARIES.iter().chain([&LISTING]);
        let mut form = form.filter(|form| table.has(form.name) && table.has(form.key));
        match form.next() {
            Some(form) => self.read_awards(path, form),
            None if table.has("name") => {
                self.read_names(path, table);
                Ok(())
            }
            None => bail!(
                "{} is no award file of USAspending's and has no column \"name\"; it has: {}",
                path.display(),
                table.columns()
            ),
        }
    }

    fn read_names(&mut self, path: &Path, mut table: Table) {
        while let Some(row) = table.next() {
            match row {
                Ok(row) => {
                    self.recipient(&record(&row, "name"));
                }
                Err((line, why)) => eprintln!("{}:{line}: {why}", path.display()),
            }
        }
        table.bar.finish_and_clear();
    }

    fn read_awards(&mut self, path: &Path, form: &Form) -> Result<()> {
        // Once for what its days mean, once for all else.
        let (mut first, mut last) = (Column::default(), Column::default());
        let mut table = Table::open(path, &[], &[])?;
        while let Some(row) = table.next() {
            if let Ok(row) = row {
                first.look(&row.cell(form.first));
                last.look(&row.cell(form.last));
            }
        }
        table.bar.finish_and_clear();
        let settled = [(first.settled(), form.first), (last.settled(), form.last)];
        for (_, column) in settled.iter().filter(|(settled, _)| settled.is_none()) {
            eprintln!(
                "{}: what the days of {column:?} mean cannot be told; they are left out",
                path.display()
            );
        }
        let mut table = Table::open(path, &[], &[])?;
        while let Some(row) = table.next() {
            match row {
                Ok(row) => {
                    let (line, read) = (row.line, self.award(&row, form, settled.map(|it| it.0)));
                    if let Err(why) = read {
                        eprintln!("{}:{line}: {why}", path.display());
                    }
                }
                Err((line, why)) => eprintln!("{}:{line}: {why}", path.display()),
            }
        }
        table.bar.finish_and_clear();
        Ok(())
    }

    fn award(
        &mut self,
        row: &Row<'_>,
        form: &Form,
        [first, last]: [Option<&'static str>; 2],
    ) -> Result<(), String> {
        let key = row.cell(form.key).trim().to_owned();
        if key.is_empty() {
            return Err(format!("it has no {}", form.key));
        }
        let amount = row.cell(form.amount);
        let cents =
            dollars(&amount).ok_or_else(|| format!("{}: {amount:?} is no amount", form.amount))?;
        let component = if form.transactions {
            of_key(&key)
        } else {
            component(&row.cell("awarding_sub_agency_code"), &row.cell("funding_sub_agency_code"))
        };
        let recipient = self.recipient(&recipient(row, form));
        let day = |column: &str, form: Option<&str>| dates::read(&row.cell(column), form?);
        let (first, last) = (day(form.first, first), day(form.last, last));
        let award = self.awards.entry(key.clone()).or_insert_with(|| {
            self.of_record.entry(recipient).or_default().push(key);
            Award { recipient, cents: 0, component: None, first: None, last: None, is_whole: false }
        });
        if award.recipient != recipient {
            self.index.award_passed(award.recipient, recipient);
        }
        if form.transactions && award.is_whole {
            return Ok(());
        }
        if form.transactions {
            award.cents = award.cents.saturating_add(cents);
        } else {
            (award.cents, award.is_whole) = (cents, true);
        }
        award.component = component.or(award.component);
        award.first = [award.first, first].into_iter().flatten().min();
        award.last = [award.last, last].into_iter().flatten().max();
        Ok(())
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
        (name, uei(id).or_else(|| self.index.identity(id).find_map(uei)))
    }

    /// What the awards of a firm come to, under all of its names.
    pub fn total(&self, id: RecordId) -> Total {
        let mut total = Total::default();
        let keys = self.index.identity(id).filter_map(|one| self.of_record.get(&one));
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

fn recipient(row: &Row<'_>, form: &Form) -> Record {
    let cell = |column: &str| {
        let cell = row.cell(column).trim().to_owned();
        (!cell.is_empty()).then_some(cell)
    };
    let other = ["recipient_name_raw", "recipient_doing_business_as_name"];
    Record {
        name: row.cell(form.name).trim().to_owned(),
        aliases: other.into_iter().filter_map(cell).collect(),
        uei: cell("recipient_uei"),
        duns: cell("recipient_duns"),
        cage: cell("cage_code"),
        city: cell("recipient_city_name"),
        state: cell("recipient_state_code"),
        address: cell("recipient_address_line_1"),
        parent: cell("recipient_parent_name"),
        parent_uei: cell("recipient_parent_uei"),
    }
}

/// The component in a key such as `CONT_AWD_<PIID>_<awarding>_<parent PIID>_<its agency>`.
fn of_key(key: &str) -> Option<DhsComponent> {
    component(key.rsplit('_').nth(2).unwrap_or_default(), "")
}

/// Whole cents of an amount such as `110367609.0`; nothing for an empty cell.
fn dollars(text: &str) -> Option<i64> {
    let text = text.trim();
    if text.is_empty() {
        return Some(0);
    }
    // Award files write fractions of a cent now and then, all of them noughts.
    let text = match text.split_once('.') {
        Some((whole, cents)) if cents.len() > 2 => {
            let (cents, rest) = cents.split_at(2);
            rest.bytes().all(|byte| byte == b'0').then(|| format!("{whole}.{cents}"))?
        }
        Some((whole, "")) => whole.to_owned(),
        _ => text.to_owned(),
    };
    money::cents(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::{dollars, of_key};
    use candor_schema::gate::DhsComponent::Cbp;

    #[test]
    fn amounts_and_keys_are_read_as_they_come() {
        for (text, cents) in [
            ("110367609.0", Some(11_036_760_900)),
            ("-12.5", Some(-1_250)),
            ("7.120000", Some(712)),
            ("", Some(0)),
            ("1,000", None),
            ("0.001", None),
        ] {
            assert_eq!(dollars(text), cents, "{text}");
        }
        let key = "CONT_AWD_70B03C21F00001132_7014_70B03C21D00000003_7014";
        assert_eq!(of_key(key), Some(Cbp));
        assert_eq!(of_key("x"), None);
    }
}
