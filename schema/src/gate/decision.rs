//! What the gate says, as it is stored. The words are rendered from it (see [`super::words`]).
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::facts::instant;
use super::{Outcome, RuleCode, Severity};

/// One thing that a rule found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Finding {
    /// The rule.
    pub code: RuleCode,
    /// How much it weighs here.
    pub severity: Severity,
    /// Whom or what it is about, from the subject inwards: `["organization"]`,
    /// `["members", <name>]`, `["subcontractors", <name>]`.
    pub path: Vec<String>,
    /// What the words are made of.
    pub values: BTreeMap<String, String>,
    /// Until when it can be mended, exclusive: UTC, a local midnight. None if there is no such
    /// time.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "instant::optional")]
    pub cure_by: Option<DateTime<Utc>>,
}

impl Finding {
    /// A value that the rule left for the words; empty if it left none.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }
}

/// What the gate says of one subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Decision {
    /// The worst of the findings; `ADMIT` if there are none.
    pub outcome: Outcome,
    /// The worst first, each once.
    pub findings: Vec<Finding>,
}

impl Decision {
    /// The decision that these findings come to, in the one order that they have.
    #[must_use]
    pub fn of(mut findings: Vec<Finding>) -> Self {
        findings.sort_by(|one, other| {
            let weight = other.severity.cmp(&one.severity);
            let rest = |it: &Finding| (it.code, it.path.clone(), it.values.clone(), it.cure_by);
            weight.then_with(|| rest(one).cmp(&rest(other)))
        });
        findings.dedup();
        let worst = findings.iter().map(|finding| finding.severity).max();
        Self { outcome: worst.map_or(Outcome::Admit, Outcome::from), findings }
    }

    /// Until when a held bid can be mended: the earliest of its findings' times, since the first
    /// that passes unmended stops the award. Exclusive.
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
    fn the_worst_finding_decides_and_stands_first() {
        assert_eq!(Decision::of(Vec::new()).outcome, Outcome::Admit);
        let note = finding(RuleCode::AgreementDisclosed, Severity::Note, None);
        let held = finding(RuleCode::DisclosureStale, Severity::Review, Some(200));
        let sooner = finding(RuleCode::DisclosureOutdatedTerms, Severity::Review, Some(100));
        let decision = Decision::of(vec![note.clone(), held, sooner, note]);
        assert_eq!(decision.outcome, Outcome::Review);
        assert_eq!(decision.findings.len(), 3);
        assert_eq!(decision.findings[0].code, RuleCode::DisclosureStale);
        assert_eq!(decision.cure_by().map(|at| at.timestamp()), Some(100));
    }
}
