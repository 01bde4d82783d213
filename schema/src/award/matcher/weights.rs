//! How much a word tells: what is rare among the names at hand weighs more, and what little data
//! there is is filled up with what is known of words in general.
use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::award::matcher::name::Word;

/// How many names the general knowledge of words counts for.
const BACKGROUND_NAMES: f32 = 5_000.0;
/// The least and the most a word can tell, in bits.
const BITS_RANGE: (f32, f32) = (2.0, 13.5);

/// How often words are seen.
#[derive(Clone, Debug, Default)]
pub struct Weights {
    records: u32,
    record_counts: HashMap<u64, u32, FixedState>,
}

impl Weights {
    /// What a word tells, in bits, from 2 to 13.5: the logarithm of how seldom it is seen.
    #[must_use]
    pub fn bits(&self, word: &Word) -> f32 {
        let expected = BACKGROUND_NAMES * word.class.frequency();
        let rarity = (to_f32(self.records) + BACKGROUND_NAMES) / (to_f32(self.record_count(word)) + expected);
        rarity.log2().clamp(BITS_RANGE.0, BITS_RANGE.1)
    }

    /// How many records have the word.
    #[must_use]
    pub fn record_count(&self, word: &Word) -> u32 {
        self.record_counts.get(&word.hash).copied().unwrap_or_default()
    }

    /// Counts a record's words, each once.
    pub(crate) fn count_words<'a>(&mut self, words: impl IntoIterator<Item = &'a Word>) {
        let mut hashes: Vec<u64> = words.into_iter().map(|word| word.hash).collect();
        hashes.sort_unstable();
        hashes.dedup();
        self.records += 1;
        for hash in hashes {
            *self.record_counts.entry(hash).or_default() += 1;
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a frequency needs no more than 24 bits")]
fn to_f32(count: u32) -> f32 {
    count as f32
}

#[cfg(test)]
mod tests {
    use super::Weights;
    use crate::award::matcher::name::Name;

    #[test]
    fn what_is_rare_tells_more() {
        let mut weights = Weights::default();
        for name in ["Pacific Rapiscan", "Pacific Water", "Pacific Power", "Pacific Glass"] {
            weights.count_words(&Name::new(name).words);
        }
        let name = Name::new("Rapiscan Pacific Services");
        let bits: Vec<f32> = name.words.iter().map(|word| weights.bits(word)).collect();
        assert!(bits[0] > bits[1] && bits[1] > bits[2], "{bits:?}");
        assert!(bits.iter().all(|bits| (2.0..=13.5).contains(bits)));
    }
}
