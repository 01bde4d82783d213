//! What is left of a name once its other words have found theirs: where it stands, and what it does.
use crate::award::matcher::align::positions;
use crate::award::matcher::lexicon::WordClass;
use crate::award::matcher::name::{Name, Word};

/// Whether it is the name of a public body or a university, which have parts.
pub(crate) fn is_institution(name: &Name) -> bool {
    let body = |word: &Word| {
        word.class == WordClass::PublicBody || matches!(&*word.key, "university" | "college" | "school")
    };
    name.words.iter().any(body)
}

/// Whether a word is of those in whose name a body acts: `Regents of the University of X`.
pub(crate) fn is_governing_word(word: &Word) -> bool {
    matches!(&*word.key, "regent" | "trustee" | "board" | "governor" | "supervisor" | "president")
}

/// Whether a word of the class is in the set.
pub(crate) fn has_class(name: &Name, set: u32, class: WordClass) -> bool {
    positions(set).any(|at| name.words[at].class == class)
}

/// Whether a word that is in the set stands before one that is not.
pub(crate) fn precedes_matched_word(name: &Name, set: u32, at: usize) -> bool {
    let after = ((1_u32 << name.words.len()) - 1) & !((1_u32 << at) - 1);
    after & !set != 0
}

/// Whether `short` is `long` up to where a column ended: all that is left of `long` is its end.
pub(crate) fn is_truncated_prefix(short: &Name, long: &Name, left: u32) -> bool {
    if !short.is_truncated || left == 0 || short.words.len() < 3 {
        return false;
    }
    let from = left.trailing_zeros();
    let tail = ((1_u32 << long.words.len()) - 1) & !((1_u32 << from) - 1);
    left == tail && from >= 3
}

/// Whether what is left of a name takes nothing from its being the other's: it stands aside, says in
/// whose name a body acts, or stood behind where the other is cut.
pub(crate) fn is_negligible(short: &Name, long: &Name, left: u32) -> bool {
    let is_body = is_institution(long);
    is_truncated_prefix(short, long, left)
        || positions(left).all(|at| long.words[at].is_incidental || (is_body && is_governing_word(&long.words[at])))
}

/// The words in the set, as they are written.
pub(crate) fn words_at(name: &Name, set: u32) -> String {
    positions(set).map(|at| &*name.words[at].text).collect::<Vec<_>>().join(" ")
}

/// Whether initials are in the set that do not stand aside.
pub(crate) fn has_initials(name: &Name, set: u32) -> bool {
    positions(set).any(|at| name.words[at].class == WordClass::Initial && !name.words[at].is_incidental)
}
