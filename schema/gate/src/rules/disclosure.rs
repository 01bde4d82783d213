//! Findings about the firm's own filing: missing, stale, outdated, rejected, unanswered or partly
//! withheld.
use super::{Case, sorted_distinct};
use crate::facts::{ClarificationFacts, DisclosureFacts, FilingStatus};
use crate::{Finding, FindingDetail, ReviewState, Severity};

const PATH: &[&str] = &["organization"];

/// The findings about `own`, the organization's applicable filing.
pub(super) fn findings(case: &Case<'_>, own: Option<&DisclosureFacts>) -> Vec<Option<Finding>> {
    let Some(disclosure) = own else {
        let name = case.facts.organization.name.clone();
        return vec![case.finding(PATH, FindingDetail::DisclosureMissing { name })];
    };
    let filing = &disclosure.filing;
    let calendar = case.policy.calendar();
    let mut findings = Vec::new();
    if case.is_stale(filing) {
        let detail = FindingDetail::DisclosureStale {
            filed_on: calendar.local_date(filing.filed_at),
            counted_on: calendar.local_date(case.facts.reference_at),
            days: case.age_days(filing),
        };
        findings.push(case.finding(PATH, detail));
    }
    if case.is_outdated(filing) {
        let policy_version = filing.policy_version;
        let detail = FindingDetail::DisclosureOutdatedTerms { policy_version };
        findings.push(case.finding(PATH, detail));
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

fn rejection_finding(case: &Case<'_>, filing: &FilingStatus) -> Option<Finding> {
    let rejection = filing.rejection.as_ref();
    let explanation = rejection.map(|it| it.explanation.clone());
    let appeal_by = rejection.and_then(|it| it.appeal_by);
    let detail = FindingDetail::DisclosureRejected {
        version: filing.version,
        has_open_appeal: filing.has_open_appeal,
        reasons: sorted_distinct(rejection.into_iter().flat_map(|it| it.reasons.iter().copied())),
        explanation: explanation.filter(|text| !text.is_empty()),
        appeal_until: appeal_by.map(|at| case.policy.calendar().last_date_before(at)),
    };
    let in_effect = case.facts.organization.disclosure.as_ref().map(|it| &it.filing);
    if in_effect.is_some_and(|it| it.id == filing.id) {
        return case.finding(PATH, detail);
    }
    // A filing that was to cure another one: as long as that can be cured, the next filing cures it.
    let deadline = case.earliest_cure_deadline(&case.list_defects(in_effect));
    case.finding_until(PATH, detail, deadline)
}

/// An unanswered clarification request is overdue from its due time on.
fn clarification_finding(case: &Case<'_>, clarification: &ClarificationFacts) -> Option<Finding> {
    let due_on = case.policy.calendar().last_date_before(clarification.due_at);
    let about = clarification.path.clone();
    let is_overdue = case.facts.decided_at >= clarification.due_at;
    let detail = if is_overdue {
        FindingDetail::ClarificationOverdue { due_on, about }
    } else {
        FindingDetail::ClarificationOpen { due_on, about }
    };
    case.finding(PATH, detail)
}

/// Withheld parts need a review once; in an accepted filing they are a note.
fn withheld_finding(case: &Case<'_>, disclosure: &DisclosureFacts) -> Option<Finding> {
    let withheld = &disclosure.withheld;
    let detail = FindingDetail::DisclosurePartlyWithheld {
        parts: withheld.len(),
        grounds: sorted_distinct(withheld.iter().map(|part| part.ground)),
        paths: sorted_distinct(withheld.iter().map(|part| part.path.clone())),
    };
    let mut finding = case.finding(PATH, detail)?;
    if disclosure.filing.review == ReviewState::Accepted {
        finding.severity = Severity::Note;
    }
    Some(finding)
}
