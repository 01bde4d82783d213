//! Local dates, business days and deadlines. Whatever is asked of it, it answers: moments beyond
//! the years 1 to 9999 are taken as the nearest that is not.
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeZone, Utc, Weekday};
use chrono_tz::{GapInfo, Tz};

use super::policy::{Holiday, of_year};

/// The first and the last moment that are told apart, in seconds: at the far ends of what chrono
/// holds, local time has no room.
const MOMENTS: (i64, i64) = (-62_135_500_000, 253_402_200_000);

/// How a city reads time.
#[derive(Clone, Copy, Debug)]
pub struct Calendar<'a> {
    timezone: Tz,
    holidays: &'a [Holiday],
}

impl<'a> Calendar<'a> {
    /// The calendar of a time zone with these holidays.
    #[must_use]
    pub const fn new(timezone: Tz, holidays: &'a [Holiday]) -> Self {
        Self { timezone, holidays }
    }

    /// The local date at a moment.
    #[must_use]
    pub fn date(self, at: DateTime<Utc>) -> NaiveDate {
        let at = DateTime::from_timestamp(at.timestamp().clamp(MOMENTS.0, MOMENTS.1), 0);
        at.unwrap_or_default().with_timezone(&self.timezone).date_naive()
    }

    /// The first moment of a local day: its midnight, or where the clocks skip that, the moment
    /// to which they skip.
    #[must_use]
    pub fn midnight(self, date: NaiveDate) -> DateTime<Utc> {
        let local = date.and_time(NaiveTime::MIN);
        let clamped = local.and_utc().timestamp().clamp(MOMENTS.0, MOMENTS.1);
        let local = DateTime::from_timestamp(clamped, 0).unwrap_or_default().naive_utc();
        let first = self.timezone.from_local_datetime(&local).earliest();
        let first = first.or_else(|| GapInfo::new(&local, &self.timezone)?.end);
        first.map_or_else(|| local.and_utc(), |first| first.to_utc())
    }

    /// Local calendar days from one moment to another; negative if the other is earlier. An hour
    /// more or less on the way, when clocks change, makes no difference.
    #[must_use]
    pub fn days_between(self, from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
        (self.date(to) - self.date(from)).num_days()
    }

    /// The days of a year that are holidays, earliest first.
    #[must_use]
    pub fn holidays(self, year: i32) -> Vec<(NaiveDate, &'a str)> {
        let around = [year.saturating_sub(1), year, year.saturating_add(1)];
        let kept = around.into_iter().flat_map(|around| of_year(self.holidays, around));
        let mut kept: Vec<_> = kept.filter(|(date, _)| date.year() == year).collect();
        kept.sort_unstable();
        kept
    }

    /// Whether the City works on a day.
    #[must_use]
    pub fn is_business_day(self, date: NaiveDate) -> bool {
        !matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
            && !self.holidays(date.year()).iter().any(|(holiday, _)| *holiday == date)
    }

    /// The local midnight that ends the `days`th business day after the local date of `due_at`,
    /// exclusive; none for 0 days.
    #[must_use]
    pub fn cure_by(self, due_at: DateTime<Utc>, days: u32) -> Option<DateTime<Utc>> {
        let after = self.date(due_at).iter_days().skip(1);
        let mut counted = after.filter(|date| self.is_business_day(*date));
        let last = counted.nth(usize::try_from(days.checked_sub(1)?).ok()?)?;
        Some(self.midnight(last.checked_add_days(Days::new(1))?))
    }

    /// The last local date before a moment: of a deadline that ends at midnight, the day to which
    /// it runs.
    #[must_use]
    pub fn last_date_before(self, at: DateTime<Utc>) -> NaiveDate {
        let at = at.timestamp().clamp(MOMENTS.0, MOMENTS.1);
        self.date(DateTime::from_timestamp(at - 1, 0).unwrap_or_default())
    }

    /// The place that the time zone is named after, such as `Los Angeles`.
    #[must_use]
    pub fn place(self) -> String {
        let name = self.timezone.name();
        name.rsplit('/').next().unwrap_or(name).replace('_', " ")
    }
}
