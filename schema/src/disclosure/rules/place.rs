//! One place of a statement while it is read: what was typed there is cleaned, and what is wrong
//! with it, or missing, is noted by path.
use crate::disclosure::model::Withheld;
use crate::fault::{FieldPath, InputErrors};
use crate::money::{self, MoneyText};
use crate::scalar::Date;
use crate::text::{self, MAX_LINE_CHARS, Limit, MAX_PROSE_CHARS};

/// An award's or agreement's number, in characters: as long as federal data has them.
const MAX_NUMBER_CHARS: Limit = Limit::line(50);

/// A place, and what may be withheld there. Whatever was typed is kept, wrong or not, so that
/// a path that leads to it still does.
pub struct FieldChecker<'a> {
    path: FieldPath,
    withheld: &'a [Withheld],
    errors: &'a mut InputErrors,
}

impl<'a> FieldChecker<'a> {
    /// The statement itself, as the operation's argument.
    pub fn statement(problems: &'a mut InputErrors) -> Self {
        Self { path: FieldPath::argument("statement"), withheld: &[], errors: problems }
    }

    /// Another part of the operation's argument.
    pub fn argument(path: &FieldPath, problems: &'a mut InputErrors) -> Self {
        Self { path: path.clone(), withheld: &[], errors: problems }
    }

    /// A field, or a list's item by its index, inside this place. Nothing is withheld there yet.
    pub fn at(&mut self, inner: impl std::fmt::Display) -> FieldChecker<'_> {
        FieldChecker { path: self.path.at(inner), withheld: &[], errors: self.errors }
    }

    /// The same place, where these parts are withheld.
    pub fn with_withheld<'b>(&'b mut self, marks: &'b [Withheld]) -> FieldChecker<'b> {
        FieldChecker { path: self.path.clone(), withheld: marks, errors: self.errors }
    }

    /// Notes what is wrong with a part, named by its fields with dots between.
    pub fn add_error(&mut self, part: &str, code: &'static str, message: impl Into<String>) {
        let path = part.split('.').filter(|field| !field.is_empty());
        let path = path.fold(self.path.clone(), |path, field| path.at(field));
        self.errors.add(&path, code, message);
    }

    /// Notes a part that is neither there nor withheld.
    pub fn require(&mut self, part: &str, is_there: bool, message: &str) {
        if !is_there && !self.is_withheld(part) {
            self.add_error(part, "required", message);
        }
    }

    /// Whether a part, or what it is inside, is marked as withheld.
    pub fn is_withheld(&self, part: &str) -> bool {
        is_withheld(self.withheld, part)
    }

    /// One line of text.
    pub fn normalize_line(&mut self, field: &str, typed: Option<&String>) -> Option<String> {
        self.normalize_text(field, typed, MAX_LINE_CHARS)
    }

    /// Several lines of text.
    pub fn prose(&mut self, field: &str, typed: Option<&String>) -> Option<String> {
        self.normalize_text(field, typed, MAX_PROSE_CHARS)
    }

    /// The number of an award or agreement, kept as it is written on it.
    pub fn number(&mut self, field: &str, typed: Option<&String>) -> Option<String> {
        self.normalize_text(field, typed, MAX_NUMBER_CHARS)
    }

    /// A text within `limit`; none if nothing that can be seen was typed.
    pub fn normalize_text(&mut self, field: &str, typed: Option<&String>, limit: Limit) -> Option<String> {
        let typed = typed.filter(|text| !text::is_blank(text))?;
        Some(self.validate_text(field, typed, limit).unwrap_or_else(|| typed.clone()))
    }

    /// A code of a fixed form, in upper case; `form` says what it looks like.
    pub fn normalize_code(
        &mut self,
        field: &str,
        typed: Option<&String>,
        is_formed: impl Fn(&str) -> bool,
        form: &str,
    ) -> Option<String> {
        let typed = typed.filter(|text| !text::is_blank(text))?;
        let Some(code) = self.validate_text(field, typed, MAX_LINE_CHARS) else {
            return Some(typed.clone());
        };
        let code = code.to_ascii_uppercase();
        if !is_formed(&code) {
            self.add_error(field, "invalid", form);
        }
        Some(code)
    }

    /// A text in which something can be seen, as it is kept; none if it is refused, which is noted.
    fn validate_text(&mut self, field: &str, typed: &str, limit: Limit) -> Option<String> {
        let cleaned = text::validate_optional(typed, limit, &self.path.at(field), self.errors);
        (!cleaned.is_empty()).then_some(cleaned)
    }

    /// A calendar day.
    pub fn normalize_date(&mut self, field: &str, typed: Option<&Date>) -> Option<Date> {
        let typed = typed.filter(|date| !date.as_str().trim().is_empty())?;
        let Some(day) = typed.day() else {
            let told = "Write a day that exists, of the years 1900 to 2200, such as 2026-11-24.";
            self.add_error(field, "invalid", told);
            return Some(typed.clone());
        };
        Some(Date::from(day))
    }

    /// An amount of money, not below zero, rewritten with two decimals; none if no digits were
    /// typed.
    pub fn normalize_money(&mut self, field: &str, typed: Option<&MoneyText>) -> Option<MoneyText> {
        let typed = typed.filter(|written| !written.amount.as_str().trim().is_empty())?;
        let money = money::validate_money(typed, &self.path.at(field), self.errors);
        Some(money.map_or_else(|| typed.clone(), MoneyText::from))
    }

    /// Notes a list that says the same twice.
    pub fn require_distinct<T: Ord>(&mut self, field: &str, items: &[T]) {
        let distinct: std::collections::BTreeSet<_> = items.iter().collect();
        if distinct.len() < items.len() {
            self.add_error(field, "invalid", "Something is listed twice; keep it once.");
        }
    }

    /// Whether a list has no more items than `most`; notes it if not. What is too long is not
    /// read further.
    pub fn require_max_items<T>(&mut self, field: &str, items: &[T], most: usize) -> bool {
        let fits = items.len() <= most;
        if !fits {
            let told = format!("It has {} items; keep it to {most} at the most.", items.len());
            self.add_error(field, "too_long", told);
        }
        fits
    }

    /// Start and end belong together: the end is not before the start, and what runs without an
    /// agreed end has none.
    pub fn check_dates(&mut self, start: Option<&Date>, end: Option<&Date>, ongoing: bool) {
        if ongoing && (end.is_some() || self.is_withheld("endDate")) {
            let told = "Give the end date or say that it is ongoing, not both.";
            self.add_error("endDate", "contradiction", told);
        }
        let (start, end) = (start.and_then(Date::day), end.and_then(Date::day));
        if start.zip(end).is_some_and(|(start, end)| end < start) {
            self.add_error("endDate", "contradiction", "It ends before it starts; correct one of them.");
        }
    }
}

/// Whether a part, named by its fields with dots between, or what it is inside, is among those
/// that are marked as withheld.
pub fn is_withheld(marks: &[Withheld], part: &str) -> bool {
    marks.iter().any(|mark| {
        let mut fields = part.split('.');
        !mark.path.is_empty() && mark.path.iter().all(|name| fields.next() == Some(name))
    })
}
