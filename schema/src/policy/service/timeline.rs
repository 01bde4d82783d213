//! Every version of the ordinance, by the time from which it is in force.
use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ConnectionTrait;

use super::{Enacted, store};
use crate::fault::Result;
use crate::gate::Policy;
use crate::quota::LocalDay;

/// Every version that is law, the earliest first.
#[derive(Clone, Debug, Default)]
pub struct Timeline(Vec<(DateTime<Utc>, Arc<Policy>)>);

/// Reads every version that is law.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn timeline(db: &impl ConnectionTrait) -> Result<Timeline> {
    let rows = store::all(db).await?.into_iter();
    let read = rows.map(|row| {
        let begins = row.effective_from;
        Ok((begins, Arc::new(Enacted::read(row)?.policy)))
    });
    Ok(Timeline(read.collect::<Result<_>>()?))
}

impl Timeline {
    /// The policy in force at a time, if any was.
    #[must_use]
    pub fn at(&self, at: DateTime<Utc>) -> Option<Arc<Policy>> {
        let begun = self.0.partition_point(|(begins, _)| *begins <= at);
        self.0[..begun].last().map(|(_, policy)| Arc::clone(policy))
    }

    /// Which policy's calendar is read at a time: the one in force, or the first one ahead.
    fn calendar_of(&self, at: DateTime<Utc>) -> Option<Arc<Policy>> {
        self.at(at).or_else(|| self.0.first().map(|(_, policy)| Arc::clone(policy)))
    }

    /// The local date at a time; the date in UTC while nothing is law.
    #[must_use]
    pub fn date(&self, at: DateTime<Utc>) -> NaiveDate {
        self.calendar_of(at).map_or_else(|| at.date_naive(), |policy| policy.calendar().local_date(at))
    }

    /// The first moment of a local day, as read at a time; UTC while nothing is law.
    #[must_use]
    pub fn midnight(&self, day: NaiveDate, at: DateTime<Utc>) -> DateTime<Utc> {
        self.calendar_of(at).map_or_else(
            || day.and_time(chrono::NaiveTime::MIN).and_utc(),
            |policy| policy.calendar().midnight(day),
        )
    }

    /// The local day at a time, and how long it still lasts; the day in UTC while nothing is law.
    #[must_use]
    pub fn local_day(&self, at: DateTime<Utc>) -> LocalDay {
        let date = self.date(at);
        let ends = date.succ_opt().map(|next| self.midnight(next, at));
        let left = ends.and_then(|ends| (ends - at).to_std().ok());
        LocalDay { date, left: left.unwrap_or_default() }
    }

    /// The local day on which the first version began.
    #[must_use]
    pub fn began_on(&self) -> Option<NaiveDate> {
        self.0.first().map(|(_, policy)| policy.effective_from())
    }

    /// The versions of the contract clause that some policy has a text of.
    #[must_use]
    pub fn clause_versions(&self) -> BTreeSet<i64> {
        self.0.iter().map(|(_, policy)| i64::from(policy.clause().version)).collect()
    }

    /// When the next version comes into force after a time, if one is law already.
    #[must_use]
    pub fn next_change(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.0.iter().map(|(begins, _)| *begins).find(|begins| *begins > at)
    }
}
