//! What the policy has people read and sign.
use serde::{Deserialize, Serialize};

/// The texts of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// Stands in every solicitation.
    pub notice: PolicyText,
    /// Stands in every contract.
    pub clause: PolicyText,
    /// Is signed with every disclosure.
    pub attestation: PolicyText,
}

/// What an attestation's text leaves open until somebody signs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttestationBlank {
    /// What the signatory is at the firm.
    Title,
    /// The firm's legal name.
    Firm,
    /// The day of signing, in the City's time.
    Date,
    /// Where it was signed.
    CityAndState,
}

impl AttestationBlank {
    /// Every blank.
    pub const ALL: [Self; 4] = [Self::Title, Self::Firm, Self::Date, Self::CityAndState];

    /// The blank as the text has it, with its brackets.
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

/// One text, in one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyText {
    /// Counts up when the text changes.
    pub version: u32,
    /// What it says of itself as long as it is a draft, wherever it is shown; none once adopted.
    pub draft: Option<String>,
    /// The text.
    pub text: String,
}

impl PolicyText {
    /// The text as it is shown: a draft says so first.
    #[must_use]
    pub fn shown(&self) -> String {
        let text = self.text.trim();
        self.draft.as_ref().map_or_else(|| text.to_owned(), |draft| format!("[{draft}]\n\n{text}"))
    }

    /// The text with each [`AttestationBlank`] replaced by its value. The text is read once, so
    /// that a value that looks like a blank stays as it is.
    #[must_use]
    pub fn filled<'a>(&'a self, value: impl Fn(AttestationBlank) -> &'a str) -> String {
        parts(&self.text).fold(String::with_capacity(self.text.len()), |text, part| {
            text + match part {
                Part::Words(words) => words,
                Part::Blank(blank) => value(blank),
            }
        })
    }

    /// Whether the text has a bracket that begins no [`AttestationBlank`]: nothing would fill it.
    pub(super) fn has_unknown_blank(&self) -> bool {
        parts(&self.text).any(|part| matches!(part, Part::Words(words) if words.contains('[')))
    }
}

/// A part of a text with blanks.
enum Part<'a> {
    Words(&'a str),
    Blank(AttestationBlank),
}

/// The parts of a text, in their order. A bracket that begins no blank begins words.
fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let begins = |it: &AttestationBlank| rest.starts_with(it.placeholder());
        if let Some(blank) = AttestationBlank::ALL.into_iter().find(begins) {
            rest = rest.strip_prefix(blank.placeholder())?;
            return Some(Part::Blank(blank));
        }
        let first = rest.chars().next()?.len_utf8();
        let (_, others) = rest.split_at(first);
        let (words, following) = rest.split_at(first + others.find('[').unwrap_or(others.len()));
        rest = following;
        Some(Part::Words(words))
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
        let filled = attestation.filled(|blank| match blank {
            Blank::Title => "Owner",
            Blank::Firm => "Prime Paving",
            Blank::Date => "2 February 2026",
            Blank::CityAndState => "Los Angeles, CA",
        });
        let expected = "I am Owner of Prime Paving. Signed on 2 February 2026 at Los Angeles, CA, 2 \
                        February 2026.";
        assert_eq!(filled, expected);
    }

    #[test]
    fn a_value_that_looks_like_a_blank_stays() {
        let attestation = text("I am [title] of [firm] on [date] at [city, state].");
        let filled = attestation.filled(|blank| match blank {
            Blank::Title => "[firm]",
            Blank::Firm => "[date] [city, state]",
            Blank::Date => "[title]",
            Blank::CityAndState => "[firm",
        });
        assert_eq!(filled, "I am [firm] of [date] [city, state] on [title] at [firm.");
    }

    #[test]
    fn a_bracket_that_begins_no_blank_is_words() {
        for odd in ["[", "[]", "[firm", "[Firm]", "[city]", "] [[x", "[[firm"] {
            assert_eq!(text(odd).filled(|_| "filled"), odd);
            assert!(text(odd).has_unknown_blank(), "{odd}");
        }
        assert_eq!(text("[[firm]]").filled(|_| "Prime"), "[Prime]");
        assert!(text("[[firm]]").has_unknown_blank());
        assert!(!text("§ 7] [firm][date]").has_unknown_blank());
    }

    /// Words and blanks that follow one another, and what fills each blank.
    fn pieces() -> impl Strategy<Value = Vec<(String, Option<usize>)>> {
        let piece = ("[a-z\\] é]{0,6}", prop::option::of(0..Blank::ALL.len()));
        prop::collection::vec(piece, 0..12)
    }

    proptest! {
        /// Whatever fills the blanks, each piece of the text is followed by its value once.
        #[test]
        fn the_text_is_read_once(
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
            prop_assert_eq!(template.filled(|blank| &values[index(blank)]), expected);
            prop_assert!(!template.has_unknown_blank());
        }
    }
}
