//! Lays the words of two names beside each other: which stand for which, and how surely.
use crate::award::matcher::lexicon::Class;
use crate::award::matcher::name::{Name, Word};
use crate::award::matcher::spelling;

/// How two words are held to be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tie {
    /// Letter for letter.
    Same,
    /// One is short for the other, or its plural.
    Form,
    /// Written apart in one name: `Alpha Gene` and `AlphaGene`.
    Joined,
    /// One is cut short.
    Cut,
    /// So many letters are wrong, 1 or 2.
    Misspelt(u8),
    /// One is the initials of the other's words.
    Acronym,
    /// One is the first letter of the other.
    Initial,
}

/// Words of one name that stand for words of the other: ranges of positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    /// The first of mine, and how many.
    pub mine: (u8, u8),
    /// The first of theirs, and how many.
    pub theirs: (u8, u8),
    pub tie: Tie,
}

/// Two names' words side by side. What is left over is a set of positions, as bits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Alignment {
    pub pairs: Vec<Pair>,
    pub mine_left: u32,
    pub theirs_left: u32,
}

/// The positions of a set, in order.
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

/// Lays two names side by side. Each word is used once, by the surest tie there is.
pub(crate) fn align(mine: &Name, theirs: &Name) -> Alignment {
    let mut found = Alignment {
        pairs: Vec::with_capacity(mine.words.len()),
        mine_left: (1 << mine.words.len()) - 1,
        theirs_left: (1 << theirs.words.len()) - 1,
    };
    found.same(mine, theirs);
    if found.mine_left == 0 || found.theirs_left == 0 {
        return found;
    }
    found.joined(mine, theirs);
    found.acronyms(mine, theirs);
    found.near(mine, theirs);
    found
}

impl Alignment {
    fn tie(&mut self, mine: (usize, usize), theirs: (usize, usize), tie: Tie) {
        let set = |(at, count): (usize, usize)| ((1_u32 << count) - 1) << at;
        self.mine_left &= !set(mine);
        self.theirs_left &= !set(theirs);
        let narrow = |(at, count)| (byte(at), byte(count));
        self.pairs.push(Pair { mine: narrow(mine), theirs: narrow(theirs), tie });
    }

    fn same(&mut self, mine: &Name, theirs: &Name) {
        for at in 0..mine.words.len() {
            let word = &mine.words[at];
            let other = positions(self.theirs_left).find(|other| {
                let other = &theirs.words[*other];
                other.hash == word.hash
                    || word.joined == Some(other.hash)
                    || other.joined == Some(word.hash)
            });
            if let Some(other) = other {
                let same = theirs.words[other].text == word.text;
                self.tie((at, 1), (other, 1), if same { Tie::Same } else { Tie::Form });
            }
        }
    }

    /// Two or three words of one name that the other writes as one.
    fn joined(&mut self, mine: &Name, theirs: &Name) {
        for at in positions(self.mine_left) {
            if let Some((start, count)) = spread(&mine.words[at], theirs, self.theirs_left) {
                self.tie((at, 1), (start, count), Tie::Joined);
            }
        }
        for at in positions(self.theirs_left) {
            if let Some((start, count)) = spread(&theirs.words[at], mine, self.mine_left) {
                self.tie((start, count), (at, 1), Tie::Joined);
            }
        }
    }

    fn acronyms(&mut self, mine: &Name, theirs: &Name) {
        for at in positions(self.mine_left) {
            if let Some((start, count)) = spelled_out(&mine.words[at], theirs, self.theirs_left) {
                self.tie((at, 1), (start, count), Tie::Acronym);
            }
        }
        for at in positions(self.theirs_left) {
            if let Some((start, count)) = spelled_out(&theirs.words[at], mine, self.mine_left) {
                self.tie((start, count), (at, 1), Tie::Acronym);
            }
        }
    }

    /// Misspelt and cut words and initials: of each the nearest.
    fn near(&mut self, mine: &Name, theirs: &Name) {
        for at in positions(self.mine_left) {
            let word = &mine.words[at];
            let mine_last = at + 1 == mine.words.len();
            let near = positions(self.theirs_left).filter_map(|other| {
                let theirs_last = other + 1 == theirs.words.len();
                let ends = (mine_last && mine.cut, theirs_last && theirs.cut);
                let tie = nearness(word, &theirs.words[other], ends)?;
                Some((rank(tie), other, tie))
            });
            if let Some((_, other, tie)) = near.min_by_key(|(rank, other, _)| (*rank, *other)) {
                self.tie((at, 1), (other, 1), tie);
            }
        }
    }
}

const fn rank(tie: Tie) -> u8 {
    match tie {
        Tie::Misspelt(1) => 0,
        Tie::Cut => 1,
        Tie::Misspelt(_) => 2,
        _ => 3,
    }
}

fn byte(at: usize) -> u8 {
    u8::try_from(at).unwrap_or(u8::MAX)
}

/// Where the name writes the word as two or three.
fn spread(word: &Word, name: &Name, left: u32) -> Option<(usize, usize)> {
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

/// Where the name spells the acronym out, in three words or more.
fn spelled_out(word: &Word, name: &Name, left: u32) -> Option<(usize, usize)> {
    let count = word.text.len();
    if !(3..=6).contains(&count) || word.class != Class::Distinct || !word.text.is_ascii() {
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

fn nearness(mine: &Word, theirs: &Word, cut: (bool, bool)) -> Option<Tie> {
    let (short, long, short_cut) = if mine.text.len() <= theirs.text.len() {
        (mine, theirs, cut.0)
    } else {
        (theirs, mine, cut.1)
    };
    if long.text.starts_with(&*short.text) {
        let letters = short.text.len();
        if letters == 1 && !long.has_digit() && long.class != Class::Initial {
            let person = matches!(long.class, Class::Given | Class::Distinct | Class::Common);
            return (person || short_cut).then_some(Tie::Initial);
        }
        // `North` is a word of its own, not short for `Northwest`.
        let abbreviated = matches!(long.class, Class::Generic | Class::Public | Class::Place)
            && short.class == Class::Distinct;
        let enough = if short_cut { 2 } else { 4 };
        let cut = letters >= enough && (short_cut || abbreviated) && !long.has_digit();
        if cut {
            return Some(Tie::Cut);
        }
    }
    spelling::errors(mine, theirs).map(Tie::Misspelt)
}

#[cfg(test)]
mod tests {
    use super::{Alignment, Tie, align};
    use crate::award::matcher::name::Name;

    fn laid(mine: &str, theirs: &str) -> Alignment {
        align(&Name::new(mine), &Name::new(theirs))
    }

    fn ties(mine: &str, theirs: &str) -> Vec<Tie> {
        laid(mine, theirs).pairs.into_iter().map(|pair| pair.tie).collect()
    }

    #[test]
    fn words_find_each_other_in_any_order() {
        let laid = laid("County of Sherburne", "SHERBURNE, COUNTY OF");
        assert_eq!((laid.mine_left, laid.theirs_left), (0, 0));
        assert!(laid.pairs.iter().all(|pair| pair.tie == Tie::Same));
    }

    #[test]
    fn every_kind_of_tie_is_found() {
        assert_eq!(ties("Zeta Svcs", "Zeta Services"), [Tie::Same, Tie::Form]);
        assert_eq!(ties("AlphaGene", "Alpha Gene"), [Tie::Joined]);
        assert_eq!(ties("Genesis SystemsGroup", "Genesis Systems Group"), [Tie::Same, Tie::Joined]);
        assert_eq!(ties("IBM", "International Business Machines"), [Tie::Acronym]);
        assert_eq!(ties("Bombardier", "Bomardier"), [Tie::Misspelt(1)]);
        assert_eq!(ties("JOHN N SMITH", "JOHN NORMAN SMITH").last(), Some(&Tie::Initial));
        let cut = ties("MINNESOTA DEPARTMENT OF NATURA", "Minnesota Department of Naturalness");
        assert_eq!(cut.last(), Some(&Tie::Cut));
    }

    #[test]
    fn what_differs_is_left() {
        let laid = laid("Local 12", "Local 18");
        assert_eq!((laid.mine_left, laid.theirs_left), (2, 2));
    }
}
