//! Which item of one list is which of another.
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;

/// The most items of a bucket's shorter side that are each compared with the whole other side.
/// The buckets of most statements are smaller.
const SMALL_BUCKET: usize = 64;
/// In a larger bucket, how far apart two items may stand in an order to be compared, both lists
/// sorted into one. Each item has at most twice as many comparisons in each order.
const WINDOW: usize = 32;

/// Which items belong together, by their places.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Paired {
    pub pairs: Vec<(usize, usize)>,
    pub removed: Vec<usize>,
    pub added: Vec<usize>,
}

/// What decides which items are compared with each other at all.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// Two items that share one of these are compared first.
    pub identifiers: Vec<String>,
    /// Other items are compared within their group, then with what is left of other groups; an
    /// item without a group is compared by its identifiers alone.
    pub group: Option<String>,
    /// What a large bucket is sorted by: once by each, so that two items that differ in the one
    /// stand close by the other.
    pub orders: [String; 2],
}

/// Pairs what is the same, then what is most alike: of the items that share an identifier, of
/// those of one group, and of all that are left. `likeness` answers nothing for two that have
/// nothing telling in common. The order of the lists does not count, and with the lists exchanged
/// the pairs are, too.
///
/// The comparisons grow with the items, not with their square: each step has at most
/// [`SMALL_BUCKET`] for each item of a bucket's longer side, or 4 × [`WINDOW`] where both sides are
/// longer than that.
pub fn pair(
    [before, after]: [&[Value]; 2],
    [keys, its_keys]: [&[Keys]; 2],
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

    let lists = Lists { texts: [&earlier, &later], keys: [keys, its_keys], likeness };
    lists.take_alike(&mut paired, |keys| keys.identifiers.iter().map(String::as_str).collect());
    lists.take_alike(&mut paired, |keys| keys.group.iter().map(String::as_str).collect());
    lists.take_alike(&mut paired, |keys| keys.group.iter().map(|_| "").collect());
    paired
}

/// Both lists, as they are compared.
struct Lists<'a, L> {
    texts: [&'a [String]; 2],
    keys: [&'a [Keys]; 2],
    likeness: L,
}

/// The items of either list that are compared with each other.
type Bucket = [Vec<usize>; 2];

impl<L: Fn(usize, usize) -> Option<u32>> Lists<'_, L> {
    /// Pairs, of the items that are left, those in a bucket of the same name that are most alike.
    fn take_alike(&self, paired: &mut Paired, names: impl Fn(&Keys) -> Vec<&str>) {
        let mut buckets = BTreeMap::<&str, Bucket>::new();
        for (side, left) in [&paired.removed, &paired.added].into_iter().enumerate() {
            for &index in left {
                for name in names(&self.keys[side][index]) {
                    buckets.entry(name).or_default()[side].push(index);
                }
            }
        }
        let mut compared = BTreeSet::new();
        for bucket in buckets.values() {
            self.compared_within(bucket, &mut compared);
        }
        let [earlier, later] = self.texts;
        let candidates = compared.into_iter().filter_map(|(one, other)| {
            let alike = (self.likeness)(one, other)?;
            // Of equally alike pairs the first by content, whichever list has which.
            let (text, its) = (&*earlier[one], &*later[other]);
            Some((Reverse(alike), text.min(its), text.max(its), one, other))
        });
        let mut candidates: Vec<_> = candidates.collect();
        candidates.sort_unstable();
        let (mut taken, mut its_taken) = (BTreeSet::new(), BTreeSet::new());
        for (.., one, other) in candidates {
            if !taken.contains(&one) && !its_taken.contains(&other) {
                taken.insert(one);
                its_taken.insert(other);
                paired.pairs.push((one, other));
            }
        }
        paired.removed.retain(|index| !taken.contains(index));
        paired.added.retain(|index| !its_taken.contains(index));
    }

    /// Which items of a bucket are compared: all with all in a small one, the neighbors in each
    /// order in a large one.
    fn compared_within(&self, bucket: &Bucket, compared: &mut BTreeSet<(usize, usize)>) {
        let [earlier, later] = bucket;
        if earlier.len().min(later.len()) <= SMALL_BUCKET {
            for &one in earlier {
                compared.extend(later.iter().map(|&other| (one, other)));
            }
            return;
        }
        for order in 0..2 {
            let mut sorted = Vec::with_capacity(earlier.len() + later.len());
            for (side, items) in bucket.iter().enumerate() {
                sorted.extend(items.iter().map(|&index| {
                    let key = &self.keys[side][index].orders[order];
                    (key, &self.texts[side][index], index, side)
                }));
            }
            sorted.sort_unstable();
            for (place, &(.., index, side)) in sorted.iter().enumerate() {
                let neighbors = sorted[place + 1..].iter().take(WINDOW);
                for &(.., other, its_side) in neighbors.filter(|other| other.3 != side) {
                    let pair = if side < its_side { (index, other) } else { (other, index) };
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

    use super::{Keys, Paired, SMALL_BUCKET, WINDOW, pair};
    use crate::disclosure::model::Agreement;
    use crate::disclosure::rules::compare::likeness::{AgreementTraits, SAME, Words};
    use crate::disclosure::rules::compare::values::{settled, written};
    use crate::disclosure::rules::samples::{changed, detention};

    /// A list of agreements as it is compared.
    struct List {
        values: Vec<Value>,
        traits: Vec<AgreementTraits>,
        keys: Vec<Keys>,
    }

    fn lists(before: &[Agreement], after: &[Agreement]) -> [List; 2] {
        let mut words = Words::default();
        [before, after].map(|items| {
            let values = items.iter().map(|item| settled(&written(item))).collect();
            let traits: Vec<_> =
                items.iter().map(|item| AgreementTraits::of(item, &mut words)).collect();
            let keys = traits.iter().map(AgreementTraits::keys).collect();
            List { values, traits, keys }
        })
    }

    /// How two lists are paired, and by how many comparisons.
    fn paired(lists: &[List; 2]) -> (Paired, usize) {
        let [before, after] = lists;
        let compared = Cell::new(0);
        let likeness = |one: usize, other: usize| {
            compared.set(compared.get() + 1);
            before.traits[one].likeness(&after.traits[other])
        };
        let found = pair([&before.values, &after.values], [&before.keys, &after.keys], likeness);
        (found, compared.get())
    }

    fn agreement(change: &Value) -> Agreement {
        changed(&detention(), change.clone())
    }

    /// So many agreements, each with a number, a day and words of its own; `more` is what a later
    /// statement says of all of them.
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
    fn comparisons_grow_with_the_items() {
        for numbered in [true, false] {
            let mut most = 0;
            for items in [125, 250, 500, 1_000] {
                let (before, after) =
                    (distinct(items, numbered, ""), distinct(items, numbered, " New."));
                let (found, compared) = paired(&lists(&before, &after));
                let own = found.pairs.iter().filter(|(one, other)| one == other).count();
                assert_eq!((own, found.removed.len()), (items, 0), "{items}");
                let each = if numbered { 1 } else { 4 * WINDOW };
                assert!(compared <= each * items, "{compared} for {items}");
                // Twice the items, at most a little more than twice the comparisons.
                assert!(most == 0 || compared * 10 <= most * 22, "{most}, then {compared}");
                most = compared;
            }
        }
    }

    #[test]
    fn many_that_are_nearly_the_same_stay_within_the_bound() {
        let alike = |more: &str| -> Vec<_> {
            let item = |index: usize| {
                agreement(
                    &json!({ "identifier": null, "description": format!("Beds {index}{more}") }),
                )
            };
            (0..500).map(item).collect()
        };
        let (found, compared) = paired(&lists(&alike(""), &alike(" more")));
        assert!(compared <= 4 * WINDOW * 500, "{compared}");
        assert_eq!(found.pairs.len(), 500);
        // One number for all of them is no way around it.
        let numbered = |more: &str| -> Vec<_> {
            let number = json!({ "identifier": "70CDCR24D00000004" });
            alike(more).iter().map(|item| changed(item, number.clone())).collect()
        };
        let (_, compared) = paired(&lists(&numbered(""), &numbered(" more")));
        assert!(compared <= 4 * WINDOW * 500, "{compared}");
        // One side that is short is compared whole.
        let (_, compared) = paired(&lists(&alike("")[..SMALL_BUCKET], &alike(" more")));
        assert!(compared <= SMALL_BUCKET * 500, "{compared}");
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
        /// As if all were compared with all, and numbers counted most, then components.
        #[test]
        fn buckets_pair_as_comparing_all_with_all_does(
            before in prop::collection::vec(any_agreement(), 0..12),
            after in prop::collection::vec(any_agreement(), 0..12),
        ) {
            let lists = lists(&before, &after);
            let [earlier, later] = &lists;
            let one_group = |list: &List| {
                vec![Keys { group: Some(String::new()), ..Keys::default() }; list.keys.len()]
            };
            let likeness = |one: usize, other: usize| {
                let alike = earlier.traits[one].likeness(&later.traits[other])?;
                let same_group = earlier.keys[one].group == later.keys[other].group;
                Some(alike + if alike == SAME || same_group { SAME } else { 0 })
            };
            let all = pair(
                [&earlier.values, &later.values],
                [&one_group(earlier), &one_group(later)],
                likeness,
            );
            let sorted = |mut paired: Paired| {
                paired.pairs.sort_unstable();
                paired
            };
            prop_assert_eq!(sorted(paired(&lists).0), sorted(all));
        }
    }
}
