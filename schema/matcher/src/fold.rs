//! Folds a name into plain lower-case pieces without typography. The matcher scores the pieces;
//! everything else that compares two spellings of a name uses [`folded`].
use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The number of characters of a name that are read; the longest in federal data has fewer than 200.
const LONGEST: usize = 400;
/// The number of pieces of a name that are read.
const PIECES: usize = 40;

/// A run of letters and digits, or an ampersand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Lower case, without accents; `&` for an ampersand.
    pub text: String,
    /// Whether it is inside parentheses.
    pub aside: bool,
    /// Whether only punctuation, no space, separates it from the piece before.
    pub glued: bool,
    /// The slash or number sign in front of it.
    pub mark: Option<char>,
}

/// Splits a name into pieces. Never fails, and reads at most a few hundred characters.
pub fn pieces(name: &str) -> Vec<Piece> {
    let mut cutter = Cutter::default();
    let start: String = name.chars().take(LONGEST).collect();
    let readable = repaired(&start);
    let readable = without_entities(&readable);
    for character in readable.chars().take(LONGEST).nfkd() {
        cutter.push(character);
        if cutter.pieces.len() > PIECES {
            break;
        }
    }
    cutter.end();
    cutter.pieces
}

/// Returns a name without case, accents, spaces and punctuation, to compare two spellings; the
/// lower-case name itself if nothing else is left. Empty only for an empty name.
pub fn folded(name: &str) -> String {
    let letters: String =
        pieces(name).into_iter().map(|piece| piece.text).filter(|text| text != "&").collect();
    if letters.is_empty() { name.trim().to_lowercase() } else { letters }
}

#[derive(Default)]
struct Cutter {
    pieces: Vec<Piece>,
    open: String,
    depth: u32,
    blank: bool,
    mark: Option<char>,
}

impl Cutter {
    fn push(&mut self, character: char) {
        match character {
            // People write or omit apostrophes: `O'Brien`, `Nat'l`.
            '\'' | '\u{2019}' | '\u{2018}' | '`' | '\u{b4}' => {}
            mark if is_combining_mark(mark) => {}
            letter if letter.is_alphanumeric() => match plain(letter) {
                Some(letters) => self.open.push_str(letters),
                None => self.open.extend(letter.to_lowercase()),
            },
            '&' | '+' => {
                self.end();
                self.open.push('&');
                self.end();
            }
            other => {
                self.end();
                match other {
                    '(' | '[' => self.depth += 1,
                    ')' | ']' => self.depth = self.depth.saturating_sub(1),
                    '/' | '\\' => self.mark = Some('/'),
                    '#' => self.mark = Some('#'),
                    _ => {}
                }
                self.blank |= other.is_whitespace();
            }
        }
    }

    fn end(&mut self) {
        if self.open.is_empty() {
            return;
        }
        let text = std::mem::take(&mut self.open);
        let glued = !self.blank && !self.pieces.is_empty();
        let (aside, mark) = (self.depth > 0, self.mark.take());
        self.pieces.push(Piece { text, aside, glued, mark });
        self.blank = false;
    }
}

/// Letters that Unicode does not decompose but typists replace.
const fn plain(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' => "ss",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'ø' | 'Ø' => "o",
        'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'ł' | 'Ł' => "l",
        'ı' => "i",
        _ => return None,
    })
}

/// Repairs UTF-8 that was read as Windows-1252 once or twice: `MÃ¼ller`.
fn repaired(name: &str) -> Cow<'_, str> {
    let mut name = Cow::Borrowed(name);
    for _ in 0..2 {
        if !name.contains(['Ã', 'Â']) {
            break;
        }
        let bytes: Option<Vec<u8>> = name.chars().map(byte).collect();
        let Some(text) = bytes.and_then(|bytes| String::from_utf8(bytes).ok()) else { break };
        name = Cow::Owned(text);
    }
    name
}

/// Returns the Windows-1252 byte of a character.
fn byte(character: char) -> Option<u8> {
    const UPPER: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";
    let upper = UPPER.chars().zip(0x80..).find(|(shown, _)| *shown == character);
    upper.map(|(_, byte)| byte).or_else(|| u8::try_from(u32::from(character)).ok())
}

/// Replaces HTML entities, which old exports contain: `&amp;` becomes `&`, `&eacute;` becomes `e`.
fn without_entities(name: &str) -> Cow<'_, str> {
    if !name.contains(';') {
        return name.into();
    }
    let mut text = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find('&') {
        text.push_str(&rest[..at]);
        let entity = rest[at + 1..].split_once(';').filter(|(entity, _)| {
            (2..=8).contains(&entity.len()) && entity.bytes().all(|byte| byte.is_ascii_alphabetic())
        });
        match entity {
            Some(("amp", after)) => {
                text.push('&');
                rest = after;
            }
            Some(("quot" | "apos" | "nbsp", after)) => {
                text.push(' ');
                rest = after;
            }
            Some((letter, after)) => {
                text.push_str(&letter[..1]);
                rest = after;
            }
            None => {
                text.push('&');
                rest = &rest[at + 1..];
            }
        }
    }
    text.push_str(rest);
    text.into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::{folded, pieces};

    fn split(name: &str) -> String {
        let texts = pieces(name).into_iter().map(|piece| piece.text);
        texts.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn removes_typography() {
        assert_eq!(split("Añejo & Söhne, GmbH."), "anejo & sohne gmbh");
        assert_eq!(split("O'BRIEN’S  Nat'l-Bank"), "obriens natl bank");
        assert_eq!(split("Universit&eacute; A&amp;B"), "universite a & b");
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
