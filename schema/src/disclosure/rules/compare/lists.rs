//! The differences between two paired lists of items.
use async_graphql::OutputType;
use serde::Serialize;
use serde_json::Value;

use super::pairing::{ItemKeys, Pairing, pair_items};
use super::similarity::IDENTICAL_POINTS;
use super::values::{Compared, diff_normalized_fields, normalize, to_json};
use crate::disclosure::model::{FieldDifference, ItemChange, ItemDifference};

/// A list of items of one statement, as written and as normalized for comparison.
pub struct ItemList<'a, T> {
    items: &'a [T],
    as_written: Vec<Value>,
    normalized: Vec<Value>,
}

impl<'a, T: Serialize> ItemList<'a, T> {
    /// The list of `items`.
    pub fn new(items: &'a [T]) -> Self {
        let as_written: Vec<Value> = items.iter().map(to_json).collect();
        let normalized = as_written.iter().map(normalize).collect();
        Self { items, as_written, normalized }
    }

    /// The list of `items` whose `field` is a path into the statement. The path is compared by the
    /// item it refers to, not by that item's index.
    pub fn with_named_paths(items: &'a [T], field: &str, names: &ItemNames) -> Self {
        let mut list = Self::new(items);
        for item in &mut list.normalized {
            if let Some(path) = item.get_mut(field) {
                *path = names.name_path(path).into();
            }
        }
        list
    }
}

/// Two lists, and which of their items correspond.
pub struct PairedLists<'a, T> {
    before: ItemList<'a, T>,
    after: ItemList<'a, T>,
    pairing: Pairing,
}

impl<'a, T: OutputType + Clone> PairedLists<'a, T> {
    /// Pairs the items with an equal `field`, ignoring case: the digest of an attachment, or the path
    /// of a claim.
    pub fn pair_by_field(before: ItemList<'a, T>, after: ItemList<'a, T>, field: &str) -> Self {
        let keys = [&before, &after].map(|list| {
            let text = |item: &Value| Some(item.get(field)?.as_str()?.to_lowercase());
            let keys = list.normalized.iter().map(|item| ItemKeys {
                identifiers: text(item).into_iter().collect(),
                ..ItemKeys::default()
            });
            keys.collect::<Vec<_>>()
        });
        Self::pair_by_keys(before, after, &keys, |_, _| Some(IDENTICAL_POINTS))
    }

    /// Pairs the most similar items that share a key. `keys` are those of both lists by index;
    /// `similarity` gives the points of two items by index, none if they cannot correspond.
    pub fn pair_by_keys(
        before: ItemList<'a, T>,
        after: ItemList<'a, T>,
        [before_keys, after_keys]: &[Vec<ItemKeys>; 2],
        similarity: impl Fn(usize, usize) -> Option<u32>,
    ) -> Self {
        let pairing = pair_items(
            [&before.normalized, &after.normalized],
            [before_keys, after_keys],
            similarity,
        );
        Self { before, after, pairing }
    }

    /// The difference of each item that is not equal, in the order of the later list, with removed items
    /// at their earlier index.
    pub fn differences(&self) -> Vec<ItemDifference<T>> {
        let Self { before, after, pairing } = self;
        let mut differences = Vec::new();
        for &(earlier, later) in &pairing.pairs {
            let (old, new) = (&before.normalized[earlier], &after.normalized[later]);
            if old != new {
                let fields = diff_normalized_fields(
                    Compared { as_written: &before.as_written[earlier], normalized: old },
                    Compared { as_written: &after.as_written[later], normalized: new },
                );
                differences.push(self.item_difference(
                    ItemChange::Changed,
                    Some(earlier),
                    Some(later),
                    fields,
                ));
            }
        }
        let removed = pairing.removed.iter().map(|&index| (ItemChange::Removed, Some(index), None));
        let added = pairing.added.iter().map(|&index| (ItemChange::Added, None, Some(index)));
        for (change, earlier, later) in removed.chain(added) {
            differences.push(self.item_difference(change, earlier, later, Vec::new()));
        }
        differences.sort_by_key(|it| (it.after_index.or(it.before_index), it.before_index));
        differences
    }

    fn item_difference(
        &self,
        change: ItemChange,
        before_index: Option<usize>,
        after_index: Option<usize>,
        fields: Vec<FieldDifference>,
    ) -> ItemDifference<T> {
        ItemDifference {
            change,
            before: before_index.and_then(|index| self.before.items.get(index).cloned()),
            after: after_index.and_then(|index| self.after.items.get(index).cloned()),
            before_index,
            after_index,
            fields,
        }
    }

    /// A name for each item of both lists by index; corresponding items have the same name.
    fn item_names(&self) -> [Vec<String>; 2] {
        let Pairing { pairs, .. } = &self.pairing;
        let unpaired = |sign: &str, items: usize| -> Vec<String> {
            (0..items).map(|index| format!("{sign}{index}")).collect()
        };
        let mut earlier = unpaired("-", self.before.items.len());
        let mut later = unpaired("+", self.after.items.len());
        for (pair, &(before, after)) in pairs.iter().enumerate() {
            earlier[before] = format!("={pair}");
            later[after] = format!("={pair}");
        }
        [earlier, later]
    }
}

/// The names of one statement's items by index, to compare paths to them.
pub struct ItemNames {
    agreements: Vec<String>,
    arrangements: Vec<String>,
}

impl ItemNames {
    /// The names of the earlier and of the later statement's items.
    pub fn of_both<T: OutputType + Clone, U: OutputType + Clone>(
        agreements: &PairedLists<'_, T>,
        arrangements: &PairedLists<'_, U>,
    ) -> [Self; 2] {
        let [agreements_before, agreements_after] = agreements.item_names();
        let [arrangements_before, arrangements_after] = arrangements.item_names();
        [
            Self { agreements: agreements_before, arrangements: arrangements_before },
            Self { agreements: agreements_after, arrangements: arrangements_after },
        ]
    }

    /// A path as one text, with the index of an agreement or arrangement replaced by its name.
    fn name_path(&self, path: &Value) -> String {
        let steps = path.as_array().into_iter().flatten();
        let mut steps: Vec<&str> = steps.filter_map(Value::as_str).collect();
        if let [section, list, index, ..] = &mut steps[..] {
            let names = match (*section, *list) {
                ("dhs", "agreements") => self.agreements.as_slice(),
                ("dataSharing", "arrangements") => &self.arrangements,
                _ => &[],
            };
            let name = index.parse::<usize>().ok().and_then(|index| names.get(index));
            *index = name.map_or(*index, String::as_str);
        }
        // No step of a path contains this separator.
        steps.join("\u{1F}")
    }
}
