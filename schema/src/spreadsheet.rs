//! What spreadsheets make of numbers and days in a list: found, so that nobody imports it unnoticed.
use chrono::{Days, NaiveDate};

/// The serial numbers of days that a list of contracts, awards or payments may have: from 1954 to 2118.
const SERIAL_DAYS: std::ops::RangeInclusive<u32> = 20_000..=80_000;

/// Whether a spreadsheet has shortened an identifier to a number such as `1.23E+11`: digits are lost.
#[must_use]
pub fn is_shortened_number(text: &str) -> bool {
    let text = text.trim();
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return false };
    let Some(exponent) = exponent.strip_prefix(['+', '-']) else { return false };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    is_number(whole) && is_number(fraction) && is_number(exponent)
}

/// Returns the day that a spreadsheet's serial number such as `45474` or `45474.5` stands for, counted from
/// December 30, 1899; none for another text.
#[must_use]
pub fn day_of_serial(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !fraction.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let days = whole.parse::<u32>().ok().filter(|days| SERIAL_DAYS.contains(days))?;
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(u64::from(days)))
}

#[cfg(test)]
mod tests {
    use super::{day_of_serial, is_shortened_number};

    #[test]
    fn shortened_numbers_are_found() {
        for text in ["1.23E+11", "1,23E+11", " 4e+08 ", "1.23457E+14", "5E-03"] {
            assert!(is_shortened_number(text), "{text}");
        }
        for text in ["", "E+1", "1E11", "C-1", "12E+", "4.5", "70B02C25P00000114", "1.2.3E+4"] {
            assert!(!is_shortened_number(text), "{text}");
        }
    }

    #[test]
    fn serial_numbers_are_days() {
        for (text, day) in
            [("45474", "2024-07-01"), (" 45474.0 ", "2024-07-01"), ("36526.75", "2000-01-01")]
        {
            assert_eq!(
                day_of_serial(text).map(|it| it.to_string()).as_deref(),
                Some(day),
                "{text}"
            );
        }
        for text in ["", "2024", "2024-07-01", "99999", "45474.x", "-45474", "20240701"] {
            assert_eq!(day_of_serial(text), None, "{text}");
        }
    }
}
