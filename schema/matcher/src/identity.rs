//! Groups records that are one firm: those that share a UEI, DUNS number or CAGE code. A code that
//! many different recipients share is nobody's.
use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;

use crate::record::Profile;

/// The number of recipients with nothing in common in their names from which on a code that all of
/// them have is nobody's. A firm that changes its name and its name's every word so often is not
/// known.
const MIN_GENERIC_BEARERS: usize = 5;

/// A union-find of records by shared identifiers, and the transfers of awards between them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identities {
    parent: Vec<u32>,
    /// The next record of the same firm, in a ring.
    next: Vec<u32>,
    by_code: HashMap<Box<str>, u32, FixedState>,
    /// For a code that several records have: records of it whose names have nothing in common.
    different_bearers: HashMap<Box<str>, Vec<u32>, FixedState>,
    /// Codes that many recipients share, such as that of all undisclosed foreign ones.
    generic_codes: HashSet<Box<str>, FixedState>,
    /// Records that were joined for another reason than a code.
    joined: Vec<(u32, u32)>,
    /// Records by their parent's UEI.
    by_parent: HashMap<Box<str>, Vec<u32>, FixedState>,
    /// Records between which awards were transferred, in both directions.
    transfers: HashMap<u32, Vec<u32>, FixedState>,
}

impl Identities {
    /// Whether many recipients share the code, so that it identifies none.
    pub fn is_generic(&self, code: &str) -> bool {
        self.generic_codes.contains(code)
    }

    /// Counts a bearer of a code that another record has. `are_alike` compares the names of two
    /// records. Returns whether the code has become generic.
    pub fn count_bearer(
        &mut self,
        code: &str,
        record: u32,
        are_alike: impl Fn(u32, u32) -> bool,
    ) -> bool {
        let Some(first) = self.by_code.get(code).copied() else { return false };
        if first == record || self.is_generic(code) {
            return false;
        }
        let bearers = self.different_bearers.entry(code.into()).or_insert_with(|| vec![first]);
        if bearers.iter().any(|bearer| *bearer == record || are_alike(*bearer, record)) {
            return false;
        }
        bearers.push(record);
        if bearers.len() < MIN_GENERIC_BEARERS {
            return false;
        }
        self.different_bearers.remove(code);
        self.generic_codes.insert(code.into());
        true
    }

    /// Groups all records anew, after a code has become generic.
    pub fn rebuild(&mut self, profiles: &[Profile]) {
        let (transfers, joined) =
            (std::mem::take(&mut self.transfers), std::mem::take(&mut self.joined));
        let (bearers, generic) =
            (std::mem::take(&mut self.different_bearers), std::mem::take(&mut self.generic_codes));
        *self = Self {
            transfers,
            different_bearers: bearers,
            generic_codes: generic,
            ..Self::default()
        };
        for (record, profile) in (0..).zip(profiles) {
            self.insert(record, profile);
        }
        for (left, right) in joined {
            self.join_named(left, right);
        }
    }

    /// Joins the firms of two records that share no code.
    pub fn join_named(&mut self, left: u32, right: u32) {
        self.joined.push((left, right));
        self.join(left, right);
    }

    /// Adds the next record and joins it with the records that share an identifier.
    pub fn insert(&mut self, record: u32, profile: &Profile) {
        self.parent.push(record);
        self.next.push(record);
        self.link_identifiers(record, profile);
    }

    /// Joins a record with the records that share an identifier.
    pub fn link_identifiers(&mut self, record: u32, profile: &Profile) {
        if let Some(uei) =
            profile.parent_uei.as_ref().filter(|uei| profile.uei.as_ref() != Some(uei))
        {
            self.by_parent.entry(uei.clone()).or_default().push(record);
        }
        // Codes of three kinds differ in length, so one map holds them.
        let codes = [&profile.uei, &profile.duns, &profile.cage].into_iter().flatten();
        for code in codes.filter(|code| !self.generic_codes.contains(*code)).collect::<Vec<_>>() {
            if let Some(right) = self.by_code.get(code) {
                self.join(*right, record);
            } else {
                self.by_code.insert(code.clone(), record);
            }
        }
    }

    /// The records whose parent has the UEI, in order of insertion.
    pub fn children(&self, uei: &str) -> &[u32] {
        self.by_parent.get(uei).map(Vec::as_slice).unwrap_or_default()
    }

    /// The record that represents the firm.
    pub fn root(&self, record: u32) -> u32 {
        let mut at = record;
        while let Some(parent) = self.parent.get(at as usize).filter(|parent| **parent != at) {
            at = *parent;
        }
        at
    }

    /// A record with the identifier.
    pub fn find_by_code(&self, code: &str) -> Option<u32> {
        self.by_code.get(code).copied()
    }

    /// All records of the firm, the given one first.
    pub fn members(&self, record: u32) -> impl Iterator<Item = u32> {
        let mut at = Some(record);
        std::iter::from_fn(move || {
            let this = at?;
            at = self.next.get(this as usize).copied().filter(|next| *next != record);
            Some(this)
        })
    }

    /// Joins the firms of two records.
    fn join(&mut self, left: u32, right: u32) {
        let (left, right) = (self.root(left), self.root(right));
        if left == right {
            return;
        }
        // The earlier record stays the root, so that a firm's number is stable.
        let (first, second) = (left.min(right), left.max(right));
        self.parent[second as usize] = first;
        self.next.swap(first as usize, second as usize);
    }

    /// Records a transfer of an award between two records that are different firms.
    pub fn link_transfer(&mut self, left: u32, right: u32) {
        for (from, to) in [(left, right), (right, left)] {
            let known = self.transfers.entry(from).or_default();
            if !known.contains(&to) {
                known.push(to);
            }
        }
    }

    /// The records from which or to which awards were transferred.
    pub fn transferred(&self, record: u32) -> &[u32] {
        self.transfers.get(&record).map(Vec::as_slice).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Identities;
    use crate::record::{Profile, Record};

    #[test]
    fn shared_identifiers_make_one_firm() {
        let mut identities = Identities::default();
        let known = [("LN3NM7H7GWA4", ""), ("", "3SKA1"), ("LN3NM7H7GWA4", "3SKA1"), ("", "")];
        for (record, (uei, cage)) in (0..).zip(known) {
            let record_ = Record {
                uei: Some(uei.into()),
                cage: Some(cage.into()),
                ..Record::from_name("Zeta")
            };
            identities.insert(record, &Profile::new(&record_));
        }
        assert_eq!(identities.root(1), 0);
        assert_eq!(identities.root(3), 3);
        let mut members: Vec<u32> = identities.members(1).collect();
        members.sort_unstable();
        assert_eq!(members, [0, 1, 2]);
    }
}
