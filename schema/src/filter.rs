//! The parts that the filters of lists share: ranges of local days, and the bound of value lists.
use chrono::{DateTime, NaiveDate, Utc};

use crate::fault::{FieldPath, InputErrors};
use crate::gate::RuleCode;
use crate::scalar::Date;
use crate::text::validate_date;
use crate::user_message::UserMessage;

/// The most values in the lists of one filter condition.
pub const MAX_FILTER_VALUES: usize = 50;

/// A range of local days, both inclusive; open where a day is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayRange {
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

/// The times (UTC) of a range of local days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeRange {
    /// The first time, inclusive.
    pub from: Option<DateTime<Utc>>,
    /// The end, exclusive.
    pub before: Option<DateTime<Utc>>,
}

/// The two days of a range as given, each with the name of its field.
#[derive(Clone, Copy, Debug)]
pub struct GivenDays<'a> {
    pub from: (&'a str, Option<&'a Date>),
    pub to: (&'a str, Option<&'a Date>),
}

/// Validates a range of days; adds an error for each malformed day and for an empty range.
pub fn validate_days(given: GivenDays<'_>, path: &FieldPath, errors: &mut InputErrors) -> DayRange {
    let GivenDays { from: (from_name, from), to: (to_name, to) } = given;
    let from = from.and_then(|day| validate_date(day, &path.at(from_name), errors));
    let to = to.and_then(|day| validate_date(day, &path.at(to_name), errors));
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        let message = UserMessage::FilterDaysEmpty;
        errors.add(&path.at(to_name), message);
    }
    DayRange { from, to }
}

/// Adds an error if the lists of a condition have too many values.
pub fn validate_list_length(length: usize, path: &FieldPath, errors: &mut InputErrors) {
    if length > MAX_FILTER_VALUES {
        let message = UserMessage::FilterTooLong { count: length, max: MAX_FILTER_VALUES };
        errors.add(path, message);
    }
}

/// Parses a list of rule codes. Adds an error for each unknown code, or one error alone if there are too many.
pub fn parse_rule_codes(
    codes: &[String],
    path: &FieldPath,
    errors: &mut InputErrors,
) -> Vec<RuleCode> {
    validate_list_length(codes.len(), path, errors);
    if codes.len() > MAX_FILTER_VALUES {
        return Vec::new();
    }
    let mut parsed = Vec::new();
    for (index, code) in codes.iter().enumerate() {
        if let Ok(code) = code.parse() {
            parsed.push(code);
        } else {
            errors.add(&path.at(index), UserMessage::RuleUnknown { code: code.clone() });
        }
    }
    parsed
}
