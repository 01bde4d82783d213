//! The letter to a firm about a decision.
use chrono::{DateTime, Utc};

use super::facts::{AwardDataFacts, SubjectFacts};
use super::wording::ended_text;
use super::wording::{
    citation, format_date, format_time, format_two_times, outcome_sentence, render_message,
    render_remedy,
};
use super::{Facts, Finding, Outcome, Policy, Reading, Severity, SubjectKind};

/// What a letter says beside the decision.
#[derive(Clone, Copy, Debug, Default)]
pub struct LetterDetails<'a> {
    /// The decision's identifier, `dec_…`; none for a preview that is not stored.
    pub reference: Option<&'a str>,
    /// Whether the firm has a draft that only lacks a signature. Only its own members may read this.
    pub has_unsigned_draft: bool,
}

/// Renders the letter to the firm as it is read: subject, times, outcome, remedies with deadlines, notes and contact.
/// About other firms it says only whether their disclosures are current.
#[must_use]
pub fn render_letter(reading: &Reading<'_>, details: LetterDetails<'_>) -> String {
    let (policy, facts, decision) = (reading.policy(), reading.facts(), reading.decision());
    let SubjectFacts { kind, department, contact, .. } = &facts.subject;
    let decided_on = format_date(policy.calendar().local_date(facts.decided_at));
    let next = next_step(reading);
    let mut parts = vec![
        format!("{}\n{department}\n{decided_on}", policy.city()),
        heading(policy, facts, reading.facts_as_read().reference_at, details),
        format!("{}{next}", outcome_sentence(decision.outcome, *kind, reading.is_preview())),
    ];
    if let Some(by) = reading.replaced_by() {
        parts.push(format!("A later decision ({by}) has replaced this one."));
    }
    if let Some(ended) = reading.ended() {
        parts.push(format!("Nothing more is decided about this bid: {}.", ended_text(ended)));
    }
    let (notes, open): (Vec<_>, Vec<_>) =
        decision.findings.iter().partition(|finding| finding.severity == Severity::Note);
    if !open.is_empty() {
        let as_of = if reading.is_read_later() && reading.is_open() {
            let read_at = reading.facts_as_read().decided_at;
            format!(", and what can be done as of {}", format_time(read_at, policy.calendar()))
        } else {
            String::new()
        };
        parts.push(format!("What needs attention{as_of}:"));
        for (index, finding) in open.into_iter().enumerate() {
            parts.push(numbered_item(index + 1, finding, reading));
        }
    }
    if details.has_unsigned_draft {
        parts.push(
            "Your draft of a disclosure is complete and waits for a signature: it counts only once a \
            signatory of the firm has filed it."
                .to_owned(),
        );
    }
    if !notes.is_empty() {
        parts.push("For information, no action needed:".to_owned());
        parts.extend(
            notes
                .into_iter()
                .map(|finding| format!("- {}", render_message(finding, policy, facts))),
        );
    }
    parts.push(
        match kind {
            SubjectKind::BidSubmission => {
                "The City asks for disclosure, not for a particular answer: a truthful disclosure \
                is never held against a bid."
            }
            SubjectKind::ContractAward | SubjectKind::ContractRenewal => {
                "The City asks for disclosure, not for a particular answer: a truthful disclosure \
                is never held against a firm."
            }
        }
        .to_owned(),
    );
    parts.extend(searched_award_data(facts, reading.is_preview()));
    parts.push(format!("Questions: {contact}"));
    parts.join("\n\n") + "\n"
}

/// The sentence about the public award data that was searched; none in facts that do not say.
fn searched_award_data(facts: &Facts, is_preview: bool) -> Option<String> {
    let AwardDataFacts { revision, newest_on, .. } = facts.award_data.as_ref()?;
    let compared = match (revision, newest_on) {
        (0, _) => "not compared with public award data".to_owned(),
        (_, None) => "compared with public award data".to_owned(),
        (_, Some(day)) => format!("compared with public award data up to {}", format_date(*day)),
    };
    let of = if is_preview { "preview" } else { "decision" };
    Some(format!("For this {of}, what the firm disclosed was {compared}."))
}

/// The lines that say whom and what the letter is about.
fn heading(
    policy: &Policy,
    facts: &Facts,
    due_at: DateTime<Utc>,
    details: LetterDetails<'_>,
) -> String {
    let SubjectFacts { kind, reference, title, .. } = &facts.subject;
    let is_bid = *kind == SubjectKind::BidSubmission;
    let subject = if is_bid { "Solicitation" } else { "Contract" };
    let mut lines = vec![
        format!("To: {}", facts.organization.name),
        format!("{subject}: {reference}, {title}"),
    ];
    lines.extend(details.reference.map(|id| format!("Decision: {id}")));
    if let Some(draft) = policy.draft() {
        lines.push(format!("Policy: {}. {draft}", policy.version_name()));
    }
    let calendar = policy.calendar();
    match facts.received_at {
        Some(received_at) => {
            let [received, due] = format_two_times(received_at, due_at, calendar);
            lines.extend([format!("Bid received: {received}"), format!("Bids due: {due}")]);
        }
        None if is_bid => {
            lines.push(format!("Bids due: {}", format_time(due_at, calendar)));
        }
        None => {}
    }
    lines.join("\n")
}

fn numbered_item(number: usize, finding: &Finding, reading: &Reading<'_>) -> String {
    let (policy, facts) = (reading.policy(), reading.facts());
    format!(
        "{number}. {}\n   Effect: {}\n   What to do: {}\n   Rule: {} ({})",
        render_message(finding, policy, facts),
        effect(finding.severity, facts.subject.kind, reading),
        render_remedy(finding, reading),
        finding.code(),
        citation(finding, policy, facts),
    )
}

/// What a finding that is no note does to the subject, or would do.
fn effect(severity: Severity, kind: SubjectKind, reading: &Reading<'_>) -> &'static str {
    use SubjectKind::{BidSubmission, ContractAward, ContractRenewal};
    let is_preview = reading.is_preview();
    match (severity, kind) {
        (Severity::Review, BidSubmission) if reading.is_refused() => {
            "none now; without the other items the bid would be held."
        }
        (Severity::Block, BidSubmission) if is_preview => "the bid would be refused.",
        (Severity::Block, BidSubmission) => "the bid is refused.",
        (Severity::Block, ContractAward) => "the contract cannot be awarded.",
        (Severity::Block, ContractRenewal) if is_preview => "the contract action would be refused.",
        (Severity::Block, ContractRenewal) => "the contract action cannot proceed.",
        (_, BidSubmission) if is_preview => "the bid would be held.",
        (_, BidSubmission) => "the bid is held.",
        (_, ContractAward) => "the award is held.",
        (_, ContractRenewal) if is_preview => "the contract action would be held.",
        (_, ContractRenewal) => "the contract action is held.",
    }
}

/// The sentence after the outcome: the next step for the firm, after a blank. Empty if there is none.
fn next_step(reading: &Reading<'_>) -> String {
    let (facts, decision) = (reading.facts(), reading.decision());
    if !reading.is_open() {
        return String::new();
    }
    match (decision.outcome, facts.subject.kind) {
        (Outcome::Review, SubjectKind::BidSubmission) if decision.cure_by().is_some() => {
            " Fix each item below that has a date by that date; an item that is not fixed blocks \
            the award."
                .to_owned()
        }
        (Outcome::Block, SubjectKind::BidSubmission) if reading.is_refused_for_good() => {
            " Bids were due, and the items below block this bid.".to_owned()
        }
        (Outcome::Block, SubjectKind::BidSubmission) => {
            let due = reading.facts_as_read().reference_at;
            let due = format_time(due, reading.policy().calendar());
            let again = if reading.is_preview() { "" } else { " again" };
            format!(
                " Fix each item below that refuses the bid, and submit the bid{again} by {due}, when \
                bids are due."
            )
        }
        _ => String::new(),
    }
}
