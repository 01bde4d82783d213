//! What contracts and what carries them on must be like. Pure.
use chrono::{Days, Months, NaiveDate};

use super::entity::contract::Model as Contract;
use super::model::{AwardInput, ContractInput, RenewalInput};
use crate::bidding::model::SubcontractorInput;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::{Action, Method};
use crate::money::{self, Money, MoneyText};
use crate::organization::model::{OrganizationId, Party};
use crate::organization::service::clean_party;
use crate::scalar::Date;
use crate::text::{MAX_LINE_CHARS, Limit, validate_date, validate_required};

/// The longest number of a contract, in characters.
pub const NUMBER: Limit = Limit::line(60);
/// The most subcontractors of one contract.
const SUBCONTRACTORS: usize = 500;
/// The most options of one contract.
const OPTIONS: i32 = 100;

/// What a contract says, in the forms in which it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    pub number: String,
    pub title: String,
    pub value: Money,
    pub signed_on: NaiveDate,
    pub start_date: NaiveDate,
    pub end_date: NaiveDate,
    pub options_left: i64,
    pub clause_version: Option<i64>,
    /// Those of a bid stay with it.
    pub subcontractors: Vec<(Party, Money)>,
}

/// What both ways of writing a contract are read by.
struct Typed<'a> {
    number: &'a str,
    title: &'a str,
    value: Option<&'a MoneyText>,
    signed_on: Option<&'a Date>,
    start_date: &'a Date,
    end_date: &'a Date,
    options_left: i32,
    clause_version: Option<i32>,
    subcontractors: &'a [SubcontractorInput],
    holder: Option<OrganizationId>,
}

/// Reads a contract that is recorded as it was made; `today` is the local day.
///
/// # Errors
/// `Invalid` with all that is wrong.
pub fn recorded(input: &ContractInput, today: NaiveDate) -> Result<Read> {
    let (path, mut problems) = (FieldPath::argument("input"), InputErrors::default());
    let typed = Typed {
        number: &input.number,
        title: &input.title,
        value: Some(&input.value),
        signed_on: input.signed_on.as_ref(),
        start_date: &input.start_date,
        end_date: &input.end_date,
        options_left: input.options_left,
        clause_version: input.clause_version,
        subcontractors: &input.subcontractors,
        holder: Some(input.organization_id),
    };
    let read = read(&typed, None, &path, &mut problems);
    if read.as_ref().is_some_and(|read| read.signed_on > today) {
        let signed = if input.signed_on.is_some() { "signedOn" } else { "startDate" };
        let told = format!("It is {today}: what is not signed yet is awarded, not recorded.");
        problems.add(&path.at(signed), "invalid", told);
    }
    problems.finish()?;
    read.ok_or_else(unread)
}

/// What a bid, if the award comes of one, gives where the input is silent.
#[derive(Clone, Debug)]
pub struct FromBid {
    pub title: String,
    pub amount: Money,
}

/// Reads an award; `today` is the local day.
///
/// # Errors
/// `Invalid` with all that is wrong.
pub fn award(input: &AwardInput, bid: Option<&FromBid>, today: NaiveDate) -> Result<Read> {
    let (path, mut problems) = (FieldPath::argument("input"), InputErrors::default());
    let title = input.title.clone().or_else(|| bid.map(|bid| bid.title.clone()));
    if let Some(bid) = bid {
        let of_bid = "It is the bid's; leave it out.";
        for (name, given) in [
            ("departmentId", input.department_id.is_some()),
            ("organizationId", input.organization_id.is_some()),
            ("method", input.method.is_some()),
            ("subcontractors", !input.subcontractors.is_empty()),
        ] {
            if given {
                problems.add(&path.at(name), "contradiction", of_bid);
            }
        }
        let other =
            input.value.as_ref().is_some_and(|it| it.currency.as_str() != bid.amount.currency);
        if other {
            let told = format!("The bid is in {}; award it in that.", bid.amount.currency);
            problems.add(&path.at("value").at("currency"), "contradiction", told);
        }
    } else {
        let without = "Name it, or the bid that the contract is awarded to.";
        for (name, given) in [
            ("departmentId", input.department_id.is_some()),
            ("organizationId", input.organization_id.is_some()),
            ("method", input.method.is_some()),
            ("value", input.value.is_some()),
        ] {
            if !given {
                problems.add(&path.at(name), "required", without);
            }
        }
        if matches!(input.method, Some(Method::Bids | Method::Proposals)) {
            let told =
                "What is awarded by bids or proposals is awarded to one of them: give bidId.";
            problems.add(&path.at("method"), "contradiction", told);
        }
    }
    let typed = Typed {
        number: &input.number,
        title: title.as_deref().unwrap_or_default(),
        value: input.value.as_ref(),
        signed_on: input.awarded_on.as_ref(),
        start_date: &input.start_date,
        end_date: &input.end_date,
        options_left: input.options_left,
        clause_version: input.clause_version,
        subcontractors: &input.subcontractors,
        holder: input.organization_id,
    };
    let read = read(&typed, Some((today, bid.map(|it| &it.amount))), &path, &mut problems);
    if read.as_ref().is_some_and(|read| read.signed_on < today) {
        let told = format!("It is {today}: a contract is awarded today or later.");
        problems.add(&path.at("awardedOn"), "invalid", told);
    }
    problems.finish()?;
    read.ok_or_else(unread)
}

fn unread() -> Fault {
    Fault::Internal("a contract without a problem was not read".into())
}

/// Reads what is typed of a contract; `award` gives the day of an award, and the bid's amount.
fn read(
    typed: &Typed<'_>,
    award: Option<(NaiveDate, Option<&Money>)>,
    path: &FieldPath,
    problems: &mut InputErrors,
) -> Option<Read> {
    let number = validate_required(typed.number, NUMBER, &path.at("number"), problems);
    let title = validate_required(typed.title, MAX_LINE_CHARS, &path.at("title"), problems);
    let value = match typed.value {
        Some(value) => money::validate_money(value, &path.at("value"), problems),
        None => award.and_then(|(_, amount)| amount.cloned()),
    };
    let start = validate_date(typed.start_date, &path.at("startDate"), problems);
    let end = validate_date(typed.end_date, &path.at("endDate"), problems);
    if start.zip(end).is_some_and(|(start, end)| end < start) {
        problems.add(&path.at("endDate"), "contradiction", "It ends before it begins.");
    }
    let signed = if award.is_some() { "awardedOn" } else { "signedOn" };
    let signed_on = match typed.signed_on {
        Some(typed) => validate_date(typed, &path.at(signed), problems),
        None => award.map(|(today, _)| today).or(start),
    };
    if !(0..=OPTIONS).contains(&typed.options_left) {
        let told = format!("Give 0 to {OPTIONS} options.");
        problems.add(&path.at("optionsLeft"), "invalid", told);
    }
    let clause = typed.clause_version;
    if clause.is_some_and(|version| version < 1) {
        let told = "The versions of the clause are counted from 1.";
        problems.add(&path.at("clauseVersion"), "invalid", told);
    }
    let at = path.at("subcontractors");
    let mut subcontractors = Vec::new();
    if typed.subcontractors.len() > SUBCONTRACTORS {
        problems.add(&at, "too_long", format!("Name {SUBCONTRACTORS} at the most."));
    } else {
        for (index, given) in typed.subcontractors.iter().enumerate() {
            let at = at.at(index);
            let party = clean_party(given.party(), &at, problems);
            if party.organization_id.is_some() && party.organization_id == typed.holder {
                let told = "A contractor is not its own subcontractor; remove it.";
                problems.add(&at.at("organizationId"), "contradiction", told);
            }
            if let Some(amount) = money::validate_money(&given.amount, &at.at("amount"), problems) {
                subcontractors.push((party, amount));
            }
        }
    }
    Some(Read {
        number,
        title,
        value: value?,
        signed_on: signed_on?,
        start_date: start?,
        end_date: end?,
        options_left: i64::from(typed.options_left),
        clause_version: clause.map(i64::from),
        subcontractors,
    })
}

/// What a renewal says, in the forms in which it is kept.
#[derive(Clone, Debug)]
pub struct ReadRenewal {
    pub start_date: NaiveDate,
    pub end_date: NaiveDate,
    pub value: Money,
    pub organization: OrganizationId,
    pub number: Option<String>,
}

/// Reads how a contract is to be carried on; `today` is the local day.
///
/// # Errors
/// `Invalid` with all that is wrong, and with what the contract does not give.
pub fn renewal(input: &RenewalInput, contract: &Contract, today: NaiveDate) -> Result<ReadRenewal> {
    let (path, mut problems) = (FieldPath::argument("input"), InputErrors::default());
    let action = input.action;
    let start = input.start_date.as_ref();
    let start = match start {
        Some(typed) => validate_date(typed, &path.at("startDate"), &mut problems),
        None => Some(usual_start(action, contract, today)),
    };
    let end = match &input.end_date {
        Some(typed) => validate_date(typed, &path.at("endDate"), &mut problems),
        None => start.and_then(|start| usual_end(action, contract, start)),
    };
    if end.is_none() && input.end_date.is_none() && start.is_some() {
        let told = "Give the last day until which it carries the contract on.";
        problems.add(&path.at("endDate"), "required", told);
    }
    let organization = assignee(input, contract, &path, &mut problems);
    if let (Some(start), Some(end)) = (start, end) {
        term(action, contract, (start, end), &path, &mut problems);
    }
    let value = input.value.as_ref();
    let value = match value {
        Some(typed) => money::validate_money(typed, &path.at("value"), &mut problems),
        None => Some(Money { cents: 0, currency: contract.currency.clone() }),
    };
    if value.as_ref().is_some_and(|value| value.currency != contract.currency) {
        let told = format!("The contract is in {}; carry it on in that.", contract.currency);
        problems.add(&path.at("value").at("currency"), "contradiction", told);
    }
    let number = input.number.as_deref();
    let number = match (action, number) {
        (Action::TaskOrder, None) => {
            problems.add(&path.at("number"), "required", "Give the task order's number.");
            None
        }
        (_, Some(typed)) => Some(validate_required(typed, NUMBER, &path.at("number"), &mut problems)),
        (_, None) => None,
    };
    problems.finish()?;
    let (Some(start_date), Some(end_date), Some(value)) = (start, end, value) else {
        return Err(unread());
    };
    Ok(ReadRenewal { start_date, end_date, value, organization, number })
}

/// What begins when the contract ends, unless it changes what is running.
fn usual_start(action: Action, contract: &Contract, today: NaiveDate) -> NaiveDate {
    match action {
        Action::Renewal | Action::Option | Action::Extension | Action::Holdover => {
            day_after(contract.end_date)
        }
        Action::Assignment | Action::Amendment | Action::TaskOrder => today,
    }
}

fn usual_end(action: Action, contract: &Contract, start: NaiveDate) -> Option<NaiveDate> {
    match action {
        Action::Holdover => Some(month_from(start)),
        Action::Assignment | Action::Amendment => Some(contract.end_date.max(start)),
        Action::Renewal | Action::Option | Action::Extension | Action::TaskOrder => None,
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

/// The last day of the month that begins on a day.
fn month_from(start: NaiveDate) -> NaiveDate {
    start.checked_add_months(Months::new(1)).map_or(start, day_before)
}

fn assignee(
    input: &RenewalInput,
    contract: &Contract,
    path: &FieldPath,
    problems: &mut InputErrors,
) -> OrganizationId {
    let at = path.at("assigneeId");
    match (input.action, input.assignee_id) {
        (Action::Assignment, None) => {
            problems.add(&at, "required", "Name the organization that it is assigned to.");
        }
        (Action::Assignment, Some(assignee)) if assignee == contract.organization_id => {
            problems.add(&at, "contradiction", "This organization holds the contract already.");
        }
        (Action::Assignment, Some(assignee)) => return assignee,
        (_, Some(_)) => {
            problems.add(&at, "contradiction", "Only an assignment has an assignee.");
        }
        (_, None) => {}
    }
    contract.organization_id
}

/// Whether a term fits the contract as it is; asked again when it is executed.
pub fn term(
    action: Action,
    contract: &Contract,
    (start, end): (NaiveDate, NaiveDate),
    path: &FieldPath,
    problems: &mut InputErrors,
) {
    let last = contract.end_date;
    if end < start {
        problems.add(&path.at("endDate"), "contradiction", "It ends before it begins.");
        return;
    }
    match action {
        Action::Renewal | Action::Option | Action::Extension | Action::Holdover => {
            if start <= last {
                let told = format!("The contract runs until {last}; this begins after it.");
                problems.add(&path.at("startDate"), "invalid", told);
            }
            if action == Action::Holdover && end > month_from(start) {
                let told = format!(
                    "A holdover is month to month: until {} at the latest. Propose an extension for \
                    more.",
                    month_from(start)
                );
                problems.add(&path.at("endDate"), "invalid", told);
            }
            if action == Action::Option && contract.options_left == 0 {
                let told =
                    "The contract gives no option any more; propose a renewal or an extension.";
                problems.add(&path.at("action"), "invalid", told);
            }
        }
        Action::Assignment | Action::Amendment => {
            if start < contract.start_date {
                let told = format!("The contract begins on {} only.", contract.start_date);
                problems.add(&path.at("startDate"), "invalid", told);
            }
            if end > last.max(start) {
                let told = format!(
                    "The contract ends on {last}: what adds time is an extension; propose that."
                );
                problems.add(&path.at("endDate"), "invalid", told);
            }
        }
        Action::TaskOrder => {
            if start < contract.start_date || start > last {
                let told = format!(
                    "An order is placed while the contract runs, from {} until {last}.",
                    contract.start_date
                );
                problems.add(&path.at("startDate"), "invalid", told);
            }
        }
    }
}
