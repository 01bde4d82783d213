//! Misspellings: how many letters are wrong between two words, and where in an index to look for
//! the words that one may be a misspelling of.
use crate::award::matcher::lexicon::WordClass;
use crate::award::matcher::name::{Word, hash};

/// The shortest word that may be misspelt, in bytes: among shorter ones too many are one letter
/// apart.
pub(crate) const MIN_CORRECTABLE_BYTES: usize = 4;
/// The shortest word that may have two letters wrong, in bytes.
const MIN_TWO_ERROR_BYTES: usize = 9;
/// The longest word that is looked for by its spelling, in bytes.
pub(crate) const MAX_CORRECTABLE_BYTES: usize = 30;

/// How many letters must be added, dropped, changed or swapped to make one word of the other, if
/// that is few enough for a misspelling.
pub(crate) fn count_spelling_errors(mine: &Word, theirs: &Word) -> Option<u8> {
    let (shorter, longer) = {
        let (one, other) = (mine.text.len(), theirs.text.len());
        (one.min(other), one.max(other))
    };
    if shorter < MIN_CORRECTABLE_BYTES || longer > MAX_CORRECTABLE_BYTES || mine.has_digit() || theirs.has_digit() {
        return None;
    }
    let max_errors: u8 = if shorter >= MIN_TWO_ERROR_BYTES { 2 } else { 1 };
    if longer - shorter > usize::from(max_errors) {
        return None;
    }
    // One error brings at most one new letter to each side.
    if (mine.letter_mask ^ theirs.letter_mask).count_ones() > 2 * u32::from(max_errors) + 2 {
        return None;
    }
    // Two places or two given names are two, however alike: `Carolina`, `Caroline`.
    if mine.class == theirs.class && !matches!(mine.class, WordClass::Distinctive) && max_errors == 1 {
        return None;
    }
    let errors = strsim::osa_distance(&mine.text, &theirs.text);
    u8::try_from(errors).ok().filter(|errors| (1..=max_errors).contains(errors))
}

/// Calls `visit` with the hash of the word and of what is left of it without each one letter: two
/// words that are one error apart share one of them.
pub(crate) fn visit_deletion_hashes(word: &str, mut visit: impl FnMut(u64)) {
    if !(MIN_CORRECTABLE_BYTES..=MAX_CORRECTABLE_BYTES).contains(&word.len()) {
        return;
    }
    visit(hash(word));
    let mut rest = String::with_capacity(word.len());
    let mut dropped = None;
    for (at, letter) in word.char_indices() {
        // Dropping either of two equal letters leaves the same.
        if dropped == Some(letter) {
            continue;
        }
        dropped = Some(letter);
        rest.clear();
        rest.push_str(&word[..at]);
        rest.push_str(&word[at + letter.len_utf8()..]);
        visit(hash(&rest));
    }
}

#[cfg(test)]
mod tests {
    use super::{count_spelling_errors, visit_deletion_hashes};
    use crate::award::matcher::name::Word;

    fn between(one: &str, other: &str) -> Option<u8> {
        count_spelling_errors(&Word::new(one, false), &Word::new(other, false))
    }

    #[test]
    fn few_wrong_letters_are_a_misspelling() {
        assert_eq!(between("bombardier", "bomardier"), Some(1));
        assert_eq!(between("akransas", "arkansas"), Some(1));
        assert_eq!(between("telecommunicaitons", "telecommunications"), Some(1));
        assert_eq!(between("erie", "eria"), Some(1));
        assert_eq!(between("abc", "abd"), None);
        assert_eq!(between("rapiscan", "rapiddan"), None);
        assert_eq!(between("b2gold", "b3gold"), None);
    }

    #[test]
    fn neighbours_share_a_hash() {
        let hashes = |word: &str| {
            let mut hashes = Vec::new();
            visit_deletion_hashes(word, |hash| hashes.push(hash));
            hashes
        };
        for (one, other) in
            [("bombardier", "bomardier"), ("biochem", "brochem"), ("abcdef", "abdcef")]
        {
            let (one, other) = (hashes(one), hashes(other));
            assert!(one.iter().any(|hash| other.contains(hash)));
        }
        assert!(hashes("abc").is_empty());
    }
}
