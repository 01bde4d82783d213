//! Scalars that store the text as typed: a draft must not lose a malformed amount or date. Filing
//! validates them and reports the path of each malformed one.
use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::NaiveDate;
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

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn parses_only_existing_dates() {
        assert!(Date::from("2026-02-28".to_owned()).day().is_some());
        for text in ["0000-00-00", "9999-12-31", "2026-02-30", "2026-2-3", "28/09/2021", ""] {
            assert!(Date::from(text.to_owned()).day().is_none(), "{text}");
        }
    }
}
