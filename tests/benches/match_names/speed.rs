//! Speed on one thread, including reasons, for a growing number of names.
use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use candor_matcher::{Index, POSSIBLE_SCORE, Profile, Record};

use crate::identities::recipients;
use crate::labeled::{Labeled, Named};
use crate::rows::rows;

/// The file with the payees of a city.
pub const PAYMENTS: &str = "city-payments/echeckbook_2011-12_part.csv";
/// Number of names in memory.
const SIZES: [usize; 3] = [5_000, 20_000, 80_000];
/// Number of searched names.
const QUERY_COUNT: usize = 4_000;
/// Number of rounds.
const ROUNDS: usize = 3;
/// Number of requested hits.
const HITS: usize = 5;

/// Timings for one size.
struct Timings {
    size: usize,
    inserted: Duration,
    /// Duration of each search, sorted.
    each: Vec<Duration>,
}

impl Timings {
    fn mean(&self) -> f64 {
        let total: Duration = self.each.iter().sum();
        total.as_secs_f64() / f64::from(u32::try_from(self.each.len()).expect("a few searches"))
    }

    /// Returns a percentile of the durations, in microseconds.
    fn percentile(&self, percent: usize) -> u128 {
        self.each[(self.each.len() - 1) * percent / 100].as_micros()
    }
}

/// Prints the duration of searches at each size and its growth.
pub fn speed(folder: Option<&Path>, labeled: &Labeled) {
    let text = |named: &Named| named.name.clone();
    let mut known: BTreeSet<String> = labeled.known.iter().map(text).collect();
    let mut queries: BTreeSet<String> = labeled.queries.iter().map(text).collect();
    if let Some(folder) = folder {
        known.extend(recipients(folder));
        let vendors = rows(&folder.join(PAYMENTS));
        queries.extend(vendors.iter().map(|row| row.text("VENDOR NAME").to_owned()));
    }
    let mut maker =
        NameGenerator { known: known.into_iter().collect(), state: 0x9e37_79b9_7f4a_7c15 };
    let names = maker.names(SIZES[SIZES.len() - 1]);
    let mut queries: Vec<String> = queries.into_iter().collect();
    let step = names.len() / QUERY_COUNT.saturating_sub(queries.len()).max(1);
    queries.extend(names.iter().step_by(step).cloned());
    println!("\n{} searches for {HITS} hits, {ROUNDS} times over, one thread:", queries.len());
    println!("   names  inserted/s  searches/s   p50 us   p99 us   mean, of the first");
    let took = SIZES.map(|size| {
        // Known names come first, so that every size includes them.
        measure(&names[..size], &queries)
    });
    for size in &took {
        println!(
            "  {:>6} {:>11.0} {:>11.0} {:>8} {:>8} {:>17.2} x",
            size.size,
            f64::from(u32::try_from(size.size).expect("a small number"))
                / size.inserted.as_secs_f64(),
            1.0 / size.mean(),
            size.percentile(50),
            size.percentile(99),
            size.mean() / took[0].mean()
        );
    }
    let [_, middle, most] = &took;
    println!(
        "  four times the names take {:.2} x the time of a search (goal: less than 2); goals at \
         {}: 3000 searches/s, p99 under 2000 us",
        most.mean() / middle.mean(),
        most.size
    );
}

fn measure(names: &[String], queries: &[String]) -> Timings {
    let start = Instant::now();
    let mut index = Index::new();
    for name in names {
        index.insert(&Record::from_name(&**name));
    }
    let inserted = start.elapsed();
    let mut each = Vec::with_capacity(ROUNDS * queries.len());
    for _ in 0..ROUNDS {
        for name in queries {
            let start = Instant::now();
            let found = index.search(&Profile::from_name(name), HITS, POSSIBLE_SCORE);
            each.push(start.elapsed());
            assert!(found.len() <= HITS);
        }
    }
    each.sort_unstable();
    Timings { size: names.len(), inserted, each }
}

/// Generates names from known ones, the same in every run.
struct NameGenerator {
    known: Vec<String>,
    state: u64,
}

impl NameGenerator {
    /// Returns all known names in random order and generated names up to `count`.
    fn names(&mut self, count: usize) -> Vec<String> {
        let mut names = self.known.clone();
        for at in 1..names.len() {
            let other = self.random_below(at + 1);
            names.swap(at, other);
        }
        while names.len() < count {
            names.push(self.generate_name());
        }
        names.truncate(count);
        names
    }

    /// Generates a name: a known one with its first word replaced, and sometimes a word added.
    fn generate_name(&mut self) -> String {
        let mut words = self.words();
        let others = self.words();
        let other = others[self.random_below(others.len())].clone();
        let at = self.random_below(words.len());
        match self.random_below(4) {
            0 => words[at] = other,
            1 => words.push(other),
            _ => words[0] = self.generate_word(),
        }
        words.join(" ")
    }

    fn words(&mut self) -> Vec<String> {
        let at = self.random_below(self.known.len());
        let mut words: Vec<String> = self.known[at].split_whitespace().map(str::to_owned).collect();
        if words.is_empty() {
            words.push(self.generate_word());
        }
        words
    }

    /// Generates a word of two or three syllables: a few are frequent and most are rare, as in real
    /// names.
    fn generate_word(&mut self) -> String {
        const SYLLABLES: [&str; 40] = [
            "al", "an", "ar", "bel", "ber", "cor", "dan", "del", "don", "dra", "el", "en", "far",
            "gar", "hal", "har", "in", "jor", "kel", "lan", "lin", "mar", "mel", "mon", "nor",
            "ol", "per", "quin", "ran", "ros", "sal", "sten", "tal", "tor", "ul", "van", "ver",
            "wil", "yor", "zan",
        ];
        let most = self.random_below(SYLLABLES.len()) + 1;
        (0..2 + self.random_below(2)).map(|_| SYLLABLES[self.random_below(most)]).collect()
    }

    /// Returns a number below the bound, by xorshift.
    fn random_below(&mut self, bound: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state >> 33).expect("31 bits") % bound
    }
}
