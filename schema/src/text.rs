//! Normalization and limits of text that people type: which characters are accepted.
use icu_properties::props::{
    DefaultIgnorableCodePoint, GeneralCategory, PrependedConcatenationMark, WhiteSpace,
};
use icu_properties::{CodePointMapData, CodePointSetData};
use unicode_normalization::UnicodeNormalization;

use crate::fault::{FieldPath, InputErrors};
use crate::scalar::Date;
use crate::user_message::{CodePoint, UserMessage};

/// The maximum length of a text, and whether it may have line breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    max_chars: usize,
    keeps_lines: bool,
}

impl Limit {
    /// A single line of at most `max_chars` characters.
    #[must_use]
    pub const fn line(max_chars: usize) -> Self {
        Self { max_chars, keeps_lines: false }
    }

    /// Several lines of at most `max_chars` characters in total.
    #[must_use]
    pub const fn prose(max_chars: usize) -> Self {
        Self { max_chars, keeps_lines: true }
    }
}

/// The limit of names, numbers and titles: one line of 300 characters.
pub const MAX_LINE_CHARS: Limit = Limit::line(300);
/// The limit of descriptions: several lines, 20,000 characters in total.
pub const MAX_PROSE_CHARS: Limit = Limit::prose(20_000);

/// How normalization treats a typed character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CharacterClass {
    /// Visible: kept.
    Visible,
    /// White space, including line breaks: a run of it separates words.
    Blank,
    /// The zero-width joiner or non-joiner. Persian and several Indian scripts are spelled with
    /// them: kept between two visible characters, removed elsewhere.
    Joiner,
    /// Invisible, reorders the displayed text, or is not assigned in Unicode: refused.
    Hidden,
}

/// Returns the class of a character, by its Unicode properties.
#[must_use]
pub fn class_of(character: char) -> CharacterClass {
    // Fast path: most typed characters are ASCII and need no Unicode tables.
    if character.is_ascii() {
        return match character {
            ' ' | '\t'..='\r' => CharacterClass::Blank,
            _ if character.is_ascii_control() => CharacterClass::Hidden,
            _ => CharacterClass::Visible,
        };
    }
    // White space, and visible marks among the format characters, come before the categories that
    // would refuse them.
    if matches!(character, '\u{200C}' | '\u{200D}') {
        return CharacterClass::Joiner;
    }
    if CodePointSetData::new::<WhiteSpace>().contains(character) {
        return CharacterClass::Blank;
    }
    if CodePointSetData::new::<PrependedConcatenationMark>().contains(character) {
        return CharacterClass::Visible;
    }
    // The braille pattern without dots is a symbol to Unicode, and empty to a reader.
    let is_empty = character == '\u{2800}';
    if is_empty || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character) {
        return CharacterClass::Hidden;
    }
    match CodePointMapData::<GeneralCategory>::new().get(character) {
        GeneralCategory::Control
        | GeneralCategory::Format
        | GeneralCategory::LineSeparator
        | GeneralCategory::ParagraphSeparator
        | GeneralCategory::PrivateUse
        | GeneralCategory::Surrogate
        | GeneralCategory::Unassigned => CharacterClass::Hidden,
        _ => CharacterClass::Visible,
    }
}

/// Whether a text has no visible character.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    let is_invisible =
        |it: char| matches!(class_of(it), CharacterClass::Blank | CharacterClass::Joiner);
    text.chars().all(is_invisible)
}

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unusable {
    /// Its length in characters, above the limit.
    TooLong(usize),
    /// A [`CharacterClass::Hidden`] character and its position in the typed text, from 1.
    Hidden(usize, char),
}

/// Normalizes a text: Unicode NFC, trimmed. In a line every run of white space becomes one space; in
/// prose each line break becomes a line feed, and other white space a space or a tab.
fn normalize(text: &str, limit: Limit) -> Result<String, Unusable> {
    let hidden = text.chars().enumerate().find(|(_, it)| class_of(*it) == CharacterClass::Hidden);
    if let Some((index, character)) = hidden {
        return Err(Unusable::Hidden(index + 1, character));
    }
    let mut kept = String::with_capacity(text.len());
    // White space and joiners after the last visible character, not yet known to be inside the text.
    let (mut blanks, mut joiners) = (String::new(), String::new());
    let mut characters = text.nfc().peekable();
    while let Some(character) = characters.next() {
        match class_of(character) {
            CharacterClass::Blank => {
                joiners.clear();
                if limit.keeps_lines {
                    if character == '\r' && characters.peek() == Some(&'\n') {
                        continue;
                    }
                    blanks.push(blank_in_prose(character));
                } else if blanks.is_empty() {
                    blanks.push(' ');
                }
            }
            CharacterClass::Joiner if blanks.is_empty() => joiners.push(character),
            CharacterClass::Joiner => {}
            CharacterClass::Visible | CharacterClass::Hidden => {
                if !kept.is_empty() {
                    kept.push_str(if blanks.is_empty() { &joiners } else { &blanks });
                }
                blanks.clear();
                joiners.clear();
                kept.push(character);
            }
        }
    }
    let length = kept.chars().count();
    if length > limit.max_chars { Err(Unusable::TooLong(length)) } else { Ok(kept) }
}

/// Maps white space to the form that prose keeps.
fn blank_in_prose(character: char) -> char {
    match character {
        '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
        '\t' => '\t',
        _ => ' ',
    }
}

/// Normalizes an input that may be empty. Adds an error at `path` and returns an empty text if the
/// input is too long or contains a hidden character; the error names the character and its position.
pub fn validate_optional(
    text: &str,
    limit: Limit,
    path: &FieldPath,
    errors: &mut InputErrors,
) -> String {
    accept(text, limit, path, errors).unwrap_or_default()
}

/// Same as [`validate_optional`], but an empty text is an error.
pub fn validate_required(
    text: &str,
    limit: Limit,
    path: &FieldPath,
    errors: &mut InputErrors,
) -> String {
    let cleaned = accept(text, limit, path, errors);
    if cleaned.as_deref() == Some("") {
        errors.add(path, UserMessage::TextRequired);
    }
    cleaned.unwrap_or_default()
}

fn accept(text: &str, limit: Limit, path: &FieldPath, errors: &mut InputErrors) -> Option<String> {
    match normalize(text, limit) {
        Ok(cleaned) => Some(cleaned),
        Err(Unusable::TooLong(length)) => {
            let message = UserMessage::TextTooLong { length, max: limit.max_chars };
            errors.add(path, message);
            None
        }
        Err(Unusable::Hidden(position, character)) => {
            let message = UserMessage::TextHidden { position, code_point: CodePoint(character) };
            errors.add(path, message);
            None
        }
    }
}

/// Parses a date in the years 1900 to 2200; adds an error at `path` if it is invalid.
pub fn validate_date(
    typed: &Date,
    path: &FieldPath,
    errors: &mut InputErrors,
) -> Option<chrono::NaiveDate> {
    let day = typed.day();
    if day.is_none() {
        errors.add(path, UserMessage::DateInvalid);
    }
    day
}

#[cfg(test)]
mod tests {
    use icu_properties::CodePointMapData;
    use icu_properties::props::GeneralCategory as Category;
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    use super::{
        Limit, MAX_LINE_CHARS, MAX_PROSE_CHARS, Unusable, normalize, validate_optional,
        validate_required,
    };
    use crate::fault::{FieldPath, InputErrors};

    fn validate(text: &str, limit: Limit) -> (String, Vec<&'static str>) {
        let mut errors = InputErrors::default();
        let cleaned = validate_required(text, limit, &FieldPath::argument("name"), &mut errors);
        (cleaned, errors.into_errors().into_iter().map(|error| error.code()).collect())
    }

    fn kept(text: &str, limit: Limit) -> String {
        normalize(text, limit).expect(text)
    }

    #[test]
    fn trims_and_normalizes() {
        assert_eq!(
            validate("  Cafe\u{301} & Sons, L/C ", MAX_LINE_CHARS),
            ("Café & Sons, L/C".into(), vec![])
        );
    }

    #[test]
    fn one_line_has_no_line_break_and_single_blanks() {
        for typed in [
            "Prime Paving",
            "Prime\nPaving",
            "Prime\r\n\tPaving",
            "Prime\u{85}Paving",
            "Prime\u{2028}\u{2029}Paving",
            "\u{A0}Prime\u{A0}\u{202F} \u{3000}Paving\u{2003}",
            "\u{200D}Prime \u{200C} Paving\u{200C}",
        ] {
            assert_eq!(kept(typed, MAX_LINE_CHARS), "Prime Paving", "{typed:?}");
        }
    }

    #[test]
    fn prose_keeps_line_breaks() {
        let typed = "\n one\r\n\r\n\ttwo\rthree\u{2028}four\u{A0}five \n";
        assert_eq!(kept(typed, MAX_PROSE_CHARS), "one\n\n\ttwo\nthree\nfour five");
    }

    #[test]
    fn error_names_the_character_and_its_position() {
        for hidden in
            ['\u{0}', '\u{AD}', '\u{202E}', '\u{200B}', '\u{FEFF}', '\u{2800}', '\u{E0041}']
        {
            for limit in [MAX_LINE_CHARS, MAX_PROSE_CHARS] {
                let mut errors = InputErrors::default();
                let path = FieldPath::argument("name");
                validate_optional(&format!("  ab{hidden}c"), limit, &path, &mut errors);
                let errors = errors.into_errors();
                let expected = format!("Character 5 is U+{:04X},", u32::from(hidden));
                assert!(
                    errors.len() == 1 && errors[0].message.english().starts_with(&expected),
                    "{errors:?}"
                );
            }
        }
    }

    #[test]
    fn keeps_joiners_only_inside_words() {
        for word in ["می\u{200C}خواهم", "क्\u{200D}ष"] {
            assert_eq!(validate(word, MAX_LINE_CHARS), (word.to_owned(), vec![]));
            assert_eq!(validate(&format!("\u{200D}{word}\u{200C}"), MAX_LINE_CHARS).0, word);
        }
        for empty in ["", " \t", "\u{200C}", " \u{200D}\u{200C}\u{A0}", "\u{2028}\u{200D}"] {
            assert_eq!(
                validate(empty, MAX_LINE_CHARS),
                (String::new(), vec!["required"]),
                "{empty:?}"
            );
            assert_eq!(
                validate(empty, MAX_PROSE_CHARS),
                (String::new(), vec!["required"]),
                "{empty:?}"
            );
        }
    }

    #[test]
    fn length_counts_characters() {
        assert_eq!(validate(&"é".repeat(300), MAX_LINE_CHARS).1, Vec::<&str>::new());
        assert_eq!(validate(&"é".repeat(301), MAX_LINE_CHARS).1, ["too_long"]);
        assert_eq!(validate(&"é".repeat(301), MAX_PROSE_CHARS).1, Vec::<&str>::new());
    }

    #[test]
    fn an_optional_text_may_be_empty() {
        let mut errors = InputErrors::default();
        assert_eq!(
            validate_optional("  ", MAX_LINE_CHARS, &FieldPath::argument("name"), &mut errors),
            ""
        );
        assert!(errors.into_errors().is_empty());
    }

    /// How a character between two letters is treated.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Fate {
        Kept,
        Blank,
        Refused,
    }

    /// The expected treatment by general category, with the exceptions.
    fn expected(character: char) -> Fate {
        match character {
            '\t'..='\r' | '\u{85}' => return Fate::Blank,
            // The joiners, and the format characters that are drawn.
            '\u{200C}'
            | '\u{200D}'
            | '\u{600}'..='\u{605}'
            | '\u{6DD}'
            | '\u{70F}'
            | '\u{890}'
            | '\u{891}'
            | '\u{8E2}'
            | '\u{110BD}'
            | '\u{110CD}' => return Fate::Kept,
            // Marks and letters that are not drawn: the grapheme joiner, Hangul fillers, inherent
            // vowels, variation selectors, the braille pattern without dots.
            '\u{34F}'
            | '\u{115F}'
            | '\u{1160}'
            | '\u{17B4}'
            | '\u{17B5}'
            | '\u{180B}'..='\u{180D}'
            | '\u{180F}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FFA0}'
            | '\u{E0100}'..='\u{E01EF}' => return Fate::Refused,
            _ => {}
        }
        match CodePointMapData::<Category>::new().get(character) {
            Category::SpaceSeparator | Category::LineSeparator | Category::ParagraphSeparator => {
                Fate::Blank
            }
            Category::Control
            | Category::Format
            | Category::PrivateUse
            | Category::Surrogate
            | Category::Unassigned => Fate::Refused,
            _ => Fate::Kept,
        }
    }

    #[test]
    fn treats_every_character_as_the_table_says() {
        for character in '\0'..=char::MAX {
            let typed = format!("a{character}b");
            let (line, prose) =
                (normalize(&typed, MAX_LINE_CHARS), normalize(&typed, MAX_PROSE_CHARS));
            match expected(character) {
                Fate::Kept => {
                    let same: String = typed.nfc().collect();
                    assert_eq!(
                        (line.as_deref(), prose),
                        (Ok(&*same), Ok(same.clone())),
                        "{typed:?}"
                    );
                }
                Fate::Blank => {
                    assert_eq!(line.as_deref(), Ok("a b"), "{typed:?}");
                    let prose = prose.expect("a blank is kept");
                    assert!(["a\nb", "a b", "a\tb"].contains(&&*prose), "{typed:?} {prose:?}");
                }
                Fate::Refused => {
                    let hidden = Err(Unusable::Hidden(2, character));
                    assert_eq!((line, prose), (hidden.clone(), hidden), "{typed:?}");
                }
            }
        }
    }

    /// Letters, marks that combine, blanks, line breaks and joiners.
    fn typed() -> impl Strategy<Value = String> {
        let character = prop_oneof![
            any::<char>(),
            prop::sample::select(vec![
                ' ', '\t', '\n', '\r', '\u{85}', '\u{A0}', '\u{2028}', '\u{2029}', '\u{200C}',
                '\u{200D}', 'a', 'e', '\u{301}', '\u{323}', '\u{1100}', '\u{1161}', 'ß', '中',
            ]),
        ];
        prop::collection::vec(character, 0..40).prop_map(|all| all.into_iter().collect())
    }

    proptest! {
        #[test]
        fn normalization_is_idempotent(typed in typed()) {
            for limit in [MAX_LINE_CHARS, MAX_PROSE_CHARS] {
                if let Ok(kept) = normalize(&typed, limit) {
                    prop_assert_eq!(normalize(&kept, limit), Ok(kept.clone()));
                    prop_assert!(unicode_normalization::is_nfc(&kept));
                    prop_assert_eq!(kept.trim(), kept.as_str());
                    let joiner = |it: char| matches!(it, '\u{200C}' | '\u{200D}');
                    prop_assert!(!kept.starts_with(joiner) && !kept.ends_with(joiner));
                }
            }
        }

        #[test]
        fn a_line_has_no_line_breaks(typed in typed()) {
            if let Ok(kept) = normalize(&typed, MAX_LINE_CHARS) {
                prop_assert!(kept.chars().all(|it| it == ' ' || !it.is_whitespace()));
                prop_assert!(!kept.contains("  "));
                prop_assert_eq!(kept.split_whitespace().collect::<Vec<_>>().join(" "), kept);
            }
        }
    }
}
