//! The bidder's own disclosure: whether it is there, fresh, up to date, accepted and whole.
use super::{Case, words};
use crate::gate::facts::DisclosureFacts;
use crate::gate::{Finding, ReviewState, RuleCode, Severity, WithheldGround};

const PATH: &[&str] = &["organization"];

pub(super) fn findings(case: &Case<'_>) -> Vec<Option<Finding>> {
    let organization = &case.facts.organization;
    let Some(disclosure) = &organization.disclosure else {
        let name = [("name", organization.name.clone())];
        return vec![case.finding(RuleCode::DisclosureMissing, PATH, name)];
    };
    let standing = &disclosure.standing;
    let calendar = case.policy.calendar();
    let mut found = Vec::new();
    if case.is_stale(standing) {
        let values = [
            ("filedOn", calendar.date(standing.filed_at).to_string()),
            ("countedOn", calendar.date(case.facts.reference_at).to_string()),
            ("days", case.age(standing).to_string()),
        ];
        found.push(case.finding(RuleCode::DisclosureStale, PATH, values));
    }
    if case.is_outdated(standing) {
        let values = [("policyVersion", standing.policy_version.to_string())];
        found.push(case.finding(RuleCode::DisclosureOutdatedTerms, PATH, values));
    }
    if standing.review == ReviewState::Rejected {
        let values = [("version", standing.version.to_string())];
        found.push(case.finding(RuleCode::DisclosureRejected, PATH, values));
    }
    if !disclosure.withheld.is_empty() {
        found.push(partly_withheld(case, disclosure));
    }
    found
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
    if disclosure.standing.review == ReviewState::Accepted {
        finding.severity = Severity::Note;
    }
    Some(finding)
}
