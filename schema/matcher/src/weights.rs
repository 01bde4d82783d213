//! The information content of words: rare words weigh more. Counts in the index are smoothed with
//! the prior frequency of the word's class.
use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::name::Word;

/// The number of names that the prior frequency counts as.
const BACKGROUND_NAMES: f32 = 5_000.0;
/// The minimum and maximum information of a word, in bits.
const BITS_RANGE: (f32, f32) = (2.0, 13.5);

/// The number of records that contain each word.
#[derive(Clone, Debug, Default)]
pub struct Weights {
    records: u32,
    record_counts: HashMap<u64, u32, FixedState>,
}

impl Weights {
    /// The information of a word in bits, from 2 to 13.5: the negative logarithm of its smoothed
    /// frequency.
    #[must_use]
    pub fn bits(&self, word: &Word) -> f32 {
        let expected = BACKGROUND_NAMES * word.class.frequency();
        let rarity = (to_f32(self.records) + BACKGROUND_NAMES)
            / (to_f32(self.record_count(word)) + expected);
        rarity.log2().clamp(BITS_RANGE.0, BITS_RANGE.1)
    }

    /// The number of records that contain the word.
    #[must_use]
    pub fn record_count(&self, word: &Word) -> u32 {
        self.record_counts.get(&word.hash).copied().unwrap_or_default()
    }

    /// Counts the words of one record, each once.
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
    use crate::name::Name;

    #[test]
    fn rare_words_have_more_bits() {
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
