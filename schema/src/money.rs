//! Money: whole cents and an ISO 4217 currency. Never a float.

use std::fmt;
use std::str::FromStr;

use async_graphql::{InputObject, SimpleObject};
use iso_currency::Currency;
use serde::{Deserialize, Serialize};

use crate::fault::{FieldPath, InputErrors};
use crate::scalar::{CurrencyCode, Decimal};
use crate::user_message::UserMessage;

pub use crate::gate::{Money, MoneySums};

/// The largest amount accepted, in cents: ten trillion units of the currency.
pub const MAX_CENTS: i64 = 1_000_000_000_000_000;

/// Money as clients send and receive it: an amount in digits and a currency code.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, SimpleObject, InputObject,
)]
#[graphql(crate = "crate::budget")]
#[graphql(name = "Money", input_name = "MoneyInput")]
#[serde(deny_unknown_fields)]
pub struct MoneyText {
    /// Such as `"125000.00"`.
    pub amount: Decimal,
    /// ISO 4217, such as `USD`.
    pub currency: CurrencyCode,
}

/// Why an amount cannot be parsed; displays what to type instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseAmountError {
    Malformed,
    TooPrecise,
    TooLarge,
}

impl ParseAmountError {
    /// Returns the message for the person who typed the amount.
    #[must_use]
    pub const fn message(self) -> UserMessage {
        match self {
            Self::Malformed => UserMessage::AmountMalformed,
            Self::TooPrecise => UserMessage::AmountTooPrecise,
            Self::TooLarge => UserMessage::AmountTooLarge,
        }
    }
}

impl fmt::Display for ParseAmountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message().english())
    }
}

impl std::error::Error for ParseAmountError {}

/// Parses `125000`, `125000.5` or `125000.00` into cents; a leading `-` is accepted.
///
/// # Errors
/// For thousands separators, exponents, fractions of a cent, and amounts above [`MAX_CENTS`].
pub fn parse_cents(text: &str) -> Result<i64, ParseAmountError> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "00"));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return Err(ParseAmountError::Malformed);
    }
    if fraction.len() > 2 {
        return Err(ParseAmountError::TooPrecise);
    }
    let cents =
        i64::from_str(&format!("{whole}{fraction:0<2}")).map_err(|_| ParseAmountError::TooLarge)?;
    if cents > MAX_CENTS {
        return Err(ParseAmountError::TooLarge);
    }
    Ok(if negative { -cents } else { cents })
}

/// Parses an amount of zero or more; adds an error at `path` if it is invalid.
pub fn validate_money(
    text: &MoneyText,
    path: &FieldPath,
    errors: &mut InputErrors,
) -> Option<Money> {
    match parse_money(text) {
        Ok(money) if money.cents < 0 => {
            errors.add(&path.at("amount"), UserMessage::AmountNegative);
            None
        }
        Ok(money) => Some(money),
        Err(ParseMoneyError::Money(error)) => {
            errors.add(&path.at("amount"), error.message());
            None
        }
        Err(ParseMoneyError::Currency) => {
            errors.add(&path.at("currency"), UserMessage::CurrencyUnknown);
            None
        }
    }
}

/// Which part of a [`MoneyText`] is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseMoneyError {
    Money(ParseAmountError),
    Currency,
}

impl fmt::Display for ParseMoneyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Money(error) => error.fmt(f),
            Self::Currency => f.write_str(&UserMessage::CurrencyUnknown.english()),
        }
    }
}

/// Parses an amount with its currency; the amount may be negative.
///
/// # Errors
/// The part that is invalid.
pub fn parse_money(text: &MoneyText) -> Result<Money, ParseMoneyError> {
    let cents = parse_cents(text.amount.as_str().trim()).map_err(ParseMoneyError::Money)?;
    let currency = text.currency.as_str().trim();
    Currency::from_code(currency).ok_or(ParseMoneyError::Currency)?;
    Ok(Money { cents, currency: currency.to_owned() })
}

impl From<Money> for MoneyText {
    fn from(money: Money) -> Self {
        Self { amount: money.decimal().into(), currency: money.currency.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_CENTS, MoneyText, parse_cents, validate_money};
    use crate::fault::{FieldPath, InputErrors};

    #[test]
    fn parses_amounts_to_the_cent() {
        assert_eq!(parse_cents("125000"), Ok(12_500_000));
        assert_eq!(parse_cents("0.1"), Ok(10));
        assert_eq!(parse_cents("29999.99"), Ok(2_999_999));
        assert_eq!(parse_cents("-1"), Ok(-100));
        assert_eq!(parse_cents("10000000000000.00"), Ok(MAX_CENTS));
    }

    #[test]
    fn refuses_malformed_amounts() {
        for text in ["", ".", "1.", ".5", "1e400", "1,000", "$5", "0.001", "NaN", "١٢", "--1"] {
            assert!(parse_cents(text).is_err(), "{text}");
        }
        assert!(parse_cents("10000000000000.01").is_err());
        assert!(parse_cents(&"9".repeat(400)).is_err());
    }

    #[test]
    fn reports_the_part_that_is_invalid() {
        let validated = |amount: &str, currency: &str| {
            let written = MoneyText {
                amount: amount.to_owned().into(),
                currency: currency.to_owned().into(),
            };
            let mut errors = InputErrors::default();
            let money = validate_money(&written, &FieldPath::argument("amount"), &mut errors);
            let at = errors.into_errors().into_iter().map(|error| error.path.join("."));
            (money.map(|money| money.to_string()), at.collect::<Vec<_>>())
        };
        assert_eq!(validated(" 1234567.5 ", "USD"), (Some("USD 1,234,567.50".into()), vec![]));
        assert_eq!(validated("-1", "USD"), (None, vec!["amount.amount".into()]));
        assert_eq!(validated("0.001", "USD"), (None, vec!["amount.amount".into()]));
        assert_eq!(validated("1", "usd"), (None, vec!["amount.currency".into()]));
    }
}
