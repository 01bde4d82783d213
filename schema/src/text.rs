//! Text that people typed: the one place that decides which characters are kept.
use icu_properties::props::{
    DefaultIgnorableCodePoint, GeneralCategory, PrependedConcatenationMark, WhiteSpace,
};
use icu_properties::{CodePointMapData, CodePointSetData};
use unicode_normalization::UnicodeNormalization;

use crate::fault::{FieldPath, InputErrors};
use crate::scalar::Date;

/// How long a text may be, and whether it has lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    max_chars: usize,
    keeps_lines: bool,
}

impl Limit {
    /// One line of `max_chars` characters at the most.
    #[must_use]
    pub const fn line(max_chars: usize) -> Self {
        Self { max_chars, keeps_lines: false }
    }

    /// Several lines, of `max_chars` characters together at the most.
    #[must_use]
    pub const fn prose(max_chars: usize) -> Self {
        Self { max_chars, keeps_lines: true }
    }
}

/// A name, a number, a title: one line of 300 characters at the most.
pub const MAX_LINE_CHARS: Limit = Limit::line(300);
/// A description in words: several lines, of 20,000 characters at the most.
pub const MAX_PROSE_CHARS: Limit = Limit::prose(20_000);

/// What becomes of a character that somebody typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CharacterClass {
    /// It can be seen, and is kept.
    Visible,
    /// White space, line breaks among it: a run of it separates words.
    Blank,
    /// The zero-width joiner or non-joiner. Persian and several Indian scripts are spelled with
    /// them: kept between two visible characters, dropped elsewhere.
    Joiner,
    /// It cannot be seen, changes the order of what a reader sees, or is not assigned, so that it
    /// looks different everywhere: refused.
    Hidden,
}

/// The class of a character, by its Unicode properties.
#[must_use]
pub fn class_of(character: char) -> CharacterClass {
    // Most of what is typed: told without the tables.
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

/// Whether nothing of a text can be seen: it has blanks and joiners alone, or nothing.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    let is_invisible =
        |it: char| matches!(class_of(it), CharacterClass::Blank | CharacterClass::Joiner);
    text.chars().all(is_invisible)
}

/// Why a text cannot be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unusable {
    /// It has so many characters.
    TooLong(usize),
    /// A [`CharacterClass::Hidden`] character, at its place in the text as it was typed, from 1.
    Hidden(usize, char),
}

/// The text as it is kept: in Unicode's normalization form C, without blanks at its ends. In one
/// line every run of white space is one blank; in prose each line break is a line feed, and other
/// white space a blank or a tab.
fn normalize(text: &str, limit: Limit) -> Result<String, Unusable> {
    let hidden = text.chars().enumerate().find(|(_, it)| class_of(*it) == CharacterClass::Hidden);
    if let Some((index, character)) = hidden {
        return Err(Unusable::Hidden(index + 1, character));
    }
    let mut kept = String::with_capacity(text.len());
    // What follows the last visible character: blanks, and joiners as long as there are no blanks.
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

/// White space as prose keeps it.
fn blank_in_prose(character: char) -> char {
    match character {
        '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
        '\t' => '\t',
        _ => ' ',
    }
}

/// The text as it is kept, for an input that may be empty. Adds a problem at `path`, and is empty,
/// if the text is too long or has a character that nobody can see: the problem names it and its
/// place.
pub fn validate_optional(text: &str, limit: Limit, path: &FieldPath, problems: &mut InputErrors) -> String {
    accept(text, limit, path, problems).unwrap_or_default()
}

/// As [`clean`], and something must be left.
pub fn validate_required(text: &str, limit: Limit, path: &FieldPath, problems: &mut InputErrors) -> String {
    let cleaned = accept(text, limit, path, problems);
    if cleaned.as_deref() == Some("") {
        problems.add(path, "required", "Fill this in; it is empty.");
    }
    cleaned.unwrap_or_default()
}

fn accept(text: &str, limit: Limit, path: &FieldPath, problems: &mut InputErrors) -> Option<String> {
    match normalize(text, limit) {
        Ok(cleaned) => Some(cleaned),
        Err(Unusable::TooLong(length)) => {
            let told = format!(
                "It has {length} characters; shorten it to {} at the most.",
                limit.max_chars
            );
            problems.add(path, "too_long", told);
            None
        }
        Err(Unusable::Hidden(place, character)) => {
            let told = format!(
                "Character {place} is U+{:04X}, which cannot be seen or looks different \
                 everywhere; remove it.",
                u32::from(character)
            );
            problems.add(path, "invalid", told);
            None
        }
    }
}

/// Reads a day of the years 1900 to 2200; adds a problem if it is none.
pub fn validate_date(typed: &Date, path: &FieldPath, problems: &mut InputErrors) -> Option<chrono::NaiveDate> {
    let day = typed.day();
    if day.is_none() {
        problems.add(path, "invalid", "Write a day that exists, such as 2026-11-24.");
    }
    day
}

#[cfg(test)]
mod tests {
    use icu_properties::CodePointMapData;
    use icu_properties::props::GeneralCategory as Category;
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    use super::{MAX_LINE_CHARS, Limit, MAX_PROSE_CHARS, Unusable, validate_optional, normalize, validate_required};
    use crate::fault::{FieldPath, InputErrors};

    fn told(text: &str, limit: Limit) -> (String, Vec<&'static str>) {
        let mut problems = InputErrors::default();
        let cleaned = validate_required(text, limit, &FieldPath::argument("name"), &mut problems);
        (cleaned, problems.into_errors().into_iter().map(|error| error.code).collect())
    }

    fn kept(text: &str, limit: Limit) -> String {
        normalize(text, limit).expect(text)
    }

    #[test]
    fn is_trimmed_and_normalised() {
        assert_eq!(told("  Cafe\u{301} & Sons, L/C ", MAX_LINE_CHARS), ("Café & Sons, L/C".into(), vec![]));
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
    fn prose_keeps_its_lines() {
        let typed = "\n one\r\n\r\n\ttwo\rthree\u{2028}four\u{A0}five \n";
        assert_eq!(kept(typed, MAX_PROSE_CHARS), "one\n\n\ttwo\nthree\nfour five");
    }

    #[test]
    fn a_problem_names_the_character_and_its_place() {
        for hidden in
            ['\u{0}', '\u{AD}', '\u{202E}', '\u{200B}', '\u{FEFF}', '\u{2800}', '\u{E0041}']
        {
            for limit in [MAX_LINE_CHARS, MAX_PROSE_CHARS] {
                let mut problems = InputErrors::default();
                let path = FieldPath::argument("name");
                validate_optional(&format!("  ab{hidden}c"), limit, &path, &mut problems);
                let told = problems.into_errors();
                let expected = format!("Character 5 is U+{:04X},", u32::from(hidden));
                assert!(told.len() == 1 && told[0].message.starts_with(&expected), "{told:?}");
            }
        }
    }

    #[test]
    fn joiners_stay_inside_words_and_are_no_text() {
        for word in ["می\u{200C}خواهم", "क्\u{200D}ष"] {
            assert_eq!(told(word, MAX_LINE_CHARS), (word.to_owned(), vec![]));
            assert_eq!(told(&format!("\u{200D}{word}\u{200C}"), MAX_LINE_CHARS).0, word);
        }
        for empty in ["", " \t", "\u{200C}", " \u{200D}\u{200C}\u{A0}", "\u{2028}\u{200D}"] {
            assert_eq!(told(empty, MAX_LINE_CHARS), (String::new(), vec!["required"]), "{empty:?}");
            assert_eq!(told(empty, MAX_PROSE_CHARS), (String::new(), vec!["required"]), "{empty:?}");
        }
    }

    #[test]
    fn length_counts_characters() {
        assert_eq!(told(&"é".repeat(300), MAX_LINE_CHARS).1, Vec::<&str>::new());
        assert_eq!(told(&"é".repeat(301), MAX_LINE_CHARS).1, ["too_long"]);
        assert_eq!(told(&"é".repeat(301), MAX_PROSE_CHARS).1, Vec::<&str>::new());
    }

    #[test]
    fn an_optional_text_may_be_empty() {
        let mut problems = InputErrors::default();
        assert_eq!(validate_optional("  ", MAX_LINE_CHARS, &FieldPath::argument("name"), &mut problems), "");
        assert!(problems.into_errors().is_empty());
    }

    /// What becomes of a character between two letters.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Fate {
        Kept,
        Blank,
        Refused,
    }

    /// The table: what becomes of the characters of each category, and which are exceptions.
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
    fn every_character_is_kept_folded_or_refused() {
        for character in '\0'..=char::MAX {
            let typed = format!("a{character}b");
            let (line, prose) = (normalize(&typed, MAX_LINE_CHARS), normalize(&typed, MAX_PROSE_CHARS));
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
        fn what_is_kept_stays_as_it_is(typed in typed()) {
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
        fn one_line_is_one_line(typed in typed()) {
            if let Ok(kept) = normalize(&typed, MAX_LINE_CHARS) {
                prop_assert!(kept.chars().all(|it| it == ' ' || !it.is_whitespace()));
                prop_assert!(!kept.contains("  "));
                prop_assert_eq!(kept.split_whitespace().collect::<Vec<_>>().join(" "), kept);
            }
        }
    }
}
