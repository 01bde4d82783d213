//! Which item of one list is which of another.
use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

/// The most items of each list that are compared with each other, beyond those that are the same
/// in both: as many as a statement may have. A draft may have more.
const COMPARED: usize = 1_000;

/// Which items belong together, by their places.
#[derive(Debug, Default)]
pub struct Paired {
    pub pairs: Vec<(usize, usize)>,
    pub removed: Vec<usize>,
    pub added: Vec<usize>,
}

/// Pairs what is the same, then what is most alike, the most alike first; `likeness` answers
/// nothing for two that have nothing telling in common. The order of the lists does not count,
/// and with the lists exchanged the pairs are, too.
pub fn pair(
    before: &[Value],
    after: &[Value],
    likeness: impl Fn(usize, usize) -> Option<u32>,
) -> Paired {
    let texts = |items: &[Value]| items.iter().map(Value::to_string).collect::<Vec<_>>();
    let (earlier, later) = (texts(before), texts(after));
    let mut same = BTreeMap::<&str, VecDeque<usize>>::new();
    for (index, text) in later.iter().enumerate() {
        same.entry(text).or_default().push_back(index);
    }
    let mut paired = Paired::default();
    for (index, text) in earlier.iter().enumerate() {
        match same.get_mut(text.as_str()).and_then(VecDeque::pop_front) {
            Some(other) => paired.pairs.push((index, other)),
            None => paired.removed.push(index),
        }
    }
    paired.added = same.into_values().flatten().collect();
    paired.added.sort_unstable();

    let mut candidates = Vec::new();
    for &one in paired.removed.iter().take(COMPARED) {
        for &other in paired.added.iter().take(COMPARED) {
            if let Some(alike) = likeness(one, other) {
                // Of equally alike pairs the first by content, whichever list has which.
                let (text, its) = (&*earlier[one], &*later[other]);
                candidates.push((Reverse(alike), text.min(its), text.max(its), one, other));
            }
        }
    }
    candidates.sort_unstable();
    let (mut taken, mut its_taken) = (vec![false; before.len()], vec![false; after.len()]);
    for (.., one, other) in candidates {
        if !taken[one] && !its_taken[other] {
            (taken[one], its_taken[other]) = (true, true);
            paired.pairs.push((one, other));
        }
    }
    paired.removed.retain(|&index| !taken[index]);
    paired.added.retain(|&index| !its_taken[index]);
    paired
}
