//! A blocking index: finds the records worth comparing with a name, by rare words, word pairs,
//! similar spelling and initials, without scanning all records.
use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::align::is_respelling;
use crate::fold::Alphabet;
use crate::lexicon::WordClass;
use crate::name::{Name, Word, hash, hash_joined};
use crate::script;
use crate::spelling::visit_deletion_hashes;
use crate::weights::Weights;

/// A longer posting list is not read, because its word is too common; word pairs are used instead.
const MAX_LIST_RECORDS: usize = 300;
/// The number of entries after which no further list is read for one name.
const MAX_READ_RECORDS: usize = 1_500;
/// The bits credited for a match of the whole name.
const WHOLE_NAME_BITS: f32 = 60.0;

type PostingLists = HashMap<u64, Vec<u32>, FixedState>;

/// Posting lists of record numbers by hashes of name parts.
#[derive(Clone, Debug, Default)]
pub(crate) struct BlockingIndex {
    /// By the hash of a word's key, or of two adjacent words joined.
    words: PostingLists,
    /// By the hash of two words' keys.
    word_pairs: PostingLists,
    /// By the hashes of the whole name: sorted keys, joined words, initials.
    whole_names: PostingLists,
    /// By the hash of a word, or of a word without one letter: the first of its `spelling_links`.
    spellings: HashMap<u64, u32, FixedState>,
    spelling_links: Vec<(u32, u32)>,
    /// The words that a misspelling may stand for.
    vocabulary: Vec<Word>,
    vocabulary_numbers: HashMap<u64, u32, FixedState>,
    /// Whether the vocabulary has a word from a script without short vowels.
    has_unvoweled: bool,
}

/// Ends a chain of `spelling_links`.
const NO_LINK: u32 = u32::MAX;

impl BlockingIndex {
    /// Adds a name of a record. All names of one record must be added consecutively.
    pub fn insert(&mut self, record: u32, name: &Name) {
        for word in &name.words {
            push_record(&mut self.words, word.hash, record);
            for form in &word.other_hashes {
                push_record(&mut self.words, *form, record);
            }
            self.insert_spellings(word);
        }
        for (first, second) in name.words.iter().zip(name.words.iter().skip(1)) {
            push_record(&mut self.words, hash_joined(&first.text, &second.text), record);
        }
        visit_word_pairs(&name.words, |pair| push_record(&mut self.word_pairs, pair, record));
        push_record(&mut self.whole_names, name.sorted_hash(), record);
        push_record(&mut self.whole_names, name.compact_hash(), record);
        if let Some(acronym) = name.acronym() {
            push_record(&mut self.whole_names, initials_hash(&acronym), record);
        }
        if let [word] = &*name.words {
            push_record(&mut self.whole_names, initials_hash(&word.text), record);
        }
    }

    /// Adds a word to the vocabulary for spelling correction.
    fn insert_spellings(&mut self, word: &Word) {
        let is_correctable = matches!(
            word.class,
            WordClass::Distinctive | WordClass::Common | WordClass::Generic | WordClass::Place
        );
        if !is_correctable
            || word.has_digit
            || self.vocabulary_numbers.contains_key(&hash(&word.text))
        {
            return;
        }
        let Ok(number) = u32::try_from(self.vocabulary.len()) else { return };
        self.vocabulary_numbers.insert(hash(&word.text), number);
        self.vocabulary.push(word.clone());
        visit_deletion_hashes(&word.text, |hash| self.link_spelling(hash, number));
        if let Some(sound) = word.sound_hash {
            self.link_spelling(sound.rotate_left(SOUND_BITS), number);
        }
        if word.class == WordClass::Distinctive {
            self.has_unvoweled |= word.alphabet == Alphabet::Unvoweled;
            self.link_spelling(consonants_hash(word), number);
        }
    }

    fn link_spelling(&mut self, hash: u64, number: u32) {
        let Ok(link) = u32::try_from(self.spelling_links.len()) else { return };
        let next = self.spellings.insert(hash, link).unwrap_or(NO_LINK);
        self.spelling_links.push((number, next));
    }

    /// Adds the records that may have the name to `found`, with the bits of evidence that agree.
    pub fn collect_records(
        &self,
        name: &Name,
        weights: &Weights,
        found: &mut HashMap<u32, f32, FixedState>,
    ) {
        let mut add_bits = |records: &[u32], bits: f32| {
            for record in records {
                *found.entry(*record).or_default() += bits;
            }
        };
        for key in [name.sorted_hash(), name.compact_hash()] {
            add_bits(
                first_records(self.whole_names.get(&key), 2 * MAX_LIST_RECORDS),
                WHOLE_NAME_BITS,
            );
        }
        if let Some(acronym) = name.acronym() {
            add_bits(
                first_records(self.whole_names.get(&initials_hash(&acronym)), MAX_LIST_RECORDS),
                3.0,
            );
        }
        if let [word] = &*name.words {
            add_bits(
                first_records(self.whole_names.get(&initials_hash(&word.text)), MAX_LIST_RECORDS),
                3.0,
            );
        }
        let mut lists = self.posting_lists(name, weights);
        lists.sort_unstable_by_key(|(records, _)| records.len());
        let mut budget = MAX_READ_RECORDS;
        for (records, bits) in lists {
            if records.len() > MAX_LIST_RECORDS || budget == 0 {
                break;
            }
            add_bits(records, bits);
            budget = budget.saturating_sub(records.len());
        }
    }

    /// The posting lists of the name's words and word pairs, each with the bits that an entry earns.
    fn posting_lists(&self, name: &Name, weights: &Weights) -> Vec<(&[u32], f32)> {
        let mut lists: Vec<(&[u32], f32)> = Vec::with_capacity(name.words.len() * 3);
        let mut has_long_list = false;
        for word in &name.words {
            if let Some(records) = self.words.get(&word.hash) {
                has_long_list |= records.len() > MAX_LIST_RECORDS;
                lists.push((records, weights.bits(word)));
            }
            for records in word.other_hashes.iter().filter_map(|form| self.words.get(form)) {
                lists.push((records, weights.bits(word)));
            }
            self.visit_respellings(word, |other| {
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
        if has_long_list {
            visit_word_pairs(&name.words, |pair| {
                if let Some(records) = self.word_pairs.get(&pair) {
                    lists.push((records, 8.0));
                }
            });
        }
        lists
    }

    /// Calls `visit` with every vocabulary word that `word` may misspell.
    fn visit_respellings<'a>(&'a self, word: &Word, mut visit: impl FnMut(&'a Word)) {
        if word.has_digit || matches!(word.class, WordClass::Number | WordClass::Initial) {
            return;
        }
        let mut visited: Vec<u32> = Vec::new();
        let mut visit_chain = |hash: u64| {
            let mut link = self.spellings.get(&hash).copied().unwrap_or(NO_LINK);
            while let Some((number, next)) = self.spelling_links.get(link as usize) {
                link = *next;
                if visited.contains(number) {
                    continue;
                }
                visited.push(*number);
                if let Some(other) = self.vocabulary.get(*number as usize)
                    && other.hash != word.hash
                    && is_respelling(word, other)
                {
                    visit(other);
                }
            }
        };
        visit_deletion_hashes(&word.text, &mut visit_chain);
        if let Some(sound) = word.sound_hash {
            visit_chain(sound.rotate_left(SOUND_BITS));
        }
        let is_unvoweled = word.alphabet == Alphabet::Unvoweled;
        if is_unvoweled || (self.has_unvoweled && word.class == WordClass::Distinctive) {
            visit_chain(consonants_hash(word));
        }
    }
}

/// Distinguishes the hashes of sounds from those of words.
const SOUND_BITS: u32 = 21;

fn consonants_hash(word: &Word) -> u64 {
    hash_joined("consonants:", &script::consonants(&word.key))
}

fn first_records(records: Option<&Vec<u32>>, limit: usize) -> &[u32] {
    let records = records.map(Vec::as_slice).unwrap_or_default();
    &records[..records.len().min(limit)]
}

fn push_record(lists: &mut PostingLists, key: u64, record: u32) {
    let list = lists.entry(key).or_default();
    // A record's names are added consecutively, so only the last entry can be the same record.
    if list.last() != Some(&record) {
        list.push(record);
    }
}

fn initials_hash(letters: &str) -> u64 {
    hash_joined("initials:", letters)
}

/// Calls `visit` with a hash, independent of order, of every pair of words that are adjacent or have
/// one word between them.
fn visit_word_pairs(words: &[Word], mut visit: impl FnMut(u64)) {
    for (at, first) in words.iter().enumerate() {
        for second in words.iter().skip(at + 1).take(2) {
            visit(first.hash.wrapping_add(second.hash).rotate_left(17));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BlockingIndex, FixedState, HashMap};
    use crate::name::Name;
    use crate::weights::Weights;

    fn candidates_for(known: &[&str], searched: &str) -> Vec<u32> {
        let (mut candidates, mut weights) = (BlockingIndex::default(), Weights::default());
        for (record, name) in (0..).zip(known) {
            let name = Name::new(name);
            weights.count_words(&name.words);
            candidates.insert(record, &name);
        }
        let mut found = HashMap::with_hasher(FixedState::default());
        candidates.collect_records(&Name::new(searched), &weights, &mut found);
        let mut found: Vec<u32> = found.into_keys().collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn names_are_found_by_word_spelling_and_initials() {
        let known =
            ["Bombardier Motors", "AlphaGene", "Alpha Gene", "International Business Machines"];
        assert_eq!(candidates_for(&known, "Bomardier"), [0]);
        assert_eq!(candidates_for(&known, "Alpha Gene Inc"), [1, 2]);
        assert_eq!(candidates_for(&known, "AlphaGene"), [1, 2]);
        assert_eq!(candidates_for(&known, "I.B.M."), [3]);
        assert_eq!(candidates_for(&known, "Rapiscan"), [0_u32; 0]);
    }
}
