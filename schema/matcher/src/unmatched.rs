//! Classifies the unmatched words of a name after alignment.
use crate::align::positions;
use crate::lexicon::WordClass;
use crate::name::{Name, Word};

/// Whether a word names a public body or a university.
pub(crate) fn has_institution_word(words: &[Word]) -> bool {
    let body = |word: &Word| {
        word.class == WordClass::PublicBody
            || matches!(&*word.key, "university" | "college" | "school")
    };
    words.iter().any(body)
}

/// Whether the word names a governing board: `Regents of the University of X`.
pub(crate) fn is_governing_word(word: &Word) -> bool {
    matches!(&*word.key, "regent" | "trustee" | "board" | "governor" | "supervisor" | "president")
}

/// Whether the set contains a word of the class.
pub(crate) fn has_class(name: &Name, set: u32, class: WordClass) -> bool {
    positions(set).any(|at| name.words[at].class == class)
}

/// Whether a word outside the set follows the word at `at`.
pub(crate) fn precedes_matched_word(name: &Name, set: u32, at: usize) -> bool {
    let after = ((1_u32 << name.words.len()) - 1) & !((1_u32 << at) - 1);
    after & !set != 0
}

/// A name, the positions of its words that the other name lacks, and whether it is the other one cut
/// off within a word.
#[derive(Clone, Copy)]
pub(crate) struct Side<'a> {
    pub name: &'a Name,
    pub unmatched: u32,
    pub is_cut: bool,
}

/// Whether `short` is the truncated beginning of `long`: only words at the end of `long` are
/// unmatched.
pub(crate) fn is_truncated_prefix(short: Side<'_>, long: Side<'_>) -> bool {
    let (Side { name: long, unmatched: left, .. }, min_words) =
        (long, if short.is_cut { 2 } else { 3 });
    let is_all_matched = positions(short.unmatched).all(|at| short.name.words[at].is_incidental);
    if !(short.name.is_truncated || short.is_cut)
        || !is_all_matched
        || left == 0
        || short.name.words.len() < min_words
    {
        return false;
    }
    let from = left.trailing_zeros();
    let tail = ((1_u32 << long.words.len()) - 1) & !((1_u32 << from) - 1);
    left == tail && from as usize >= min_words
}

/// Whether the unmatched words do not matter: they are incidental, name a governing board, or were
/// truncated in the other name.
pub(crate) fn is_negligible(short: Side<'_>, long: Side<'_>) -> bool {
    is_truncated_prefix(short, long)
        || positions(long.unmatched).all(|at| {
            let word = &long.name.words[at];
            word.is_incidental || (is_governing_word(word) && long.name.is_institution)
        })
}

/// Whether the word names a department or another part of a public body.
pub(crate) fn is_department_word(word: &Word) -> bool {
    matches!(
        &*word.key,
        "department" | "office" | "bureau" | "authority" | "board" | "commission" | "police"
    )
}

/// The text of the words in the set.
pub(crate) fn words_at(name: &Name, set: u32) -> String {
    positions(set).map(|at| &*name.words[at].text).collect::<Vec<_>>().join(" ")
}

/// Whether the set contains initials that are not incidental.
pub(crate) fn has_initials(name: &Name, set: u32) -> bool {
    positions(set)
        .any(|at| name.words[at].class == WordClass::Initial && !name.words[at].is_incidental)
}
