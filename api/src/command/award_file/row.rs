//! From the cells of a row to what it says of an award.
use std::collections::BTreeMap;

use candor_schema::award::model::{Agency, AwardKind, AwardFileRow, Recipient, RowScope};
use chrono::NaiveDate;

use super::amounts::cents;
use super::columns::{Field, Form};
use super::dates;
use crate::command::table::{Row, text};

/// The most characters of a text; USAspending's longest names have some 150. A longer one is
/// another thing, such as what follows a quote that is not closed.
const LONGEST: usize = 1_000;
/// The most characters of a key or of what tells a transaction from others.
const LONGEST_KEY: usize = 500;
/// Where a description is cut, in characters.
const DESCRIPTION: usize = 4_000;
/// What stands in a key where there is no parent award.
const NO_PARENT: &str = "-NONE-";
/// What an empty cell becomes in some tools.
const NOT_A_NUMBER: &str = "NAN";
/// The first digits of the sub-agencies of the Department of Homeland Security, and its code.
const DHS: (&str, &str) = ("70", "070");

/// The form of each column of days, by its name; none where it is not settled.
pub type Settled = BTreeMap<&'static str, &'static str>;

/// A row that is being read.
pub struct Cells<'a> {
    pub row: &'a Row<'a>,
    pub form: Form,
    pub settled: &'a Settled,
}

impl Cells<'_> {
    /// What the row says of an award.
    ///
    /// # Errors
    /// In words that name the column: if the row is torn, has no key or no recipient, or has an
    /// amount, a day or a text in it that is none.
    pub fn award(&self) -> Result<AwardFileRow, String> {
        self.whole()?;
        let name = self.needed(Field::Name)?;
        let key = self.needed(Field::Key)?.to_uppercase();
        let of_key = OfKey::new(&key);
        let uei = self.text(Field::Uei)?;
        let duns = self.text(Field::Duns)?;
        let own_id = self.text(Field::AwardId)?;
        let is_subaward = self.form == Form::Subawards;
        // A subaward stands under the award that the key is of.
        let above = || if is_subaward { of_key.award_id() } else { of_key.parent() };
        let parent_award_id = self.text(Field::ParentAwardId)?.or_else(above);
        let parent_award_id = parent_award_id.filter(|parent| parent != NO_PARENT);
        let mut awarding =
            self.agency(Field::AwardingCode, Field::AwardingSubCode, Field::AwardingSubName)?;
        awarding.sub_code = awarding.sub_code.or_else(|| of_key.agency());
        let (kind, key, award_id) = if is_subaward {
            let number = own_id.unwrap_or_default();
            let who = uei.as_ref().or(duns.as_ref()).unwrap_or(&name);
            let key = format!("SUB_{key}_{number}_{who}").to_uppercase();
            (AwardKind::Subaward, key, number)
        } else {
            let award_id = own_id.or_else(|| of_key.award_id()).unwrap_or_default();
            (self.kind(&key, parent_award_id.is_some())?, key, award_id)
        };
        if key.chars().count() > LONGEST_KEY {
            return Err(format!("{}: the key is longer than any", self.column(Field::Key)));
        }
        let ends_on = self.day(Field::EndsOn)?;
        let orders_until = self.day(Field::OrdersUntil)?;
        let is_vehicle = kind == AwardKind::Vehicle;
        let signed_on = self.day(Field::SignedOn)?;
        let obligated_cents = self.amount(Field::Obligated)?;
        Ok(AwardFileRow {
            line: self.row.line,
            scope: self.told(signed_on, obligated_cents)?,
            is_base_action: self.is_base()?,
            key,
            kind,
            award_id,
            parent_award_id,
            prime: self.text(Field::Prime)?,
            recipient: Recipient {
                name,
                raw_name: self.text(Field::RawName)?,
                doing_business_as: self.text(Field::DoingBusinessAs)?,
                uei,
                duns,
                cage: self.text(Field::Cage)?,
                parent: self.text(Field::Parent)?,
                parent_uei: self.text(Field::ParentUei)?,
                address: self.text(Field::Address)?,
                city: self.text(Field::City)?,
                state: self.text(Field::State)?,
            },
            awarding: with_department(awarding),
            funding: with_department(self.agency(
                Field::FundingCode,
                Field::FundingSubCode,
                Field::FundingSubName,
            )?),
            signed_on,
            starts_on: self.day(Field::StartsOn)?,
            ends_on: if is_vehicle { orders_until.or(ends_on) } else { ends_on },
            latest_on: self.day(Field::LatestOn)?,
            obligated_cents,
            current_cents: self.amount(Field::Current)?,
            ceiling_cents: self.amount(Field::Ceiling)?,
            naics: self.text(Field::Naics)?,
            psc: self.text(Field::Psc)?,
            description: self.description(),
        })
    }

    /// Refuses a row whose cells cannot be told apart, or that says that it is no more.
    fn whole(&self) -> Result<(), String> {
        if let Some(why) = self.row.torn() {
            return Err(why);
        }
        let (cells, width) = (self.row.cells(), self.row.width);
        if cells < width {
            return Err(format!("it has {cells} cells for {width} columns: it is cut off"));
        }
        let is_deleted = self.text(Field::Correction)?.is_some_and(|it| it == "D");
        let deleted = || {
            let column = self.column(Field::Correction);
            format!("{column}: the transaction was deleted; take a full download, not a delta")
        };
        if is_deleted { Err(deleted()) } else { Ok(()) }
    }

    /// How much of the award it tells: all of it, or one transaction, by the key that the file has
    /// for it or else by its modification, day and amount, so that one told twice counts once.
    fn told(&self, day: Option<NaiveDate>, cents: Option<i64>) -> Result<RowScope, String> {
        if !self.form.is_of_transactions() {
            return Ok(RowScope::Summary);
        }
        let key = self.text(Field::Transaction)?;
        let as_written = || self.text(Field::SignedOn);
        let own = || -> Result<String, String> {
            let modification = self.text(Field::Modification)?.unwrap_or_default();
            // A day that cannot be told still tells one transaction from another.
            let day = day.map(|day| day.to_string()).map_or_else(as_written, |it| Ok(Some(it)))?;
            let day = day.unwrap_or_default();
            let cents = cents.map(|cents| cents.to_string()).unwrap_or_default();
            Ok(format!("{modification}|{day}|{cents}"))
        };
        let key = key.map_or_else(own, Ok)?;
        if key.chars().count() > LONGEST_KEY {
            return Err("what tells the transaction from others is longer than any".to_owned());
        }
        Ok(RowScope::Transaction(key))
    }

    /// Whether it is the award's base action: the one without a modification's number, or with 0.
    /// Of a summary and of a subaward there is nothing before it.
    fn is_base(&self) -> Result<bool, String> {
        let is_modified = self.form.is_of_transactions() && self.form != Form::Subawards;
        let number = self.text(Field::Modification)?.unwrap_or_default();
        Ok(!is_modified || number.chars().all(|digit| digit == '0'))
    }

    fn kind(&self, key: &str, has_parent: bool) -> Result<AwardKind, String> {
        let word = |field| Ok::<_, String>(self.text(field)?.unwrap_or_default().to_uppercase());
        let is_assistance = matches!(self.form, Form::Assistance | Form::AssistanceTransactions);
        Ok(if is_assistance || key.starts_with("ASST_") {
            AwardKind::Assistance
        } else if key.starts_with("CONT_IDV_") || word(Field::AwardOrVehicle)? == "IDV" {
            AwardKind::Vehicle
        } else if has_parent
            || ["DELIVERY ORDER", "DO", "BPA CALL"].contains(&&*word(Field::AwardType)?)
        {
            AwardKind::Order
        } else {
            AwardKind::Contract
        })
    }

    fn agency(&self, code: Field, sub_code: Field, name: Field) -> Result<Agency, String> {
        // A spreadsheet takes the noughts before a number for nothing.
        let code = self.text(code)?.map(|code| format!("{code:0>3}"));
        Ok(Agency { code, sub_code: self.text(sub_code)?, sub_name: self.text(name)? })
    }

    /// What messages call a thing's column.
    fn column(&self, field: Field) -> &'static str {
        let mut columns = self.form.columns(field).iter().copied();
        let found = columns.clone().find(|column| self.row.place(column).is_some());
        found.or_else(|| columns.next()).unwrap_or_default()
    }

    fn needed(&self, field: Field) -> Result<String, String> {
        self.text(field)?.ok_or_else(|| format!("it has no {}", self.column(field)))
    }

    /// What the row says of something; none if it says nothing.
    fn text(&self, field: Field) -> Result<Option<String>, String> {
        for column in self.form.columns(field) {
            let Some(place) = self.row.place(column) else { continue };
            let cell = text(column, self.row.bytes(place))?.trim();
            if cell.is_empty() || cell.eq_ignore_ascii_case(NOT_A_NUMBER) {
                continue;
            }
            let length = cell.chars().count();
            if length > LONGEST {
                return Err(format!("{column}: it has {length} characters, {LONGEST} at most"));
            }
            return Ok(Some(cell.to_owned()));
        }
        Ok(None)
    }

    /// What it is for. A byte in it that is no UTF-8 is no reason to lose the award: a replacement
    /// stands for it.
    fn description(&self) -> Option<String> {
        let columns = self.form.columns(Field::Description).iter();
        let cells = columns.filter_map(|column| self.row.place(column));
        cells.into_iter().find_map(|place| {
            let cell = String::from_utf8_lossy(self.row.bytes(place)).replace('\0', "\u{FFFD}");
            let cell = cell.trim();
            let says = !cell.is_empty() && !cell.eq_ignore_ascii_case(NOT_A_NUMBER);
            says.then(|| cell.chars().take(DESCRIPTION).collect())
        })
    }

    fn amount(&self, field: Field) -> Result<Option<i64>, String> {
        let Some(cell) = self.text(field)? else { return Ok(None) };
        let told = |error| format!("{}: {cell:?} is no amount. {error}", self.column(field));
        cents(&cell).map(Some).map_err(told)
    }

    fn day(&self, field: Field) -> Result<Option<NaiveDate>, String> {
        let column = self.column(field);
        let Some(form) = self.settled.get(column) else { return Ok(None) };
        let Some(cell) = self.text(field)? else { return Ok(None) };
        let day = dates::read(&cell, form);
        day.map(Some).ok_or_else(|| format!("{column}: {cell:?} is no day"))
    }
}

/// The department of a sub-agency that is one of its own, where the file does not name it.
fn with_department(agency: Agency) -> Agency {
    let (digits, department) = DHS;
    let is_own = |code: &String| code.len() == 4 && code.starts_with(digits);
    let own = agency.sub_code.as_ref().filter(|code| is_own(code)).map(|_| department.to_owned());
    Agency { code: agency.code.or(own), ..agency }
}

/// What a key itself says: `CONT_AWD_<PIID>_<agency>_<parent PIID>_<its agency>`,
/// `CONT_IDV_<PIID>_<agency>`, `ASST_NON_<FAIN>_<agency>`; the agency is the one that awards.
struct OfKey<'a> {
    id: Option<&'a str>,
    agency: Option<&'a str>,
    parent: Option<&'a str>,
}

impl<'a> OfKey<'a> {
    fn new(key: &'a str) -> Self {
        let parts: Vec<&str> = key.split('_').collect();
        let (id, agency, parent) = match parts[..] {
            ["CONT", "AWD", id, .., agency, parent, _] => (Some(id), Some(agency), Some(parent)),
            ["CONT", "IDV", id, .., agency] | ["ASST", _, id, .., agency] => {
                (Some(id), Some(agency), None)
            }
            _ => (None, None, None),
        };
        Self { id, agency, parent }
    }

    fn award_id(&self) -> Option<String> {
        self.id.map(str::to_owned)
    }

    /// Four digits; of what is no sub-agency's code there is none.
    fn agency(&self) -> Option<String> {
        let is_code = |it: &&str| it.len() == 4 && it.bytes().all(|it| it.is_ascii_alphanumeric());
        self.agency.filter(is_code).map(str::to_owned)
    }

    fn parent(&self) -> Option<String> {
        self.parent.map(str::to_owned)
    }
}
