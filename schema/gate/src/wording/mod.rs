//! English text of findings, for staff and firms. It is rendered from the stored values, so that
//! changing a text does not change any stored decision.
mod award;
#[cfg(test)]
mod golden_tests;
mod message;
mod part;
mod remedy;
#[cfg(test)]
mod tests;

use std::fmt::Display;

use chrono::{DateTime, NaiveDate, Timelike, Utc};

pub use award::out_of_scope_text;
pub use message::render_message;
pub use part::describe_part;
pub(crate) use remedy::ended_text;
pub use remedy::render_remedy;

use super::{Calendar, DhsComponent, Facts, Finding, Outcome, Policy, SubjectKind};

/// The policy's citation for the finding's rule and the kind of contract.
#[must_use]
pub fn citation<'a>(finding: &Finding, policy: &'a Policy, facts: &Facts) -> &'a str {
    policy.citation(finding.code(), facts.is_public_works)
}

/// Formats a time in the City's time with its zone, such as `Monday, November 23, 2026, 2:00 p.m. PST`.
/// Seconds are left out on a full minute, and fractions of a second always.
#[must_use]
pub fn format_time(at: DateTime<Utc>, calendar: Calendar<'_>) -> String {
    format_instant(at, calendar, Precision::Seconds)
}

/// Formats two times in the City's time, with fractions of a second if they would look equal otherwise.
#[must_use]
pub fn format_two_times(
    first: DateTime<Utc>,
    second: DateTime<Utc>,
    calendar: Calendar<'_>,
) -> [String; 2] {
    let format = |precision| [first, second].map(|at| format_instant(at, calendar, precision));
    let [left, right] = format(Precision::Seconds);
    if left == right && first != second {
        return format(Precision::Microseconds);
    }
    [left, right]
}

#[derive(Clone, Copy)]
enum Precision {
    Seconds,
    Microseconds,
}

fn format_instant(at: DateTime<Utc>, calendar: Calendar<'_>, precision: Precision) -> String {
    let local = calendar.local_time(at);
    let second = match precision {
        Precision::Microseconds => local.format(":%S%.6f").to_string(),
        Precision::Seconds if local.second() == 0 => String::new(),
        Precision::Seconds => local.format(":%S").to_string(),
    };
    let half = if local.hour() < 12 { "a.m." } else { "p.m." };
    let zone = local.format("%Z").to_string();
    // Time zones without an abbreviation of their own are named by their offset.
    let zone = if zone.starts_with(['+', '-']) { format!("UTC{zone}") } else { zone };
    format!("{}, {}{second} {half} {zone}", format_date(local.date_naive()), local.format("%-I:%M"))
}

/// Formats a deadline that ends at a local midnight by its last day, such as `the end of Monday,
/// November 30, 2026 (Los Angeles time)`.
#[must_use]
pub fn format_deadline(cure_by: DateTime<Utc>, policy: &Policy) -> String {
    let calendar = policy.calendar();
    let last = format_date(calendar.last_date_before(cure_by));
    format!("the end of {last} ({} time)", calendar.timezone_city())
}

/// Formats a date with its weekday, such as `Monday, November 30, 2026`.
#[must_use]
pub fn format_date(date: NaiveDate) -> String {
    format!("{}, {}", date.format("%A"), format_day(date))
}

/// Formats a date without its weekday, as in a signature: `November 30, 2026`.
#[must_use]
pub fn format_day(date: NaiveDate) -> String {
    date.format("%B %-d, %Y").to_string()
}

/// A sentence that states an outcome for a bid, an award or a contract action; in a preview, what it would
/// be.
#[must_use]
pub const fn outcome_sentence(
    outcome: Outcome,
    kind: SubjectKind,
    is_preview: bool,
) -> &'static str {
    use SubjectKind::{BidSubmission, ContractAward, ContractRenewal};
    match (outcome, kind) {
        (Outcome::Admit, BidSubmission) if is_preview => "A bid submitted now would be admitted.",
        (Outcome::Admit, BidSubmission) => "The bid is admitted.",
        (Outcome::Admit, ContractAward) => "The contract may be awarded.",
        (Outcome::Admit, ContractRenewal) if is_preview => {
            "The contract action would be allowed to proceed."
        }
        (Outcome::Admit, ContractRenewal) => "The contract action may proceed.",
        (Outcome::Review, BidSubmission) if is_preview => {
            "A bid submitted now would be held. What is named below would have to be settled before the \
            contract can be awarded."
        }
        (Outcome::Review, BidSubmission) => {
            "The bid is received. What is named below must be settled before the contract can be awarded."
        }
        (Outcome::Review, ContractAward) => {
            "The contract cannot be awarded yet: what is named below must be settled first."
        }
        (Outcome::Review, ContractRenewal) if is_preview => {
            "The contract action would be held: what is named below would have to be settled first."
        }
        (Outcome::Review, ContractRenewal) => {
            "The contract action cannot proceed yet: what is named below must be settled first."
        }
        (Outcome::Block, BidSubmission) if is_preview => {
            "A bid submitted now would not be accepted."
        }
        (Outcome::Block, BidSubmission) => "The bid is not accepted.",
        (Outcome::Block, ContractAward) => "The contract cannot be awarded.",
        (Outcome::Block, ContractRenewal) if is_preview => "The contract action would be refused.",
        (Outcome::Block, ContractRenewal) => "The contract action cannot proceed.",
    }
}

/// The component's name within a sentence; [`DhsComponent::label`] may begin one.
const fn component_in_sentence(component: DhsComponent) -> &'static str {
    match component {
        DhsComponent::Other => "another component of the U.S. Department of Homeland Security",
        named => named.label(),
    }
}

/// Converts an enum word to prose: `LAW_ENFORCEMENT` becomes `law enforcement`.
#[must_use]
pub fn word_to_prose(word: &str) -> String {
    word.to_lowercase().replace('_', " ")
}

/// Joins items as English: `a`, `a and b`, `a, b and c`.
fn join_with_and(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Formats a count with its noun: `1 agreement`, `2 agreements`.
#[must_use]
pub fn pluralize<Count: Copy + Display + PartialEq + From<u8>>(count: Count, noun: &str) -> String {
    let plural = if count == Count::from(1) { "" } else { "s" };
    format!("{count} {noun}{plural}")
}
