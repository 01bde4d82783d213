//! Two lists of items, paired.
use async_graphql::OutputType;
use serde::Serialize;
use serde_json::Value;

use super::likeness::SAME;
use super::pairing::{Keys, Paired, pair};
use super::values::{differing_as, settled, written};
use crate::disclosure::model::{Change, ItemDifference};

/// The items of one statement.
pub struct Side<'a, T> {
    items: &'a [T],
    written: Vec<Value>,
    settled: Vec<Value>,
}

impl<'a, T: Serialize> Side<'a, T> {
    pub fn of(items: &'a [T]) -> Self {
        let written: Vec<Value> = items.iter().map(written).collect();
        let settled = written.iter().map(settled).collect();
        Self { items, written, settled }
    }

    /// Items of which a field is a path into the statement: compared by what is there, not by its
    /// place.
    pub fn evidence(items: &'a [T], field: &str, places: &Places) -> Self {
        let mut side = Self::of(items);
        for item in &mut side.settled {
            if let Some(path) = item.get_mut(field) {
                *path = places.of_path(path).into();
            }
        }
        side
    }
}

/// Two lists, and which items of them belong together.
pub struct List<'a, T> {
    before: Side<'a, T>,
    after: Side<'a, T>,
    paired: Paired,
}

impl<'a, T: OutputType + Clone> List<'a, T> {
    /// Pairs the items of which one field is the same, without regard to case: evidence is known
    /// by a file's digest, or by the part that is claimed.
    pub fn paired_by_field(before: Side<'a, T>, after: Side<'a, T>, field: &str) -> Self {
        let keys = [&before, &after].map(|side| {
            let text = |item: &Value| Some(item.get(field)?.as_str()?.to_lowercase());
            let keys = side.settled.iter().map(|item| Keys {
                identifiers: text(item).into_iter().collect(),
                ..Keys::default()
            });
            keys.collect::<Vec<_>>()
        });
        Self::paired(before, after, &keys, |_, _| Some(SAME))
    }

    /// Pairs by what is known of the items at these places. Only what has a key in common is
    /// compared.
    pub fn paired(
        before: Side<'a, T>,
        after: Side<'a, T>,
        [keys, its_keys]: &[Vec<Keys>; 2],
        likeness: impl Fn(usize, usize) -> Option<u32>,
    ) -> Self {
        let paired = pair([&before.settled, &after.settled], [keys, its_keys], likeness);
        Self { before, after, paired }
    }

    /// What became of each item, in the order of the later list; where it is not there, of the
    /// earlier one.
    pub fn differences(&self) -> Vec<ItemDifference<T>> {
        let Self { before, after, paired } = self;
        let mut told = Vec::new();
        for &(one, other) in &paired.pairs {
            let (settled, its) = (&before.settled[one], &after.settled[other]);
            if settled != its {
                let fields =
                    differing_as(&before.written[one], settled, &after.written[other], its);
                told.push(self.difference(Change::Changed, Some(one), Some(other), fields));
            }
        }
        let removed = paired.removed.iter().map(|&it| (Change::Removed, Some(it), None));
        let added = paired.added.iter().map(|&it| (Change::Added, None, Some(it)));
        for (change, one, other) in removed.chain(added) {
            told.push(self.difference(change, one, other, Vec::new()));
        }
        told.sort_by_key(|it| (it.after_index.or(it.before_index), it.before_index));
        told
    }

    fn difference(
        &self,
        change: Change,
        before_index: Option<usize>,
        after_index: Option<usize>,
        fields: Vec<crate::disclosure::model::FieldDifference>,
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

    /// A name for the item at each place of either list, the same for two that belong together.
    fn names(&self) -> [Vec<String>; 2] {
        let Paired { pairs, .. } = &self.paired;
        let alone = |sign: &str, items: usize| -> Vec<String> {
            (0..items).map(|index| format!("{sign}{index}")).collect()
        };
        let mut earlier = alone("-", self.before.items.len());
        let mut later = alone("+", self.after.items.len());
        for (pair, &(one, other)) in pairs.iter().enumerate() {
            earlier[one] = format!("={pair}");
            later[other] = format!("={pair}");
        }
        [earlier, later]
    }
}

/// What the paths of one statement lead to: its items by name.
pub struct Places {
    agreements: Vec<String>,
    arrangements: Vec<String>,
}

impl Places {
    /// Of the earlier statement, and of the later one.
    pub fn of<T: OutputType + Clone, U: OutputType + Clone>(
        agreements: &List<'_, T>,
        arrangements: &List<'_, U>,
    ) -> [Self; 2] {
        let [earlier, later] = agreements.names();
        let [its_earlier, its_later] = arrangements.names();
        [
            Self { agreements: earlier, arrangements: its_earlier },
            Self { agreements: later, arrangements: its_later },
        ]
    }

    fn of_path(&self, path: &Value) -> String {
        let steps = path.as_array().into_iter().flatten();
        let mut steps: Vec<&str> = steps.filter_map(Value::as_str).collect();
        if let [section, list, place, ..] = &mut steps[..] {
            let names = match (*section, *list) {
                ("dhs", "agreements") => self.agreements.as_slice(),
                ("dataSharing", "arrangements") => &self.arrangements,
                _ => &[],
            };
            let name = place.parse::<usize>().ok().and_then(|place| names.get(place));
            *place = name.map_or(*place, String::as_str);
        }
        // No step of a path has this character in it.
        steps.join("\u{1F}")
    }
}
