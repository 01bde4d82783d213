//! Local dates, business days and deadlines. Nothing panics: times outside the years 1 to 9999 are
//! clamped to that range.
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeZone, Utc, Weekday};
use chrono_tz::{GapInfo, Tz};

use super::policy::{Holiday, holidays_of_year};

/// The first and last supported time, in seconds since 1970. Local times near the limits of chrono
/// would overflow.
const TIMESTAMP_BOUNDS: (i64, i64) = (-62_135_500_000, 253_402_200_000);

/// The last year whose midnights are all within [`TIMESTAMP_BOUNDS`].
const MAX_YEAR: i32 = 9998;

/// A city's time zone and holidays.
#[derive(Clone, Copy, Debug)]
pub struct Calendar<'a> {
    timezone: Tz,
    holidays: &'a [Holiday],
}

impl<'a> Calendar<'a> {
    /// Builds the calendar of a time zone and its holidays.
    #[must_use]
    pub const fn new(timezone: Tz, holidays: &'a [Holiday]) -> Self {
        Self { timezone, holidays }
    }

    /// The local date at a time.
    #[must_use]
    pub fn local_date(self, at: DateTime<Utc>) -> NaiveDate {
        self.local_time(at).date_naive()
    }

    /// The local time at a time, with its fraction of a second.
    #[must_use]
    pub fn local_time(self, at: DateTime<Utc>) -> DateTime<Tz> {
        let second = at.timestamp().clamp(TIMESTAMP_BOUNDS.0, TIMESTAMP_BOUNDS.1);
        let at = DateTime::from_timestamp(second, at.timestamp_subsec_nanos());
        at.unwrap_or_default().with_timezone(&self.timezone)
    }

    /// The start of a local day: midnight, or the end of the gap if a clock change skips midnight.
    #[must_use]
    pub fn midnight(self, date: NaiveDate) -> DateTime<Utc> {
        let local = date.and_time(NaiveTime::MIN);
        let clamped = local.and_utc().timestamp().clamp(TIMESTAMP_BOUNDS.0, TIMESTAMP_BOUNDS.1);
        let local = DateTime::from_timestamp(clamped, 0).unwrap_or_default().naive_utc();
        let first = self.timezone.from_local_datetime(&local).earliest();
        let first = first.or_else(|| GapInfo::new(&local, &self.timezone)?.end);
        first.map_or_else(|| local.and_utc(), |first| first.to_utc())
    }

    /// Local calendar days from one time to another; negative if the second is earlier. Clock
    /// changes make no difference.
    #[must_use]
    pub fn days_between(self, from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
        (self.local_date(to) - self.local_date(from)).num_days()
    }

    /// The observed holidays of a year with their names, in order of date.
    #[must_use]
    pub fn holidays(self, year: i32) -> Vec<(NaiveDate, &'a str)> {
        // New Year's Day may be observed in the year before.
        let years = [year.saturating_sub(1), year, year.saturating_add(1)];
        let observed = years.into_iter().flat_map(|year| holidays_of_year(self.holidays, year));
        let mut observed: Vec<_> = observed.filter(|(date, _)| date.year() == year).collect();
        observed.sort_unstable();
        observed
    }

    /// Whether a date is a business day: neither Saturday, Sunday nor a holiday.
    #[must_use]
    pub fn is_business_day(self, date: NaiveDate) -> bool {
        is_business_day(date, &self.holidays(date.year()))
    }

    /// The local midnight that ends the `days`th business day after the local date of `due_at`, as
    /// an exclusive deadline. None for 0 days, or if it would be after the year 9998.
    #[must_use]
    pub fn end_of_business_day(self, due_at: DateTime<Utc>, days: u32) -> Option<DateTime<Utc>> {
        let after = self.local_date(due_at).iter_days().skip(1);
        // Read once a year, not once a day.
        let mut year = None;
        let mut holidays = Vec::new();
        let mut counted = after.filter(|date| {
            if year != Some(date.year()) {
                year = Some(date.year());
                holidays = self.holidays(date.year());
            }
            is_business_day(*date, &holidays)
        });
        let last = counted.nth(usize::try_from(days.checked_sub(1)?).ok()?)?;
        let ends = last.checked_add_days(Days::new(1))?;
        (ends.year() <= MAX_YEAR).then(|| self.midnight(ends))
    }

    /// The local date just before a time: for a deadline at midnight, its last day.
    #[must_use]
    pub fn last_date_before(self, at: DateTime<Utc>) -> NaiveDate {
        let at = at.timestamp().clamp(TIMESTAMP_BOUNDS.0, TIMESTAMP_BOUNDS.1);
        self.local_date(DateTime::from_timestamp(at - 1, 0).unwrap_or_default())
    }

    /// The city in the time zone's name, such as `Los Angeles`.
    #[must_use]
    pub fn timezone_city(self) -> String {
        let name = self.timezone.name();
        name.rsplit('/').next().unwrap_or(name).replace('_', " ")
    }
}

/// Whether a date is a business day, given the observed holidays of its year.
fn is_business_day(date: NaiveDate, holidays: &[(NaiveDate, &str)]) -> bool {
    let is_weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
    !is_weekend && !holidays.iter().any(|(holiday, _)| *holiday == date)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate, Utc};
    use chrono_tz::Tz;

    use super::Calendar;
    use crate::samples::{at, policy};

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn holidays_are_on_their_observed_dates() {
        let policy = policy();
        for (year, expected) in [
            (2026, "01-01 01-19 02-16 03-30 05-25 06-19 07-03 09-07 10-12 11-11 11-26 11-27 12-25"),
            // Saturday, January 1, 2028, is observed in 2027.
            (
                2027,
                "01-01 01-18 02-15 03-29 05-31 06-18 07-05 09-06 10-11 11-11 11-25 11-26 12-24 \
                12-31",
            ),
            (2028, "01-17 02-21 03-27 05-29 06-19 07-04 09-04 10-09 11-10 11-23 11-24 12-25"),
        ] {
            let holidays = policy.calendar().holidays(year);
            let dates = holidays.iter().map(|(date, _)| date.format("%m-%d").to_string());
            assert_eq!(dates.collect::<Vec<_>>().join(" "), expected, "{year}");
        }
    }

    #[test]
    fn business_days_end_at_a_local_midnight() {
        let policy = policy();
        for (due_at, days, cure_by) in [
            // Over Thanksgiving and the day after it.
            ("2026-11-23T22:00:00Z", 1, "2026-11-25T08:00:00Z"),
            ("2026-11-23T22:00:00Z", 2, "2026-11-26T08:00:00Z"),
            ("2026-11-23T22:00:00Z", 3, "2026-12-01T08:00:00Z"),
            ("2026-11-23T22:00:00Z", 5, "2026-12-03T08:00:00Z"),
            // Already the 24th in UTC, still the 23rd in the city.
            ("2026-11-24T07:59:59Z", 1, "2026-11-25T08:00:00Z"),
            ("2026-11-24T08:00:00Z", 1, "2026-11-26T08:00:00Z"),
            // Independence Day on a Saturday, observed on Friday; on a Sunday, observed on Monday.
            ("2026-07-01T21:00:00Z", 2, "2026-07-07T07:00:00Z"),
            ("2027-07-01T21:00:00Z", 2, "2027-07-07T07:00:00Z"),
            // New Year's Day of 2028, observed on December 31, 2027; Christmas on the 24th.
            ("2027-12-23T22:00:00Z", 5, "2028-01-04T08:00:00Z"),
            // Over the weekend on which clocks go back.
            ("2026-10-30T21:00:00Z", 1, "2026-11-03T08:00:00Z"),
        ] {
            assert_eq!(
                policy.calendar().end_of_business_day(at(due_at), days),
                Some(at(cure_by)),
                "{due_at}"
            );
        }
        assert_eq!(policy.calendar().end_of_business_day(at("2026-11-23T22:00:00Z"), 0), None);
    }

    #[test]
    fn clock_changes_do_not_change_the_count_of_local_days() {
        let policy = policy();
        let calendar = policy.calendar();
        for (from, to, days) in [
            ("2026-11-01T06:59:59Z", "2026-11-01T07:00:00Z", 1),
            ("2026-11-01T07:00:00Z", "2026-11-02T07:59:59Z", 0),
            ("2026-11-01T07:00:00Z", "2026-11-02T08:00:00Z", 1),
            ("2026-03-08T08:00:00Z", "2026-03-09T07:00:00Z", 1),
            ("2026-03-09T07:00:00Z", "2026-03-08T08:00:00Z", -1),
        ] {
            assert_eq!(calendar.days_between(at(from), at(to)), days, "{from}");
        }
    }

    #[test]
    fn midnight_is_the_first_time_of_a_local_day() {
        for (zone, date, start) in [
            ("America/Los_Angeles", "2026-11-01", "2026-11-01T07:00:00Z"),
            ("America/Los_Angeles", "2026-11-02", "2026-11-02T08:00:00Z"),
            // Midnight was skipped.
            ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"),
            // Midnight came twice.
            ("America/Havana", "2024-11-03", "2024-11-03T04:00:00Z"),
            // The whole day was skipped.
            ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"),
        ] {
            let calendar = Calendar::new(zone.parse::<Tz>().expect("a zone"), &[]);
            assert_eq!(calendar.midnight(day(date)), at(start), "{zone} {date}");
        }
    }

    #[test]
    fn timezone_city_is_the_last_part_of_the_name() {
        for (zone, city) in [
            ("America/Los_Angeles", "Los Angeles"),
            ("America/Indiana/Knox", "Knox"),
            ("UTC", "UTC"),
        ] {
            let zone = zone.parse().expect("a zone");
            assert_eq!(Calendar::new(zone, &[]).timezone_city(), city);
        }
    }

    #[test]
    fn extreme_dates_do_not_panic() {
        let policy = policy();
        for zone in ["America/Los_Angeles", "Pacific/Kiritimati", "Pacific/Apia", "Africa/Monrovia"]
        {
            let holidays = &policy.parameters().holidays.value;
            let calendar = Calendar::new(zone.parse().expect("a zone"), holidays);
            let (first, last) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
            for at in [first, last] {
                assert_eq!(calendar.end_of_business_day(at, 366).is_some(), at == first);
                let before = calendar.last_date_before(at);
                assert!((calendar.local_date(at) - before).num_days() <= 1);
            }
            assert!(calendar.days_between(first, last) > 3_000_000);
            assert!(calendar.midnight(NaiveDate::MIN) < calendar.midnight(NaiveDate::MAX));
            for (date, year) in [(NaiveDate::MIN, i32::MIN), (NaiveDate::MAX, i32::MAX)] {
                assert_eq!(calendar.holidays(year), []);
                assert!([true, false].contains(&calendar.is_business_day(date)));
            }
        }
    }
}
