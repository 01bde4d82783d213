//! Pure validation of contracts and contract actions.
use chrono::{Days, Months, NaiveDate};

use super::model::{AwardInput, ContractInput, ContractTerms, RenewalInput, RenewalRecord};
use crate::decision::model::NamedSubcontractor;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::{AwardMethod, ContractAction};
use crate::money::{self, Money, MoneyText};
use crate::organization::model::OrganizationId;
use crate::scalar::Date;
use crate::text::{Limit, MAX_LINE_CHARS, validate_date, validate_required};
use crate::user_message::{Kinds, UserMessage};

/// The maximum length of a contract's number, in characters.
pub const MAX_NUMBER_CHARS: Limit = Limit::line(60);
/// The largest number of options of one contract.
const MAX_OPTIONS: i32 = 100;

/// A validated contract, in the form in which it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidContract {
    pub number: String,
    pub title: String,
    pub value: Money,
    pub signed_on: NaiveDate,
    pub start_date: NaiveDate,
    pub end_date: NaiveDate,
    pub options_left: i64,
    pub clause_version: Option<i64>,
    /// Empty if the contract is awarded from a bid, which has its own.
    pub subcontractors: Vec<NamedSubcontractor>,
}

/// The input fields that recording and awarding a contract have in common.
struct ContractFields<'a> {
    number: &'a str,
    title: &'a str,
    value: Option<&'a MoneyText>,
    signed_on: Option<&'a Date>,
    start_date: &'a Date,
    end_date: &'a Date,
    options_left: i32,
    clause_version: Option<i32>,
    subcontractors: Vec<NamedSubcontractor>,
}

/// Validates a contract to record that was made outside the service; `today` is in City time. `errors`
/// has those of its subcontractors.
///
/// # Errors
/// `Invalid` with every error.
pub fn validate_recorded_contract(
    input: &ContractInput,
    subcontractors: Vec<NamedSubcontractor>,
    today: NaiveDate,
    mut errors: InputErrors,
) -> Result<ValidContract> {
    let path = FieldPath::argument("input");
    let fields = ContractFields {
        number: &input.number,
        title: &input.title,
        value: Some(&input.value),
        signed_on: input.signed_on.as_ref(),
        start_date: &input.start_date,
        end_date: &input.end_date,
        options_left: input.options_left,
        clause_version: input.clause_version,
        subcontractors,
    };
    let contract = validate_contract(fields, None, &path, &mut errors);
    if contract.as_ref().is_some_and(|contract| contract.signed_on > today) {
        let field = if input.signed_on.is_some() { "signedOn" } else { "startDate" };
        errors.add(&path.at(field), UserMessage::SignedLater { today });
    }
    errors.finish()?;
    contract.ok_or_else(missing_field)
}

/// The values of a bid that an award uses where the input leaves them out.
#[derive(Clone, Debug)]
pub struct BidDefaults {
    pub title: String,
    /// None if the bid has no amount; the award then needs a value.
    pub amount: Option<Money>,
}

/// Validates an award, from a bid if there is one; `today` is in City time. `errors` has those of its
/// subcontractors.
///
/// # Errors
/// `Invalid` with every error.
pub fn validate_award(
    input: &AwardInput,
    bid: Option<&BidDefaults>,
    subcontractors: Vec<NamedSubcontractor>,
    today: NaiveDate,
    mut errors: InputErrors,
) -> Result<ValidContract> {
    let path = FieldPath::argument("input");
    let title = input.title.clone().or_else(|| bid.map(|bid| bid.title.clone()));
    if let Some(bid) = bid {
        for (name, is_given) in [
            ("departmentId", input.department_id.is_some()),
            ("organizationId", input.organization_id.is_some()),
            ("method", input.method.is_some()),
            ("subcontractors", !input.subcontractors.is_empty()),
        ] {
            if is_given {
                errors.add(&path.at(name), UserMessage::TakenFromBid);
            }
        }
        match (&bid.amount, &input.value) {
            (Some(amount), Some(value)) if value.currency.as_str() != amount.currency => {
                let message = UserMessage::CurrencyOfBid { currency: amount.currency.clone() };
                errors.add(&path.at("value").at("currency"), message);
            }
            (None, None) => errors.add(&path.at("value"), UserMessage::AwardNeedsValue),
            _ => {}
        }
    } else {
        for (name, is_given) in [
            ("departmentId", input.department_id.is_some()),
            ("organizationId", input.organization_id.is_some()),
            ("method", input.method.is_some()),
            ("value", input.value.is_some()),
        ] {
            if !is_given {
                errors.add(&path.at(name), UserMessage::AwardValueRequired);
            }
        }
        if matches!(input.method, Some(AwardMethod::Bids | AwardMethod::Proposals)) {
            errors.add(&path.at("method"), UserMessage::AwardBidRequired);
        }
    }
    let fields = ContractFields {
        number: &input.number,
        title: title.as_deref().unwrap_or_default(),
        value: input.value.as_ref(),
        signed_on: input.awarded_on.as_ref(),
        start_date: &input.start_date,
        end_date: &input.end_date,
        options_left: input.options_left,
        clause_version: input.clause_version,
        subcontractors,
    };
    let amount = bid.and_then(|bid| bid.amount.as_ref());
    let contract = validate_contract(fields, Some((today, amount)), &path, &mut errors);
    if contract.as_ref().is_some_and(|contract| contract.signed_on < today) {
        errors.add(&path.at("awardedOn"), UserMessage::AwardDatePassed { today });
    }
    errors.finish()?;
    contract.ok_or_else(missing_field)
}

fn missing_field() -> Fault {
    Fault::Internal("a validated contract lacks a required field".into())
}

/// Validates the common fields; `award` has the date of an award and the amount of its bid.
fn validate_contract(
    fields: ContractFields<'_>,
    award: Option<(NaiveDate, Option<&Money>)>,
    path: &FieldPath,
    errors: &mut InputErrors,
) -> Option<ValidContract> {
    let number = validate_required(fields.number, MAX_NUMBER_CHARS, &path.at("number"), errors);
    let title = validate_required(fields.title, MAX_LINE_CHARS, &path.at("title"), errors);
    let value = match fields.value {
        Some(value) => money::validate_money(value, &path.at("value"), errors),
        None => award.and_then(|(_, amount)| amount.cloned()),
    };
    let start = validate_date(fields.start_date, &path.at("startDate"), errors);
    let end = validate_date(fields.end_date, &path.at("endDate"), errors);
    if start.zip(end).is_some_and(|(start, end)| end < start) {
        errors.add(&path.at("endDate"), UserMessage::LastDayBeforeFirst);
    }
    let signed_field = if award.is_some() { "awardedOn" } else { "signedOn" };
    let signed_on = match fields.signed_on {
        Some(date) => validate_date(date, &path.at(signed_field), errors),
        None => award.map(|(today, _)| today).or(start),
    };
    if !(0..=MAX_OPTIONS).contains(&fields.options_left) {
        errors.add(&path.at("optionsLeft"), UserMessage::OptionsInvalid { max: MAX_OPTIONS });
    }
    let clause = fields.clause_version;
    if clause.is_some_and(|version| version < 1) {
        errors.add(&path.at("clauseVersion"), UserMessage::ClauseVersionInvalid);
    }
    Some(ValidContract {
        number,
        title,
        value: value?,
        signed_on: signed_on?,
        start_date: start?,
        end_date: end?,
        options_left: i64::from(fields.options_left),
        clause_version: clause.map(i64::from),
        subcontractors: fields.subcontractors,
    })
}

/// A validated contract action, in the form in which it is stored.
#[derive(Clone, Debug)]
pub struct ValidRenewal {
    pub start_date: NaiveDate,
    pub end_date: NaiveDate,
    pub value: Money,
    pub organization: OrganizationId,
    pub number: Option<String>,
}

/// Validates a contract action against its contract; `today` is in City time.
///
/// # Errors
/// `Invalid` with every error, such as dates outside the contract or no option left.
pub fn validate_renewal(
    input: &RenewalInput,
    contract: &ContractTerms,
    today: NaiveDate,
) -> Result<ValidRenewal> {
    let (path, mut errors) = (FieldPath::argument("input"), InputErrors::default());
    let action = input.action;
    let start = match &input.start_date {
        Some(date) => validate_date(date, &path.at("startDate"), &mut errors),
        None => Some(default_start(action, contract, today)),
    };
    let end = match &input.end_date {
        Some(date) => validate_date(date, &path.at("endDate"), &mut errors),
        None => start.and_then(|start| default_end(action, contract, start)),
    };
    if end.is_none() && input.end_date.is_none() && start.is_some() {
        errors.add(&path.at("endDate"), UserMessage::LastDayRequired);
    }
    let organization = validate_assignee(input, contract, &path, &mut errors);
    if let (Some(start), Some(end)) = (start, end) {
        check_dates(action, contract, (start, end), &path, &mut errors);
    }
    let value = match &input.value {
        Some(value) => money::validate_money(value, &path.at("value"), &mut errors),
        None => Some(Money { cents: 0, currency: contract.currency.clone() }),
    };
    if value.as_ref().is_some_and(|value| value.currency != contract.currency) {
        let message = UserMessage::CurrencyOfContract { currency: contract.currency.clone() };
        errors.add(&path.at("value").at("currency"), message);
    }
    let number = input.number.as_deref();
    let number = match (action, number) {
        (ContractAction::TaskOrder, None) => {
            errors.add(&path.at("number"), UserMessage::TaskOrderNumberRequired);
            None
        }
        (_, Some(number)) => {
            Some(validate_required(number, MAX_NUMBER_CHARS, &path.at("number"), &mut errors))
        }
        (_, None) => None,
    };
    errors.finish()?;
    let (Some(start_date), Some(end_date), Some(value)) = (start, end, value) else {
        return Err(missing_field());
    };
    Ok(ValidRenewal { start_date, end_date, value, organization, number })
}

/// Checks that a proposal replaces exactly the action that waits on the contract.
///
/// # Errors
/// `Invalid` with what waits and what to do.
pub fn check_replaced(input: &RenewalInput, open: Option<&RenewalRecord>) -> Result<()> {
    let path = FieldPath::argument("input").at("replaces");
    let Some(open) = open else {
        return match input.replaces {
            Some(_) => Err(Fault::invalid(&path, UserMessage::NothingToReplace)),
            None => Ok(()),
        };
    };
    if input.replaces == Some(open.id) {
        return Ok(());
    }
    let action = Kinds::of(open.action.as_str());
    let (id, start) = (open.id.to_string(), open.start_date);
    let message = match input.replaces {
        Some(_) => UserMessage::ProposalReplacesOther { action, id, start },
        None => UserMessage::ProposalWaits { action, id, start },
    };
    Err(Fault::invalid(&path, message))
}

/// The default first day: the day after the contract ends, or today for an action within its term.
fn default_start(action: ContractAction, contract: &ContractTerms, today: NaiveDate) -> NaiveDate {
    match action {
        ContractAction::Renewal
        | ContractAction::Option
        | ContractAction::Extension
        | ContractAction::Holdover => day_after(contract.end_date),
        ContractAction::Assignment | ContractAction::Amendment | ContractAction::TaskOrder => today,
    }
}

/// The default last day; none if the input must give it.
fn default_end(
    action: ContractAction,
    contract: &ContractTerms,
    start: NaiveDate,
) -> Option<NaiveDate> {
    match action {
        ContractAction::Holdover => Some(holdover_end(start)),
        ContractAction::Assignment | ContractAction::Amendment => {
            Some(contract.end_date.max(start))
        }
        ContractAction::Renewal
        | ContractAction::Option
        | ContractAction::Extension
        | ContractAction::TaskOrder => None,
    }
}

/// The day after one.
#[must_use]
pub fn day_after(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(Days::new(1)).unwrap_or(day)
}

/// The day before one.
#[must_use]
pub fn day_before(day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(Days::new(1)).unwrap_or(day)
}

/// The last day of a holdover that starts on a day: holdovers run month to month.
fn holdover_end(start: NaiveDate) -> NaiveDate {
    start.checked_add_months(Months::new(1)).map_or(start, day_before)
}

fn validate_assignee(
    input: &RenewalInput,
    contract: &ContractTerms,
    path: &FieldPath,
    errors: &mut InputErrors,
) -> OrganizationId {
    let at = path.at("assigneeId");
    match (input.action, input.assignee_id) {
        (ContractAction::Assignment, None) => {
            errors.add(&at, UserMessage::AssigneeRequired);
        }
        (ContractAction::Assignment, Some(assignee)) if assignee == contract.holder => {
            errors.add(&at, UserMessage::AssigneeIsHolder);
        }
        (ContractAction::Assignment, Some(assignee)) => return assignee,
        (_, Some(_)) => {
            errors.add(&at, UserMessage::AssigneeUnexpected);
        }
        (_, None) => {}
    }
    contract.holder
}

/// Checks that the dates of an action fit the contract. Execution checks them again.
pub fn check_dates(
    action: ContractAction,
    contract: &ContractTerms,
    (start, end): (NaiveDate, NaiveDate),
    path: &FieldPath,
    errors: &mut InputErrors,
) {
    let last = contract.end_date;
    if end < start {
        errors.add(&path.at("endDate"), UserMessage::LastDayBeforeFirst);
        return;
    }
    match action {
        ContractAction::Renewal
        | ContractAction::Option
        | ContractAction::Extension
        | ContractAction::Holdover => {
            if start <= last {
                errors.add(&path.at("startDate"), UserMessage::StartsBeforeEnd { last });
            }
            if action == ContractAction::Holdover && end > holdover_end(start) {
                let message = UserMessage::HoldoverTooLong { last: holdover_end(start) };
                errors.add(&path.at("endDate"), message);
            }
            if action == ContractAction::Option && contract.options_left == 0 {
                errors.add(&path.at("action"), UserMessage::NoOptionsLeft);
            }
        }
        ContractAction::Assignment | ContractAction::Amendment => {
            if start < contract.start_date {
                let message = UserMessage::StartsBeforeContract { start: contract.start_date };
                errors.add(&path.at("startDate"), message);
            }
            if end > last.max(start) {
                errors.add(&path.at("endDate"), UserMessage::EndsAfterContract { last });
            }
        }
        ContractAction::TaskOrder => {
            if start < contract.start_date || start > last {
                let message =
                    UserMessage::TaskOrderOutsideContract { start: contract.start_date, last };
                errors.add(&path.at("startDate"), message);
            }
        }
    }
}
