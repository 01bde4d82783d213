//! Money: whole cents and an ISO 4217 currency. Never a float.
mod amount;

use std::fmt;
use std::str::FromStr;

use async_graphql::{InputObject, SimpleObject};
use iso_currency::Currency;
use serde::{Deserialize, Serialize};

use crate::fault::{FieldPath, InputErrors};
use crate::scalar::{CurrencyCode, Decimal};

pub use amount::Money;
pub(crate) use amount::{decimal, with_thousands_separators};

/// The largest amount that is believed: ten trillion of the currency, in cents.
pub const MAX_CENTS: i64 = 1_000_000_000_000_000;

/// How money is written in JSON and in GraphQL, and as a client types it.
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

/// Why a text is no amount, in words for who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseAmountError(&'static str);

impl fmt::Display for ParseAmountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for ParseAmountError {}

/// Reads `125000`, `125000.5` or `125000.00` as cents; a leading `-` is read too.
///
/// # Errors
/// If it is not written so: thousands separators, exponents, fractions of a cent, too large.
pub fn parse_cents(text: &str) -> Result<i64, ParseAmountError> {
    const FORM: ParseAmountError = ParseAmountError(
        "Write the amount in digits with at most two decimals, such as 125000.00, \
        without separators, signs of currency or exponents.",
    );
    const TOO_LARGE: ParseAmountError = ParseAmountError("The amount is larger than ten trillion; check it.");
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "00"));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return Err(FORM);
    }
    if fraction.len() > 2 {
        return Err(ParseAmountError("Write no fractions of a cent: two decimals at the most."));
    }
    let cents = i64::from_str(&format!("{whole}{fraction:0<2}")).map_err(|_| TOO_LARGE)?;
    if cents > MAX_CENTS {
        return Err(TOO_LARGE);
    }
    Ok(if negative { -cents } else { cents })
}

/// Reads an amount that may not be negative, noting at `path` what is wrong with it.
pub fn validate_money(written: &MoneyText, path: &FieldPath, problems: &mut InputErrors) -> Option<Money> {
    match parse_money(written) {
        Ok(money) if money.cents < 0 => {
            problems.add(&path.at("amount"), "invalid", "The amount may not be below zero.");
            None
        }
        Ok(money) => Some(money),
        Err(ParseMoneyError::Money(why)) => {
            problems.add(&path.at("amount"), "invalid", why.to_string());
            None
        }
        Err(ParseMoneyError::Currency) => {
            problems.add(&path.at("currency"), "invalid", ParseMoneyError::Currency.to_string());
            None
        }
    }
}

/// What of the two parts is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseMoneyError {
    Money(ParseAmountError),
    Currency,
}

impl fmt::Display for ParseMoneyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Money(why) => why.fmt(f),
            Self::Currency => f.write_str("Use a currency's three letters (ISO 4217), as in USD."),
        }
    }
}

/// Reads what was typed.
///
/// # Errors
/// Which part is no amount, or no currency.
pub fn parse_money(written: &MoneyText) -> Result<Money, ParseMoneyError> {
    let cents = parse_cents(written.amount.as_str().trim()).map_err(ParseMoneyError::Money)?;
    let currency = written.currency.as_str().trim();
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
    fn amounts_are_read_to_the_cent() {
        assert_eq!(parse_cents("125000"), Ok(12_500_000));
        assert_eq!(parse_cents("0.1"), Ok(10));
        assert_eq!(parse_cents("29999.99"), Ok(2_999_999));
        assert_eq!(parse_cents("-1"), Ok(-100));
        assert_eq!(parse_cents("10000000000000.00"), Ok(MAX_CENTS));
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in ["", ".", "1.", ".5", "1e400", "1,000", "$5", "0.001", "NaN", "١٢", "--1"] {
            assert!(parse_cents(text).is_err(), "{text}");
        }
        assert!(parse_cents("10000000000000.01").is_err());
        assert!(parse_cents(&"9".repeat(400)).is_err());
    }

    #[test]
    fn what_is_typed_is_noted_where_it_is_wrong() {
        let told = |amount: &str, currency: &str| {
            let written =
                MoneyText { amount: amount.to_owned().into(), currency: currency.to_owned().into() };
            let mut problems = InputErrors::default();
            let money = validate_money(&written, &FieldPath::argument("amount"), &mut problems);
            let at = problems.into_errors().into_iter().map(|error| error.path.join("."));
            (money.map(|money| money.to_string()), at.collect::<Vec<_>>())
        };
        assert_eq!(told(" 1234567.5 ", "USD"), (Some("USD 1,234,567.50".into()), vec![]));
        assert_eq!(told("-1", "USD"), (None, vec!["amount.amount".into()]));
        assert_eq!(told("0.001", "USD"), (None, vec!["amount.amount".into()]));
        assert_eq!(told("1", "usd"), (None, vec!["amount.currency".into()]));
    }
}
