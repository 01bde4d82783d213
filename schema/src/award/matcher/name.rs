//! A name taken apart: its words with what each does, its legal form, and what kind of name it is.
use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use crate::award::matcher::legal_form::{LegalForm, LegalForms};
use crate::award::matcher::lexicon::{self, WordClass};

/// The most words of a name that are compared.
pub(crate) const MAX_WORDS: usize = 20;

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
    pub class: WordClass,
    /// Which letters it has, as bits: tells most pairs apart without looking at them.
    pub(crate) letter_mask: u64,
    /// The hash of it and the joining word before it, written as one: `de Montfort`.
    pub(crate) joined_hash: Option<u64>,
    /// Whether it stood in parentheses, or says that the firm is in the United States.
    pub is_incidental: bool,
}

/// A name, taken apart once and compared often.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    /// As written.
    pub raw: Box<str>,
    /// The words that are neither legal forms nor joins, in order, at most 20.
    pub words: Vec<Word>,
    /// The legal forms.
    pub legal_forms: LegalForms,
    /// Whether it reads as a person's name.
    pub is_person: bool,
    /// Whether the last word may have been cut at a column's width.
    pub is_truncated: bool,
    /// Whether it was written with its parts turned around at a comma: `SMITH, JOHN`.
    pub is_inverted: bool,
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
    pub fn new(text: &str, is_incidental: bool) -> Self {
        let key = lexicon::word_key(text);
        let letter_mask = text.bytes().fold(0, |mask, byte| mask | 1 << (byte & 63));
        let (class, hash) = (lexicon::class_of_key(&key), hash(&key));
        let (text, key) = (text.into(), key.into());
        Self { text, key, hash, class, letter_mask, joined_hash: None, is_incidental }
    }

    /// Whether it has a digit, so that no letter of it may be wrong.
    pub(crate) fn has_digit(&self) -> bool {
        self.text.bytes().any(|byte| byte.is_ascii_digit())
    }
}

impl Name {
    /// Whether nothing is left to compare: only legal forms, only punctuation, or a placeholder.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether it is the name of a joint venture.
    #[must_use]
    pub const fn is_joint_venture(&self) -> bool {
        self.legal_forms.has(LegalForm::JointVenture)
    }

    /// The first letters of its words, if there are three or more words.
    pub(crate) fn acronym(&self) -> Option<String> {
        let words = self.words.iter().filter(|word| !word.is_incidental);
        let letters: String = words.filter_map(|word| word.text.chars().next()).collect();
        (letters.chars().count() >= 3).then_some(letters)
    }

    /// The hash of its words' keys in alphabetical order: equal for names that differ in order,
    /// typography, abbreviations and legal form only.
    pub(crate) fn sorted_hash(&self) -> u64 {
        let mut keys: Vec<&str> =
            self.words.iter().filter(|word| !word.is_incidental).map(|word| &*word.key).collect();
        keys.sort_unstable();
        keys.dedup();
        hash(&keys.join(" "))
    }

    /// The hash of its words written as one.
    pub(crate) fn compact_hash(&self) -> u64 {
        let words = self.words.iter().filter(|word| !word.is_incidental);
        hash(&words.map(|word| &*word.text).collect::<String>())
    }
}
