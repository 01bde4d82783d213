//! Transactions of awards, and which of two versions of one is the newer.
use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::NaiveDate;

use super::{AwardFileRow, RowScope};

/// An entry of an award file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AwardFileEntry {
    /// An award, or a transaction of one.
    Row(Box<AwardFileRow>),
    /// The mark that a transaction was deleted.
    Deletion(TransactionDeletion),
}

impl AwardFileEntry {
    /// Returns the entry's first line in its file, from 1.
    #[must_use]
    pub fn line(&self) -> u64 {
        match self {
            Self::Row(row) => row.line,
            Self::Deletion(deletion) => deletion.line,
        }
    }
}

/// The mark of a deleted transaction (`correction_delete_ind` D).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionDeletion {
    /// The first line in its file, from 1.
    pub line: u64,
    /// The keys, in capitals, of the awards that the transaction may belong to: the award's own, or those
    /// that follow from the transaction's key.
    pub award_keys: Vec<String>,
    /// The transaction's key.
    pub transaction: String,
    /// The day of the deletion.
    pub modified_on: Option<NaiveDate>,
}

/// One version of a transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TransactionVersion {
    /// The obligation in US cents; `None` if the file has no amount.
    pub cents: Option<i64>,
    /// The day of the action.
    pub action_on: Option<NaiveDate>,
    /// The day on which the version was last modified at its source.
    pub modified_on: Option<NaiveDate>,
}

impl TransactionVersion {
    /// Returns the version of a transaction that a row has.
    #[must_use]
    pub const fn of_row(row: &AwardFileRow) -> Self {
        Self { cents: row.obligated_cents, action_on: row.latest_on, modified_on: row.modified_on }
    }

    /// Returns whether another version of the transaction replaces this one: only one that is known to
    /// be newer does.
    #[must_use]
    pub fn is_replaced_by(&self, other: &Self) -> bool {
        self.is_known_before(other.modified_on)
    }

    /// Returns whether this version is known to be from before a day.
    #[must_use]
    pub fn is_known_before(&self, day: Option<NaiveDate>) -> bool {
        is_known_before(self.modified_on, day)
    }

    /// Returns whether a deletion removes this version: any but one that is known to be earlier does.
    #[must_use]
    pub fn is_deleted_on(&self, deleted_on: Option<NaiveDate>) -> bool {
        !is_known_before(deleted_on, self.modified_on)
    }
}

fn is_known_before(first: Option<NaiveDate>, second: Option<NaiveDate>) -> bool {
    matches!((first, second), (Some(first), Some(second)) if first < second)
}

/// The span of days in which files have every transaction of their awards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompleteSpan {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// The latest day on which the source modified a row of the files; `None` if it is unknown.
    pub as_of: Option<NaiveDate>,
}

impl CompleteSpan {
    /// Returns whether a day is in the span; an unknown day is not.
    #[must_use]
    pub fn contains(&self, day: Option<NaiveDate>) -> bool {
        day.is_some_and(|day| self.from <= day && day <= self.to)
    }
}

/// The transactions that complete files list, by award. They take eight bytes each, beside their awards.
#[derive(Clone, Debug, Default)]
pub struct ListedTransactions(BTreeMap<String, HashSet<u64>>);

impl ListedTransactions {
    /// Adds the transaction of a row; a row of another scope lists none.
    pub fn insert(&mut self, row: &AwardFileRow) {
        if let RowScope::Transaction(key) = &row.scope {
            self.0.entry(row.key.clone()).or_default().insert(hash(key));
        }
    }

    /// Returns the keys of the awards with transactions.
    pub fn award_keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Returns whether a transaction of an award is listed.
    #[must_use]
    pub fn contains(&self, award: &str, transaction: &str) -> bool {
        self.0.get(award).is_some_and(|listed| listed.contains(&hash(transaction)))
    }
}

fn hash(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

/// Returns whether a row about an award is at least as new as what is known of it: the latest action
/// decides. An import and `candor screen` both ask this.
#[must_use]
pub fn is_newer(row: Option<NaiveDate>, known: Option<NaiveDate>) -> bool {
    row >= known
}

#[cfg(test)]
mod tests {
    use super::{TransactionVersion, is_newer};

    #[test]
    fn only_a_known_later_version_replaces() {
        let [early, late] = ["2025-01-01", "2025-02-01"].map(|day| day.parse().ok());
        let version =
            |modified_on| TransactionVersion { modified_on, ..TransactionVersion::default() };
        for (stored, other, replaces, is_deleted) in [
            (early, late, true, true),
            (late, early, false, false),
            (early, early, false, true),
            (None, late, false, true),
            (early, None, false, true),
            (None, None, false, true),
        ] {
            assert_eq!(version(stored).is_replaced_by(&version(other)), replaces);
            assert_eq!(version(stored).is_deleted_on(other), is_deleted);
        }
        assert!(is_newer(late, early) && is_newer(early, early) && is_newer(early, None));
        assert!(!is_newer(early, late) && !is_newer(None, early));
    }
}
