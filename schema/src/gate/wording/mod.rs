//! Findings in words, for staff and for the firm. They are rendered, not stored: a better wording
//! changes no replay.
mod award;
mod message;
mod remedy;
#[cfg(test)]
mod tests;

use chrono::{DateTime, NaiveDate, Utc};

pub use message::message;
pub use remedy::remedy;

use super::{DhsComponent, Finding, Outcome, Policy, SubjectKind};

/// Where the rule of a finding comes from.
#[must_use]
pub fn citation<'a>(finding: &Finding, policy: &'a Policy) -> &'a str {
    policy.citation(finding.code)
}

/// The last day of a deadline that ends at a local midnight, such as `the end of Monday, 30
/// November 2026 (Los Angeles time)`.
#[must_use]
pub fn deadline(cure_by: DateTime<Utc>, policy: &Policy) -> String {
    let calendar = policy.calendar();
    let last = day(calendar.last_date_before(cure_by));
    format!("the end of {last} ({} time)", calendar.timezone_city())
}

/// A date as letters write it: `Monday, 30 November 2026`.
#[must_use]
pub fn day(date: NaiveDate) -> String {
    date.format("%A, %-d %B %Y").to_string()
}

/// What an outcome means for a bid, an award or a renewal, in a sentence.
#[must_use]
pub const fn outcome(outcome: Outcome, kind: SubjectKind) -> &'static str {
    use SubjectKind::{BidSubmission, ContractAward, ContractRenewal};
    match (outcome, kind) {
        (Outcome::Admit, BidSubmission) => "The bid is admitted.",
        (Outcome::Admit, ContractAward) => "The contract may be awarded.",
        (Outcome::Admit, ContractRenewal) => "The contract may be carried on.",
        (Outcome::Review, BidSubmission) => {
            "The bid is received and held: a reviewer looks at it before it can lead to an award."
        }
        (Outcome::Review, ContractAward) => {
            "The contract cannot be awarded yet: a reviewer looks at it first."
        }
        (Outcome::Review, ContractRenewal) => {
            "The contract cannot be carried on yet: a reviewer looks at it first."
        }
        (Outcome::Block, BidSubmission) => "The bid is not accepted.",
        (Outcome::Block, ContractAward) => "The contract cannot be awarded.",
        (Outcome::Block, ContractRenewal) => "The contract cannot be carried on.",
    }
}

/// A stored date as letters write it.
fn date(stored: &str) -> String {
    stored.parse::<NaiveDate>().map_or_else(|_| stored.to_owned(), day)
}

fn component(word: &str) -> Option<DhsComponent> {
    DhsComponent::ALL.iter().copied().find(|component| component.word() == word)
}

/// A word of a closed list as prose: `LAW_ENFORCEMENT` is `law enforcement`.
fn prose(word: &str) -> String {
    word.to_lowercase().replace('_', " ")
}

/// `one`, `one and other`, `one, another and a third`.
fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `1 agreement`, `2 agreements`: what is counted is written as the finding has it.
fn counted(count: &str, what: &str) -> String {
    if count == "1" { format!("1 {what}") } else { format!("{count} {what}s") }
}
