//! Pure validation of solicitations.
use chrono::{DateTime, TimeDelta, Utc};

use super::model::SolicitationInput;
use crate::fault::{FieldPath, InputErrors, Result};
use crate::gate::Calendar;
use crate::gate::wording::format_two_times;
use crate::text::{Limit, MAX_LINE_CHARS, MAX_PROSE_CHARS, validate_optional, validate_required};
use crate::user_message::UserMessage;

/// The maximum length of a solicitation's number, in characters.
const MAX_NUMBER_CHARS: Limit = Limit::line(60);
/// The longest time until bids are due, in days. A later date is most likely a typing error.
const MAX_OPEN_DAYS: i64 = 3_660;

/// Validates and normalizes the number of a solicitation.
pub fn validate_number(number: &str, path: &FieldPath, errors: &mut InputErrors) -> String {
    validate_required(number, MAX_NUMBER_CHARS, path, errors)
}

/// Validates a solicitation and normalizes its texts.
///
/// # Errors
/// `Invalid` with every error.
pub fn validate_solicitation(
    input: &SolicitationInput,
    now: DateTime<Utc>,
) -> Result<SolicitationInput> {
    let (path, mut errors) = (FieldPath::argument("input"), InputErrors::default());
    let normalized = SolicitationInput {
        number: validate_number(&input.number, &path.at("number"), &mut errors),
        title: validate_required(&input.title, MAX_LINE_CHARS, &path.at("title"), &mut errors),
        description: validate_optional(
            &input.description,
            MAX_PROSE_CHARS,
            &path.at("description"),
            &mut errors,
        ),
        ..input.clone()
    };
    validate_due_at(normalized.due_at, now, &path.at("dueAt"), &mut errors);
    errors.finish()?;
    Ok(normalized)
}

/// Adds an error at `path` if a due time is past or more than ten years away.
pub fn validate_due_at(
    at: DateTime<Utc>,
    now: DateTime<Utc>,
    path: &FieldPath,
    errors: &mut InputErrors,
) {
    if at <= now {
        errors.add(path, UserMessage::DueTimePassed);
    } else if at - now > TimeDelta::days(MAX_OPEN_DAYS) {
        errors.add(path, UserMessage::DueTimeTooLate);
    }
}

/// What decides whether a published due time may move to an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EarlierDueTime {
    /// Bids are sealed: only the times tell, so that nobody learns whether anybody has bid.
    Sealed { published_at: DateTime<Utc> },
    /// Bids are not sealed: only while nobody has bid.
    Unsealed { has_bids: bool },
}

impl EarlierDueTime {
    /// The refusal to move a due time to the earlier `due_at` at `now`, if there is one.
    #[must_use]
    pub fn refusal(
        self,
        due_at: DateTime<Utc>,
        now: DateTime<Utc>,
        calendar: Calendar<'_>,
    ) -> Option<UserMessage> {
        match self {
            Self::Unsealed { has_bids } => has_bids.then_some(UserMessage::DueTimeEarlierAfterBid),
            Self::Sealed { published_at } => {
                let published_on = calendar.local_date(published_at);
                let is_correction = calendar.local_date(now) == published_on
                    && calendar.local_date(due_at) > published_on;
                (!is_correction).then_some(UserMessage::DueTimeEarlierSealed)
            }
        }
    }
}

/// States the change of a due time in an addendum, in the City's time.
#[must_use]
pub fn describe_due_time_change(
    previous: DateTime<Utc>,
    due_at: DateTime<Utc>,
    calendar: Calendar<'_>,
) -> String {
    let [previous_text, due_text] = format_two_times(previous, due_at, calendar);
    let change = if due_at < previous {
        "The due time is corrected to an earlier one"
    } else {
        "The due time is extended"
    };
    format!(
        "{change}: bids are due by {due_text}, not by {previous_text}. A bid that was submitted before this \
        addendum stands, and its firm may replace or withdraw it until then."
    )
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::{EarlierDueTime, describe_due_time_change};
    use crate::gate::Policy;
    use crate::user_message::UserMessage;

    fn policy() -> Policy {
        Policy::parse(include_str!("../../../policies/version-1.toml")).expect("a policy")
    }

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn a_sealed_due_time_is_corrected_on_the_day_of_publication() {
        let policy = policy();
        let rule = EarlierDueTime::Sealed { published_at: time("2026-02-02T20:00:00Z") };
        let sealed = Some(UserMessage::DueTimeEarlierSealed);
        for (now, due_at, expected) in [
            ("2026-02-02T20:00:00Z", "2026-03-01T22:00:00Z", None),
            // The day of publication ends at a local midnight.
            ("2026-02-03T07:59:59.999999Z", "2026-02-03T08:00:00Z", None),
            ("2026-02-03T08:00:00Z", "2026-03-01T22:00:00Z", sealed.clone()),
            ("2026-02-02T20:00:00Z", "2026-02-03T07:59:59Z", sealed),
        ] {
            let refusal = rule.refusal(time(due_at), time(now), policy.calendar());
            assert_eq!(refusal, expected, "{now} {due_at}");
        }
    }

    #[test]
    fn an_unsealed_due_time_is_corrected_while_nobody_has_bid() {
        let policy = policy();
        let refusal = |has_bids| {
            let (due_at, now) = (time("2026-03-01T22:00:00Z"), time("2026-02-20T20:00:00Z"));
            EarlierDueTime::Unsealed { has_bids }.refusal(due_at, now, policy.calendar())
        };
        assert_eq!(refusal(false), None);
        assert_eq!(refusal(true), Some(UserMessage::DueTimeEarlierAfterBid));
    }

    #[test]
    fn an_addendum_says_how_the_due_time_changes() {
        let policy = policy();
        let (early, late) = (time("2026-03-10T21:00:00Z"), time("2026-03-17T21:00:00Z"));
        assert_eq!(
            describe_due_time_change(late, early, policy.calendar()),
            "The due time is corrected to an earlier one: bids are due by Tuesday, March 10, 2026, 2:00 \
            p.m. PDT, not by Tuesday, March 17, 2026, 2:00 p.m. PDT. A bid that was submitted before this \
            addendum stands, and its firm may replace or withdraw it until then."
        );
        let extended = describe_due_time_change(early, late, policy.calendar());
        assert!(
            extended.starts_with("The due time is extended: bids are due by Tuesday, March 17")
        );
    }
}
