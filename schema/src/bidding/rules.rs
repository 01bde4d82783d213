//! Pure validation of solicitations.
use chrono::{DateTime, TimeDelta, Utc};

use super::model::SolicitationInput;
use crate::fault::{FieldPath, InputErrors, Result};
use crate::text::{Limit, MAX_LINE_CHARS, MAX_PROSE_CHARS, validate_optional, validate_required};
use crate::user_message::UserMessage;

/// The maximum length of a solicitation's number, in characters.
const MAX_NUMBER_CHARS: Limit = Limit::line(60);
/// The longest time until bids are due, in days. A later date is most likely a typing error.
const MAX_OPEN_DAYS: i64 = 3_660;

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
        number: validate_required(&input.number, MAX_NUMBER_CHARS, &path.at("number"), &mut errors),
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
