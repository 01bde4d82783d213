//! The letter to a firm about a decision.
use super::facts::SubjectFacts;
use super::wording::{citation, format_date, outcome_sentence, render_message, render_remedy};
use super::{Decision, Facts, Finding, Outcome, Policy, Severity, SubjectKind};

/// Renders the letter to the firm: outcome, remedies with deadlines, notes and contact. About other
/// firms it says only whether their disclosures are current.
#[must_use]
pub fn render_letter(policy: &Policy, facts: &Facts, decision: &Decision) -> String {
    let SubjectFacts { kind, reference, title, department, contact, .. } = &facts.subject;
    let decided_on = format_date(policy.calendar().local_date(facts.decided_at));
    let next = next_step(policy, facts, decision);
    let mut parts = vec![
        format!("{}\n{department}\n{decided_on}", policy.city()),
        format!("To: {}\nAbout: {reference}, {title}", facts.organization.name),
        format!("{}{next}", outcome_sentence(decision.outcome, *kind)),
    ];
    let (notes, open): (Vec<_>, Vec<_>) =
        decision.findings.iter().partition(|finding| finding.severity == Severity::Note);
    if !open.is_empty() {
        parts.push("What needs attention:".to_owned());
        for (index, finding) in open.into_iter().enumerate() {
            parts.push(numbered_item(index + 1, finding, policy));
        }
    }
    if !notes.is_empty() {
        parts.push("For information, no action needed:".to_owned());
        parts.extend(
            notes.into_iter().map(|finding| format!("- {}", render_message(finding, policy))),
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
    parts.push(format!("Questions: {contact}"));
    parts.join("\n\n") + "\n"
}

fn numbered_item(number: usize, finding: &Finding, policy: &Policy) -> String {
    format!(
        "{number}. {}\n   What to do: {}\n   Rule: {} ({})",
        render_message(finding, policy),
        render_remedy(finding, policy),
        finding.code(),
        citation(finding, policy),
    )
}

/// The sentence after the outcome: the next step for the firm, after a blank. Empty if there is none.
fn next_step(policy: &Policy, facts: &Facts, decision: &Decision) -> String {
    match (decision.outcome, facts.subject.kind) {
        (Outcome::Review, SubjectKind::BidSubmission) if decision.cure_by().is_some() => {
            " Fix each item below that has a date by that date; an item that is not fixed blocks \
            the award."
                .to_owned()
        }
        (Outcome::Block, SubjectKind::BidSubmission) if facts.decided_at > facts.reference_at => {
            " Bids were due, and the items below block this bid.".to_owned()
        }
        (Outcome::Block, SubjectKind::BidSubmission) => {
            let due_on = format_date(policy.calendar().local_date(facts.reference_at));
            format!(" Fix the items below and submit the bid again before it is due on {due_on}.")
        }
        _ => String::new(),
    }
}
