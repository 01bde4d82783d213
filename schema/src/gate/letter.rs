//! The letter that tells a firm what was decided.
use super::facts::SubjectFacts;
use super::wording::{citation, day, message, outcome, remedy};
use super::{Decision, Facts, Finding, Outcome, Policy, Severity, SubjectKind};

/// The letter for the firm: what was decided, what needs doing and by when, what was noted, whom
/// to ask. Of other firms it says only whether their disclosures are current.
#[must_use]
pub fn letter(policy: &Policy, facts: &Facts, decision: &Decision) -> String {
    let SubjectFacts { kind, reference, title, department, contact, .. } = &facts.subject;
    let decided_on = day(policy.calendar().local_date(facts.decided_at));
    let is_due = facts.decided_at > facts.reference_at;
    let next = next_step(*kind, decision, is_due);
    let mut parts = vec![
        format!("{}\n{department}\n{decided_on}", policy.city()),
        format!("To: {}\nAbout: {reference}, {title}", facts.organization.name),
        format!("{}{next}", outcome(decision.outcome, *kind)),
    ];
    let (notes, open): (Vec<_>, Vec<_>) =
        decision.findings.iter().partition(|finding| finding.severity == Severity::Note);
    if !open.is_empty() {
        parts.push("What needs attention:".to_owned());
        for (index, finding) in open.into_iter().enumerate() {
            parts.push(point(index + 1, finding, policy));
        }
    }
    if !notes.is_empty() {
        parts.push("What was noted, and needs nothing:".to_owned());
        parts.extend(notes.into_iter().map(|finding| format!("- {}", message(finding, policy))));
    }
    parts.push(
        match kind {
            SubjectKind::BidSubmission => {
                "The City asks for disclosure, not for a particular answer: a true statement is \
                never held against a bid."
            }
            SubjectKind::ContractAward | SubjectKind::ContractRenewal => {
                "The City asks for disclosure, not for a particular answer: a true statement is \
                never held against a firm."
            }
        }
        .to_owned(),
    );
    parts.push(format!("Questions: {contact}"));
    parts.join("\n\n") + "\n"
}

fn point(number: usize, finding: &Finding, policy: &Policy) -> String {
    format!(
        "{number}. {}\n   What to do: {}\n   Rule: {} ({})",
        message(finding, policy),
        remedy(finding, policy),
        finding.code,
        citation(finding, policy),
    )
}

/// What comes next, after the outcome.
fn next_step(kind: SubjectKind, decision: &Decision, is_due: bool) -> &'static str {
    match (decision.outcome, kind) {
        (Outcome::Review, SubjectKind::BidSubmission) if decision.cure_by().is_some() => {
            " What is named below with a date can be mended until then; unmended, it stops the \
            award."
        }
        (Outcome::Block, SubjectKind::BidSubmission) if is_due => {
            " Bids were due, and what is named below stands in its way."
        }
        (Outcome::Block, SubjectKind::BidSubmission) => {
            " Mend what is named below and submit it again before bids are due."
        }
        _ => "",
    }
}
