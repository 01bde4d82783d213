//! Parsing of the cells of a row into an award.
use std::collections::BTreeMap;

use candor_schema::award::model::{
    Agency, AwardFileEntry, AwardFileRow, AwardKind, Recipient, RowScope, TransactionDeletion,
};
use chrono::NaiveDate;

use super::amounts::parse_dollars;
use super::columns::{Field, FieldColumns, FileFormat};
use super::dates::{Day, DayOrder};
use super::keys::{AwardKeyParts, NO_PARENT, award_keys_of_transaction};
use crate::command::table::{Row, parse_text};

/// The longest text, in characters. The longest names of USAspending have about 150; a longer text is
/// an error, such as an unclosed quote.
const MAX_TEXT_CHARS: usize = 1_000;
/// The longest key of an award or a transaction, in characters.
const MAX_KEY_CHARS: usize = 500;
/// The length to which descriptions are cut, in characters.
const MAX_DESCRIPTION_CHARS: usize = 4_000;
/// What some tools write for an empty cell.
const NOT_A_NUMBER: &str = "NAN";
/// The first digits of the sub-agency codes of the Department of Homeland Security.
const DHS_SUB_AGENCY_PREFIX: &str = "70";
/// The agency code of the Department of Homeland Security.
const DHS_AGENCY_CODE: &str = "070";

/// The order of the days of each date column that shows one, by name.
pub type DayOrders = BTreeMap<&'static str, DayOrder>;

/// A parser of one row.
pub struct RowParser<'a> {
    pub row: &'a Row<'a>,
    pub format: FileFormat,
    pub columns: &'a FieldColumns,
    pub day_orders: &'a DayOrders,
}

impl RowParser<'_> {
    /// Parses the row.
    ///
    /// # Errors
    /// If the row is malformed, has no key or no recipient, or has a malformed amount, date or text.
    /// The message names the column.
    pub fn parse(&self) -> Result<AwardFileEntry, String> {
        self.check_complete()?;
        let is_deleted =
            self.text(Field::Correction)?.is_some_and(|it| it.eq_ignore_ascii_case("D"));
        if is_deleted {
            self.parse_deletion().map(AwardFileEntry::Deletion)
        } else {
            self.parse_award().map(|row| AwardFileEntry::Row(Box::new(row)))
        }
    }

    fn parse_award(&self) -> Result<AwardFileRow, String> {
        let name = self.require_text(Field::Name)?;
        let key = self.key()?;
        let key_parts = AwardKeyParts::new(&key);
        let uei = self.text(Field::Uei)?;
        let duns = self.text(Field::Duns)?;
        let own_id = self.text(Field::AwardId)?;
        let is_subaward = self.format == FileFormat::Subawards;
        // The parent of a subaward is the award of the key.
        let parent_of_key = || if is_subaward { key_parts.award_id() } else { key_parts.parent() };
        let parent_award_id = self.text(Field::ParentAwardId)?.or_else(parent_of_key);
        let parent_award_id = parent_award_id.filter(|parent| parent != NO_PARENT);
        let mut awarding =
            self.agency(Field::AwardingCode, Field::AwardingSubCode, Field::AwardingSubName)?;
        awarding.sub_code = awarding.sub_code.or_else(|| key_parts.agency());
        let (kind, key, award_id) = if is_subaward {
            let number = own_id.unwrap_or_default();
            let who = uei.as_ref().or(duns.as_ref()).unwrap_or(&name);
            let key = format!("SUB_{key}_{number}_{who}").to_uppercase();
            (AwardKind::Subaward, key, number)
        } else {
            let award_id = own_id.or_else(|| key_parts.award_id()).unwrap_or_default();
            (self.kind(&key, parent_award_id.is_some())?, key, award_id)
        };
        if key.chars().count() > MAX_KEY_CHARS {
            return Err(format!("{}: the key is too long", self.column(Field::Key)));
        }
        let ends_on = self.day(Field::EndsOn)?;
        let orders_until = self.day(Field::OrdersUntil)?;
        let is_vehicle = kind == AwardKind::Vehicle;
        let signed_on = self.day(Field::SignedOn)?;
        // A transaction has one day.
        let has_one_day = self.columns.of(Field::SignedOn) == self.columns.of(Field::LatestOn);
        let obligated_cents = self.amount(Field::Obligated)?;
        Ok(AwardFileRow {
            line: self.row.line,
            scope: self.scope(signed_on, obligated_cents)?,
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
            latest_on: if has_one_day { signed_on } else { self.day(Field::LatestOn)? },
            modified_on: self.modified_on()?,
            obligated_cents,
            current_cents: self.amount(Field::Current)?,
            ceiling_cents: self.amount(Field::Ceiling)?,
            naics: self.text(Field::Naics)?,
            psc: self.text(Field::Psc)?,
            description: self.description(),
        })
    }

    /// Rejects a malformed or incomplete row.
    fn check_complete(&self) -> Result<(), String> {
        if let Some(message) = self.row.malformed() {
            return Err(message);
        }
        let (cells, width) = (self.row.cell_count(), self.row.width);
        if cells < width {
            return Err(format!("it has {cells} cells for {width} columns; it is incomplete"));
        }
        Ok(())
    }

    /// Parses the mark of a deleted transaction. Its other cells are often blank, also the award's key.
    fn parse_deletion(&self) -> Result<TransactionDeletion, String> {
        let (day, cents) = (self.day(Field::SignedOn)?, self.amount(Field::Obligated)?);
        let has_own_key = self.text(Field::Transaction)?.is_some();
        let transaction = self.transaction_key(day, cents)?;
        let key =
            if self.text(Field::Key)?.is_some() || !has_own_key { Some(self.key()?) } else { None };
        let award_keys =
            key.map_or_else(|| award_keys_of_transaction(&transaction), |key| vec![key]);
        let modified_on = self.modified_on()?;
        Ok(TransactionDeletion { line: self.row.line, award_keys, transaction, modified_on })
    }

    /// Returns whether the row is a whole award or one transaction.
    fn scope(&self, day: Option<NaiveDate>, cents: Option<i64>) -> Result<RowScope, String> {
        if !self.format.has_transactions() {
            return Ok(RowScope::Summary);
        }
        let key = self.transaction_key(day, cents)?;
        if key.chars().count() > MAX_KEY_CHARS {
            return Err("the key of the transaction is too long".to_owned());
        }
        Ok(RowScope::Transaction(key))
    }

    /// Returns whether the row has the award's base action: it has no modification number, or 0.
    /// Summaries and subawards always have it.
    fn is_base(&self) -> Result<bool, String> {
        let is_modified = self.format.has_transactions() && self.format != FileFormat::Subawards;
        let number = self.text(Field::Modification)?.unwrap_or_default();
        Ok(!is_modified || number.chars().all(|digit| digit == '0'))
    }

    fn kind(&self, key: &str, has_parent: bool) -> Result<AwardKind, String> {
        let word = |field| Ok::<_, String>(self.text(field)?.unwrap_or_default().to_uppercase());
        let is_assistance =
            matches!(self.format, FileFormat::Assistance | FileFormat::AssistanceTransactions);
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
        // Spreadsheets remove leading zeros.
        let code = self.text(code)?.map(|code| format!("{code:0>3}"));
        Ok(Agency { code, sub_code: self.text(sub_code)?, sub_name: self.text(name)? })
    }

    /// Returns the name of a field's column in messages.
    pub(super) fn column(&self, field: Field) -> &'static str {
        let own = self.columns.of(field).first().map(|(column, _)| *column);
        own.or_else(|| self.format.columns(field).first().copied()).unwrap_or_default()
    }

    pub(super) fn require_text(&self, field: Field) -> Result<String, String> {
        self.text(field)?.ok_or_else(|| format!("it has no {}", self.column(field)))
    }

    /// Returns the text of a field; `None` if it is blank.
    pub(super) fn text(&self, field: Field) -> Result<Option<String>, String> {
        for (column, index) in self.columns.of(field) {
            let cell = parse_text(column, self.row.cell_bytes(*index))?.trim();
            if cell.is_empty() || cell.eq_ignore_ascii_case(NOT_A_NUMBER) {
                continue;
            }
            // A text has at most as many characters as bytes.
            if cell.len() > MAX_TEXT_CHARS {
                let length = cell.chars().count();
                if length > MAX_TEXT_CHARS {
                    return Err(format!(
                        "{column}: it has {length} characters; the limit is {MAX_TEXT_CHARS}"
                    ));
                }
            }
            return Ok(Some(cell.to_owned()));
        }
        Ok(None)
    }

    /// Returns the description. Bytes that are not UTF-8 are replaced, so that they do not reject the
    /// row.
    fn description(&self) -> Option<String> {
        self.columns.of(Field::Description).iter().find_map(|(_, index)| {
            let cell = self.row.text_at(*index);
            let cell = cell.trim();
            if cell.is_empty() || cell.eq_ignore_ascii_case(NOT_A_NUMBER) {
                return None;
            }
            let end = cell.char_indices().nth(MAX_DESCRIPTION_CHARS).map(|(end, _)| end);
            let kept = end.and_then(|end| cell.get(..end)).unwrap_or(cell);
            Some(kept.replace('\0', "\u{FFFD}"))
        })
    }

    fn amount(&self, field: Field) -> Result<Option<i64>, String> {
        let Some(cell) = self.text(field)? else { return Ok(None) };
        let message = |error| format!("{}: {cell:?} is not an amount. {error}", self.column(field));
        parse_dollars(&cell).map(Some).map_err(message)
    }

    /// Returns the day of a field; `None` if it is blank, or if its order is unknown.
    fn day(&self, field: Field) -> Result<Option<NaiveDate>, String> {
        let Some(cell) = self.text(field)? else { return Ok(None) };
        let column = self.column(field);
        match Day::parse(&cell) {
            Day::Malformed if cell.len() == 5 && cell.bytes().all(|it| it.is_ascii_digit()) => {
                Err(format!(
                    "{column}: {cell:?} is a spreadsheet's number of a day; format the column as a \
                    date, such as 2024-07-01"
                ))
            }
            Day::Malformed => Err(format!("{column}: {cell:?} is not a date")),
            day => Ok(day.settle(self.day_orders.get(column).copied())),
        }
    }

    /// Returns the day on which the source last modified the row; `None` if it is not known.
    fn modified_on(&self) -> Result<Option<NaiveDate>, String> {
        let Some(cell) = self.text(Field::ModifiedOn)? else { return Ok(None) };
        let order = self.day_orders.get(self.column(Field::ModifiedOn)).copied();
        Ok(Day::parse(&cell).settle(order))
    }
}

/// Adds the code of the Department of Homeland Security to its sub-agencies, where the file has no
/// agency code.
fn with_department(agency: Agency) -> Agency {
    let is_dhs = |code: &String| code.len() == 4 && code.starts_with(DHS_SUB_AGENCY_PREFIX);
    let department = agency.sub_code.as_ref().filter(|code| is_dhs(code));
    let department = department.map(|_| DHS_AGENCY_CODE.to_owned());
    Agency { code: agency.code.or(department), ..agency }
}
