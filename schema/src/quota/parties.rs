//! How many different parties each organization names within a local day.
//!
//! A bid's readiness tells of each subcontractor whether its disclosure is current. The bound keeps
//! one from asking that of every firm in the city.
use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::NaiveDate;
use uuid::Uuid;

use super::in_words;
use crate::fault::{Fault, Result};
use crate::id::SubjectId;

/// The most organizations whose parties are kept: with the 600 parties of a running service, 48 MB
/// at the most.
const MAX_ORGANIZATIONS: usize = 10_000;

/// A local day of the City's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalDay {
    pub date: NaiveDate,
    /// How long it still lasts.
    pub left: Duration,
}

/// The parties that each organization has named on one day, as hashes.
#[derive(Debug, Default)]
struct Day {
    date: NaiveDate,
    organizations: HashMap<Uuid, Vec<u64>>,
}

/// Counts the different parties that each organization names within a local day.
#[derive(Debug)]
pub(super) struct NamedParties {
    bound: NonZeroU32,
    max_organizations: usize,
    hasher: RandomState,
    day: Mutex<Day>,
}

impl NamedParties {
    pub(super) fn new(bound: NonZeroU32) -> Self {
        Self {
            bound,
            max_organizations: MAX_ORGANIZATIONS,
            hasher: RandomState::new(),
            day: Mutex::default(),
        }
    }

    /// Counts the parties that an organization names at once; all of them, or none if they are too
    /// many.
    pub(super) fn name(
        &self,
        organization: &SubjectId,
        today: LocalDay,
        parties: impl Iterator<Item = String>,
    ) -> Result<()> {
        let named: BTreeSet<u64> = parties.map(|party| self.hasher.hash_one(party)).collect();
        if named.is_empty() {
            return Ok(());
        }
        let mut day = self.day.lock().unwrap_or_else(PoisonError::into_inner);
        // A request that came before midnight may be counted after it: the day never goes back.
        if today.date > day.date {
            *day = Day { date: today.date, organizations: HashMap::new() };
        }
        let known = day.organizations.get(&organization.uuid).map_or(&[][..], Vec::as_slice);
        let fresh = named.iter().filter(|it| known.binary_search(it).is_err());
        let fresh: Vec<u64> = fresh.copied().collect();
        let together = known.len() + fresh.len();
        if u32::try_from(together).unwrap_or(u32::MAX) > self.bound.get() {
            tracing::warn!(
                organization = %organization.text,
                parties = together,
                "an organization names more parties than it may within a day"
            );
            let message = format!(
                "One organization may name {} different firms a day, as subcontractors or members, \
                 in its bids and when it asks whether they are ready, and these would be \
                 {together}. Name fewer, or try again after midnight, in {}.",
                self.bound,
                in_words(today.left)
            );
            return Err(Fault::RateLimited { message: message.into(), retry_after: today.left });
        }
        self.make_room(&mut day, organization.uuid);
        let known = day.organizations.entry(organization.uuid).or_default();
        known.extend(fresh);
        known.sort_unstable();
        Ok(())
    }

    /// Forgets the organization that has named the fewest, if there is no room for another.
    fn make_room(&self, day: &mut Day, organization: Uuid) {
        let is_full = day.organizations.len() >= self.max_organizations;
        if !is_full || day.organizations.contains_key(&organization) {
            return;
        }
        let fewest = day.organizations.iter().min_by_key(|(_, named)| named.len());
        if let Some(fewest) = fewest.map(|(organization, _)| *organization) {
            day.organizations.remove(&fewest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counter(bound: u32) -> NamedParties {
        let bound = NonZeroU32::new(bound).expect("more than none");
        NamedParties { max_organizations: 3, ..NamedParties::new(bound) }
    }

    fn organization(number: u128) -> SubjectId {
        SubjectId { uuid: Uuid::from_u128(number), text: format!("org_{number}") }
    }

    fn on(day: u32) -> LocalDay {
        let date = NaiveDate::from_ymd_opt(2026, 2, day).expect("a date");
        LocalDay { date, left: Duration::from_hours(9) }
    }

    fn parties(range: std::ops::Range<u32>) -> impl Iterator<Item = String> {
        range.map(|number| number.to_string())
    }

    #[test]
    fn different_parties_are_counted_for_each_organization_and_day() {
        let counter = counter(5);
        let (one, other) = (organization(1), organization(2));
        counter.name(&one, on(2), parties(0..3)).expect("3 of 5");
        counter.name(&one, on(2), parties(0..5)).expect("2 more of 5");
        counter.name(&one, on(2), parties(0..5)).expect("the same again");
        match counter.name(&one, on(2), parties(4..6)) {
            Err(Fault::RateLimited { message, retry_after }) => {
                assert!(message.contains("name 5 different firms a day"), "{message}");
                assert!(message.contains("these would be 6"), "{message}");
                assert!(message.ends_with("after midnight, in 9 hours."), "{message}");
                assert_eq!(retry_after, Duration::from_hours(9));
            }
            other => panic!("{other:?}"),
        }
        counter.name(&one, on(2), parties(0..1)).expect("what was named before");
        counter.name(&other, on(2), parties(10..15)).expect("a bound of its own");
        counter.name(&one, on(3), parties(5..10)).expect("another day");
        counter.name(&one, on(2), parties(10..11)).expect_err("the day does not go back");
    }

    #[test]
    fn memory_is_bounded_and_whoever_named_most_is_remembered() {
        let counter = counter(5);
        let full = organization(0);
        counter.name(&full, on(2), parties(0..5)).expect("5 of 5");
        for number in 1..100 {
            counter.name(&organization(number), on(2), parties(0..2)).expect("2 of 5");
        }
        let kept = counter.day.lock().expect("nobody failed with the lock").organizations.len();
        assert_eq!(kept, 3);
        counter.name(&full, on(2), parties(5..6)).expect_err("its parties are not forgotten");
    }
}
