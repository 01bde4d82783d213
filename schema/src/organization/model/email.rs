//! E-mail addresses, as they are compared.
use validator::ValidateEmail;

/// An e-mail address in the form in which addresses are compared: ASCII, in lower case. Other
/// characters are refused rather than folded: the Kelvin sign becomes an ASCII `k` in Unicode's
/// lower case, so that whoever holds a look-alike address could take an invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailAddress(String);

/// Why a text is no address that is compared here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidEmail {
    /// It has a character that is not ASCII.
    NotAscii,
    /// It is no address.
    Malformed,
}

impl EmailAddress {
    /// The address in `text`, without white space around it.
    ///
    /// # Errors
    /// If it is none, or has other characters than ASCII.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let text = text.trim_ascii();
        if !text.is_ascii() {
            return Err(InvalidEmail::NotAscii);
        }
        if !text.validate_email() {
            return Err(InvalidEmail::Malformed);
        }
        Ok(Self(text.to_ascii_lowercase()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{EmailAddress, InvalidEmail};

    #[test]
    fn addresses_are_compared_in_ascii_lower_case() {
        let parse = |text: &str| EmailAddress::parse(text).map(|it| it.as_str().to_owned());
        assert_eq!(parse(" Signer@Example.ORG ").as_deref(), Ok("signer@example.org"));
        for look_alike in ["ban\u{212A}@firm.example", "ſam@firm.example", "a@fırm.example"] {
            assert_eq!(parse(look_alike), Err(InvalidEmail::NotAscii), "{look_alike}");
        }
        for malformed in ["", "no address", "a@b@c", "a\u{0}@firm.example", "a b@firm.example"] {
            assert_eq!(parse(malformed), Err(InvalidEmail::Malformed), "{malformed:?}");
        }
    }
}
