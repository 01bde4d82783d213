//! Finds the names that are worth comparing with one: through their rare words, pairs of their
//! words, their spelling, their initials, and never by looking at all of them.
use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::award::matcher::lexicon::Class;
use crate::award::matcher::name::{Name, Word, hash, hash_joined};
use crate::award::matcher::spelling::{self, neighbourhood};
use crate::award::matcher::weights::Weights;

/// A list of names longer than this is not read: its word is too common to find anything by, and
/// pairs of words take its place.
const LONG: usize = 300;
/// How many entries are read for one name, at most a long list more.
const BUDGET: usize = 1_500;
/// What a name found whole, or by one word where the other has two, is worth, in bits.
const WHOLE: f32 = 60.0;

type Lists = HashMap<u64, Vec<u32>, FixedState>;

/// Where names are found. Names go by the numbers of their records.
#[derive(Clone, Debug, Default)]
pub(crate) struct Candidates {
    /// By the hash of a word's key, or of two neighbouring words written as one.
    words: Lists,
    /// By the hash of two words' keys.
    pairs: Lists,
    /// By the hash of all words: sorted, written as one, and as initials.
    wholes: Lists,
    /// By the hash of a word and of the word without a letter: a chain of words.
    spellings: HashMap<u64, u32, FixedState>,
    chain: Vec<(u32, u32)>,
    /// The words that can be looked for by their spelling.
    vocabulary: Vec<Word>,
    in_vocabulary: HashMap<u64, u32, FixedState>,
}

/// No next link.
const END: u32 = u32::MAX;

impl Candidates {
    /// Adds a name of a record. Records are added in order.
    pub fn insert(&mut self, record: u32, name: &Name) {
        for word in &name.words {
            push(&mut self.words, word.hash, record);
            if let Some(joined) = word.joined {
                push(&mut self.words, joined, record);
            }
            self.spell(word);
        }
        for (first, second) in name.words.iter().zip(name.words.iter().skip(1)) {
            push(&mut self.words, hash_joined(&first.text, &second.text), record);
        }
        each_pair(&name.words, |pair| push(&mut self.pairs, pair, record));
        push(&mut self.wholes, name.whole(), record);
        push(&mut self.wholes, name.compact(), record);
        if let Some(acronym) = name.acronym() {
            push(&mut self.wholes, initials(&acronym), record);
        }
        if let [word] = &*name.words {
            push(&mut self.wholes, initials(&word.text), record);
        }
    }

    /// Puts a word among those that are looked for by their spelling.
    fn spell(&mut self, word: &Word) {
        let spelt =
            matches!(word.class, Class::Distinct | Class::Common | Class::Generic | Class::Place);
        if !spelt || word.has_digit() || self.in_vocabulary.contains_key(&hash(&word.text)) {
            return;
        }
        let Ok(number) = u32::try_from(self.vocabulary.len()) else { return };
        self.in_vocabulary.insert(hash(&word.text), number);
        self.vocabulary.push(word.clone());
        neighbourhood(&word.text, |hash| {
            let Ok(link) = u32::try_from(self.chain.len()) else { return };
            let next = self.spellings.insert(hash, link).unwrap_or(END);
            self.chain.push((number, next));
        });
    }

    /// The records that may have the name, with what is known to agree, in bits.
    pub fn find(&self, name: &Name, weights: &Weights, found: &mut HashMap<u32, f32, FixedState>) {
        let mut note = |records: &[u32], bits: f32| {
            for record in records {
                *found.entry(*record).or_default() += bits;
            }
        };
        for key in [name.whole(), name.compact()] {
            note(first(self.wholes.get(&key), 2 * LONG), WHOLE);
        }
        if let Some(acronym) = name.acronym() {
            note(first(self.wholes.get(&initials(&acronym)), LONG), 3.0);
        }
        if let [word] = &*name.words {
            note(first(self.wholes.get(&initials(&word.text)), LONG), 3.0);
        }
        let mut lists = self.lists(name, weights);
        lists.sort_unstable_by_key(|(records, _)| records.len());
        let mut budget = BUDGET;
        for (records, bits) in lists {
            if records.len() > LONG || budget == 0 {
                break;
            }
            note(records, bits);
            budget = budget.saturating_sub(records.len());
        }
    }

    /// The lists of names to read.
    fn lists(&self, name: &Name, weights: &Weights) -> Vec<(&[u32], f32)> {
        let mut lists: Vec<(&[u32], f32)> = Vec::with_capacity(name.words.len() * 3);
        let mut long = false;
        for word in &name.words {
            if let Some(records) = self.words.get(&word.hash) {
                long |= records.len() > LONG;
                lists.push((records, weights.bits(word)));
            }
            if let Some(records) = word.joined.and_then(|joined| self.words.get(&joined)) {
                lists.push((records, weights.bits(word)));
            }
            self.respelt(word, |other| {
                if let Some(records) = self.words.get(&other.hash) {
                    lists.push((records, 0.7 * weights.bits(other)));
                }
            });
        }
        for (first, second) in name.words.iter().zip(name.words.iter().skip(1)) {
            if let Some(records) = self.words.get(&hash_joined(&first.text, &second.text)) {
                lists.push((records, weights.bits(first) + weights.bits(second)));
            }
        }
        if long {
            each_pair(&name.words, |pair| {
                if let Some(records) = self.pairs.get(&pair) {
                    lists.push((records, 8.0));
                }
            });
        }
        lists
    }

    /// The known words that this one may be a misspelling of.
    fn respelt<'a>(&'a self, word: &Word, mut visit: impl FnMut(&'a Word)) {
        if word.has_digit() || matches!(word.class, Class::Number | Class::Initial) {
            return;
        }
        let mut seen: Vec<u32> = Vec::new();
        neighbourhood(&word.text, |hash| {
            let mut link = self.spellings.get(&hash).copied().unwrap_or(END);
            while let Some((number, next)) = self.chain.get(link as usize) {
                link = *next;
                if seen.contains(number) {
                    continue;
                }
                seen.push(*number);
                if let Some(other) = self.vocabulary.get(*number as usize)
                    && other.hash != word.hash
                    && spelling::errors(word, other).is_some()
                {
                    visit(other);
                }
            }
        });
    }
}

fn first(records: Option<&Vec<u32>>, most: usize) -> &[u32] {
    let records = records.map(Vec::as_slice).unwrap_or_default();
    &records[..records.len().min(most)]
}

fn push(lists: &mut Lists, key: u64, record: u32) {
    let list = lists.entry(key).or_default();
    // A record's names are added one after the other.
    if list.last() != Some(&record) {
        list.push(record);
    }
}

fn initials(letters: &str) -> u64 {
    hash_joined("initials:", letters)
}

/// Pairs of words that stand next to each other or with one between, in either order.
fn each_pair(words: &[Word], mut visit: impl FnMut(u64)) {
    for (at, first) in words.iter().enumerate() {
        for second in words.iter().skip(at + 1).take(2) {
            visit(first.hash.wrapping_add(second.hash).rotate_left(17));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Candidates, FixedState, HashMap};
    use crate::award::matcher::name::Name;
    use crate::award::matcher::weights::Weights;

    fn found(known: &[&str], asked: &str) -> Vec<u32> {
        let (mut candidates, mut weights) = (Candidates::default(), Weights::default());
        for (record, name) in (0..).zip(known) {
            let name = Name::new(name);
            weights.count(&name.words);
            candidates.insert(record, &name);
        }
        let mut found = HashMap::with_hasher(FixedState::default());
        candidates.find(&Name::new(asked), &weights, &mut found);
        let mut found: Vec<u32> = found.into_keys().collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn names_are_found_by_word_spelling_and_initials() {
        let known =
            ["Bombardier Motors", "AlphaGene", "Alpha Gene", "International Business Machines"];
        assert_eq!(found(&known, "Bomardier"), [0]);
        assert_eq!(found(&known, "Alpha Gene Inc"), [1, 2]);
        assert_eq!(found(&known, "AlphaGene"), [1, 2]);
        assert_eq!(found(&known, "I.B.M."), [3]);
        assert_eq!(found(&known, "Rapiscan"), [0_u32; 0]);
    }
}
