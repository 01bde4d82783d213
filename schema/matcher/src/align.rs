//! Aligns the words of two names: which words correspond, and how.
use crate::lexicon::WordClass;
use crate::name::{Name, Word};
use crate::spelling;

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
    };
    alignment.link_same_words(mine, theirs);
    if alignment.mine_unmatched == 0 || alignment.theirs_unmatched == 0 {
        return alignment;
    }
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

    fn link_same_words(&mut self, mine: &Name, theirs: &Name) {
        for at in 0..mine.words.len() {
            let word = &mine.words[at];
            let other = positions(self.theirs_unmatched).find(|other| {
                let other = &theirs.words[*other];
                other.hash == word.hash
                    || word.joined_hash == Some(other.hash)
                    || other.joined_hash == Some(word.hash)
            });
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
                let ends = (mine_last && mine.is_truncated, theirs_last && theirs.is_truncated);
                let tie = similarity_tie(word, &theirs.words[other], ends)?;
                Some((tie_rank(tie), other, tie))
            });
            if let Some((_, other, tie)) = near.min_by_key(|(rank, other, _)| (*rank, *other)) {
                self.link((at, 1), (other, 1), tie);
            }
        }
    }
}

const fn tie_rank(tie: Tie) -> u8 {
    match tie {
        Tie::Misspelled(1) => 0,
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
    positions(left).find_map(|start| {
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

fn similarity_tie(mine: &Word, theirs: &Word, truncated: (bool, bool)) -> Option<Tie> {
    let (short, long, is_short_truncated) = if mine.text.len() <= theirs.text.len() {
        (mine, theirs, truncated.0)
    } else {
        (theirs, mine, truncated.1)
    };
    if long.text.starts_with(&*short.text) {
        let letters = short.text.len();
        if letters == 1 && !long.has_digit() && long.class != WordClass::Initial {
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
            letters >= min_letters && (is_short_truncated || is_abbreviation) && !long.has_digit();
        if is_truncated {
            return Some(Tie::Truncated);
        }
    }
    spelling::count_spelling_errors(mine, theirs).map(Tie::Misspelled)
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
