//! Decisions and findings as they are stored. Text is rendered from them: see
//! [`wording`](super::wording).
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::facts::instant;
use super::{Outcome, RuleCode, Severity};

/// One result of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Finding {
    /// The code of the rule.
    pub code: RuleCode,
    /// The severity that applies to this subject.
    pub severity: Severity,
    /// The path of what it is about, from the subject: `["organization"]`, `["members", <name>]`,
    /// `["subcontractors", <name>]`.
    pub path: Vec<String>,
    /// The values from which message and remedy are rendered.
    pub values: BTreeMap<String, String>,
    /// The time until which the firm can cure it, exclusive: UTC, a local midnight. None if it
    /// cannot be cured.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "instant::optional")]
    pub cure_by: Option<DateTime<Utc>>,
}

impl Finding {
    /// A value by name; empty if the finding has none of that name.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
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
        findings.sort_by(|left, right| {
            let by_severity = right.severity.cmp(&left.severity);
            let rest = |it: &Finding| (it.code, it.path.clone(), it.values.clone(), it.cure_by);
            by_severity.then_with(|| rest(left).cmp(&rest(right)))
        });
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
    use super::{Decision, Finding};
    use crate::gate::{Outcome, RuleCode, Severity};

    fn finding(code: RuleCode, severity: Severity, cure_by: Option<i64>) -> Finding {
        let cure_by = cure_by.and_then(|second| chrono::DateTime::from_timestamp(second, 0));
        Finding { code, severity, path: Vec::new(), values: [].into(), cure_by }
    }

    #[test]
    fn the_most_severe_finding_comes_first_and_sets_the_outcome() {
        assert_eq!(Decision::from_findings(Vec::new()).outcome, Outcome::Admit);
        let note = finding(RuleCode::AgreementDisclosed, Severity::Note, None);
        let held = finding(RuleCode::DisclosureStale, Severity::Review, Some(200));
        let sooner = finding(RuleCode::DisclosureOutdatedTerms, Severity::Review, Some(100));
        let decision = Decision::from_findings(vec![note.clone(), held, sooner, note]);
        assert_eq!(decision.outcome, Outcome::Review);
        assert_eq!(decision.findings.len(), 3);
        assert_eq!(decision.findings[0].code, RuleCode::DisclosureStale);
        assert_eq!(decision.cure_by().map(|at| at.timestamp()), Some(100));
    }
}
