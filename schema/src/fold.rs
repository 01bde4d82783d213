//! Folds a name into plain lower-case pieces: what is left once typography is taken away. The
//! matcher weighs the pieces; all else that compares two spellings of a name uses [`folded`].
use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The most characters of a name that are read: the longest in federal data has fewer than 200.
const LONGEST: usize = 400;
/// The most pieces of a name that are read.
const PIECES: usize = 40;

/// A run of letters and digits, or an ampersand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Lower case, without accents; `&` for an ampersand.
    pub text: String,
    /// Whether it stands in parentheses.
    pub aside: bool,
    /// Whether only punctuation, no blank, parts it from the piece before.
    pub glued: bool,
    /// The slash or number sign that stands before it.
    pub mark: Option<char>,
}

/// Cuts a name into pieces. Never fails, and reads no more than a few hundred characters.
pub(crate) fn pieces(name: &str) -> Vec<Piece> {
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

/// A name without case, accents, blanks and punctuation, to tell whether two spellings are the
/// same; the lower-case name itself if nothing else is left of it. Never empty unless the name is.
pub(crate) fn folded(name: &str) -> String {
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
            // Typed or left out at will: `O'Brien`, `Nat'l`.
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

/// Letters that Unicode does not take apart and a typist does.
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

/// What was read as Windows-1252 and written as UTF-8, once or twice, is read aright: `MÃ¼ller`.
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

/// The byte that Windows-1252 shows as this character.
fn byte(character: char) -> Option<u8> {
    const UPPER: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";
    let upper = UPPER.chars().zip(0x80..).find(|(shown, _)| *shown == character);
    upper.map(|(_, byte)| byte).or_else(|| u8::try_from(u32::from(character)).ok())
}

/// `&amp;` and `&eacute;`, as old exports have them, become `&` and `e`.
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

    fn cut(name: &str) -> String {
        let texts = pieces(name).into_iter().map(|piece| piece.text);
        texts.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn typography_is_taken_away() {
        assert_eq!(cut("Añejo & Söhne, GmbH."), "anejo & sohne gmbh");
        assert_eq!(cut("O'BRIEN’S  Nat'l-Bank"), "obriens natl bank");
        assert_eq!(cut("Universit&eacute; A&amp;B"), "universite a & b");
        assert_eq!(cut("ﬁne ２０２６ Straße"), "fine 2026 strasse");
        assert_eq!(cut("BÃ¼hler"), "buhler");
        assert_eq!(cut("BÃƒÂ¼hler"), "buhler");
        assert_eq!(cut(" ,.;--() "), "");
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
        assert_eq!(cut("شركة الأمن"), "شركة الامن");
        assert_eq!(cut("株式会社 日立"), "株式会社 日立");
    }

    #[test]
    fn a_long_name_is_read_in_part() {
        assert!(pieces(&"ab ".repeat(10_000)).len() <= 41);
        assert!(cut(&"a".repeat(10_000)).len() <= 400);
    }

    #[test]
    fn pieces_say_how_they_stood() {
        let cut = pieces("AT&T (USA)/C #7");
        let stood = cut.iter().map(|piece| (&*piece.text, piece.aside, piece.glued, piece.mark));
        let expected = [
            ("at", false, false, None),
            ("&", false, true, None),
            ("t", false, true, None),
            ("usa", true, false, None),
            ("c", false, true, Some('/')),
            ("7", false, false, Some('#')),
        ];
        assert_eq!(stood.collect::<Vec<_>>(), expected);
    }
}
