//! Counts spelling errors between words, and hashes words so that misspellings share a hash.
use crate::lexicon::WordClass;
use crate::name::{Word, hash};

/// The minimum length of a word that may be misspelled; too many shorter words differ by one letter.
pub(crate) const MIN_CORRECTABLE_BYTES: usize = 4;
/// The minimum length of a word that may have two spelling errors.
const MIN_TWO_ERROR_BYTES: usize = 9;
/// The maximum length of a word that may be misspelled.
pub(crate) const MAX_CORRECTABLE_BYTES: usize = 30;

/// The number of letters to add, drop, change or swap to turn one word into the other. `None` if the
/// words are equal or differ by more than a misspelling.
pub(crate) fn count_spelling_errors(mine: &Word, theirs: &Word) -> Option<u8> {
    let (shorter, longer) = {
        let (one, other) = (mine.text.len(), theirs.text.len());
        (one.min(other), one.max(other))
    };
    if shorter < MIN_CORRECTABLE_BYTES
        || longer > MAX_CORRECTABLE_BYTES
        || mine.has_digit
        || theirs.has_digit
    {
        return None;
    }
    let max_errors: u8 = if shorter >= MIN_TWO_ERROR_BYTES { 2 } else { 1 };
    if longer - shorter > usize::from(max_errors) {
        return None;
    }
    // One error adds at most one new letter to each word.
    if (mine.letter_mask ^ theirs.letter_mask).count_ones() > 2 * u32::from(max_errors) + 2 {
        return None;
    }
    // Similar places or given names are different words: `Carolina`, `Caroline`.
    if mine.class == theirs.class
        && !matches!(mine.class, WordClass::Distinctive)
        && max_errors == 1
    {
        return None;
    }
    let errors = strsim::osa_distance(&mine.text, &theirs.text);
    u8::try_from(errors).ok().filter(|errors| (1..=max_errors).contains(errors))
}

/// Calls `visit` with the hash of the word and of every variant with one letter deleted. Two words
/// that are one error apart share at least one hash.
pub(crate) fn visit_deletion_hashes(word: &str, mut visit: impl FnMut(u64)) {
    if !(MIN_CORRECTABLE_BYTES..=MAX_CORRECTABLE_BYTES).contains(&word.len()) {
        return;
    }
    visit(hash(word));
    let mut rest = String::with_capacity(word.len());
    let mut dropped = None;
    for (at, letter) in word.char_indices() {
        // Deleting either of two equal adjacent letters yields the same variant.
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
    use crate::name::Word;

    fn between(one: &str, other: &str) -> Option<u8> {
        count_spelling_errors(&Word::new(one, false), &Word::new(other, false))
    }

    #[test]
    fn one_or_two_errors_are_a_misspelling() {
        assert_eq!(between("bombardier", "bomardier"), Some(1));
        assert_eq!(between("akransas", "arkansas"), Some(1));
        assert_eq!(between("telecommunicaitons", "telecommunications"), Some(1));
        assert_eq!(between("erie", "eria"), Some(1));
        assert_eq!(between("abc", "abd"), None);
        assert_eq!(between("rapiscan", "rapiddan"), None);
        assert_eq!(between("b2gold", "b3gold"), None);
    }

    #[test]
    fn words_one_error_apart_share_a_hash() {
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
