//! Checks one part of a statement: normalizes what was entered, and records an error by path for
//! each invalid or missing field.
use crate::disclosure::model::Withheld;
use crate::fault::{FieldPath, InputErrors};
use crate::money::{self, MoneyText};
use crate::scalar::{Date, PartialDate};
use crate::text::{self, Limit, MAX_LINE_CHARS, MAX_PROSE_CHARS};
use crate::user_message::UserMessage;

/// The longest award or agreement number in characters, as federal award data allows.
const MAX_NUMBER_CHARS: Limit = Limit::line(50);

/// Checks the fields of one part of a statement. An invalid value is returned as entered, so that
/// paths that refer to it still resolve.
pub struct FieldChecker<'a> {
    path: FieldPath,
    withheld: &'a [Withheld],
    errors: &'a mut InputErrors,
}

impl<'a> FieldChecker<'a> {
    /// A checker for the whole statement, under the path `statement`.
    pub fn statement(errors: &'a mut InputErrors) -> Self {
        Self { path: FieldPath::argument("statement"), withheld: &[], errors }
    }

    /// A checker for another part of the operation's arguments.
    pub fn argument(path: &FieldPath, errors: &'a mut InputErrors) -> Self {
        Self { path: path.clone(), withheld: &[], errors }
    }

    /// A checker for a field, or for a list item by its index from 0. No part of it is withheld.
    pub fn at(&mut self, inner: impl std::fmt::Display) -> FieldChecker<'_> {
        FieldChecker { path: self.path.at(inner), withheld: &[], errors: self.errors }
    }

    /// A checker for the same part that treats these paths as withheld.
    pub fn with_withheld<'b>(&'b mut self, withheld: &'b [Withheld]) -> FieldChecker<'b> {
        FieldChecker { path: self.path.clone(), withheld, errors: self.errors }
    }

    /// Records an error for `part`, a dotted path from here; the empty string is this part itself.
    pub fn add_error(&mut self, part: &str, message: UserMessage) {
        let path = part.split('.').filter(|field| !field.is_empty());
        let path = path.fold(self.path.clone(), |path, field| path.at(field));
        self.errors.add(&path, message);
    }

    /// Records `message` if `part` is neither present nor withheld.
    pub fn require(&mut self, part: &str, is_present: bool, message: UserMessage) {
        if !is_present && !self.is_withheld(part) {
            self.add_error(part, message);
        }
    }

    /// Whether a part, or a part that contains it, is withheld.
    pub fn is_withheld(&self, part: &str) -> bool {
        is_withheld(self.withheld, part)
    }

    /// One line of text, normalized; none if it is blank.
    pub fn normalize_line(&mut self, field: &str, value: Option<&String>) -> Option<String> {
        self.normalize_text(field, value, MAX_LINE_CHARS)
    }

    /// Text of several lines, normalized; none if it is blank.
    pub fn normalize_prose(&mut self, field: &str, value: Option<&String>) -> Option<String> {
        self.normalize_text(field, value, MAX_PROSE_CHARS)
    }

    /// The number of an award or agreement, unchanged; none if it is blank.
    pub fn normalize_number(&mut self, field: &str, value: Option<&String>) -> Option<String> {
        self.normalize_text(field, value, MAX_NUMBER_CHARS)
    }

    /// Text of at most `limit`, normalized; none if it is blank.
    pub fn normalize_text(
        &mut self,
        field: &str,
        value: Option<&String>,
        limit: Limit,
    ) -> Option<String> {
        let value = value.filter(|text| !text::is_blank(text))?;
        Some(self.validate_text(field, value, limit).unwrap_or_else(|| value.clone()))
    }

    /// A code of a fixed format, in upper case; `message` is the error for another format.
    pub fn normalize_code(
        &mut self,
        field: &str,
        value: Option<&String>,
        is_valid: impl Fn(&str) -> bool,
        message: UserMessage,
    ) -> Option<String> {
        let value = value.filter(|text| !text::is_blank(text))?;
        let Some(code) = self.validate_text(field, value, MAX_LINE_CHARS) else {
            return Some(value.clone());
        };
        let code = code.to_ascii_uppercase();
        if !is_valid(&code) {
            self.add_error(field, message);
        }
        Some(code)
    }

    /// The normalized text; none if it is refused, with an error recorded.
    fn validate_text(&mut self, field: &str, value: &str, limit: Limit) -> Option<String> {
        let normalized = text::validate_optional(value, limit, &self.path.at(field), self.errors);
        (!normalized.is_empty()).then_some(normalized)
    }

    /// A calendar day of the years 1900 to 2200; none if it is blank.
    pub fn normalize_date(&mut self, field: &str, value: Option<&Date>) -> Option<Date> {
        let value = value.filter(|date| !date.as_str().trim().is_empty())?;
        let Some(day) = value.day() else {
            self.add_error(field, UserMessage::DateInvalid);
            return Some(value.clone());
        };
        Some(Date::from(day))
    }

    /// A day, month or year of the years 1900 to 2200; none if it is blank.
    pub fn normalize_partial_date(
        &mut self,
        field: &str,
        value: Option<&PartialDate>,
    ) -> Option<PartialDate> {
        let value = value.filter(|date| !date.as_str().trim().is_empty())?;
        let normalized = value.normalized();
        if normalized.is_none() {
            self.add_error(field, UserMessage::PartialDateInvalid);
        }
        Some(normalized.unwrap_or_else(|| value.clone()))
    }

    /// Records an error unless a start is present, withheld or unknown for a reason.
    pub fn require_start(&mut self, start: Option<&PartialDate>, reason: Option<&String>) {
        let is_unknown = reason.is_some() || self.is_withheld("startUnknownReason");
        self.require("startDate", start.is_some() || is_unknown, UserMessage::StartRequired);
    }

    /// Records an error for a reason why the start is unknown beside a start that is present or withheld.
    pub fn check_start(&mut self, start: Option<&PartialDate>, reason: Option<&String>) {
        if reason.is_some() && (start.is_some() || self.is_withheld("startDate")) {
            self.add_error("startUnknownReason", UserMessage::StartOrReason);
        }
    }

    /// An amount of money, at least zero, with two decimals; none if it is blank.
    pub fn normalize_money(&mut self, field: &str, value: Option<&MoneyText>) -> Option<MoneyText> {
        let value = value.filter(|money| !money.amount.as_str().trim().is_empty())?;
        let money = money::validate_money(value, &self.path.at(field), self.errors);
        Some(money.map_or_else(|| value.clone(), MoneyText::from))
    }

    /// Records an error if a list contains an item twice.
    pub fn require_distinct<T: Ord>(&mut self, field: &str, items: &[T]) {
        let distinct: std::collections::BTreeSet<_> = items.iter().collect();
        if distinct.len() < items.len() {
            self.add_error(field, UserMessage::ItemRepeated);
        }
    }

    /// Whether a list has at most `max` items; records an error if not. The items of a list that
    /// is too long are not checked.
    pub fn require_max_items<T>(&mut self, field: &str, items: &[T], max: usize) -> bool {
        let fits = items.len() <= max;
        if !fits {
            self.add_error(field, UserMessage::ItemsTooMany { count: items.len(), max });
        }
        fits
    }

    /// Records an error if the end date is before the first possible start, or present on something
    /// ongoing.
    pub fn check_dates(&mut self, start: Option<&PartialDate>, end: Option<&Date>, ongoing: bool) {
        if ongoing && (end.is_some() || self.is_withheld("endDate")) {
            self.add_error("endDate", UserMessage::EndDateOrOngoing);
        }
        let (start, end) = (start.and_then(PartialDate::days), end.and_then(Date::day));
        if start.zip(end).is_some_and(|(start, end)| end < start.first) {
            self.add_error("endDate", UserMessage::EndBeforeStart);
        }
    }
}

/// Whether a part (a dotted path), or a part that contains it, is among those withheld.
pub fn is_withheld(withheld: &[Withheld], part: &str) -> bool {
    withheld.iter().any(|item| {
        let mut fields = part.split('.');
        !item.path.is_empty() && item.path.iter().all(|name| fields.next() == Some(name))
    })
}
