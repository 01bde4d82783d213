//! Scalars that store the text as typed: a draft must not lose a malformed amount or date. Filing
//! validates them and reports the path of each malformed one.
use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};

macro_rules! typed_text {
    ($(#[doc = $doc:literal])+ $name:ident) => {
        $(#[doc = $doc])+
        #[derive(
            Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The text as typed.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        $(#[doc = $doc])+
        #[Scalar]
        impl ScalarType for $name {
            fn parse(value: Value) -> InputValueResult<Self> {
                match value {
                    Value::String(text) => Ok(Self(text)),
                    other => Err(InputValueError::expected_type(other)),
                }
            }
            fn to_value(&self) -> Value {
                Value::String(self.0.clone())
            }
        }
    };
}

typed_text! {
    /// An amount as a string of digits with at most two decimals, such as `"125000.00"`. Never a
    /// float.
    Decimal
}
typed_text! {
    /// A three-letter currency code (ISO 4217), such as `"USD"`.
    CurrencyCode
}
typed_text! {
    /// A calendar day (ISO 8601), such as `"2026-11-24"`.
    Date
}

impl Date {
    /// Parses the date; none if it is malformed or outside the years 1900 to 2200.
    #[must_use]
    pub fn day(&self) -> Option<NaiveDate> {
        use chrono::Datelike;
        let text = self.0.trim();
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        // chrono also accepts `2026-1-5` and `+2026-01-05`.
        (text.len() == 10 && (1900..=2200).contains(&day.year())).then_some(day)
    }
}

impl From<NaiveDate> for Date {
    fn from(day: NaiveDate) -> Self {
        Self(day.format("%Y-%m-%d").to_string())
    }
}

/// A day, a month or a year (ISO 8601): `"2009-06-01"`, `"2009-06"` or `"2009"`, for a start of which the
/// day is not known. A month and a year mean every day in them, and doubt counts in the firm's favor:
///
/// - Whether an agreement is in force, or has ended, is the firm's own answer (`stateAtSigning`), and the
///   policy's look-back is counted from end dates. Neither is ever computed from a start.
/// - An agreement covers a federal award if it may have begun, by its first possible day, before the
///   award's period ended.
/// - An amendment is late only if the last possible day makes it late.
/// - An end date is before the start only if it is before the first possible day.
/// - Two starts are the same for pairing two disclosures' agreements if they have a day in common; another
///   way of writing it is still reported as a change.
/// - Screening finds the agreement from its first possible day on.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PartialDate(String);

/// The days that a partial date may mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayRange {
    pub first: NaiveDate,
    pub last: NaiveDate,
}

impl DayRange {
    /// Whether both may mean the same day.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

impl PartialDate {
    /// The text as typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Parses the date; none if it is malformed or outside the years 1900 to 2200.
    #[must_use]
    pub fn days(&self) -> Option<DayRange> {
        let text = self.0.trim();
        let day = |text: String| Date(text).day();
        let [first, last] = match text.len() {
            4 => [day(format!("{text}-01-01"))?, day(format!("{text}-12-31"))?],
            7 => {
                let first = day(format!("{text}-01"))?;
                [first, first.checked_add_months(Months::new(1))?.pred_opt()?]
            }
            _ => [day(text.to_owned())?; 2],
        };
        Some(DayRange { first, last })
    }

    /// The same date without blanks around it; none if it is malformed or out of range.
    #[must_use]
    pub fn normalized(&self) -> Option<Self> {
        self.days().map(|_| Self(self.0.trim().to_owned()))
    }
}

impl From<String> for PartialDate {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// A day, a month or a year (ISO 8601): `"2009-06-01"`, `"2009-06"` or `"2009"`, for a start of which the
/// day is not known; a number is a year. A month and a year mean every day in them, and doubt counts in
/// the firm's favor: an agreement covers a federal award from its first possible day on, an amendment is
/// late only if the last possible day makes it late, and two starts are the same for comparing two
/// disclosures if they have a day in common. Whether an agreement is in force or has ended is the firm's
/// own answer, and the policy's look-back counts from end dates: neither is computed from a start.
#[Scalar]
impl ScalarType for PartialDate {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text)),
            Value::Number(number) if number.is_u64() => Ok(Self(number.to_string())),
            other => Err(InputValueError::expected_type(other)),
        }
    }
    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::{Date, PartialDate};

    #[test]
    fn parses_only_existing_dates() {
        assert!(Date::from("2026-02-28".to_owned()).day().is_some());
        for text in ["0000-00-00", "9999-12-31", "2026-02-30", "2026-2-3", "28/09/2021", ""] {
            assert!(Date::from(text.to_owned()).day().is_none(), "{text}");
        }
    }

    #[test]
    fn a_partial_date_is_every_day_in_it() {
        for (text, first, last) in [
            ("2009", "2009-01-01", "2009-12-31"),
            (" 2024-02 ", "2024-02-01", "2024-02-29"),
            ("2200-12", "2200-12-01", "2200-12-31"),
            ("2009-06-01", "2009-06-01", "2009-06-01"),
        ] {
            let date = PartialDate::from(text.to_owned());
            let days = date.days().expect("a partial date");
            assert_eq!(
                (days.first.to_string(), days.last.to_string()),
                (first.into(), last.into())
            );
            assert_eq!(date.normalized().expect("a date").as_str(), text.trim());
        }
        let malformed = [
            "",
            "9",
            "09",
            "209",
            "20091",
            "2009-",
            "2009-6",
            "2009-13",
            "2009-00",
            "2009-02-29",
            "1899",
            "2201",
            "2201-01",
            "9999-12",
            "+200",
            "٢٠٠٩",
            "2009/06",
            "June 2009",
            "null",
        ];
        for text in malformed {
            assert_eq!(PartialDate::from(text.to_owned()).days(), None, "{text}");
        }
    }

    #[test]
    fn overlapping_days_may_be_the_same() {
        let days = |text: &str| PartialDate::from(text.to_owned()).days().expect("a date");
        assert!(days("2009").overlaps(days("2009-06-01")));
        assert!(days("2009-06-01").overlaps(days("2009-06")));
        assert!(!days("2009-07").overlaps(days("2009-06-30")));
        assert!(!days("2010").overlaps(days("2009")));
    }
}
