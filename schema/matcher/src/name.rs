//! A parsed name: its words with their classes, its legal forms and its kind.
use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use crate::legal_form::{LegalForm, LegalForms};
use crate::lexicon::{self, WordClass};

/// The maximum number of words of a name that are compared.
pub(crate) const MAX_WORDS: usize = 20;

/// One word of a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    /// The word folded to lower case.
    pub text: Box<str>,
    /// The common key of all forms of the word: `service` for `Svcs`.
    pub key: Box<str>,
    /// The key's hash.
    pub(crate) hash: u64,
    /// The word's class.
    pub class: WordClass,
    /// A bit for each letter (modulo 64): rejects most pairs without comparing their text.
    pub(crate) letter_mask: u64,
    /// The hash of the word joined with the joining word before it: `de Montfort`.
    pub(crate) joined_hash: Option<u64>,
    /// Whether the word is incidental, so that its absence weighs little: in parentheses, a final
    /// `USA`, a branch number.
    pub is_incidental: bool,
}

/// A name, parsed once and compared often.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    /// As written.
    pub raw: Box<str>,
    /// The words other than legal forms and joining words, in order, at most 20.
    pub words: Vec<Word>,
    /// The legal forms.
    pub legal_forms: LegalForms,
    /// Whether it reads as a person's name.
    pub is_person: bool,
    /// Whether the end may have been cut off at a column's width.
    pub is_truncated: bool,
    /// Whether the parts are inverted at a comma: `SMITH, JOHN`.
    pub is_inverted: bool,
}

/// The hash of a word or key, the same in every process.
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
    /// Classifies a folded word.
    #[must_use]
    pub fn new(text: &str, is_incidental: bool) -> Self {
        let key = lexicon::word_key(text);
        let letter_mask = text.bytes().fold(0, |mask, byte| mask | 1 << (byte & 63));
        let (class, hash) = (lexicon::class_of_key(&key), hash(&key));
        let (text, key) = (text.into(), key.into());
        Self { text, key, hash, class, letter_mask, joined_hash: None, is_incidental }
    }

    /// Whether the word has a digit; such words are never corrected.
    pub(crate) fn has_digit(&self) -> bool {
        self.text.bytes().any(|byte| byte.is_ascii_digit())
    }
}

impl Name {
    /// Whether the name has no words to compare: only legal forms or punctuation.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether it is the name of a joint venture.
    #[must_use]
    pub const fn is_joint_venture(&self) -> bool {
        self.legal_forms.has(LegalForm::JointVenture)
    }

    /// The initials of the words, if there are three or more.
    pub(crate) fn acronym(&self) -> Option<String> {
        let words = self.words.iter().filter(|word| !word.is_incidental);
        let letters: String = words.filter_map(|word| word.text.chars().next()).collect();
        (letters.chars().count() >= 3).then_some(letters)
    }

    /// The hash of the words' sorted keys: equal for names that differ only in order, typography,
    /// abbreviations and legal form.
    pub(crate) fn sorted_hash(&self) -> u64 {
        let mut keys: Vec<&str> =
            self.words.iter().filter(|word| !word.is_incidental).map(|word| &*word.key).collect();
        keys.sort_unstable();
        keys.dedup();
        hash(&keys.join(" "))
    }

    /// The hash of all words joined without blanks.
    pub(crate) fn compact_hash(&self) -> u64 {
        let words = self.words.iter().filter(|word| !word.is_incidental);
        hash(&words.map(|word| &*word.text).collect::<String>())
    }
}
