//! Findings about the firm's own filing: missing, stale, outdated, rejected, unanswered or partly
//! withheld.
use super::{Case, join_distinct};
use crate::gate::facts::{ClarificationFacts, DisclosureFacts, FilingStatus};
use crate::gate::{Finding, RejectionReason, ReviewState, RuleCode, Severity, WithheldGround};

const PATH: &[&str] = &["organization"];

/// The findings about `own`, the organization's applicable filing.
pub(super) fn findings(case: &Case<'_>, own: Option<&DisclosureFacts>) -> Vec<Option<Finding>> {
    let Some(disclosure) = own else {
        let name = [("name", case.facts.organization.name.clone())];
        return vec![case.finding(RuleCode::DisclosureMissing, PATH, name)];
    };
    let filing = &disclosure.filing;
    let calendar = case.policy.calendar();
    let mut findings = Vec::new();
    if case.is_stale(filing) {
        let values = [
            ("filedOn", calendar.local_date(filing.filed_at).to_string()),
            ("countedOn", calendar.local_date(case.facts.reference_at).to_string()),
            ("days", case.age_days(filing).to_string()),
        ];
        findings.push(case.finding(RuleCode::DisclosureStale, PATH, values));
    }
    if case.is_outdated(filing) {
        let values = [("policyVersion", filing.policy_version.to_string())];
        findings.push(case.finding(RuleCode::DisclosureOutdatedTerms, PATH, values));
    }
    if filing.review == ReviewState::Rejected {
        findings.push(rejection_finding(case, filing));
    }
    if let Some(clarification) = &filing.clarification {
        findings.push(clarification_finding(case, clarification));
    }
    if !disclosure.withheld.is_empty() {
        findings.push(withheld_finding(case, disclosure));
    }
    findings
}

/// While the firm's appeal is open, a rejection is at most a `REVIEW`.
fn rejection_finding(case: &Case<'_>, filing: &FilingStatus) -> Option<Finding> {
    let appeal = if filing.has_open_appeal { "open" } else { "" };
    let rejection = filing.rejection.as_ref();
    let reasons =
        rejection.map(|it| join_distinct(it.reasons.iter().copied(), RejectionReason::word));
    let appeal_by = rejection.and_then(|it| it.appeal_by);
    let last =
        appeal_by.map(|deadline| case.policy.calendar().last_date_before(deadline).to_string());
    let values = [
        ("version", filing.version.to_string()),
        ("appeal", appeal.to_owned()),
        ("reasons", reasons.unwrap_or_default()),
        ("explanation", rejection.map(|it| it.explanation.clone()).unwrap_or_default()),
        ("appealBy", last.unwrap_or_default()),
    ];
    let mut finding = case.finding(RuleCode::DisclosureRejected, PATH, values)?;
    if filing.has_open_appeal {
        finding.severity = finding.severity.min(Severity::Review);
    }
    Some(finding)
}

/// An unanswered clarification request is overdue from its due time on.
fn clarification_finding(case: &Case<'_>, clarification: &ClarificationFacts) -> Option<Finding> {
    let is_overdue = case.facts.decided_at >= clarification.due_at;
    let code =
        if is_overdue { RuleCode::ClarificationOverdue } else { RuleCode::ClarificationOpen };
    let last = case.policy.calendar().last_date_before(clarification.due_at);
    let values = [("dueOn", last.to_string()), ("about", clarification.path.join("."))];
    case.finding(code, PATH, values)
}

/// Withheld parts need a review once; in an accepted filing they are a note.
fn withheld_finding(case: &Case<'_>, disclosure: &DisclosureFacts) -> Option<Finding> {
    let withheld = &disclosure.withheld;
    let values = [
        ("parts", withheld.len().to_string()),
        ("grounds", join_distinct(withheld.iter().map(|part| part.ground), WithheldGround::word)),
        ("paths", join_distinct(withheld.iter().map(|part| &part.path), |path| path.join("."))),
    ];
    let mut finding = case.finding(RuleCode::DisclosurePartlyWithheld, PATH, values)?;
    if disclosure.filing.review == ReviewState::Accepted {
        finding.severity = Severity::Note;
    }
    Some(finding)
}
