//! A name taken apart: its words with what each does, its legal form, and what kind of name it is.
use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use crate::award::matcher::fold::{Piece, pieces};
use crate::award::matcher::legal::{Form, Forms};
use crate::award::matcher::lexicon::{self, Class};
use crate::award::matcher::reading::{is_person, is_turned, merged, without_forms};

/// The most words of a name that are compared.
pub(crate) const WORDS: usize = 20;
/// The widths of columns that names are cut at, in characters.
const WIDTHS: [usize; 11] = [24, 28, 30, 32, 35, 36, 40, 50, 60, 64, 100];

/// One word of a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    /// As written, folded to lower case.
    pub text: Box<str>,
    /// What stands for all its forms: `service` for `Svcs`.
    pub key: Box<str>,
    /// The key's hash.
    pub(crate) hash: u64,
    /// What it does in a name.
    pub class: Class,
    /// Which letters it has, as bits: tells most pairs apart without looking at them.
    pub(crate) letters: u64,
    /// The hash of it and the joining word before it, written as one: `de Montfort`.
    pub(crate) joined: Option<u64>,
    /// Whether it stood in parentheses, or says that the firm is in the United States.
    pub aside: bool,
}

/// A name, taken apart once and compared often.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    /// As written.
    pub raw: Box<str>,
    /// The words that are neither legal forms nor joins, in order, at most 20.
    pub words: Vec<Word>,
    /// The legal forms.
    pub forms: Forms,
    /// Whether it reads as a person's name.
    pub person: bool,
    /// Whether the last word may have been cut at a column's width.
    pub cut: bool,
    /// Whether it was written with its parts turned around at a comma: `SMITH, JOHN`.
    pub turned: bool,
}

/// The hash that words and keys go by.
pub(crate) fn hash(text: &str) -> u64 {
    FixedState::with_seed(0x6361_6e64_6f72).hash_one(text)
}

/// The hash of two words written as one.
pub(crate) fn hash_joined(first: &str, second: &str) -> u64 {
    let mut joined = String::with_capacity(first.len() + second.len());
    joined.push_str(first);
    joined.push_str(second);
    hash(&joined)
}

impl Word {
    /// Reads a folded word.
    #[must_use]
    pub fn new(text: &str, aside: bool) -> Self {
        let key = lexicon::key(text);
        let letters = text.bytes().fold(0, |letters, byte| letters | 1 << (byte & 63));
        let (class, hash) = (lexicon::class(&key), hash(&key));
        let (text, key) = (text.into(), key.into());
        Self { text, key, hash, class, letters, joined: None, aside }
    }

    /// Whether it has a digit, so that no letter of it may be wrong.
    pub(crate) fn has_digit(&self) -> bool {
        self.text.bytes().any(|byte| byte.is_ascii_digit())
    }
}

impl Name {
    /// Reads one name, without its other halves; see [`crate::award::matcher::names`].
    #[must_use]
    pub fn new(raw: &str) -> Self {
        Self::from_pieces(raw, &merged(pieces(raw)))
    }

    pub(crate) fn from_pieces(raw: &str, pieces: &[Piece]) -> Self {
        let length = raw.trim().chars().count();
        let at_width = WIDTHS.iter().any(|width| length == *width || length + 1 == *width);
        let (pieces, forms) = without_forms(pieces, at_width);
        let mut words: Vec<Word> = Vec::with_capacity(pieces.len().min(WORDS));
        let mut before: Option<&str> = None;
        for piece in &pieces {
            if piece.text == "&" || lexicon::joins(&piece.text) {
                before = Some(&*piece.text).filter(|text| *text != "&");
            } else if words.len() < WORDS {
                let mut word = Word::new(&piece.text, piece.aside);
                word.joined = before.take().map(|before| hash_joined(before, &piece.text));
                words.push(word);
            }
        }
        if words.is_empty() {
            let kept = pieces.iter().filter(|piece| !matches!(&*piece.text, "&" | "the"));
            words = kept.take(WORDS).map(|piece| Word::new(&piece.text, false)).collect();
        }
        // `Ricoh USA`: where it is, not what it is called.
        if words.len() > 1
            && let Some(last) = words.last_mut()
            && &*last.key == "us"
        {
            last.aside = true;
        }
        if words.iter().all(|word| word.aside) {
            for word in &mut words {
                word.aside = false;
            }
        }
        // What ends in its legal form has all of its end.
        let cut = forms.is_empty() && at_width;
        let turned = is_turned(raw);
        let person = forms.is_empty() && is_person(&words);
        Self { raw: raw.into(), words, forms, person, cut, turned }
    }

    /// Whether nothing is left to compare: only legal forms, only punctuation, or a placeholder.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether it is the name of a joint venture.
    #[must_use]
    pub const fn is_joint_venture(&self) -> bool {
        self.forms.has(Form::JointVenture)
    }

    /// The first letters of its words, if there are three or more words.
    pub(crate) fn acronym(&self) -> Option<String> {
        let words = self.words.iter().filter(|word| !word.aside);
        let letters: String = words.filter_map(|word| word.text.chars().next()).collect();
        (letters.chars().count() >= 3).then_some(letters)
    }

    /// The hash of its words' keys in alphabetical order: equal for names that differ in order,
    /// typography, abbreviations and legal form only.
    pub(crate) fn whole(&self) -> u64 {
        let mut keys: Vec<&str> =
            self.words.iter().filter(|word| !word.aside).map(|word| &*word.key).collect();
        keys.sort_unstable();
        keys.dedup();
        hash(&keys.join(" "))
    }

    /// The hash of its words written as one.
    pub(crate) fn compact(&self) -> u64 {
        let words = self.words.iter().filter(|word| !word.aside);
        hash(&words.map(|word| &*word.text).collect::<String>())
    }
}
