//! The rules: what is found, from the policy and the facts alone.
mod content;
mod disclosure;
mod parties;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::facts::Standing;
use super::{Decision, Facts, Finding, Policy, ReviewState, RuleCode, Severity, SubjectKind};

/// What the policy says of these facts: the same for the same two, whoever asks and whenever.
#[must_use]
pub fn decide(policy: &Policy, facts: &Facts) -> Decision {
    let case = Case { policy, facts };
    let mut findings = disclosure::findings(&case);
    findings.extend(parties::findings(&case));
    findings.extend(content::findings(&case));
    Decision::of(findings.into_iter().flatten().collect())
}

/// The policy, and what is known.
struct Case<'a> {
    policy: &'a Policy,
    facts: &'a Facts,
}

impl Case<'_> {
    /// What a rule found, as the policy weighs it; none where the rule does not apply. A bid's
    /// defect that can be mended is held for review until its time is over: unmended, the award's
    /// own gate stops it.
    fn finding<const N: usize>(
        &self,
        code: RuleCode,
        path: &[&str],
        values: [(&str, String); N],
    ) -> Option<Finding> {
        let kind = self.facts.subject.kind;
        let severity = self.policy.severity(code, kind)?;
        let can_be_mended = severity == Severity::Block && kind == SubjectKind::BidSubmission;
        let cure_by = can_be_mended
            .then(|| {
                let due_at = self.facts.reference_at;
                self.policy.calendar().cure_by(due_at, self.policy.cure_days(code))
            })
            .flatten();
        let told = values.into_iter().filter(|(_, value)| !value.is_empty());
        Some(Finding {
            code,
            severity: if cure_by.is_some() { Severity::Review } else { severity },
            path: path.iter().map(|step| (*step).to_owned()).collect(),
            values: told.map(|(name, value)| (name.to_owned(), value)).collect::<BTreeMap<_, _>>(),
            cure_by,
        })
    }

    /// Local calendar days from the filing to the reference date; negative if it was filed later.
    fn age(&self, standing: &Standing) -> i64 {
        self.policy.calendar().days_between(standing.filed_at, self.facts.reference_at)
    }

    fn is_stale(&self, standing: &Standing) -> bool {
        self.age(standing) > i64::from(self.policy.parameters().freshness_days.value)
    }

    /// It answers an older policy whose questions were others, and the days of transition, counted
    /// from the day on which this policy began, are over.
    fn is_outdated(&self, standing: &Standing) -> bool {
        let began = self.policy.effective_from();
        let passed = self.policy.calendar().date(self.facts.reference_at) - began;
        standing.policy_version < self.policy.version()
            && standing.answered != self.policy.questions()
            && passed.num_days() > i64::from(self.policy.parameters().transition_days.value)
    }

    /// Filed, and neither stale nor outdated nor rejected.
    fn is_current(&self, standing: Option<&Standing>) -> bool {
        standing.is_some_and(|standing| {
            !self.is_stale(standing)
                && !self.is_outdated(standing)
                && standing.review != ReviewState::Rejected
        })
    }
}

/// The words of a list, each once, in the order of their declaration.
fn words<T: Ord>(of: impl IntoIterator<Item = T>, word: impl Fn(T) -> String) -> String {
    let each = of.into_iter().collect::<std::collections::BTreeSet<_>>();
    each.into_iter().map(word).collect::<Vec<_>>().join(",")
}
