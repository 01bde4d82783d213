//! Pairs the items of two lists that correspond to each other.
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;

/// The most items on a bucket's shorter side for which each is compared with the whole other side.
/// The buckets of most statements are smaller.
const MAX_SMALL_BUCKET_ITEMS: usize = 64;
/// In a larger bucket, the greatest distance at which two items are compared, with both lists sorted
/// into one. Each item has at most twice as many comparisons for each sort key.
const NEIGHBOR_WINDOW: usize = 32;

/// Which items correspond, by their indexes from 0.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Pairing {
    pub pairs: Vec<(usize, usize)>,
    pub removed: Vec<usize>,
    pub added: Vec<usize>,
}

/// The keys that decide which items are compared with each other.
#[derive(Clone, Debug, Default)]
pub struct ItemKeys {
    /// Items that share an identifier are compared first.
    pub identifiers: Vec<String>,
    /// Items that are still unpaired are compared within their group, then across groups; an item
    /// without a group is compared by its identifiers only.
    pub group: Option<String>,
    /// The keys by which a large bucket is sorted, once by each, so that two items that differ in
    /// one key are close by the other.
    pub sort_keys: [String; 2],
}

/// Pairs identical items, then the most similar ones: among items that share an identifier, within
/// a group, and among the rest. `similarity` returns none for two items that cannot correspond. The
/// order of the lists does not matter, and exchanging the lists exchanges the pairs.
///
/// The number of comparisons is linear in the items: each step makes at most
/// [`MAX_SMALL_BUCKET_ITEMS`] for each item of a bucket's longer side, or 4 × [`NEIGHBOR_WINDOW`]
/// if both sides are longer than that.
pub fn pair_items(
    [before, after]: [&[Value]; 2],
    [before_keys, after_keys]: [&[ItemKeys]; 2],
    similarity: impl Fn(usize, usize) -> Option<u32>,
) -> Pairing {
    let texts = |items: &[Value]| items.iter().map(Value::to_string).collect::<Vec<_>>();
    let (earlier, later) = (texts(before), texts(after));
    let mut identical = BTreeMap::<&str, VecDeque<usize>>::new();
    for (index, text) in later.iter().enumerate() {
        identical.entry(text).or_default().push_back(index);
    }
    let mut pairing = Pairing::default();
    for (index, text) in earlier.iter().enumerate() {
        match identical.get_mut(text.as_str()).and_then(VecDeque::pop_front) {
            Some(later) => pairing.pairs.push((index, later)),
            None => pairing.removed.push(index),
        }
    }
    pairing.added = identical.into_values().flatten().collect();
    pairing.added.sort_unstable();

    let lists =
        PairingInput { texts: [&earlier, &later], keys: [before_keys, after_keys], similarity };
    lists.pair_within_buckets(&mut pairing, |keys| {
        keys.identifiers.iter().map(String::as_str).collect()
    });
    lists.pair_within_buckets(&mut pairing, |keys| keys.group.iter().map(String::as_str).collect());
    lists.pair_within_buckets(&mut pairing, |keys| keys.group.iter().map(|_| "").collect());
    pairing
}

/// Both lists: the items as JSON text, their keys, and the similarity function.
struct PairingInput<'a, L> {
    texts: [&'a [String]; 2],
    keys: [&'a [ItemKeys]; 2],
    similarity: L,
}

/// The indexes of the earlier and the later items that share a key.
type Bucket = [Vec<usize>; 2];

impl<L: Fn(usize, usize) -> Option<u32>> PairingInput<'_, L> {
    /// Pairs the most similar of the unpaired items that share a key, best first.
    fn pair_within_buckets(&self, pairing: &mut Pairing, names: impl Fn(&ItemKeys) -> Vec<&str>) {
        let mut buckets = BTreeMap::<&str, Bucket>::new();
        for (side, unpaired) in [&pairing.removed, &pairing.added].into_iter().enumerate() {
            for &index in unpaired {
                for name in names(&self.keys[side][index]) {
                    buckets.entry(name).or_default()[side].push(index);
                }
            }
        }
        let mut compared = BTreeSet::new();
        for bucket in buckets.values() {
            self.collect_candidates(bucket, &mut compared);
        }
        let [earlier, later] = self.texts;
        let candidates = compared.into_iter().filter_map(|(before, after)| {
            let points = (self.similarity)(before, after)?;
            // Equal points are ordered by content, independent of which list is the earlier one.
            let (old, new) = (&*earlier[before], &*later[after]);
            Some((Reverse(points), old.min(new), old.max(new), before, after))
        });
        let mut candidates: Vec<_> = candidates.collect();
        candidates.sort_unstable();
        let (mut used_before, mut used_after) = (BTreeSet::new(), BTreeSet::new());
        for (.., before, after) in candidates {
            if !used_before.contains(&before) && !used_after.contains(&after) {
                used_before.insert(before);
                used_after.insert(after);
                pairing.pairs.push((before, after));
            }
        }
        pairing.removed.retain(|index| !used_before.contains(index));
        pairing.added.retain(|index| !used_after.contains(index));
    }

    /// Adds the pairs of a bucket to compare: all with all in a small bucket, neighbors by each sort
    /// key in a large one.
    fn collect_candidates(&self, bucket: &Bucket, compared: &mut BTreeSet<(usize, usize)>) {
        let [earlier, later] = bucket;
        if earlier.len().min(later.len()) <= MAX_SMALL_BUCKET_ITEMS {
            for &before in earlier {
                compared.extend(later.iter().map(|&after| (before, after)));
            }
            return;
        }
        for order in 0..2 {
            let mut sorted = Vec::with_capacity(earlier.len() + later.len());
            for (side, items) in bucket.iter().enumerate() {
                sorted.extend(items.iter().map(|&index| {
                    let key = &self.keys[side][index].sort_keys[order];
                    (key, &self.texts[side][index], index, side)
                }));
            }
            sorted.sort_unstable();
            for (position, &(.., index, side)) in sorted.iter().enumerate() {
                let neighbors = sorted[position + 1..].iter().take(NEIGHBOR_WINDOW);
                for &(.., other, other_side) in neighbors.filter(|neighbor| neighbor.3 != side) {
                    let pair = if side < other_side { (index, other) } else { (other, index) };
                    compared.insert(pair);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{ItemKeys, MAX_SMALL_BUCKET_ITEMS, NEIGHBOR_WINDOW, Pairing, pair_items};
    use crate::disclosure::model::Agreement;
    use crate::disclosure::rules::compare::similarity::{
        AgreementTraits, IDENTICAL_POINTS, WordIds,
    };
    use crate::disclosure::rules::compare::values::{normalize, to_json};
    use crate::disclosure::rules::samples::{detention_agreement, with_fields};

    /// A list of agreements with its traits and keys.
    struct List {
        values: Vec<Value>,
        traits: Vec<AgreementTraits>,
        keys: Vec<ItemKeys>,
    }

    fn lists(before: &[Agreement], after: &[Agreement]) -> [List; 2] {
        let mut words = WordIds::default();
        [before, after].map(|items| {
            let values = items.iter().map(|item| normalize(&to_json(item))).collect();
            let traits: Vec<_> =
                items.iter().map(|item| AgreementTraits::new(item, &mut words)).collect();
            let keys = traits.iter().map(AgreementTraits::keys).collect();
            List { values, traits, keys }
        })
    }

    /// The pairing of two lists, and the number of comparisons it took.
    fn paired(lists: &[List; 2]) -> (Pairing, usize) {
        let [before, after] = lists;
        let compared = Cell::new(0);
        let similarity = |earlier: usize, later: usize| {
            compared.set(compared.get() + 1);
            before.traits[earlier].similarity(&after.traits[later])
        };
        let pairing =
            pair_items([&before.values, &after.values], [&before.keys, &after.keys], similarity);
        (pairing, compared.get())
    }

    fn agreement(change: &Value) -> Agreement {
        with_fields(&detention_agreement(), change.clone())
    }

    /// That many agreements with different numbers, dates and descriptions; `more` is appended to
    /// every description.
    fn distinct(items: usize, numbered: bool, more: &str) -> Vec<Agreement> {
        let item = |index: usize| {
            agreement(&json!({
                "identifier": numbered.then(|| format!("70CDCR24D{index:08}")),
                "startDate": format!("20{:02}-{:02}-{:02}", index / 336, index / 28 % 12 + 1, index % 28 + 1),
                "description": format!("Beds in building {index}, wing {}.{more}", index * 7),
            }))
        };
        (0..items).map(item).collect()
    }

    #[test]
    fn comparisons_grow_linearly_with_the_items() {
        for numbered in [true, false] {
            let mut previous = 0;
            for items in [125, 250, 500, 1_000] {
                let (before, after) =
                    (distinct(items, numbered, ""), distinct(items, numbered, " New."));
                let (pairing, compared) = paired(&lists(&before, &after));
                let correct =
                    pairing.pairs.iter().filter(|(before, after)| before == after).count();
                assert_eq!((correct, pairing.removed.len()), (items, 0), "{items}");
                let each = if numbered { 1 } else { 4 * NEIGHBOR_WINDOW };
                assert!(compared <= each * items, "{compared} for {items}");
                // Twice the items need at most a little more than twice the comparisons.
                assert!(
                    previous == 0 || compared * 10 <= previous * 22,
                    "{previous}, then {compared}"
                );
                previous = compared;
            }
        }
    }

    #[test]
    fn many_similar_items_stay_within_the_comparison_limit() {
        let similar = |more: &str| -> Vec<_> {
            let item = |index: usize| {
                agreement(
                    &json!({ "identifier": null, "description": format!("Beds {index}{more}") }),
                )
            };
            (0..500).map(item).collect()
        };
        let (pairing, compared) = paired(&lists(&similar(""), &similar(" more")));
        assert!(compared <= 4 * NEIGHBOR_WINDOW * 500, "{compared}");
        assert_eq!(pairing.pairs.len(), 500);
        // One number for all of them does not exceed the limit either.
        let numbered = |more: &str| -> Vec<_> {
            let number = json!({ "identifier": "70CDCR24D00000004" });
            similar(more).iter().map(|item| with_fields(item, number.clone())).collect()
        };
        let (_, compared) = paired(&lists(&numbered(""), &numbered(" more")));
        assert!(compared <= 4 * NEIGHBOR_WINDOW * 500, "{compared}");
        // A short side is compared with the whole other side.
        let (_, compared) =
            paired(&lists(&similar("")[..MAX_SMALL_BUCKET_ITEMS], &similar(" more")));
        assert!(compared <= MAX_SMALL_BUCKET_ITEMS * 500, "{compared}");
    }

    fn any_agreement() -> impl Strategy<Value = Agreement> {
        let parts = (
            prop::sample::select(vec!["ICE", "CBP"]),
            prop::sample::select(vec!["2024-10-01", "2020-01-01"]),
            prop::sample::select(vec![Some("A-1"), Some("B-2"), Some("C-3"), None]),
            prop::sample::select(vec!["Beds for 60 people.", "Beds for 80 people.", "Cars."]),
            prop::sample::select(vec!["CONTRACT", "LEASE"]),
        );
        parts.prop_map(|(component, start, number, description, kind)| {
            agreement(&json!({
                "component": component, "startDate": start, "identifier": number,
                "description": description, "kind": kind,
            }))
        })
    }

    proptest! {
        /// Buckets give the same pairs as comparing all items, with numbers counting most, then
        /// components.
        #[test]
        fn buckets_pair_as_comparing_all_with_all_does(
            before in prop::collection::vec(any_agreement(), 0..12),
            after in prop::collection::vec(any_agreement(), 0..12),
        ) {
            let lists = lists(&before, &after);
            let [earlier, later] = &lists;
            let in_one_group = |list: &List| {
                vec![ItemKeys { group: Some(String::new()), ..ItemKeys::default() }; list.keys.len()]
            };
            let similarity = |before: usize, after: usize| {
                let points = earlier.traits[before].similarity(&later.traits[after])?;
                let is_same_group = earlier.keys[before].group == later.keys[after].group;
                let is_first = points == IDENTICAL_POINTS || is_same_group;
                Some(points + if is_first { IDENTICAL_POINTS } else { 0 })
            };
            let all = pair_items(
                [&earlier.values, &later.values],
                [&in_one_group(earlier), &in_one_group(later)],
                similarity,
            );
            let sorted = |mut pairing: Pairing| {
                pairing.pairs.sort_unstable();
                pairing
            };
            prop_assert_eq!(sorted(paired(&lists).0), sorted(all));
        }
    }
}
