//! Pure validation of solicitations and bids.
use chrono::{DateTime, TimeDelta, Utc};

use super::model::{BidInput, SolicitationInput};
use crate::fault::{FieldPath, InputErrors, Result};
use crate::money::{self, Money};
use crate::organization::model::Party;
use crate::organization::service::validate_party;
use crate::text::{Limit, MAX_LINE_CHARS, MAX_PROSE_CHARS, validate_optional, validate_required};
use crate::user_message::UserMessage;

/// The largest number of subcontractors of one bid.
const MAX_SUBCONTRACTORS: usize = 500;
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

/// A validated bid, in the form in which it is stored.
#[derive(Clone, Debug)]
pub struct ValidBid {
    pub amount: Money,
    pub subcontractors: Vec<(Party, Money)>,
}

/// Validates the amount and the subcontractors of a bid.
///
/// # Errors
/// `Invalid` with every error.
pub fn validate_bid(input: &BidInput) -> Result<ValidBid> {
    let (path, mut errors) = (FieldPath::argument("input"), InputErrors::default());
    let amount = money::validate_money(&input.amount, &path.at("amount"), &mut errors);
    let at = path.at("subcontractors");
    let mut subcontractors = Vec::new();
    if input.subcontractors.len() > MAX_SUBCONTRACTORS {
        errors.add(&at, UserMessage::SubcontractorsTooMany { max: MAX_SUBCONTRACTORS });
    } else {
        for (index, subcontractor) in input.subcontractors.iter().enumerate() {
            let at = at.at(index);
            let party = validate_party(subcontractor.party(), &at, &mut errors);
            if party.organization_id == Some(input.organization_id) {
                errors.add(&at.at("organizationId"), UserMessage::SubcontractorIsBidder);
            }
            if let Some(amount) =
                money::validate_money(&subcontractor.amount, &at.at("amount"), &mut errors)
            {
                subcontractors.push((party, amount));
            }
        }
    }
    errors.finish()?;
    let amount = amount.ok_or_else(|| {
        crate::fault::Fault::invalid(&path.at("amount"), UserMessage::BidAmountRequired)
    })?;
    Ok(ValidBid { amount, subcontractors })
}
