//! Groups records that are one firm: those that share a UEI, DUNS number or CAGE code.
use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::record::Profile;

/// A union-find of records by shared identifiers, and the transfers of awards between them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identities {
    parent: Vec<u32>,
    /// The next record of the same firm, in a ring.
    next: Vec<u32>,
    by_code: HashMap<Box<str>, u32, FixedState>,
    /// Records by their parent's UEI.
    by_parent: HashMap<Box<str>, Vec<u32>, FixedState>,
    /// Records between which awards were transferred, in both directions.
    transfers: HashMap<u32, Vec<u32>, FixedState>,
}

impl Identities {
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
        for code in [&profile.uei, &profile.duns, &profile.cage].into_iter().flatten() {
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
    pub fn join(&mut self, left: u32, right: u32) {
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
