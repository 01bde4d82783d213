//! Pairs of names that are or are not one firm, labeled by kind.
use std::collections::BTreeMap;
use std::path::Path;

use candor_matcher::{Index, POSSIBLE_SCORE, PROBABLE_SCORE, Profile, Record, compare};

use crate::accuracy::{is_reported, share};
use crate::rows::rows;

/// Two names and their score.
struct Pair {
    is_same: bool,
    kind: String,
    score: f32,
    /// Whether the pair is in the reported half; rules are chosen on the other half.
    is_reported: bool,
    text: String,
}

/// Prints the accuracy on our own pairs of names of all countries. `known` are the names whose words
/// are counted.
pub fn pairs(known: impl IntoIterator<Item = String>) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/name_pairs.csv");
    let mut index = Index::new();
    for name in known {
        index.insert(&Record::from_name(name));
    }
    let pairs = rows(Path::new(path)).into_iter().map(|row| {
        let (one, other) = (row.text("one"), row.text("other"));
        let text = format!("{one} | {other}");
        Pair {
            is_same: row.text("same") == "yes",
            kind: row.text("kind").into(),
            score: compare(&Profile::from_name(one), &Profile::from_name(other), index.weights())
                .score,
            is_reported: is_reported(&text),
            text,
        }
    });
    let pairs: Vec<Pair> = pairs.collect();
    println!("\n{} pairs of names, labeled by hand:", pairs.len());
    println!("                          precision   recall      F1  false alarms");
    for (half, is_reported) in [("chosen on", false), ("reported", true)] {
        for (band, score) in [("POSSIBLE", POSSIBLE_SCORE), ("PROBABLE", PROBABLE_SCORE)] {
            let of = |is_same: bool, is_found: bool| {
                let counted = pairs.iter().filter(|it| it.is_reported == is_reported);
                counted
                    .filter(|it| it.is_same == is_same && (it.score >= score) == is_found)
                    .count()
            };
            let (found, alarms, missed) = (of(true, true), of(false, true), of(true, false));
            println!(
                "  {half:<10} {band:<12} {:>9.3} {:>8.3} {:>7.3} {alarms:>13}",
                share(found, found + alarms),
                share(found, found + missed),
                share(2 * found, 2 * found + alarms + missed),
            );
        }
    }
    let mut kinds = BTreeMap::<&str, (usize, usize)>::new();
    for pair in pairs.iter().filter(|pair| pair.is_same) {
        let (found, all) = kinds.entry(&pair.kind).or_default();
        *found += usize::from(pair.score >= PROBABLE_SCORE);
        *all += 1;
    }
    let kinds = kinds.into_iter().map(|(kind, (found, all))| format!("{kind} {found} of {all}"));
    println!("  PROBABLE, by kind: {}", kinds.collect::<Vec<_>>().join(", "));
    for pair in pairs.iter().filter(|pair| !pair.is_same && pair.score >= PROBABLE_SCORE) {
        println!("  false alarm {:.2}: {}", pair.score, pair.text);
    }
}
