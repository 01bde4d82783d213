//! The injectable clock.
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

/// Returns a time in whole microseconds, as both databases store it: PostgreSQL stores no more, and digests
/// and comparisons must not depend on the engine. A leap second, which the databases do not have, is the
/// first of the next minute, as POSIX counts.
#[must_use]
pub fn to_microseconds(at: DateTime<Utc>) -> DateTime<Utc> {
    // Of a leap second, the count has a second more.
    DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at)
}

/// Returns the next time after one that the databases can store.
#[must_use]
pub fn just_after(at: DateTime<Utc>) -> DateTime<Utc> {
    at + TimeDelta::microseconds(1)
}

/// Makes a time of an input one in whole microseconds; see [`to_microseconds`].
pub fn round_down(at: &mut DateTime<Utc>) {
    *at = to_microseconds(*at);
}

/// Makes an optional time of an input one in whole microseconds; see [`to_microseconds`].
pub fn round_optional_down(at: &mut Option<DateTime<Utc>>) {
    *at = at.map(to_microseconds);
}

/// An injectable clock; tests supply their own.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// Reads the machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::new(Utc::now)
    }

    /// Creates a clock that returns what `now` returns.
    pub fn new(now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Returns the time in UTC, in whole microseconds; see [`to_microseconds`].
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        to_microseconds((self.0)())
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}

#[cfg(test)]
mod tests {
    use chrono::Timelike;
    use proptest::prelude::*;

    use super::{Clock, DateTime, Utc, to_microseconds};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn a_time_has_whole_microseconds_and_no_leap_second() {
        for (from, to) in [
            ("2026-08-03T12:00:00.123456789Z", "2026-08-03T12:00:00.123456Z"),
            ("2026-08-03T12:00:00.999999999Z", "2026-08-03T12:00:00.999999Z"),
            ("2026-06-30T23:59:60Z", "2026-07-01T00:00:00Z"),
            ("2026-06-30T23:59:60.5000009Z", "2026-07-01T00:00:00.5Z"),
            ("1969-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59.999999Z"),
        ] {
            assert_eq!(to_microseconds(at(from)), at(to), "{from}");
            assert_eq!(Clock::new(move || at(from)).now(), at(to));
        }
    }

    proptest! {
        #[test]
        fn every_time_is_kept_to_the_microsecond(seconds in -62_000_000_000_i64..250_000_000_000,
            nanoseconds in 0_u32..2_000_000_000) {
            // Only the last second of a minute can be a leap second.
            let seconds = if nanoseconds >= 1_000_000_000 {
                seconds - seconds.rem_euclid(60) + 59
            } else {
                seconds
            };
            let from = DateTime::from_timestamp(seconds, nanoseconds).expect("a time");
            let to = to_microseconds(from);
            prop_assert!(to.nanosecond() < 1_000_000_000 && to.nanosecond().is_multiple_of(1_000));
            prop_assert_eq!(to, to_microseconds(to));
            let whole = i128::from(seconds) * 1_000_000 + i128::from(nanoseconds / 1_000);
            prop_assert_eq!(i128::from(to.timestamp_micros()), whole);
        }
    }
}
