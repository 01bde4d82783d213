//! The texts of a policy that people read and sign.
use serde::{Deserialize, Serialize};

/// The texts of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// The notice in every solicitation.
    pub notice: PolicyText,
    /// The clause in every contract.
    pub clause: PolicyText,
    /// The attestation that is signed with every disclosure.
    pub attestation: PolicyText,
}

/// A blank in the attestation's text, filled when it is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttestationBlank {
    /// The signatory's title at the firm.
    Title,
    /// The firm's legal name.
    Firm,
    /// The local date of signing.
    Date,
    /// Where it was signed.
    CityAndState,
}

impl AttestationBlank {
    /// Every blank.
    pub const ALL: [Self; 4] = [Self::Title, Self::Firm, Self::Date, Self::CityAndState];

    /// The placeholder in the text, with brackets.
    #[must_use]
    pub const fn placeholder(self) -> &'static str {
        match self {
            Self::Title => "[title]",
            Self::Firm => "[firm]",
            Self::Date => "[date]",
            Self::CityAndState => "[city, state]",
        }
    }
}

/// One version of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyText {
    /// The version number; it increases with each change of the text.
    pub version: u32,
    /// The draft mark that precedes the text wherever it is shown; none once the text is adopted.
    pub draft: Option<String>,
    /// The text.
    pub text: String,
}

impl PolicyText {
    /// The trimmed text for display, preceded by its draft mark if it has one.
    #[must_use]
    pub fn with_draft_notice(&self) -> String {
        let text = self.text.trim();
        self.draft.as_ref().map_or_else(|| text.to_owned(), |draft| format!("[{draft}]\n\n{text}"))
    }

    /// The text with each [`AttestationBlank`] replaced by its value. Values are not searched for
    /// further blanks.
    #[must_use]
    pub fn fill_blanks<'a>(&'a self, value: impl Fn(AttestationBlank) -> &'a str) -> String {
        segments(&self.text).fold(String::with_capacity(self.text.len()), |text, segment| {
            text + match segment {
                Segment::Literal(literal) => literal,
                Segment::Blank(blank) => value(blank),
            }
        })
    }

    /// Whether the text has an opening bracket that starts no [`AttestationBlank`].
    pub(super) fn has_unknown_blank(&self) -> bool {
        segments(&self.text)
            .any(|it| matches!(it, Segment::Literal(literal) if literal.contains('[')))
    }
}

/// A segment of a text with blanks.
enum Segment<'a> {
    Literal(&'a str),
    Blank(AttestationBlank),
}

/// Splits a text into segments, in order. A bracket that starts no blank belongs to a literal.
fn segments(text: &str) -> impl Iterator<Item = Segment<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let begins = |it: &AttestationBlank| rest.starts_with(it.placeholder());
        if let Some(blank) = AttestationBlank::ALL.into_iter().find(begins) {
            rest = rest.strip_prefix(blank.placeholder())?;
            return Some(Segment::Blank(blank));
        }
        let first = rest.chars().next()?.len_utf8();
        let (_, others) = rest.split_at(first);
        let (literal, following) = rest.split_at(first + others.find('[').unwrap_or(others.len()));
        rest = following;
        Some(Segment::Literal(literal))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{AttestationBlank as Blank, PolicyText};

    fn text(text: impl Into<String>) -> PolicyText {
        PolicyText { version: 1, draft: None, text: text.into() }
    }

    #[test]
    fn every_blank_is_filled() {
        let attestation =
            text("I am [title] of [firm]. Signed on [date] at [city, state], [date].");
        let filled = attestation.fill_blanks(|blank| match blank {
            Blank::Title => "Owner",
            Blank::Firm => "Prime Paving",
            Blank::Date => "February 2, 2026",
            Blank::CityAndState => "Los Angeles, CA",
        });
        let expected = "I am Owner of Prime Paving. Signed on February 2, 2026 at Los Angeles, CA, \
                        February 2, 2026.";
        assert_eq!(filled, expected);
    }

    #[test]
    fn a_value_that_looks_like_a_blank_is_not_replaced() {
        let attestation = text("I am [title] of [firm] on [date] at [city, state].");
        let filled = attestation.fill_blanks(|blank| match blank {
            Blank::Title => "[firm]",
            Blank::Firm => "[date] [city, state]",
            Blank::Date => "[title]",
            Blank::CityAndState => "[firm",
        });
        assert_eq!(filled, "I am [firm] of [date] [city, state] on [title] at [firm.");
    }

    #[test]
    fn a_bracket_that_starts_no_blank_is_literal_text() {
        for odd in ["[", "[]", "[firm", "[Firm]", "[city]", "] [[x", "[[firm"] {
            assert_eq!(text(odd).fill_blanks(|_| "filled"), odd);
            assert!(text(odd).has_unknown_blank(), "{odd}");
        }
        assert_eq!(text("[[firm]]").fill_blanks(|_| "Prime"), "[Prime]");
        assert!(text("[[firm]]").has_unknown_blank());
        assert!(!text("§ 7] [firm][date]").has_unknown_blank());
    }

    /// Literals, each followed by an optional blank (its index in `ALL`).
    fn pieces() -> impl Strategy<Value = Vec<(String, Option<usize>)>> {
        let piece = ("[a-z\\] é]{0,6}", prop::option::of(0..Blank::ALL.len()));
        prop::collection::vec(piece, 0..12)
    }

    proptest! {
        /// Each blank is replaced by its value exactly once, for any values.
        #[test]
        fn values_are_not_searched_for_blanks(
            pieces in pieces(),
            values in prop::collection::vec("(\\[(title|firm|date|city, state)\\]|[\\[\\]a-z ]){0,4}", 4),
        ) {
            let (mut template, mut expected) = (String::new(), String::new());
            for (words, blank) in &pieces {
                template.push_str(words);
                expected.push_str(words);
                if let Some(index) = blank {
                    template.push_str(Blank::ALL[*index].placeholder());
                    expected.push_str(&values[*index]);
                }
            }
            let index = |blank| Blank::ALL.iter().position(|it| *it == blank).expect("a blank");
            let template = text(template);
            prop_assert_eq!(template.fill_blanks(|blank| &values[index(blank)]), expected);
            prop_assert!(!template.has_unknown_blank());
        }
    }
}
