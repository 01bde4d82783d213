//! Decides who may read which ledger entry.
mod table;

use super::action::LedgerAction;
use super::model::{PARENT_KEY, ROWS_KEY, SALT_KEY};

/// The relations of a viewer to the subject of an entry, or the relations that may read it: a set, because
/// one person can have several.
///
/// Auditors and administrators are not included: they read every entry whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readers(u8);

impl Readers {
    /// No reader: only auditors and administrators.
    pub const NOBODY: Self = Self(0);
    /// A signed-in person who may see the subject.
    pub const ANYONE: Self = Self(1);
    /// A member of the organization that the entry concerns.
    pub const FIRM: Self = Self(1 << 1);
    /// A contract officer of the department that the subject belongs to, or to which the organization has
    /// submitted a bid.
    pub const OFFICER: Self = Self(1 << 2);
    /// Reviewers, supervisors and analysts, who read the data of every organization.
    pub const STAFF: Self = Self(1 << 3);

    /// Returns the union of two sets.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns whether two sets have a relation in common.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// The data keys that every action may have; only auditors and administrators read them.
const COMMON_KEYS: &[&str] = &[ROWS_KEY, SALT_KEY, PARENT_KEY];

/// Data keys and their readers.
type Keys = (Readers, &'static [&'static str]);

/// The readers of the entries of one action and of their parts. Only auditors and administrators
/// see undeclared parts.
#[derive(Clone, Copy, Debug)]
pub struct ReadRule {
    /// The readers of the entry: its subject, time and action.
    pub entry: Readers,
    /// The readers of the actor if it is a member of the organization concerned.
    own_actor: Readers,
    /// The readers of any other actor.
    other_actor: Readers,
    /// Every key that the data can have.
    data: &'static [Keys],
}

impl ReadRule {
    const fn new(entry: Readers, data: &'static [Keys]) -> Self {
        // The firm and the staff see the firm's people at `Organization.members`; a department's
        // officers do not.
        Self {
            entry,
            own_actor: Readers::FIRM.or(Readers::STAFF),
            other_actor: Readers::NOBODY,
            data,
        }
    }

    const fn other_actor_to(self, readers: Readers) -> Self {
        Self { other_actor: readers, ..self }
    }

    const fn own_actor_to(self, readers: Readers) -> Self {
        Self { own_actor: readers, ..self }
    }

    /// Returns whether `readers` may read the actor. `is_own` is whether the actor is a member of the
    /// organization concerned.
    pub const fn shows_actor(&self, readers: Readers, is_own: bool) -> bool {
        readers.intersects(if is_own { self.own_actor } else { self.other_actor })
    }

    /// Returns whether `readers` may read the value of a data key.
    pub fn shows_key(&self, readers: Readers, key: &str) -> bool {
        let mut shown = self.data.iter().filter(|(who, _)| who.intersects(readers));
        shown.any(|(_, keys)| keys.contains(&key))
    }

    /// Returns whether an entry's data may contain a key.
    pub fn declares(&self, key: &str) -> bool {
        COMMON_KEYS.contains(&key) || self.data.iter().any(|(_, keys)| keys.contains(&key))
    }
}

impl LedgerAction {
    /// Returns the actions whose entries `readers` may read.
    pub(in crate::ledger) fn readable_by(readers: Readers) -> impl Iterator<Item = Self> {
        let all = Self::ALL.iter().copied();
        all.filter(move |action| action.read_rule().entry.intersects(readers))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{LedgerAction, Readers};

    const EACH: [Readers; 4] = [Readers::ANYONE, Readers::FIRM, Readers::OFFICER, Readers::STAFF];

    #[test]
    fn each_key_is_declared_once_and_is_read_only_with_its_entry() {
        for action in LedgerAction::ALL {
            let rule = action.read_rule();
            let keys: Vec<&str> = rule.data.iter().flat_map(|(_, keys)| *keys).copied().collect();
            let distinct: BTreeSet<&str> = keys.iter().copied().collect();
            assert_eq!(keys.len(), distinct.len(), "{action}: {keys:?}");
            assert!(!distinct.contains("rows"), "{action}");
            // Every reader of the subject is included in ANYONE.
            for reader in EACH.into_iter().filter(|reader| !rule.entry.intersects(*reader)) {
                let reads = rule.entry.intersects(Readers::ANYONE);
                for key in &keys {
                    assert!(reads || !rule.shows_key(reader, key), "{action} {key} {reader:?}");
                }
            }
        }
    }

    #[test]
    fn no_firm_reads_which_city_employee_acted_and_nobody_reads_an_address() {
        for action in LedgerAction::ALL {
            let rule = action.read_rule();
            for reader in [Readers::FIRM, Readers::ANYONE] {
                assert!(!rule.shows_actor(reader, false), "{action} {reader:?}");
            }
            for key in ["email", "attestation", "rows"] {
                for reader in EACH {
                    assert!(!rule.shows_key(reader, key), "{action} {key} {reader:?}");
                }
            }
            assert!(!rule.shows_actor(Readers::NOBODY, true), "{action}");
        }
    }
}
