//! What solicitations and bids must be like. Pure.
use chrono::{DateTime, TimeDelta, Utc};

use super::model::{BidInput, SolicitationInput};
use crate::fault::{FieldPath, InputErrors, Result};
use crate::money::{self, Money};
use crate::organization::model::Party;
use crate::organization::service::clean_party;
use crate::text::{MAX_LINE_CHARS, Limit, MAX_PROSE_CHARS, validate_optional, validate_required};

/// The most subcontractors of one bid.
const SUBCONTRACTORS: usize = 500;
/// A solicitation's number.
const NUMBER: Limit = Limit::line(60);
/// The longest that a solicitation may stay open, in days: beyond it a year was mistyped.
const LONGEST: i64 = 3_660;

/// A solicitation's input with its texts cleaned.
///
/// # Errors
/// `Invalid` with all that is wrong.
pub fn solicitation(input: &SolicitationInput, now: DateTime<Utc>) -> Result<SolicitationInput> {
    let (path, mut problems) = (FieldPath::argument("input"), InputErrors::default());
    let cleaned = SolicitationInput {
        number: validate_required(&input.number, NUMBER, &path.at("number"), &mut problems),
        title: validate_required(&input.title, MAX_LINE_CHARS, &path.at("title"), &mut problems),
        description: validate_optional(&input.description, MAX_PROSE_CHARS, &path.at("description"), &mut problems),
        ..input.clone()
    };
    due_at(cleaned.due_at, now, &path.at("dueAt"), &mut problems);
    problems.finish()?;
    Ok(cleaned)
}

/// Notes at `path` what is wrong with a due time: past, or absurdly far.
pub fn due_at(at: DateTime<Utc>, now: DateTime<Utc>, path: &FieldPath, problems: &mut InputErrors) {
    if at <= now {
        problems.add(path, "invalid", "The due time has passed already; choose a later one.");
    } else if at - now > TimeDelta::days(LONGEST) {
        problems.add(path, "invalid", "The due time is more than ten years away; check the year.");
    }
}

/// What a bid says, in the forms in which it is kept.
#[derive(Clone, Debug)]
pub struct Read {
    pub amount: Money,
    pub subcontractors: Vec<(Party, Money)>,
}

/// A bid's amounts and subcontractors, read.
///
/// # Errors
/// `Invalid` with all that is wrong.
pub fn bid(input: &BidInput) -> Result<Read> {
    let (path, mut problems) = (FieldPath::argument("input"), InputErrors::default());
    let amount = money::validate_money(&input.amount, &path.at("amount"), &mut problems);
    let at = path.at("subcontractors");
    let mut subcontractors = Vec::new();
    if input.subcontractors.len() > SUBCONTRACTORS {
        problems.add(&at, "too_long", format!("Name {SUBCONTRACTORS} at the most."));
    } else {
        for (index, given) in input.subcontractors.iter().enumerate() {
            let at = at.at(index);
            let party = clean_party(given.party(), &at, &mut problems);
            if party.organization_id == Some(input.organization_id) {
                let told = "A bidder is not its own subcontractor; remove it.";
                problems.add(&at.at("organizationId"), "contradiction", told);
            }
            if let Some(amount) = money::validate_money(&given.amount, &at.at("amount"), &mut problems) {
                subcontractors.push((party, amount));
            }
        }
    }
    problems.finish()?;
    let amount = amount.ok_or_else(|| {
        crate::fault::Fault::invalid(&path.at("amount"), "required", "Send the bid's amount.")
    })?;
    Ok(Read { amount, subcontractors })
}
