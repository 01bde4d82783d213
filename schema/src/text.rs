//! Text that people typed.
use unicode_normalization::UnicodeNormalization;

use crate::fault::{Path, Problems};
use crate::scalar::Date;

/// A name, a number, a title: one line. In characters.
pub const LINE: usize = 300;
/// A description in words: several lines. In characters.
pub const PROSE: usize = 20_000;

/// Trimmed and in Unicode's normalization form C. Notes at `path` what keeps the text from being
/// kept as it is: too long, control characters, marks that hide or reorder what a reader sees.
///
/// Line breaks and tabs are let through where `limit` is [`PROSE`].
pub fn clean(text: &str, limit: usize, path: &Path, problems: &mut Problems) -> String {
    let cleaned: String = text.trim().nfc().collect();
    let length = cleaned.chars().count();
    if length > limit {
        let told = format!("It has {length} characters; shorten it to {limit} at the most.");
        problems.add(path, "too_long", told);
        return String::new();
    }
    let refused = cleaned.chars().enumerate().find(|(_, character)| {
        let line_break = limit == PROSE && matches!(character, '\n' | '\r' | '\t');
        !line_break && (character.is_control() || misleads(*character))
    });
    if let Some((index, character)) = refused {
        let told = format!(
            "Character {} is U+{:04X}, which cannot be seen or reorders the text; remove it.",
            index + 1,
            u32::from(character)
        );
        problems.add(path, "invalid", told);
    }
    cleaned
}

/// As [`clean`], and something must be left.
pub fn required(text: &str, limit: usize, path: &Path, problems: &mut Problems) -> String {
    let cleaned = clean(text, limit, path, problems);
    if cleaned.is_empty() && text.trim().is_empty() {
        problems.add(path, "required", "Fill this in; it is empty.");
    }
    cleaned
}

/// Marks that make two different texts look the same or one text read in another order: zero-width
/// space and no-break space, word joiner, directional marks, embeddings, overrides and isolates.
/// The joiners U+200C and U+200D stay: Persian and several Indian scripts are spelt with them.
fn misleads(character: char) -> bool {
    matches!(
        character,
        '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2069}' | '\u{FEFF}'
    )
}

/// Reads a day of the years 1900 to 2200; adds a problem if it is none.
pub fn day(typed: &Date, path: &Path, problems: &mut Problems) -> Option<chrono::NaiveDate> {
    let day = typed.day();
    if day.is_none() {
        problems.add(path, "invalid", "Write a day that exists, such as 2026-11-24.");
    }
    day
}

#[cfg(test)]
mod tests {
    use super::{LINE, PROSE, clean, required};
    use crate::fault::{Path, Problems};

    fn told(text: &str, limit: usize) -> (String, Vec<&'static str>) {
        let mut problems = Problems::default();
        let cleaned = required(text, limit, &Path::argument("name"), &mut problems);
        (cleaned, problems.into_errors().into_iter().map(|error| error.code).collect())
    }

    #[test]
    fn is_trimmed_and_normalised() {
        assert_eq!(told("  Cafe\u{301} & Sons, L/C ", LINE), ("Café & Sons, L/C".into(), vec![]));
    }

    #[test]
    fn hidden_and_control_characters_are_refused_by_place() {
        for text in ["a\u{0}b", "a\u{202E}b", "a\u{200B}b", "a\nb", "a\u{FEFF}b"] {
            assert_eq!(told(text, LINE).1, ["invalid"], "{text:?}");
        }
        assert_eq!(told("two\nlines", PROSE).1, Vec::<&str>::new());
        assert_eq!(told("می\u{200C}خواهم", LINE).1, Vec::<&str>::new());
    }

    #[test]
    fn length_counts_characters() {
        assert_eq!(told(&"é".repeat(LINE), LINE).1, Vec::<&str>::new());
        assert_eq!(told(&"é".repeat(LINE + 1), LINE).1, ["too_long"]);
        assert_eq!(told(" \t", LINE).1, ["required"]);
    }

    #[test]
    fn an_optional_text_may_be_empty() {
        let mut problems = Problems::default();
        assert_eq!(clean("  ", LINE, &Path::argument("name"), &mut problems), "");
        assert!(problems.into_errors().is_empty());
    }
}
