//! E-mail addresses in the form that invitations and sign-ins compare.
use validator::ValidateEmail;

/// An e-mail address for comparison: ASCII, in lower case. Other characters are refused rather than
/// folded: Unicode lower-cases the Kelvin sign to an ASCII `k`, so the owner of a look-alike address
/// could accept another person's invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailAddress(String);

/// Why [`EmailAddress::parse`] refused a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidEmail {
    /// The text has a character outside ASCII.
    NotAscii,
    /// The text is not an e-mail address.
    Malformed,
}

impl EmailAddress {
    /// Parses an address, ignoring surrounding white space.
    ///
    /// # Errors
    /// [`InvalidEmail`] if the text is not an address or has a character outside ASCII.
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
