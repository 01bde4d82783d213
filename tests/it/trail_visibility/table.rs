//! `access.toml`: what each group of readers reads of an entry.
use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

/// Keys that only who reads an entry whole reads, whatever its action.
pub const KEYS_OF_WHOLE: &[&str] = &["rows", "salt", "under"];
const GROUPS: &[&str] = &["firm", "officer", "other_officer", "staff", "others"];
const WHOLE: &str = "whole";

/// The parts of `access.toml` that are about audit trails.
#[derive(Deserialize)]
pub struct Table {
    columns: Vec<String>,
    readers: BTreeMap<String, Vec<String>>,
    action: BTreeMap<String, BTreeMap<String, String>>,
}

/// What somebody reads of an entry.
#[derive(Debug)]
pub enum Share {
    Nothing,
    Whole,
    Keys(BTreeSet<String>),
}

impl Table {
    /// The table, complete and without names that mean nothing.
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

    /// Every action of the table.
    pub fn actions(&self) -> BTreeSet<&str> {
        self.action.keys().map(String::as_str).collect()
    }

    /// The keys of an action's data that somebody reads who does not read it whole.
    pub fn keys(&self, action: &str) -> BTreeSet<String> {
        let cells = self.action.get(action).into_iter().flat_map(BTreeMap::values);
        cells.flat_map(|cell| cell.split_whitespace().map(str::to_owned)).collect()
    }

    /// What who stands in a column reads of an entry of an action.
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
