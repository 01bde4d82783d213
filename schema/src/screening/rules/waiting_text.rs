//! What waits for a firm's people, in words.
use chrono::{DateTime, NaiveDate, Utc};

use crate::gate::wording::{format_date, format_deadline};
use crate::gate::{Outcome, Policy, RuleCode};
use crate::screening::model::WaitingKind;

/// What waits for a firm's people, as a sentence needs it.
#[derive(Clone, Copy, Debug)]
pub struct WaitingFacts<'a> {
    pub kind: WaitingKind,
    /// The deadline (UTC).
    pub due_at: DateTime<Utc>,
    /// The local day of a contract, or the first one on which a filing is stale.
    pub day: Option<NaiveDate>,
    /// The number of the solicitation, contract or federal award.
    pub label: Option<&'a str>,
    /// The readiness of a contract, or the rule that it violates.
    pub code: Option<&'a str>,
    pub now: DateTime<Utc>,
}

/// Says what waits and what to do by when, in the City's local time.
#[must_use]
pub fn describe_waiting(facts: WaitingFacts<'_>, policy: Option<&Policy>) -> String {
    let WaitingFacts { kind, due_at, day, label, code, now } = facts;
    let label = label.unwrap_or_default();
    let is_over = now >= due_at;
    let until = policy
        .map_or_else(|| format_date(due_at.date_naive()), |policy| format_deadline(due_at, policy));
    let day = format_date(day.unwrap_or_else(|| due_at.date_naive()));
    match kind {
        WaitingKind::Question if is_over => format!(
            "Answer the reviewer's question about your disclosure now. The answer was due by {until}."
        ),
        WaitingKind::Question => {
            format!("Answer the reviewer's question about your disclosure by {until}.")
        }
        WaitingKind::Match if is_over => format!(
            "File a disclosure that lists federal award {label}, or appeal. The time to respond to \
             the notice ended at {until}."
        ),
        WaitingKind::Match => {
            format!("Respond to the notice about federal award {label} by {until}.")
        }
        WaitingKind::BidToCure => format!(
            "Fix what holds your bid on solicitation {label} by {until}. The bid's findings say what."
        ),
        WaitingKind::BidUnderReview => format!(
            "Your bid on solicitation {label} is held until a reviewer has checked it. The bid's \
             findings say why."
        ),
        WaitingKind::ContractEnding => {
            format!("Contract {label} ends on {day}. {}", readiness_sentence(code))
        }
        WaitingKind::ContractNoncompliant => format!(
            "Contract {label} has been out of compliance since {day}. {}",
            remedy_sentence(code)
        ),
        WaitingKind::FilingStale if is_over => format!(
            "Your disclosure has been stale since {day}. File a new one, or reaffirm it if nothing \
             has changed."
        ),
        WaitingKind::FilingStale => format!(
            "Your disclosure becomes stale on {day}. File a new one before, or reaffirm it if \
             nothing has changed."
        ),
    }
}

fn readiness_sentence(code: Option<&str>) -> &'static str {
    if code == Some(Outcome::Admit.as_str()) {
        "Nothing about your disclosure would stop its renewal today."
    } else if code == Some(Outcome::Review.as_str()) {
        "Its renewal would be held for review today."
    } else {
        "It could not be renewed today: check its findings, and your disclosure."
    }
}

fn remedy_sentence(code: Option<&str>) -> &'static str {
    match code.and_then(|code| code.parse().ok()) {
        Some(RuleCode::DisclosureStale) => {
            "File a new disclosure, or reaffirm the last one if nothing has changed."
        }
        Some(RuleCode::DisclosureOutdatedTerms) => {
            "File a disclosure that answers the current questions."
        }
        Some(RuleCode::DisclosureRejected) => {
            "Fix what the reviewer's notice names, and file a new disclosure."
        }
        Some(RuleCode::AwardConfirmedUndisclosed) => {
            "File a disclosure that lists the federal award of the notice."
        }
        Some(RuleCode::ExemptionFollowUpOverdue) => {
            "File the disclosure that the exemption put off."
        }
        _ => "File a disclosure.",
    }
}

#[cfg(test)]
mod tests {
    use super::{WaitingFacts, describe_waiting};
    use crate::screening::model::WaitingKind;

    #[test]
    fn each_text_says_what_to_do_by_when() {
        let facts = WaitingFacts {
            kind: WaitingKind::Question,
            due_at: "2026-02-12T00:00:00Z".parse().expect("a time"),
            day: None,
            label: Some("C-1"),
            code: Some("BLOCK"),
            now: "2026-02-02T20:00:00Z".parse().expect("a time"),
        };
        for kind in WaitingKind::ALL {
            let text = describe_waiting(WaitingFacts { kind: *kind, ..facts }, None);
            assert!(text.ends_with('.') && text.len() > 40, "{text}");
            assert!(
                *kind == WaitingKind::BidUnderReview || text.contains("February 12, 2026"),
                "{text}"
            );
        }
    }
}
