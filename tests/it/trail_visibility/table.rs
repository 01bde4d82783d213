//! The part of `access.toml` about audit trails: what each group of readers may read.
use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

/// Keys visible only to users who read whole entries, for any action.
pub const KEYS_OF_WHOLE_ENTRIES: &[&str] = &["rows", "salt", "under"];
const GROUPS: &[&str] = &["firm", "officer", "other_officer", "staff", "others"];
const WHOLE: &str = "whole";

/// The tables of `access.toml` about audit trails.
#[derive(Deserialize)]
pub struct Table {
    columns: Vec<String>,
    readers: BTreeMap<String, Vec<String>>,
    action: BTreeMap<String, BTreeMap<String, String>>,
}

/// What a reader sees of an entry.
#[derive(Debug)]
pub enum Share {
    Nothing,
    Whole,
    Keys(BTreeSet<String>),
}

impl Table {
    /// Reads and checks the table.
    pub fn read() -> Self {
        let table: Self = toml::from_str(include_str!("../../access.toml")).expect("a table");
        let groups: BTreeSet<&str> = table.readers.keys().map(String::as_str).collect();
        let expected: BTreeSet<&str> = GROUPS.iter().chain([&WHOLE]).copied().collect();
        assert_eq!(groups, expected);
        let mut grouped: Vec<&String> = table.readers.values().flatten().collect();
        let mut columns: Vec<&String> =
            table.columns.iter().filter(|it| *it != "anonymous").collect();
        grouped.sort();
        columns.sort();
        assert_eq!(grouped, columns, "each column is in one group");
        for (action, cells) in &table.action {
            for group in cells.keys() {
                assert!(GROUPS.contains(&&**group), "{action}: {group}");
            }
        }
        table
    }

    /// Returns the table's actions.
    pub fn actions(&self) -> BTreeSet<&str> {
        self.action.keys().map(String::as_str).collect()
    }

    /// Returns the keys of an action's data visible to readers of partial entries.
    pub fn keys(&self, action: &str) -> BTreeSet<String> {
        let cells = self.action.get(action).into_iter().flat_map(BTreeMap::values);
        cells.flat_map(|cell| cell.split_whitespace().map(str::to_owned)).collect()
    }

    /// Returns what the users of a column see of an entry of an action.
    pub fn share(&self, action: &str, column: &str) -> Share {
        let group = self.readers.iter().find(|(_, columns)| columns.iter().any(|it| it == column));
        let (group, _) = group.unwrap_or_else(|| panic!("{column} is in no group"));
        if group == WHOLE {
            return Share::Whole;
        }
        let cells = self.action.get(action).unwrap_or_else(|| panic!("no row for {action}"));
        cells.get(group).map_or(Share::Nothing, |cell| {
            Share::Keys(cell.split_whitespace().map(str::to_owned).collect())
        })
    }
}
