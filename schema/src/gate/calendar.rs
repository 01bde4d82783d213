//! Local dates, business days and deadlines. Whatever is asked of it, it answers: moments beyond
//! the years 1 to 9999 are taken as the nearest that is not.
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeZone, Utc, Weekday};
use chrono_tz::{GapInfo, Tz};

use super::policy::{Holiday, of_year};

/// The first and the last moment that are told apart, in seconds: at the far ends of what chrono
/// holds, local time has no room.
const MOMENTS: (i64, i64) = (-62_135_500_000, 253_402_200_000);

/// The last year all of whose midnights are told apart.
const LAST_YEAR: i32 = 9998;

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
    pub fn local_date(self, at: DateTime<Utc>) -> NaiveDate {
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
        (self.local_date(to) - self.local_date(from)).num_days()
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
    /// exclusive; none for 0 days, or if it falls beyond the last year that is told apart.
    #[must_use]
    pub fn end_of_business_day(self, due_at: DateTime<Utc>, days: u32) -> Option<DateTime<Utc>> {
        let after = self.local_date(due_at).iter_days().skip(1);
        let mut counted = after.filter(|date| self.is_business_day(*date));
        let last = counted.nth(usize::try_from(days.checked_sub(1)?).ok()?)?;
        let ends = last.checked_add_days(Days::new(1))?;
        (ends.year() <= LAST_YEAR).then(|| self.midnight(ends))
    }

    /// The last local date before a moment: of a deadline that ends at midnight, the day to which
    /// it runs.
    #[must_use]
    pub fn last_date_before(self, at: DateTime<Utc>) -> NaiveDate {
        let at = at.timestamp().clamp(MOMENTS.0, MOMENTS.1);
        self.local_date(DateTime::from_timestamp(at - 1, 0).unwrap_or_default())
    }

    /// The place that the time zone is named after, such as `Los Angeles`.
    #[must_use]
    pub fn timezone_city(self) -> String {
        let name = self.timezone.name();
        name.rsplit('/').next().unwrap_or(name).replace('_', " ")
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate, Utc};
    use chrono_tz::Tz;

    use super::Calendar;
    use crate::gate::samples::{at, policy};

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn the_city_keeps_its_holidays() {
        let policy = policy();
        for (year, kept) in [
            (2026, "01-01 01-19 02-16 03-30 05-25 06-19 07-03 09-07 10-12 11-11 11-26 11-27 12-25"),
            // The Saturday of 1 January 2028 is kept in 2027.
            (
                2027,
                "01-01 01-18 02-15 03-29 05-31 06-18 07-05 09-06 10-11 11-11 11-25 11-26 12-24 \
                12-31",
            ),
            (2028, "01-17 02-21 03-27 05-29 06-19 07-04 09-04 10-09 11-10 11-23 11-24 12-25"),
        ] {
            let holidays = policy.calendar().holidays(year);
            let dates = holidays.iter().map(|(date, _)| date.format("%m-%d").to_string());
            assert_eq!(dates.collect::<Vec<_>>().join(" "), kept, "{year}");
        }
    }

    #[test]
    fn days_to_cure_end_at_a_local_midnight() {
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
            // Independence Day on a Saturday, kept on Friday; on a Sunday, kept on Monday.
            ("2026-07-01T21:00:00Z", 2, "2026-07-07T07:00:00Z"),
            ("2027-07-01T21:00:00Z", 2, "2027-07-07T07:00:00Z"),
            // New Year's Day of 2028, kept on 31 December 2027; Christmas on the 24th.
            ("2027-12-23T22:00:00Z", 5, "2028-01-04T08:00:00Z"),
            // Over the weekend on which clocks go back.
            ("2026-10-30T21:00:00Z", 1, "2026-11-03T08:00:00Z"),
        ] {
            assert_eq!(policy.calendar().end_of_business_day(at(due_at), days), Some(at(cure_by)), "{due_at}");
        }
        assert_eq!(policy.calendar().end_of_business_day(at("2026-11-23T22:00:00Z"), 0), None);
    }

    #[test]
    fn local_days_do_not_notice_the_clocks_change() {
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
    fn a_day_begins_at_its_first_moment() {
        for (zone, date, begins) in [
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
            assert_eq!(calendar.midnight(day(date)), at(begins), "{zone} {date}");
        }
    }

    #[test]
    fn a_place_is_named_as_people_name_it() {
        for (zone, place) in [
            ("America/Los_Angeles", "Los Angeles"),
            ("America/Indiana/Knox", "Knox"),
            ("UTC", "UTC"),
        ] {
            let zone = zone.parse().expect("a zone");
            assert_eq!(Calendar::new(zone, &[]).timezone_city(), place);
        }
    }

    #[test]
    fn no_date_is_too_far() {
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
