//! All published versions, ordered by the time at which they take effect.
use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ConnectionTrait;

use super::{PublishedPolicy, store};
use crate::fault::{Fault, FieldPath, Result};
use crate::filter::{DayRange, TimeRange};
use crate::gate::Policy;
use crate::gate::wording::format_date;
use crate::quota::LocalDay;
use crate::user_message::UserMessage;

/// Every version that is not withdrawn, with its effective time (UTC), earliest first.
#[derive(Clone, Debug, Default)]
pub struct PolicyTimeline(Vec<(DateTime<Utc>, Arc<Policy>)>);

/// Loads every version that is not withdrawn.
pub async fn load_timeline(db: &impl ConnectionTrait) -> Result<PolicyTimeline> {
    let rows = store::list_live(db).await?.into_iter();
    let versions = rows.map(|row| {
        let effective_from = row.effective_from;
        Ok((effective_from, Arc::new(PublishedPolicy::from_row(row)?.policy)))
    });
    Ok(PolicyTimeline(versions.collect::<Result<_>>()?))
}

impl PolicyTimeline {
    /// Returns the policy in force at a time; none before the first takes effect.
    #[must_use]
    pub fn in_force_at(&self, at: DateTime<Utc>) -> Option<Arc<Policy>> {
        let count = self.0.partition_point(|(effective_from, _)| *effective_from <= at);
        self.0[..count].last().map(|(_, policy)| Arc::clone(policy))
    }

    /// Returns the policy in force at a time.
    ///
    /// # Errors
    /// `Invalid` if none is.
    pub fn require_in_force_at(&self, at: DateTime<Utc>) -> Result<Arc<Policy>> {
        self.in_force_at(at).ok_or_else(|| self.none_in_force_fault())
    }

    /// Returns the fault of a request that needs a policy while none is in force.
    #[must_use]
    pub fn none_in_force_fault(&self) -> Fault {
        let message = match self.0.first() {
            None => UserMessage::PolicyNone,
            Some((_, policy)) => UserMessage::PolicyBeginsLater {
                version: i64::from(policy.version()),
                date: policy.effective_from(),
            },
        };
        Fault::invalid(&FieldPath::default(), message)
    }

    /// Returns the policy in force at a time and the later ones, the earliest first.
    #[must_use]
    pub fn in_force_from(&self, at: DateTime<Utc>) -> Vec<&Policy> {
        let count = self.0.partition_point(|(effective_from, _)| *effective_from <= at);
        let from = count.saturating_sub(1);
        self.0[from..].iter().map(|(_, policy)| policy.as_ref()).collect()
    }

    /// Lists the versions that are not withdrawn, the earliest first.
    #[must_use]
    pub fn policies(&self) -> impl DoubleEndedIterator<Item = &Policy> {
        self.0.iter().map(|(_, policy)| policy.as_ref())
    }

    /// Returns the policy whose calendar applies at a time: the one in force, or else the first one.
    fn calendar_policy_at(&self, at: DateTime<Utc>) -> Option<Arc<Policy>> {
        self.in_force_at(at).or_else(|| self.0.first().map(|(_, policy)| Arc::clone(policy)))
    }

    /// Returns the local date at a time; the UTC date if no policy is published.
    #[must_use]
    pub fn local_date(&self, at: DateTime<Utc>) -> NaiveDate {
        self.calendar_policy_at(at)
            .map_or_else(|| at.date_naive(), |policy| policy.calendar().local_date(at))
    }

    /// Returns the last local day before a deadline at midnight, as letters say it, by the calendar that
    /// applies at the deadline.
    #[must_use]
    pub fn format_last_day(&self, deadline: DateTime<Utc>) -> String {
        format_date(self.calendar_policy_at(deadline).map_or_else(
            || deadline.date_naive(),
            |policy| policy.calendar().last_date_before(deadline),
        ))
    }

    /// Returns the start (UTC) of a local day by the calendar that applies at a time; midnight UTC if no
    /// policy is published.
    #[must_use]
    pub fn local_midnight(&self, day: NaiveDate, at: DateTime<Utc>) -> DateTime<Utc> {
        self.calendar_policy_at(at).map_or_else(
            || day.and_time(chrono::NaiveTime::MIN).and_utc(),
            |policy| policy.calendar().midnight(day),
        )
    }

    /// Returns the times of a range of local days, by the calendar that applies at a time.
    #[must_use]
    pub fn times_of(&self, days: DayRange, at: DateTime<Utc>) -> TimeRange {
        let start_of = |day: NaiveDate| self.local_midnight(day, at);
        TimeRange {
            from: days.from.map(start_of),
            before: days.to.and_then(|last| last.succ_opt()).map(start_of),
        }
    }

    /// Returns the local day at a time and its remaining duration; the UTC day if no policy is
    /// published.
    #[must_use]
    pub fn local_day(&self, at: DateTime<Utc>) -> LocalDay {
        let date = self.local_date(at);
        let ends = date.succ_opt().map(|next| self.local_midnight(next, at));
        let left = ends.and_then(|ends| (ends - at).to_std().ok());
        LocalDay { date, left: left.unwrap_or_default() }
    }

    /// Returns the local day on which the first version takes effect.
    #[must_use]
    pub fn first_effective_date(&self) -> Option<NaiveDate> {
        self.0.first().map(|(_, policy)| policy.effective_from())
    }

    /// Returns the versions of the contract clause that any policy contains.
    #[must_use]
    pub fn clause_versions(&self) -> BTreeSet<i64> {
        self.0.iter().map(|(_, policy)| i64::from(policy.clause().version)).collect()
    }

    /// Returns when the next published version takes effect after a time (UTC).
    #[must_use]
    pub fn next_effective_after(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.0.iter().map(|(effective_from, _)| *effective_from).find(|time| *time > at)
    }
}
