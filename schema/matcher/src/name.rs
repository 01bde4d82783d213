//! A parsed name: its words with their classes, its legal forms and its kind.
use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use crate::fold::{Alphabet, Piece};
use crate::legal_form::{LegalForm, LegalForms};
use crate::lexicon::{self, WordClass};
use crate::script;

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
    /// The hashes of further forms of the word: joined with the joining word before it (`de
    /// Montfort`), umlauts as two letters, the words that it may abbreviate, a number in words. Few:
    /// each is looked up.
    pub(crate) other_hashes: Vec<u64>,
    /// The hash of the sound, for a distinctive word that a list may romanize otherwise.
    pub(crate) sound_hash: Option<u64>,
    /// The alphabet that it was written in.
    pub(crate) alphabet: Alphabet,
    /// Whether the word has a digit; such words are never corrected.
    pub(crate) has_digit: bool,
    /// Whether the word is incidental, so that its absence weighs little: in parentheses, a final
    /// `USA`, a branch number.
    pub is_incidental: bool,
}

/// A name, parsed once and compared often.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a property of the name by itself")]
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
    /// Whether it is only the acronym of a longer name: `BLS` of `Bureau of Land Survey (BLS)`.
    pub is_acronym: bool,
    /// Whether it is a public body's or a university's; these have departments.
    pub is_institution: bool,
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

/// The minimum length of a word that is compared by its sound; too many shorter words sound alike.
const MIN_SOUND_BYTES: usize = 4;

impl Word {
    /// Classifies a folded word.
    #[must_use]
    pub fn new(text: &str, is_incidental: bool) -> Self {
        let key = lexicon::word_key(text);
        let letter_mask = text.bytes().fold(0, |mask, byte| mask | 1 << (byte & 63));
        let meanings = lexicon::abbreviated_words(text);
        let class = match (lexicon::class_of_key(&key), meanings.first()) {
            (WordClass::Distinctive, Some(meaning)) => lexicon::class_of_key(meaning),
            (class, _) => class,
        };
        let mut other_hashes: Vec<u64> = meanings.iter().map(|meaning| hash(meaning)).collect();
        other_hashes.extend(lexicon::number_in_words(text).map(hash));
        let is_romanized = class == WordClass::Distinctive
            && key.len() >= MIN_SOUND_BYTES
            && key.bytes().all(|byte| byte.is_ascii_lowercase());
        let sound_hash = is_romanized.then(|| hash(&script::sound(&key)));
        Self {
            hash: hash(&key),
            text: text.into(),
            key: key.into(),
            class,
            letter_mask,
            other_hashes,
            sound_hash,
            alphabet: Alphabet::Latin,
            has_digit: text.bytes().any(|byte| byte.is_ascii_digit()),
            is_incidental,
        }
    }

    /// Classifies a piece of a name.
    pub(crate) fn from_piece(piece: &Piece) -> Self {
        let mut word = Self::new(&piece.text, piece.aside);
        if let Some(umlauts) = &piece.umlauts {
            word.other_hashes.push(hash(&lexicon::word_key(umlauts)));
        }
        word.alphabet = piece.alphabet;
        word
    }

    /// Whether both words have a common form.
    pub(crate) fn shares_form(&self, other: &Self) -> bool {
        // Most words have one form.
        let has_other_forms = !(self.other_hashes.is_empty() && other.other_hashes.is_empty());
        self.hash == other.hash
            || has_other_forms
                && (self.other_hashes.contains(&other.hash)
                    || other.other_hashes.contains(&self.hash)
                    || self.other_hashes.iter().any(|form| other.other_hashes.contains(form)))
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
