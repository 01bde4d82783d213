//! The bidder's own disclosure: whether it is there, fresh, up to date, accepted and whole.
use super::{Case, words};
use crate::gate::facts::{DisclosureFacts, ClarificationFacts, FilingStatus};
use crate::gate::{Finding, RejectionReason, ReviewState, RuleCode, Severity, WithheldGround};

const PATH: &[&str] = &["organization"];

/// What is found of `own`, the filing that the organization is judged on.
pub(super) fn findings(case: &Case<'_>, own: Option<&DisclosureFacts>) -> Vec<Option<Finding>> {
    let Some(disclosure) = own else {
        let name = [("name", case.facts.organization.name.clone())];
        return vec![case.finding(RuleCode::DisclosureMissing, PATH, name)];
    };
    let standing = &disclosure.filing;
    let calendar = case.policy.calendar();
    let mut found = Vec::new();
    if case.is_stale(standing) {
        let values = [
            ("filedOn", calendar.local_date(standing.filed_at).to_string()),
            ("countedOn", calendar.local_date(case.facts.reference_at).to_string()),
            ("days", case.age(standing).to_string()),
        ];
        found.push(case.finding(RuleCode::DisclosureStale, PATH, values));
    }
    if case.is_outdated(standing) {
        let values = [("policyVersion", standing.policy_version.to_string())];
        found.push(case.finding(RuleCode::DisclosureOutdatedTerms, PATH, values));
    }
    if standing.review == ReviewState::Rejected {
        found.push(rejected(case, standing));
    }
    if let Some(question) = &standing.clarification {
        found.push(clarification(case, question));
    }
    if !disclosure.withheld.is_empty() {
        found.push(partly_withheld(case, disclosure));
    }
    found
}

/// Nobody is refused unheard: while the appeal is open, a reviewer looks at it.
fn rejected(case: &Case<'_>, standing: &FilingStatus) -> Option<Finding> {
    let appeal = if standing.has_open_appeal { "open" } else { "" };
    let told = standing.rejection.as_ref();
    let reasons = told.map(|it| words(it.reasons.iter().copied(), RejectionReason::word));
    let appeal_by = told.and_then(|it| it.appeal_by);
    let last = appeal_by.map(|ends| case.policy.calendar().last_date_before(ends).to_string());
    let values = [
        ("version", standing.version.to_string()),
        ("appeal", appeal.to_owned()),
        ("reasons", reasons.unwrap_or_default()),
        ("explanation", told.map(|it| it.explanation.clone()).unwrap_or_default()),
        ("appealBy", last.unwrap_or_default()),
    ];
    let mut finding = case.finding(RuleCode::DisclosureRejected, PATH, values)?;
    if standing.has_open_appeal {
        finding.severity = finding.severity.min(Severity::Review);
    }
    Some(finding)
}

/// A question is answered in time until its due time, exclusive.
fn clarification(case: &Case<'_>, question: &ClarificationFacts) -> Option<Finding> {
    let is_over = case.facts.decided_at >= question.due_at;
    let code = if is_over { RuleCode::ClarificationOverdue } else { RuleCode::ClarificationOpen };
    let last = case.policy.calendar().last_date_before(question.due_at);
    let values = [("dueOn", last.to_string()), ("about", question.path.join("."))];
    case.finding(code, PATH, values)
}

/// Withheld is not missing: it is looked at once, and once accepted it is a note.
fn partly_withheld(case: &Case<'_>, disclosure: &DisclosureFacts) -> Option<Finding> {
    let withheld = &disclosure.withheld;
    let values = [
        ("parts", withheld.len().to_string()),
        ("grounds", words(withheld.iter().map(|part| part.ground), WithheldGround::word)),
        ("paths", words(withheld.iter().map(|part| &part.path), |path| path.join("."))),
    ];
    let mut finding = case.finding(RuleCode::DisclosurePartlyWithheld, PATH, values)?;
    if disclosure.filing.review == ReviewState::Accepted {
        finding.severity = Severity::Note;
    }
    Some(finding)
}
