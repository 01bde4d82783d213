//! How fast it is on one thread, reasons included, as the names in memory become more.
use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use candor_schema::award::matcher::{Index, POSSIBLE_SCORE, Profile, Record};

use crate::identities::recipients;
use crate::labelled::{Labelled, Named};
use crate::rows::rows;

const PAYMENTS: &str = "city-payments/echeckbook_2011-12_part.csv";
/// How many names are in memory.
const SIZES: [usize; 3] = [5_000, 20_000, 80_000];
/// How many names are asked for.
const ASKED: usize = 4_000;
/// How often each is asked for.
const ROUNDS: usize = 3;
/// How many hits are wanted.
const HITS: usize = 5;

/// What one size took.
struct Took {
    size: usize,
    inserted: Duration,
    /// Of every search, in order.
    each: Vec<Duration>,
}

impl Took {
    fn mean(&self) -> f64 {
        let total: Duration = self.each.iter().sum();
        total.as_secs_f64() / f64::from(u32::try_from(self.each.len()).expect("a few searches"))
    }

    /// What so many of a hundred searches take at most, in microseconds.
    fn percentile(&self, percent: usize) -> u128 {
        self.each[(self.each.len() - 1) * percent / 100].as_micros()
    }
}

/// Tells how long searches take at each size, and how that grows.
pub fn speed(folder: Option<&Path>, labelled: &Labelled) {
    let text = |named: &Named| named.name.clone();
    let mut known: BTreeSet<String> = labelled.known.iter().map(text).collect();
    let mut asked: BTreeSet<String> = labelled.asked.iter().map(text).collect();
    if let Some(folder) = folder {
        known.extend(recipients(folder));
        let vendors = rows(&folder.join(PAYMENTS));
        asked.extend(vendors.iter().map(|row| row.text("VENDOR NAME").to_owned()));
    }
    let mut maker = Maker { known: known.into_iter().collect(), state: 0x9e37_79b9_7f4a_7c15 };
    let names = maker.names(SIZES[SIZES.len() - 1]);
    let mut asked: Vec<String> = asked.into_iter().collect();
    let step = names.len() / ASKED.saturating_sub(asked.len()).max(1);
    asked.extend(names.iter().step_by(step).cloned());
    println!("\n{} searches for {HITS} hits, {ROUNDS} times over, one thread:", asked.len());
    println!("   names  inserted/s  searches/s   p50 us   p99 us   mean, of the first");
    let took = SIZES.map(|size| {
        // What is known comes first, so that the smallest has what the others have, and no more.
        measured(&names[..size], &asked)
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

fn measured(names: &[String], asked: &[String]) -> Took {
    let start = Instant::now();
    let mut index = Index::new();
    for name in names {
        index.insert(&Record::from_name(&**name));
    }
    let inserted = start.elapsed();
    let mut each = Vec::with_capacity(ROUNDS * asked.len());
    for _ in 0..ROUNDS {
        for name in asked {
            let start = Instant::now();
            let found = index.search(&Profile::from_name(name), HITS, POSSIBLE_SCORE);
            each.push(start.elapsed());
            assert!(found.len() <= HITS);
        }
    }
    each.sort_unstable();
    Took { size: names.len(), inserted, each }
}

/// Makes names of those at hand: the same in every run.
struct Maker {
    known: Vec<String>,
    state: u64,
}

impl Maker {
    /// All that are known, in no order, and as many made ones as it takes.
    fn names(&mut self, count: usize) -> Vec<String> {
        let mut names = self.known.clone();
        for at in 1..names.len() {
            let other = self.below(at + 1);
            names.swap(at, other);
        }
        while names.len() < count {
            names.push(self.made());
        }
        names.truncate(count);
        names
    }

    /// A known name with its first word invented or another's, and sometimes another word more.
    fn made(&mut self) -> String {
        let mut words = self.words();
        let others = self.words();
        let other = others[self.below(others.len())].clone();
        let at = self.below(words.len());
        match self.below(4) {
            0 => words[at] = other,
            1 => words.push(other),
            _ => words[0] = self.invented(),
        }
        words.join(" ")
    }

    fn words(&mut self) -> Vec<String> {
        let at = self.below(self.known.len());
        let mut words: Vec<String> = self.known[at].split_whitespace().map(str::to_owned).collect();
        if words.is_empty() {
            words.push(self.invented());
        }
        words
    }

    /// A word of two or three syllables: some come often and most seldom, as with real names.
    fn invented(&mut self) -> String {
        const SYLLABLES: [&str; 40] = [
            "al", "an", "ar", "bel", "ber", "cor", "dan", "del", "don", "dra", "el", "en", "far",
            "gar", "hal", "har", "in", "jor", "kel", "lan", "lin", "mar", "mel", "mon", "nor",
            "ol", "per", "quin", "ran", "ros", "sal", "sten", "tal", "tor", "ul", "van", "ver",
            "wil", "yor", "zan",
        ];
        let most = self.below(SYLLABLES.len()) + 1;
        (0..2 + self.below(2)).map(|_| SYLLABLES[self.below(most)]).collect()
    }

    /// A number below the bound, by xorshift.
    fn below(&mut self, bound: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state >> 33).expect("31 bits") % bound
    }
}
