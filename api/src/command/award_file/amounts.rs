//! Amounts in award files: dollars such as `7391976`, `110367609.0`, `-12.5`.
use candor_schema::money::{self, ParseAmountError};

/// Parses an amount in dollars and returns it in cents. The amount may be negative, and is at most
/// ten trillion dollars.
///
/// # Errors
/// If the text has another form, or the amount is larger.
pub fn parse_dollars(dollars: &str) -> Result<i64, ParseAmountError> {
    // Some files write fractions of a cent, which are all zero.
    match dollars.split_once('.') {
        Some((whole, "")) => money::parse_cents(whole),
        Some((whole, cents)) if cents.len() > 2 && cents.is_char_boundary(2) => {
            let (cents, rest) = cents.split_at(2);
            let is_whole = rest.bytes().all(|byte| byte == b'0');
            if is_whole {
                money::parse_cents(&format!("{whole}.{cents}"))
            } else {
                money::parse_cents(dollars)
            }
        }
        _ => money::parse_cents(dollars),
    }
}

#[cfg(test)]
mod tests {
    use super::parse_dollars;

    #[test]
    fn amounts_are_parsed() {
        for (text, expected) in [
            ("7391976", Some(739_197_600)),
            ("110367609.0", Some(11_036_760_900)),
            ("-12.5", Some(-1_250)),
            ("7.120000", Some(712)),
            ("5.", Some(500)),
            ("10000000000000", Some(1_000_000_000_000_000)),
            ("-10000000000000.00", Some(-1_000_000_000_000_000)),
            ("10000000000000.01", None),
            ("1,000", None),
            ("$5", None),
            ("1e6", None),
            ("0.001", None),
            (".", None),
            ("1.2€", None),
            ("99999999999999999999999999", None),
        ] {
            assert_eq!(parse_dollars(text).ok(), expected, "{text}");
        }
    }
}
