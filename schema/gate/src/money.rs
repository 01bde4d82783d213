//! The amount of money that facts and policies store.
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// An amount of money. Its JSON is `{"amount": "125000.00", "currency": "USD"}`; each amount has
/// exactly one spelling, because digests are computed from it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "MoneyJson", into = "MoneyJson")]
pub struct Money {
    /// The amount in hundredths of the currency's unit.
    pub cents: i64,
    /// ISO 4217, three letters.
    pub currency: String,
}

/// The JSON form of [`Money`].
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MoneyJson {
    amount: String,
    currency: String,
}

/// A JSON amount that is not in the one accepted spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseMoneyJsonError;

impl fmt::Display for ParseMoneyJsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "money is written as { amount = \"125000.00\", currency = \"USD\" }, with two decimals",
        )
    }
}

impl std::error::Error for ParseMoneyJsonError {}

impl Money {
    /// Sums the amounts per currency, as [`MoneySums`] does.
    pub fn sum_by_currency(amounts: impl IntoIterator<Item = Self>) -> impl Iterator<Item = Self> {
        let mut sums = MoneySums::default();
        for Self { cents, currency } in amounts {
            sums.add(cents, &currency);
        }
        sums.finish()
    }
}

/// Sums of money, one for each currency.
#[derive(Clone, Debug, Default)]
pub struct MoneySums(
    // Wider than an amount, so that the order of the amounts makes no difference.
    BTreeMap<String, i128>,
);

impl MoneySums {
    /// Adds an amount, in hundredths of the currency's unit.
    pub fn add(&mut self, cents: i64, currency: &str) {
        if let Some(sum) = self.0.get_mut(currency) {
            *sum += i128::from(cents);
        } else {
            self.0.insert(currency.to_owned(), cents.into());
        }
    }

    /// Returns the sums, ordered by currency code. A sum out of the range of `i64` cents becomes the end of that
    /// range.
    pub fn finish(self) -> impl Iterator<Item = Money> {
        self.0.into_iter().map(|(currency, cents)| {
            let cents = cents.clamp(i64::MIN.into(), i64::MAX.into());
            Money { cents: i64::try_from(cents).unwrap_or(i64::MAX), currency }
        })
    }
}

impl TryFrom<MoneyJson> for Money {
    type Error = ParseMoneyJsonError;
    fn try_from(written: MoneyJson) -> Result<Self, ParseMoneyJsonError> {
        let MoneyJson { amount, currency } = written;
        let cents = amount.replacen('.', "", 1).parse().map_err(|_| ParseMoneyJsonError)?;
        let is_code = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase());
        if !is_code || decimal(i128::from(cents)) != amount {
            return Err(ParseMoneyJsonError);
        }
        Ok(Self { cents, currency })
    }
}

impl From<Money> for MoneyJson {
    fn from(amount: Money) -> Self {
        Self { amount: amount.decimal(), currency: amount.currency }
    }
}

impl Money {
    /// Formats the amount with two decimals: `125000.00`.
    #[must_use]
    pub fn decimal(&self) -> String {
        decimal(i128::from(self.cents))
    }
}

impl fmt::Display for Money {
    /// Formats for letters: `USD 125,000.00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency, with_thousands_separators(&self.decimal()))
    }
}

/// Formats cents as units with two decimals: `125000.00`. Takes `i128`, for sums of many amounts.
fn decimal(cents: i128) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

/// Groups the digits of a decimal as letters do: `125,000.00`.
fn with_thousands_separators(decimal: &str) -> String {
    let (sign, digits) = decimal.strip_prefix('-').map_or(("", decimal), |digits| ("-", digits));
    let (units, cents) = digits.split_once('.').unwrap_or((digits, "00"));
    let mut grouped = sign.to_owned();
    for (index, digit) in units.chars().enumerate() {
        if index > 0 && (units.len() - index.min(units.len())).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + "." + cents
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Money;

    #[test]
    fn accepts_one_spelling_per_amount() {
        for (cents, text) in [
            (12_500_000, "125000.00"),
            (-5, "-0.05"),
            (i64::MIN, "-92233720368547758.08"),
            (0, "0.00"),
        ] {
            let amount = Money { cents, currency: "USD".into() };
            let json = json!({ "amount": text, "currency": "USD" });
            assert_eq!(serde_json::to_value(&amount).expect("JSON"), json);
            assert_eq!(serde_json::from_value::<Money>(json).expect("an amount"), amount);
        }
        for text in ["1", "1.0", "01.00", "+1.00", "-0.00", "1.000", "1e2", "", ".00", "0.0.0"] {
            let json = json!({ "amount": text, "currency": "USD" });
            assert!(serde_json::from_value::<Money>(json).is_err(), "{text}");
        }
        let euro = json!({ "amount": "1.00", "currency": "eur" });
        assert!(serde_json::from_value::<Money>(euro).is_err());
    }

    #[test]
    fn display_groups_the_digits() {
        let amount = Money { cents: -123_456_789, currency: "USD".into() };
        assert_eq!(amount.to_string(), "USD -1,234,567.89");
    }
}
