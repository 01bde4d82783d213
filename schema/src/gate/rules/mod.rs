//! The rules: what is found, from the policy and the facts alone.
mod awards;
mod compliance;
mod content;
mod contract;
mod disclosure;
mod parties;
#[cfg(test)]
mod properties;
mod relief;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

pub use compliance::{Noncompliance, find_noncompliance, next_reevaluation_at};
pub use contract::is_gated;

use super::facts::{DisclosureFacts, PartyFacts, FilingStatus};
use super::{Decision, Facts, Finding, Policy, ReviewState, RuleCode, Severity, SubjectKind};

/// What the policy says of these facts: the same for the same two, whoever asks and whenever.
#[must_use]
pub fn decide(policy: &Policy, facts: &Facts) -> Decision {
    let case = Case { policy, facts };
    let own = applicable_filing(policy, facts);
    let mut findings = disclosure::findings(&case, own);
    findings.extend(parties::findings(&case));
    findings.push(contract::clause(&case));
    findings.extend(own.into_iter().flat_map(|own| content::findings(&case, own)));
    findings.extend(awards::findings(&case, own));
    let mut findings: Vec<Finding> = findings.into_iter().flatten().collect();
    findings.extend(relief::overdue(&case));
    // A suspension removes its rules' findings, before anything else is made of them.
    findings.retain(|finding| !facts.suspensions.iter().any(|it| it.suspends(finding.code)));
    findings.extend(suspensions(&case));
    relief::exempt(&case, &mut findings);
    relief::waive(&case, &mut findings);
    Decision::of(findings)
}

/// The filing that the organization is judged on: the one that stands at the moment that counts,
/// or a later one that mends in time all that is wrong with it.
#[must_use]
pub fn applicable_filing<'a>(policy: &Policy, facts: &'a Facts) -> Option<&'a DisclosureFacts> {
    let case = Case { policy, facts };
    let PartyFacts { disclosure, later_filings: later, .. } = &facts.organization;
    let standing = disclosure.as_ref();
    let defects = case.defects(standing.map(|it| &it.filing));
    case.mended(&defects, later, |it| it.filing.filed_at).or(standing)
}

fn suspensions(case: &Case<'_>) -> Vec<Finding> {
    let told = case.facts.suspensions.iter().filter_map(|suspension| {
        let rules = suspension.rules.iter().map(|code| code.as_str()).collect::<Vec<_>>();
        let values = [("rules", rules.join(",")), ("citation", suspension.citation.clone())];
        case.finding(RuleCode::PolicySuspended, &["policy"], values)
    });
    told.collect()
}

/// The policy, and what is known.
struct Case<'a> {
    policy: &'a Policy,
    facts: &'a Facts,
}

impl Case<'_> {
    /// What a rule found, as the policy weighs it; none where the rule does not apply. A bid's
    /// defect that can be mended is held for review until its time is over; unmended, it weighs
    /// what it will weigh at the award.
    fn finding<const N: usize>(
        &self,
        code: RuleCode,
        path: &[&str],
        values: [(&str, String); N],
    ) -> Option<Finding> {
        let severity = self.policy.severity(code, self.facts.subject.kind)?;
        let ends = self.cure_by(code);
        let cure_by = ends.filter(|ends| self.facts.decided_at < *ends);
        let told = values.into_iter().filter(|(_, value)| !value.is_empty());
        let told = told.map(|(name, value)| (name.to_owned(), value));
        let missed = ends.filter(|_| cure_by.is_none());
        let missed = missed.map(|ends| {
            let last = self.policy.calendar().last_date_before(ends);
            ("cureEndedOn".to_owned(), last.to_string())
        });
        Some(Finding {
            code,
            severity: if cure_by.is_some() { Severity::Review } else { severity },
            path: path.iter().map(|step| (*step).to_owned()).collect(),
            values: told.chain(missed).collect::<BTreeMap<_, _>>(),
            cure_by,
        })
    }

    /// Until when a bid's defect can be mended, exclusive, whether or not that has passed; none if
    /// it cannot be, or does not block.
    fn cure_by(&self, code: RuleCode) -> Option<DateTime<Utc>> {
        let kind = self.facts.subject.kind;
        let blocks = self.policy.severity(code, kind) == Some(Severity::Block);
        if !blocks || kind != SubjectKind::BidSubmission {
            return None;
        }
        self.policy.calendar().end_of_business_day(self.facts.reference_at, self.policy.cure_days(code))
    }

    /// What keeps a filing from being current; that there is none, if there is none.
    fn defects(&self, standing: Option<&FilingStatus>) -> Vec<RuleCode> {
        let Some(standing) = standing else { return vec![RuleCode::DisclosureMissing] };
        let found = [
            (self.is_stale(standing), RuleCode::DisclosureStale),
            (self.is_outdated(standing), RuleCode::DisclosureOutdatedTerms),
            (standing.review == ReviewState::Rejected, RuleCode::DisclosureRejected),
        ];
        found.into_iter().filter_map(|(found, code)| found.then_some(code)).collect()
    }

    /// The last of the later filings that came before the time to mend any of the defects ended;
    /// none if there is no defect, or one that cannot be mended.
    fn mended<'f, D>(
        &self,
        defects: &[RuleCode],
        later: &'f [D],
        filed_at: impl Fn(&D) -> DateTime<Utc>,
    ) -> Option<&'f D> {
        let ends = defects.iter().map(|code| self.cure_by(*code));
        let ends = ends.min_by_key(|ends| ends.unwrap_or(DateTime::<Utc>::MIN_UTC)).flatten()?;
        let in_time = later.iter().filter(|filing| filed_at(filing) < ends);
        in_time.max_by_key(|filing| filed_at(filing))
    }

    /// Local calendar days from the filing to the reference date; negative if it was filed later.
    fn age(&self, standing: &FilingStatus) -> i64 {
        self.policy.calendar().days_between(standing.filed_at, self.facts.reference_at)
    }

    fn is_stale(&self, standing: &FilingStatus) -> bool {
        self.age(standing) > i64::from(self.policy.parameters().freshness_days.value)
    }

    /// It answers an older policy whose questions were others, and the days of transition, counted
    /// from the day on which this policy began, are over.
    fn is_outdated(&self, standing: &FilingStatus) -> bool {
        let began = self.policy.effective_from();
        let passed = self.policy.calendar().local_date(self.facts.reference_at) - began;
        standing.policy_version < self.policy.version()
            && standing.questions != self.policy.questions()
            && passed.num_days() > i64::from(self.policy.parameters().transition_days.value)
    }

    /// Filed, and neither stale nor outdated nor rejected.
    fn is_current(&self, standing: Option<&FilingStatus>) -> bool {
        self.defects(standing).is_empty()
    }
}

/// The words of a list, each once, in the order of their declaration.
fn words<T: Ord>(of: impl IntoIterator<Item = T>, word: impl Fn(T) -> String) -> String {
    let each = of.into_iter().collect::<std::collections::BTreeSet<_>>();
    each.into_iter().map(word).collect::<Vec<_>>().join(",")
}
