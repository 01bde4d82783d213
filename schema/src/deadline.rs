//! What is in time, and when a deadline that has passed may be acted upon.
//!
//! A deadline is met by whoever has sent the whole request by then. The service may be busy at
//! that moment, so the lock that the request needs may be held a little later; and whoever acts
//! upon the passed deadline waits until every such request has been committed.
use chrono::{DateTime, TimeDelta, Utc};

/// How long after a deadline the lock of a request that was received in time may be held.
pub const LOCK_GRACE: TimeDelta = TimeDelta::seconds(5);
/// How long after a deadline what it opens is seen, and what it sets off is processed: a request
/// received in time holds its lock within [`LOCK_GRACE`] and its connection for 10 s.
pub const SETTLE_DELAY: TimeDelta = TimeDelta::seconds(15);

/// The time at which a request counts as done whose locks are held at `lock_held`: when it was
/// received, but never more than [`LOCK_GRACE`] before its locks were held. It is at or before a
/// deadline exactly if the request was received by the deadline and held its locks by the deadline
/// plus [`LOCK_GRACE`].
#[must_use]
pub fn effective_time(received: DateTime<Utc>, lock_held: DateTime<Utc>) -> DateTime<Utc> {
    received.max(lock_held - LOCK_GRACE)
}

/// Whether a deadline is over for good: nothing that was in time can still be committed.
#[must_use]
pub fn has_settled(deadline: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    settled_by(now) >= deadline
}

/// The latest deadline that is over for good at `now`, for statements that compare many.
#[must_use]
pub fn settled_by(now: DateTime<Utc>) -> DateTime<Utc> {
    now - SETTLE_DELAY
}

/// When what a deadline sets off is processed.
#[must_use]
pub fn settles_at(deadline: DateTime<Utc>) -> DateTime<Utc> {
    deadline + SETTLE_DELAY
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_800_000_000_000 + millis).expect("a time")
    }

    proptest! {
        #[test]
        fn an_effective_time_meets_exactly_the_deadlines_that_the_rule_says(
            received in -30_000_i64..30_000,
            waited in 0_i64..30_000,
            deadline in -30_000_i64..60_000,
        ) {
            let (received, lock_held, deadline) =
                (at(received), at(received + waited), at(deadline));
            let is_in_time = received <= deadline && lock_held <= deadline + LOCK_GRACE;
            prop_assert_eq!(effective_time(received, lock_held) <= deadline, is_in_time);
        }

        #[test]
        fn nothing_that_is_in_time_is_committed_after_a_deadline_has_settled(
            received in -30_000_i64..30_000,
            waited in 0_i64..30_000,
            held in 0_i64..10_000,
            deadline in -30_000_i64..60_000,
        ) {
            let (lock_held, deadline) = (at(received + waited), at(deadline));
            let is_in_time = effective_time(at(received), lock_held) <= deadline;
            let committed = lock_held + TimeDelta::milliseconds(held);
            prop_assert!(!is_in_time || committed < settles_at(deadline));
        }
    }

    #[test]
    fn a_deadline_settles_to_the_microsecond() {
        let (due, microsecond) = (at(0), TimeDelta::microseconds(1));
        let settles = settles_at(due);
        assert!(!has_settled(due, settles - microsecond));
        assert!(has_settled(due, settles));
        assert!(has_settled(due, settles + microsecond));
    }
}
