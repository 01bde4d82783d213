//! Folds a name into lower-case pieces without accents and punctuation. The matcher scores the pieces;
//! everything else that compares two spellings of a name uses [`folded`].
use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::script;

/// The maximum number of characters of a name that are read; federal data has none of 200.
const MAX_NAME_CHARS: usize = 400;
/// The maximum number of pieces of a name.
const MAX_PIECES: usize = 40;

/// A run of letters and digits, or an ampersand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Lower case, without accents, Latin letters in ASCII; `&` for an ampersand.
    pub text: String,
    /// Whether it is inside parentheses.
    pub aside: bool,
    /// Whether only punctuation, no space, separates it from the piece before.
    pub glued: bool,
    /// The slash or number sign in front of it.
    pub mark: Option<char>,
    /// Whether a comma, a semicolon or a dash is in front of it.
    pub is_separated: bool,
    /// The text with two letters for each umlaut, if it has one: `jaeger` for `Jäger`.
    pub umlauts: Option<String>,
    /// The alphabet that it was written in.
    pub alphabet: Alphabet,
}

/// The alphabet that a word was written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alphabet {
    /// Latin letters, or a script that is not romanized.
    #[default]
    Latin,
    /// Another alphabet, such as Cyrillic, now in Latin letters.
    Romanized,
    /// One that writes no short vowels, such as Arabic, now in Latin letters.
    Unvoweled,
}

/// Splits a name into pieces. Never fails, and reads at most a few hundred characters.
#[must_use]
pub fn pieces(name: &str) -> Vec<Piece> {
    let mut splitter = Splitter::default();
    let name = repaired(name);
    if name.is_ascii() {
        splitter.extend(name.chars().take(MAX_NAME_CHARS));
    } else {
        splitter.extend(name.chars().take(MAX_NAME_CHARS).nfkd());
    }
    splitter.end_piece();
    splitter.pieces
}

/// Splits a name into pieces as [`pieces`] does, and writes Cyrillic, Greek, Arabic and similar
/// alphabets in Latin letters, as award and sanctions lists do. Chinese, Japanese and Korean stay as
/// they are.
#[must_use]
pub(crate) fn latin_pieces(name: &str) -> Vec<Piece> {
    if name.is_ascii() {
        return pieces(name);
    }
    let mut splitter = Splitter::default();
    let name = repaired(name);
    let name: String = name.chars().take(MAX_NAME_CHARS).nfc().collect();
    splitter.extend_in_latin(&script::without_arabic_article(&name));
    splitter.end_piece();
    splitter.pieces
}

/// A word of a text, for full-text search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoldedWord {
    /// Lower case, without accents, in Latin letters.
    pub text: String,
    /// With two letters for each umlaut, if it has one.
    pub umlauts: Option<String>,
}

/// Splits a text of any length into words, folded as the matcher folds names.
#[must_use]
pub fn words(text: &str) -> Vec<FoldedWord> {
    let mut splitter = Splitter { max_pieces: usize::MAX, ..Splitter::default() };
    if text.is_ascii() {
        splitter.extend(text.chars());
    } else {
        splitter.extend_in_latin(&text.nfc().collect::<String>());
    }
    splitter.end_piece();
    let words = splitter.pieces.into_iter().filter(|piece| piece.text != "&");
    words.map(|Piece { text, umlauts, .. }| FoldedWord { text, umlauts }).collect()
}

/// Returns the start of a name that is read, with its encoding repaired and without HTML entities.
fn repaired(name: &str) -> Cow<'_, str> {
    if name.is_ascii() && name.len() <= MAX_NAME_CHARS && !name.contains(';') {
        return name.into();
    }
    let start: String = name.chars().take(MAX_NAME_CHARS).collect();
    decode_entities(&repair_encoding(&start)).into_owned().into()
}

/// Returns a name without case, accents, spaces and punctuation, to compare two spellings; the
/// lower-case name itself if nothing else is left. Empty only for an empty name.
#[must_use]
pub fn folded(name: &str) -> String {
    let letters: String =
        pieces(name).into_iter().map(|piece| piece.text).filter(|text| text != "&").collect();
    if letters.is_empty() { name.trim().to_lowercase() } else { letters }
}

/// Splits the characters of a name into pieces.
struct Splitter {
    pieces: Vec<Piece>,
    /// The number of pieces after which the rest is not read.
    max_pieces: usize,
    /// The text of the piece that has not ended.
    open: String,
    /// The number of open parentheses.
    depth: u32,
    /// Whether white space follows the last piece.
    blank: bool,
    /// The slash or number sign that follows the last piece.
    mark: Option<char>,
    /// Whether a comma, a semicolon or a dash follows the last piece.
    is_separated: bool,
    /// The open text with two letters for each umlaut; empty until it has one.
    umlauts: String,
    /// The alphabet of the open text.
    alphabet: Alphabet,
}

impl Default for Splitter {
    fn default() -> Self {
        Self {
            pieces: Vec::new(),
            max_pieces: MAX_PIECES,
            open: String::new(),
            depth: 0,
            blank: false,
            mark: None,
            is_separated: false,
            umlauts: String::new(),
            alphabet: Alphabet::Latin,
        }
    }
}

impl Splitter {
    /// Adds a text in composed form; letters of other alphabets in Latin letters.
    fn extend_in_latin(&mut self, text: &str) {
        for character in script::join_greek_digraphs(text).chars() {
            if let Some(latin) = script::latin_letters(character) {
                self.alphabet = script::alphabet(character);
                self.extend(latin.chars());
            } else {
                self.extend(std::iter::once(character).nfkd());
            }
        }
    }

    fn extend(&mut self, characters: impl Iterator<Item = char>) {
        for character in characters {
            if self.pieces.len() > self.max_pieces {
                break;
            }
            self.push(character);
        }
    }

    fn push(&mut self, character: char) {
        match character {
            // People write or omit apostrophes: `O'Brien`, `Nat'l`.
            '\'' | '\u{2019}' | '\u{2018}' | '`' | '\u{b4}' => {}
            mark if !mark.is_ascii() && is_combining_mark(mark) => self.push_umlaut(mark),
            letter if letter.is_alphanumeric() => {
                let start = self.open.len();
                match transliterate(letter) {
                    Some(ascii) => {
                        self.open.extend(ascii.chars().map(|it| it.to_ascii_lowercase()));
                    }
                    None => self.open.extend(letter.to_lowercase()),
                }
                let has_stroke = matches!(letter, 'ø' | 'Ø');
                if has_stroke && self.umlauts.is_empty() {
                    self.umlauts.push_str(&self.open[..start]);
                }
                if has_stroke {
                    self.umlauts.push_str("oe");
                } else if !self.umlauts.is_empty() {
                    self.umlauts.push_str(&self.open[start..]);
                }
            }
            '&' | '+' => {
                self.end_piece();
                self.open.push('&');
                self.end_piece();
            }
            other => {
                self.end_piece();
                match other {
                    '(' | '[' => self.depth += 1,
                    ')' | ']' => self.depth = self.depth.saturating_sub(1),
                    '/' | '\\' => self.mark = Some('/'),
                    '#' => self.mark = Some('#'),
                    ',' | ';' | '-' | '\u{2013}' | '\u{2014}' => self.is_separated = true,
                    _ => {}
                }
                self.blank |= other.is_whitespace();
            }
        }
    }

    /// Spells the last letter of the open text with two if the mark makes it an umlaut: `ä` as `ae`,
    /// `å` as `aa`.
    fn push_umlaut(&mut self, mark: char) {
        let spelled = match (self.open.chars().next_back(), mark) {
            (Some('a'), '\u{308}') => "ae",
            (Some('o'), '\u{308}') => "oe",
            (Some('u'), '\u{308}') => "ue",
            (Some('a'), '\u{30a}') => "aa",
            _ => return,
        };
        if self.umlauts.pop().is_none() {
            self.umlauts.push_str(&self.open[..self.open.len() - 1]);
        }
        self.umlauts.push_str(spelled);
    }

    fn end_piece(&mut self) {
        if self.open.is_empty() {
            return;
        }
        let text = std::mem::take(&mut self.open);
        let umlauts = Some(std::mem::take(&mut self.umlauts)).filter(|text| !text.is_empty());
        let glued = !self.blank && !self.pieces.is_empty();
        let (aside, mark) = (self.depth > 0, self.mark.take());
        let alphabet = std::mem::take(&mut self.alphabet);
        let is_separated = std::mem::take(&mut self.is_separated);
        self.pieces.push(Piece { text, aside, glued, mark, is_separated, umlauts, alphabet });
        self.blank = false;
    }
}

/// Returns a Latin letter that Unicode does not decompose in ASCII, such as `ss` for `ß`; none for other
/// scripts, which are compared as they are.
fn transliterate(letter: char) -> Option<&'static str> {
    // Latin-1 Supplement, Latin Extended-A and -B, Latin Extended Additional.
    let is_latin = matches!(letter, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
    let ascii = is_latin.then(|| any_ascii::any_ascii_char(letter))?;
    let is_word = !ascii.is_empty() && ascii.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_word.then_some(ascii)
}

/// Repairs UTF-8 that was read as Windows-1252 once or twice: `MÃ¼ller`.
fn repair_encoding(name: &str) -> Cow<'_, str> {
    let mut name = Cow::Borrowed(name);
    for _ in 0..2 {
        if !name.contains(['Ã', 'Â']) {
            break;
        }
        let bytes: Option<Vec<u8>> = name.chars().map(windows_1252_byte).collect();
        let Some(text) = bytes.and_then(|bytes| String::from_utf8(bytes).ok()) else { break };
        name = Cow::Owned(text);
    }
    name
}

/// Returns the Windows-1252 byte of a character.
fn windows_1252_byte(character: char) -> Option<u8> {
    const UPPER: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";
    let upper = UPPER.chars().zip(0x80..).find(|(shown, _)| *shown == character);
    upper.map(|(_, byte)| byte).or_else(|| u8::try_from(u32::from(character)).ok())
}

/// Decodes HTML entities, which old exports contain: `&amp;` becomes `&`, `&eacute;` becomes `é`.
fn decode_entities(name: &str) -> Cow<'_, str> {
    if !name.contains(';') {
        return name.into();
    }
    let mut text = String::with_capacity(name.len());
    for part in name.split_inclusive(';') {
        let start = part.rfind('&').filter(|_| part.ends_with(';')).unwrap_or(part.len());
        let (before, entity) = part.split_at(start);
        let decoded = htmlize::unescape(entity);
        text.push_str(before);
        // HTML decodes some entities without their semicolon: `&LTD;` is not a less-than sign and D.
        text.push_str(if decoded.ends_with(';') { entity } else { &decoded });
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::{folded, latin_pieces, pieces, words};

    fn split(name: &str) -> String {
        let texts = pieces(name).into_iter().map(|piece| piece.text);
        texts.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn removes_typography() {
        assert_eq!(split("Añejo & Söhne, GmbH."), "anejo & sohne gmbh");
        assert_eq!(split("O'BRIEN’S  Nat'l-Bank"), "obriens natl bank");
        assert_eq!(split("Universit&eacute; A&amp;B"), "universite a & b");
        assert_eq!(split("O&#39;Brien &ndash; &AElig;gir&trade;"), "obrien aegirtm");
        assert_eq!(split("Jones &LTD; Print&COPY; R&D;"), "jones & ltd print r & d");
        assert_eq!(split("Þór Đorđe Łódź"), "thor dorde lodz");
        assert_eq!(split("ﬁne ２０２６ Straße"), "fine 2026 strasse");
        assert_eq!(split("BÃ¼hler"), "buhler");
        assert_eq!(split("BÃƒÂ¼hler"), "buhler");
        assert_eq!(split(" ,.;--() "), "");
    }

    #[test]
    fn spellings_of_one_name_fold_to_the_same() {
        for name in ["Añejo-Söhne, L.L.C.", " anejo sohne llc", "ANEJO & SÖHNE (LLC)"] {
            assert_eq!(folded(name), "anejosohnellc", "{name}");
        }
        assert_ne!(folded("Harbor Paint"), folded("Harbor Paints"));
        assert_eq!((folded("--"), folded("&")), ("--".to_owned(), "&".to_owned()));
    }

    proptest! {
        #[test]
        fn case_and_blanks_change_nothing(name in "[A-Za-z0-9 .,-]{1,60}") {
            let plain = folded(&name);
            assert_eq!(folded(&name.to_uppercase()), plain);
            if plain.chars().any(char::is_alphanumeric) {
                assert_eq!(folded(&name.replace(' ', "  ")), plain);
            }
        }

        #[test]
        fn only_an_empty_name_folds_to_nothing(name in any::<String>()) {
            assert_eq!(folded(&name).is_empty(), name.trim().is_empty());
        }
    }

    #[test]
    fn scripts_without_cases_stay_as_they_are() {
        assert_eq!(split("شركة الأمن"), "شركة الامن");
        assert_eq!(split("株式会社 日立"), "株式会社 日立");
    }

    #[test]
    fn other_alphabets_are_read_in_latin_letters() {
        for (name, latin) in [
            ("ООО «Щёлково Химия»", "ooo shchyolkovo khimiya"),
            ("Αθήνα Ούζο", "athina ouzo"),
            ("شركة الراشد", "shrka rashd"),
            ("日立製作所", "日立製作所"),
        ] {
            let texts = latin_pieces(name).into_iter().map(|piece| piece.text);
            assert_eq!(texts.collect::<Vec<_>>().join(" "), latin, "{name}");
        }
    }

    #[test]
    fn an_umlaut_is_also_two_letters() {
        for (name, spelled) in [
            ("Jäger", Some("jaeger")),
            ("Jørgensen", Some("joergensen")),
            ("Øvergård", Some("oevergaard")),
            ("ÜBERMÜLLER", Some("uebermueller")),
            ("Café", None),
            ("Jager", None),
        ] {
            assert_eq!(latin_pieces(name)[0].umlauts.as_deref(), spelled, "{name}");
        }
    }

    #[test]
    fn words_of_long_texts_are_all_folded() {
        let long = "Straße ".repeat(1_000);
        assert_eq!(words(&long).len(), 1_000);
        assert_eq!(words(&long)[999].text, "strasse");
        assert!(words("-- & --").is_empty());
    }

    #[test]
    fn a_long_name_is_read_in_part() {
        assert!(pieces(&"ab ".repeat(10_000)).len() <= 41);
        assert!(split(&"a".repeat(10_000)).len() <= 400);
    }

    #[test]
    fn pieces_keep_their_context() {
        let cut = pieces("AT&T (USA)/C #7");
        let context = cut.iter().map(|piece| (&*piece.text, piece.aside, piece.glued, piece.mark));
        let expected = [
            ("at", false, false, None),
            ("&", false, true, None),
            ("t", false, true, None),
            ("usa", true, false, None),
            ("c", false, true, Some('/')),
            ("7", false, false, Some('#')),
        ];
        assert_eq!(context.collect::<Vec<_>>(), expected);
    }
}
