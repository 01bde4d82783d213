//! Classifies the unmatched words of a name after alignment.
use crate::align::positions;
use crate::lexicon::WordClass;
use crate::name::{Name, Word};

/// Whether the name is a public body's or a university's; these have departments.
pub(crate) fn is_institution(name: &Name) -> bool {
    let body = |word: &Word| {
        word.class == WordClass::PublicBody
            || matches!(&*word.key, "university" | "college" | "school")
    };
    name.words.iter().any(body)
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

/// Whether `short` is the truncated beginning of `long`: only words at the end of `long` are
/// unmatched.
pub(crate) fn is_truncated_prefix(short: &Name, long: &Name, left: u32) -> bool {
    if !short.is_truncated || left == 0 || short.words.len() < 3 {
        return false;
    }
    let from = left.trailing_zeros();
    let tail = ((1_u32 << long.words.len()) - 1) & !((1_u32 << from) - 1);
    left == tail && from >= 3
}

/// Whether the unmatched words do not matter: they are incidental, name a governing board, or were
/// truncated in the other name.
pub(crate) fn is_negligible(short: &Name, long: &Name, left: u32) -> bool {
    let is_body = is_institution(long);
    is_truncated_prefix(short, long, left)
        || positions(left).all(|at| {
            long.words[at].is_incidental || (is_body && is_governing_word(&long.words[at]))
        })
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
