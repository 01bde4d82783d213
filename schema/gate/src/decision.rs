//! Decisions and findings as they are stored. Text is rendered from them: see
//! [`wording`](super::wording).
use std::cmp::Ordering;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::facts::instant;
use super::{FindingDetail, Outcome, RuleCode, Severity};

/// One result of a rule. Its JSON has the code and the values of the detail beside the other fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The rule's code, with the values from which message and remedy are rendered. It refuses
    /// unknown fields, those of the finding included.
    #[serde(flatten)]
    pub detail: FindingDetail,
    /// The severity that applies to this subject.
    pub severity: Severity,
    /// The path of what it is about, from the subject: `["organization"]`, `["members", <name>]`,
    /// `["subcontractors", <name>]`.
    pub path: Vec<String>,
    /// The time until which the firm can cure it, exclusive: UTC, a local midnight. None if it
    /// cannot be cured.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "instant::optional")]
    pub cure_by: Option<DateTime<Utc>>,
    /// The last local date on which the firm could cure it; none if the time has not ended or it
    /// could never be cured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cure_ended_on: Option<NaiveDate>,
}

impl Finding {
    /// The code of the rule.
    #[must_use]
    pub const fn code(&self) -> RuleCode {
        self.detail.code()
    }

    /// Compares by severity, most severe first, then by code, path and values.
    fn canonical_cmp(&self, other: &Self) -> Ordering {
        let by_severity = other.severity.cmp(&self.severity);
        by_severity
            .then_with(|| self.code().cmp(&other.code()))
            .then_with(|| self.path.cmp(&other.path))
            .then_with(|| self.detail.cmp(&other.detail))
            .then_with(|| self.cure_by.cmp(&other.cure_by))
            .then_with(|| self.cure_ended_on.cmp(&other.cure_ended_on))
    }
}

/// The gate's decision about one subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Decision {
    /// The outcome of the most severe finding; `ADMIT` without findings.
    pub outcome: Outcome,
    /// The findings without duplicates, most severe first.
    pub findings: Vec<Finding>,
}

impl Decision {
    /// Builds the decision from findings, in canonical order and without duplicates.
    #[must_use]
    pub fn from_findings(mut findings: Vec<Finding>) -> Self {
        findings.sort_by(Finding::canonical_cmp);
        findings.dedup();
        let highest = findings.iter().map(|finding| finding.severity).max();
        Self { outcome: highest.map_or(Outcome::Admit, Outcome::from), findings }
    }

    /// The earliest cure deadline of the findings, exclusive: the first defect that is not cured in
    /// time blocks the award. None if no finding can be cured.
    #[must_use]
    pub fn cure_by(&self) -> Option<DateTime<Utc>> {
        self.findings.iter().filter_map(|finding| finding.cure_by).min()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Decision, Finding};
    use crate::{FindingDetail, Outcome, RuleCode, Severity};

    fn finding(detail: FindingDetail, severity: Severity, cure_by: Option<i64>) -> Finding {
        let cure_by = cure_by.and_then(|second| chrono::DateTime::from_timestamp(second, 0));
        Finding { detail, severity, path: Vec::new(), cure_by, cure_ended_on: None }
    }

    fn stale() -> FindingDetail {
        FindingDetail::DisclosureStale {
            filed_on: "2025-11-20".parse().expect("a date"),
            counted_on: "2026-11-23".parse().expect("a date"),
            days: 368,
        }
    }

    #[test]
    fn the_most_severe_finding_comes_first_and_sets_the_outcome() {
        assert_eq!(Decision::from_findings(Vec::new()).outcome, Outcome::Admit);
        let city_data = FindingDetail::SharesCityData { arrangements: 1, recipients: Vec::new() };
        let note = finding(city_data, Severity::Note, None);
        let held = finding(stale(), Severity::Review, Some(200));
        let outdated = FindingDetail::DisclosureOutdatedTerms { policy_version: 1 };
        let sooner = finding(outdated, Severity::Review, Some(100));
        let decision = Decision::from_findings(vec![note.clone(), held, sooner, note]);
        assert_eq!(decision.outcome, Outcome::Review);
        assert_eq!(decision.findings.len(), 3);
        assert_eq!(decision.findings[0].code(), RuleCode::DisclosureStale);
        assert_eq!(decision.cure_by().map(|at| at.timestamp()), Some(100));
    }

    #[test]
    fn json_has_code_and_values_beside_the_other_fields_and_no_unknown_field() {
        let finding = finding(stale(), Severity::Review, Some(200));
        let mut json = serde_json::to_value(&finding).expect("JSON");
        let expected = json!({
            "code": "disclosure.stale",
            "filedOn": "2025-11-20",
            "countedOn": "2026-11-23",
            "days": 368,
            "severity": "REVIEW",
            "path": [],
            "cureBy": "1970-01-01T00:03:20.000000Z",
        });
        assert_eq!(json, expected);
        let parse = |json: &serde_json::Value| serde_json::from_value::<Finding>(json.clone());
        assert_eq!(parse(&json).expect("a finding"), finding);
        json["version"] = json!(1);
        assert!(parse(&json).is_err(), "a value of another rule");
        json["code"] = json!("disclosure.absent");
        assert!(parse(&json).is_err(), "an unknown code");
    }
}
