//! Detects a clock that went back, so that deadlines stay trustworthy.
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::SeqCst};

use chrono::{DateTime, TimeDelta, Utc};

/// How far the clock may go back (small corrections) before writing stops.
pub const CLOCK_TOLERANCE: TimeDelta = TimeDelta::seconds(5);

/// The latest time seen, and whether the clock is behind it.
#[derive(Debug)]
pub(super) struct ClockWatch {
    /// Microseconds since 1970, UTC.
    latest: AtomicI64,
    is_behind: AtomicBool,
}

impl Default for ClockWatch {
    fn default() -> Self {
        Self { latest: AtomicI64::new(i64::MIN), is_behind: AtomicBool::new(false) }
    }
}

impl ClockWatch {
    /// Compares the clock with the latest time seen.
    pub(super) fn observe(&self, now: DateTime<Utc>) {
        let now = now.timestamp_micros();
        let latest = self.latest.fetch_max(now, SeqCst);
        let tolerance = CLOCK_TOLERANCE.num_microseconds().unwrap_or_default();
        let is_behind = now.saturating_add(tolerance) < latest;
        if is_behind != self.is_behind.swap(is_behind, SeqCst) {
            if is_behind {
                tracing::error!("the clock went back; nothing is written until it has caught up");
            } else {
                tracing::warn!("the clock has caught up; writing resumes");
            }
        }
    }

    /// Records a time that another process has seen; does not judge this machine's clock.
    pub(super) fn remember(&self, time: DateTime<Utc>) {
        self.latest.fetch_max(time.timestamp_micros(), SeqCst);
    }

    /// Accepts `now` as correct although it is before the latest time seen.
    pub(super) fn accept(&self, now: DateTime<Utc>) {
        self.latest.store(now.timestamp_micros(), SeqCst);
        self.is_behind.store(false, SeqCst);
    }

    /// Returns whether the clock is behind the latest time by more than the tolerance.
    pub(super) fn is_behind(&self) -> bool {
        self.is_behind.load(SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_stops_beyond_the_tolerance_and_resumes_when_the_clock_has_caught_up() {
        let at =
            |seconds: i64| DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("a time");
        let watch = ClockWatch::default();
        for (seconds, is_behind) in [
            (0, false),
            (10, false),
            (5, false),
            (4, true),
            (3, true),
            (5, false),
            (10, false),
            (-100, true),
            (11, false),
        ] {
            watch.observe(at(seconds));
            assert_eq!(watch.is_behind(), is_behind, "{seconds}");
        }
        watch.observe(at(-100));
        watch.accept(at(-100));
        assert!(!watch.is_behind());
        watch.observe(at(-103));
        assert!(!watch.is_behind());
        watch.observe(at(-106));
        assert!(watch.is_behind());
    }
}
