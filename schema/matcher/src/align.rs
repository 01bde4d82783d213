//! Aligns the words of two names: which words correspond, and how.
use crate::fold::Alphabet;
use crate::lexicon::WordClass;
use crate::name::{Name, Word};
use crate::{script, spelling};

/// How two words correspond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tie {
    /// Equal letter for letter.
    Same,
    /// One is an abbreviation or plural of the other.
    Form,
    /// Two or three words of one name are one word in the other: `Alpha Gene`, `AlphaGene`.
    Joined,
    /// One is the beginning of the other.
    Truncated,
    /// The number of spelling errors, 1 or 2.
    Misspelled(u8),
    /// One is the initials of the other's words.
    Acronym,
    /// One is the first letter of the other.
    Initial,
    /// One lacks vowels, or both sound alike: another romanization.
    Respelled,
}

/// Corresponding words of two names, as ranges of positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WordPair {
    /// Start and length in my name.
    pub mine: (u8, u8),
    /// Start and length in their name.
    pub theirs: (u8, u8),
    pub tie: Tie,
}

/// The alignment of two names. Unmatched words are sets of positions, as bits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Alignment {
    pub pairs: Vec<WordPair>,
    pub mine_unmatched: u32,
    pub theirs_unmatched: u32,
    /// Whether my name, or theirs, is the other one cut off within a word.
    pub is_cut: (bool, bool),
}

/// The positions in a set, ascending.
pub(crate) fn positions(mut set: u32) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        if set == 0 {
            return None;
        }
        let at = set.trailing_zeros();
        set &= set - 1;
        Some(at as usize)
    })
}

/// Aligns two names. Each word is used once, with the strongest tie available.
pub(crate) fn align(mine: &Name, theirs: &Name) -> Alignment {
    let mut alignment = Alignment {
        pairs: Vec::with_capacity(mine.words.len()),
        mine_unmatched: (1 << mine.words.len()) - 1,
        theirs_unmatched: (1 << theirs.words.len()) - 1,
        is_cut: (false, false),
    };
    alignment.link_words(mine, theirs, |word, other| word.hash == other.hash);
    if alignment.mine_unmatched == 0 || alignment.theirs_unmatched == 0 {
        return alignment;
    }
    alignment.link_words(mine, theirs, Word::shares_form);
    alignment.is_cut = (is_cut_from(mine, theirs), is_cut_from(theirs, mine));
    alignment.link_joined_words(mine, theirs);
    alignment.link_acronyms(mine, theirs);
    alignment.link_similar_words(mine, theirs);
    alignment
}

impl Alignment {
    fn link(&mut self, mine: (usize, usize), theirs: (usize, usize), tie: Tie) {
        let set = |(at, count): (usize, usize)| ((1_u32 << count) - 1) << at;
        self.mine_unmatched &= !set(mine);
        self.theirs_unmatched &= !set(theirs);
        let narrow = |(at, count)| (to_u8(at), to_u8(count));
        self.pairs.push(WordPair { mine: narrow(mine), theirs: narrow(theirs), tie });
    }

    /// Links the words that are equal or have a common form.
    fn link_words(&mut self, mine: &Name, theirs: &Name, is_equal: impl Fn(&Word, &Word) -> bool) {
        for at in positions(self.mine_unmatched) {
            let word = &mine.words[at];
            let other = positions(self.theirs_unmatched)
                .find(|other| is_equal(word, &theirs.words[*other]));
            if let Some(other) = other {
                let is_same = theirs.words[other].text == word.text;
                self.link((at, 1), (other, 1), if is_same { Tie::Same } else { Tie::Form });
            }
        }
    }

    /// Links two or three words of one name with one word of the other.
    fn link_joined_words(&mut self, mine: &Name, theirs: &Name) {
        for at in positions(self.mine_unmatched) {
            if let Some((start, count)) =
                find_split_word(&mine.words[at], theirs, self.theirs_unmatched)
            {
                self.link((at, 1), (start, count), Tie::Joined);
            }
        }
        for at in positions(self.theirs_unmatched) {
            if let Some((start, count)) =
                find_split_word(&theirs.words[at], mine, self.mine_unmatched)
            {
                self.link((start, count), (at, 1), Tie::Joined);
            }
        }
    }

    fn link_acronyms(&mut self, mine: &Name, theirs: &Name) {
        for at in positions(self.mine_unmatched) {
            if let Some((start, count)) =
                find_spelled_out(&mine.words[at], theirs, self.theirs_unmatched)
            {
                self.link((at, 1), (start, count), Tie::Acronym);
            }
        }
        for at in positions(self.theirs_unmatched) {
            if let Some((start, count)) =
                find_spelled_out(&theirs.words[at], mine, self.mine_unmatched)
            {
                self.link((start, count), (at, 1), Tie::Acronym);
            }
        }
    }

    /// Links each remaining word with the most similar one: misspelled, truncated or an initial.
    fn link_similar_words(&mut self, mine: &Name, theirs: &Name) {
        for at in positions(self.mine_unmatched) {
            let word = &mine.words[at];
            let mine_last = at + 1 == mine.words.len();
            let near = positions(self.theirs_unmatched).filter_map(|other| {
                let theirs_last = other + 1 == theirs.words.len();
                let ends = (
                    mine_last && (mine.is_truncated || self.is_cut.0),
                    theirs_last && (theirs.is_truncated || self.is_cut.1),
                );
                let tie = similarity_tie(word, &theirs.words[other], ends)?;
                Some((tie_rank(tie), other, tie))
            });
            if let Some((_, other, tie)) = near.min_by_key(|(rank, other, _)| (*rank, *other)) {
                self.link((at, 1), (other, 1), tie);
            }
        }
    }
}

/// The minimum length of a name that may be another one cut off at any column, in characters.
const MIN_CUT_CHARS: usize = 15;

/// Whether `short` is `long` cut off within a word, at whatever column: all words before are equal.
fn is_cut_from(short: &Name, long: &Name) -> bool {
    let Some((last, before)) = short.words.split_last() else { return false };
    let Some(other) = long.words.get(before.len()) else { return false };
    !before.is_empty()
        && short.legal_forms.is_empty()
        && last.text.len() >= 2
        && last.text.len() < other.text.len()
        && other.text.starts_with(&*last.text)
        // `Univ` is a word of its own, not the beginning of `Universal`.
        && (short.is_truncated || last.key == last.text)
        && short.raw.len() >= MIN_CUT_CHARS
        && before.iter().zip(&long.words).all(|(one, other)| one.hash == other.hash)
}

const fn tie_rank(tie: Tie) -> u8 {
    match tie {
        Tie::Misspelled(1) | Tie::Respelled => 0,
        Tie::Truncated => 1,
        Tie::Misspelled(_) => 2,
        _ => 3,
    }
}

fn to_u8(at: usize) -> u8 {
    u8::try_from(at).unwrap_or(u8::MAX)
}

/// Start and length of two or three words in `name` that together spell `word`.
fn find_split_word(word: &Word, name: &Name, left: u32) -> Option<(usize, usize)> {
    let initial = word.text.as_bytes().first();
    positions(left).find_map(|start| {
        // Rejects most words at once.
        if name.words[start].text.as_bytes().first() != initial {
            return None;
        }
        let mut rest = word.text.strip_prefix(&*name.words[start].text)?;
        for (count, next) in name.words[start + 1..].iter().take(2).enumerate() {
            let at = start + 1 + count;
            if left & 1 << at == 0 {
                return None;
            }
            // The last may be another form of the same word.
            if rest == &*next.text || rest == &*next.key {
                return Some((start, count + 2));
            }
            rest = rest.strip_prefix(&*next.text)?;
        }
        None
    })
}

/// Start and length of the words in `name` whose initials are the acronym `word`.
fn find_spelled_out(word: &Word, name: &Name, left: u32) -> Option<(usize, usize)> {
    let count = word.text.len();
    if !(3..=6).contains(&count) || word.class != WordClass::Distinctive || !word.text.is_ascii() {
        return None;
    }
    positions(left).find_map(|start| {
        let words = name.words.get(start..start + count)?;
        let all = ((1_u32 << count) - 1) << start;
        let initials = words.iter().map(|word| word.text.as_bytes().first().copied());
        let spells = initials.eq(word.text.bytes().map(Some));
        (left & all == all && spells).then_some((start, count))
    })
}

/// The most letters by which two words differ that may stand for each other, unless they begin alike.
const MAX_OTHER_LETTERS: u32 = 6;

/// Whether two words certainly do not stand for each other. Rejects most pairs by a few numbers.
fn is_dissimilar(mine: &Word, theirs: &Word) -> bool {
    let begins_alike = mine.text.as_bytes().first() == theirs.text.as_bytes().first();
    let sounds_alike = mine.sound_hash.is_some() && mine.sound_hash == theirs.sound_hash;
    !begins_alike
        && !sounds_alike
        && mine.alphabet == theirs.alphabet
        && (mine.letter_mask ^ theirs.letter_mask).count_ones() > MAX_OTHER_LETTERS
}

fn similarity_tie(mine: &Word, theirs: &Word, truncated: (bool, bool)) -> Option<Tie> {
    if is_dissimilar(mine, theirs) {
        return None;
    }
    let (short, long, is_short_truncated) = if mine.text.len() <= theirs.text.len() {
        (mine, theirs, truncated.0)
    } else {
        (theirs, mine, truncated.1)
    };
    if long.text.starts_with(&*short.text) {
        let letters = short.text.len();
        if letters == 1 && !long.has_digit && long.class != WordClass::Initial {
            let can_have_initial = matches!(
                long.class,
                WordClass::GivenName | WordClass::Distinctive | WordClass::Common
            );
            return (can_have_initial || is_short_truncated).then_some(Tie::Initial);
        }
        // `North` is a word of its own, not short for `Northwest`.
        let is_abbreviation =
            matches!(long.class, WordClass::Generic | WordClass::PublicBody | WordClass::Place)
                && short.class == WordClass::Distinctive;
        let min_letters = if is_short_truncated { 2 } else { 4 };
        let is_truncated =
            letters >= min_letters && (is_short_truncated || is_abbreviation) && !long.has_digit;
        if is_truncated {
            return Some(Tie::Truncated);
        }
    }
    let errors = spelling::count_spelling_errors(mine, theirs);
    if errors != Some(1) && is_respelled(short, long) {
        return Some(Tie::Respelled);
    }
    errors.map(Tie::Misspelled)
}

/// Whether one word may stand for the other: misspelled, romanized otherwise, without its vowels.
pub(crate) fn is_respelling(mine: &Word, theirs: &Word) -> bool {
    let (short, long) =
        if mine.text.len() <= theirs.text.len() { (mine, theirs) } else { (theirs, mine) };
    spelling::count_spelling_errors(mine, theirs).is_some() || is_respelled(short, long)
}

/// The minimum number of letters of a word without vowels; for a word that is not general, more, because
/// many names have the same three consonants.
const MIN_CONSONANTS: usize = 3;
const MIN_DISTINCTIVE_CONSONANTS: usize = 5;
/// The minimum length of two words in Latin letters that are one because they sound alike.
const MIN_LATIN_SOUND_BYTES: usize = 6;

/// Whether the words sound alike, or one is the other without its vowels.
fn is_respelled(short: &Word, long: &Word) -> bool {
    let is_romanized = |word: &Word| word.alphabet != Alphabet::Latin;
    // `Bloom` and `Blum` sound alike, too.
    let may_sound_alike =
        short.text.len() >= MIN_LATIN_SOUND_BYTES || is_romanized(short) || is_romanized(long);
    if may_sound_alike && short.sound_hash.is_some() && short.sound_hash == long.sound_hash {
        return true;
    }
    if short.has_digit || long.has_digit || long.text.len() > spelling::MAX_CORRECTABLE_BYTES {
        return false;
    }
    let is_unvoweled = |word: &Word| word.alphabet == Alphabet::Unvoweled;
    if is_unvoweled(short) != is_unvoweled(long) {
        let consonants = script::consonants(&short.key);
        return consonants.len() >= MIN_CONSONANTS && consonants == script::consonants(&long.key);
    }
    is_without_vowels(short, long) || is_contraction(short, long)
}

/// Whether `short` is a general word with letters left out inside: `equipmt`.
fn is_contraction(short: &Word, long: &Word) -> bool {
    const MIN_BYTES: usize = 5;
    const MIN_START_BYTES: usize = 3;
    let (short_text, long_text) = (short.text.as_bytes(), long.text.as_bytes());
    if short.class != WordClass::Distinctive
        || !matches!(long.class, WordClass::Generic | WordClass::PublicBody)
        || short_text.len() < MIN_BYTES
        || long_text.len() < short_text.len() + 2
        || short_text.last() != long_text.last()
        || short_text.get(..MIN_START_BYTES) != long_text.get(..MIN_START_BYTES)
    {
        return false;
    }
    let mut unused = long_text.iter();
    short_text.iter().all(|letter| unused.any(|other| other == letter))
}

/// Whether `short` has the consonants of `long`, and no vowel after the first letter. A third of the
/// consonants may be missing in a general word: `srvcs`, `mngmnt`.
fn is_without_vowels(short: &Word, long: &Word) -> bool {
    const VOWELS: &[u8] = b"aeiou";
    let (short_text, long_text) = (short.text.as_bytes(), long.text.as_bytes());
    let (Some((first, written)), Some((initial, rest))) =
        (short_text.split_first(), long_text.split_first())
    else {
        return false;
    };
    if first != initial
        || short_text.len() < MIN_CONSONANTS
        || long_text.len() < short_text.len() + 2
        || short.class != WordClass::Distinctive
        || written.iter().any(|letter| VOWELS.contains(letter) || !letter.is_ascii_lowercase())
    {
        return false;
    }
    let consonants = |letters: &[u8]| -> Vec<u8> {
        let mut kept: Vec<u8> =
            letters.iter().copied().filter(|letter| !VOWELS.contains(letter)).collect();
        kept.dedup();
        kept
    };
    let (written, mut left) = (consonants(written), consonants(rest));
    // A plural may be written as a singular, and the reverse.
    let without_plural = |letters: &[u8]| letters.strip_suffix(b"s").unwrap_or(letters).to_vec();
    if written.last() != left.last() {
        left = without_plural(&left);
    }
    let written = if written.last() == left.last() { written } else { without_plural(&written) };
    let mut unused = left.iter();
    let is_contained = written.iter().all(|letter| unused.any(|other| other == letter));
    let missing = left.len().saturating_sub(written.len());
    let is_general = !matches!(long.class, WordClass::Distinctive | WordClass::Common);
    let is_sure = if is_general {
        missing * 3 <= left.len()
    } else {
        missing == 0 && short_text.len() >= MIN_DISTINCTIVE_CONSONANTS
    };
    is_contained && is_sure && written.last() == left.last()
}

#[cfg(test)]
mod tests {
    use super::{Alignment, Tie, align};
    use crate::name::Name;

    fn aligned(mine: &str, theirs: &str) -> Alignment {
        align(&Name::new(mine), &Name::new(theirs))
    }

    fn ties(mine: &str, theirs: &str) -> Vec<Tie> {
        aligned(mine, theirs).pairs.into_iter().map(|pair| pair.tie).collect()
    }

    #[test]
    fn words_align_in_any_order() {
        let alignment = aligned("County of Sherburne", "SHERBURNE, COUNTY OF");
        assert_eq!((alignment.mine_unmatched, alignment.theirs_unmatched), (0, 0));
        assert!(alignment.pairs.iter().all(|pair| pair.tie == Tie::Same));
    }

    #[test]
    fn every_kind_of_tie_is_found() {
        assert_eq!(ties("Zeta Svcs", "Zeta Services"), [Tie::Same, Tie::Form]);
        assert_eq!(ties("AlphaGene", "Alpha Gene"), [Tie::Joined]);
        assert_eq!(ties("Genesis SystemsGroup", "Genesis Systems Group"), [Tie::Same, Tie::Joined]);
        assert_eq!(ties("IBM", "International Business Machines"), [Tie::Acronym]);
        assert_eq!(ties("Bombardier", "Bomardier"), [Tie::Misspelled(1)]);
        assert_eq!(ties("JOHN N SMITH", "JOHN NORMAN SMITH").last(), Some(&Tie::Initial));
        let cut = ties("MINNESOTA DEPARTMENT OF NATURA", "Minnesota Department of Naturalness");
        assert_eq!(cut.last(), Some(&Tie::Truncated));
    }

    #[test]
    fn different_words_stay_unmatched() {
        let alignment = aligned("Local 12", "Local 18");
        assert_eq!((alignment.mine_unmatched, alignment.theirs_unmatched), (2, 2));
    }
}
