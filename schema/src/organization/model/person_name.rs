//! A person's name, as the issuer of its token gives it.
use crate::fault::{FieldPath, InputErrors};
use crate::text::{Limit, validate_required};

/// The limit of a name: one line.
const MAX_NAME_CHARS: Limit = Limit::line(200);

/// A person's name for display beside its subject. It identifies nobody: two people may have one name,
/// and a person may change it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonName(String);

impl PersonName {
    /// Normalizes a name; none if it is empty, too long, or has a character that cannot be seen or
    /// reorders the text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut errors = InputErrors::default();
        let name =
            validate_required(text, MAX_NAME_CHARS, &FieldPath::argument("name"), &mut errors);
        errors.finish().ok().map(|()| Self(name))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::PersonName;

    #[test]
    fn a_name_is_one_readable_line() {
        let parse = |text: &str| PersonName::parse(text).map(|it| it.as_str().to_owned());
        assert_eq!(parse("  First  Reviewer\n").as_deref(), Some("First Reviewer"));
        assert_eq!(parse(&"n".repeat(200)), Some("n".repeat(200)));
        for refused in ["", " \t", "Some\u{202E}body", "Some\u{0}", &"n".repeat(201)] {
            assert_eq!(parse(refused), None, "{refused:?}");
        }
    }
}
