//! The rules: pure functions from a policy and facts to findings.
mod awards;
mod compliance;
mod content;
mod contract;
mod disclosure;
mod parties;
#[cfg(test)]
mod properties;
mod relief;
pub(super) mod remedies;
#[cfg(test)]
mod remedy_properties;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

pub use awards::{AwardScope, find_out_of_scope};
pub use compliance::{Noncompliance, find_lapse_date, find_noncompliance, next_reevaluation_at};
pub use contract::is_gated;
pub use relief::{
    ClaimEffect, EXEMPTED_RULES, ExceededTerm, assess_claim, follow_up_deadline_of_claim,
    is_lifted, is_waiver_effective,
};
pub use remedies::{BidStanding, EndedBid, FilingTime, Identifying, Reading, Remedy};

use super::facts::{DisclosureFacts, FilingStatus, PartyFacts};
use super::{
    Decision, Facts, Finding, FindingDetail, Policy, ReviewState, RuleCode, Severity, SubjectKind,
};

/// Applies the policy's rules to the facts. Deterministic: equal arguments give equal decisions.
#[must_use]
pub fn decide(policy: &Policy, facts: &Facts) -> Decision {
    let case = Case { policy, facts };
    let own = applicable_filing(policy, facts);
    let mut findings = disclosure::findings(&case, own);
    findings.extend(parties::findings(&case));
    findings.push(contract::clause_finding(&case));
    findings.extend(own.into_iter().flat_map(|own| content::findings(&case, own)));
    findings.extend(awards::findings(&case, own));
    let mut findings: Vec<Finding> = findings.into_iter().flatten().collect();
    findings.extend(relief::overdue_findings(&case));
    // Suspensions come first: a suspended rule's finding needs no exemption and no waiver.
    let (lifted, mut findings): (Vec<Finding>, Vec<Finding>) = findings
        .into_iter()
        .partition(|finding| facts.suspensions.iter().any(|it| it.suspends(finding.code())));
    findings.extend(suspension_findings(&case, &lifted));
    relief::apply_exemptions(&case, &mut findings);
    relief::apply_waivers(&case, &mut findings);
    Decision::from_findings(findings)
}

/// Returns the filing that applies to the organization: the one in effect at the reference time, or
/// a later one that cures all its defects in time.
#[must_use]
pub fn applicable_filing<'a>(policy: &Policy, facts: &'a Facts) -> Option<&'a DisclosureFacts> {
    let case = Case { policy, facts };
    let PartyFacts { disclosure, later_filings, .. } = &facts.organization;
    let in_effect = disclosure.as_ref();
    let defects = case.list_defects(in_effect.map(|it| &it.filing));
    case.find_curing_filing(&defects, later_filings, |it| it.filing.filed_at).or(in_effect)
}

/// Whether the firm's applicable filing is current, so that nothing which an exemption put off is due.
pub(crate) fn has_current_filing(policy: &Policy, facts: &Facts) -> bool {
    let own = applicable_filing(policy, facts).map(|it| &it.filing);
    Case { policy, facts }.is_current(own)
}

/// Whether the firm has a current filing, if only one that counts once an open appeal is granted: nothing
/// is left for it to file.
pub(crate) fn has_filed_currently(policy: &Policy, facts: &Facts) -> bool {
    let case = Case { policy, facts };
    let later = &facts.organization.later_filings;
    has_current_filing(policy, facts) || later.iter().any(|it| case.is_current(Some(&it.filing)))
}

/// A note for each suspension, with the rules of the findings that it lifted. Facts without the time of
/// the suspension predate that list.
fn suspension_findings(case: &Case<'_>, lifted: &[Finding]) -> Vec<Finding> {
    let findings = case.facts.suspensions.iter().filter_map(|suspension| {
        let rules = suspension.rules.iter().copied().collect();
        let citation = suspension.citation.clone();
        let lifted = lifted.iter().filter(|it| it.severity > Severity::Note);
        let codes = lifted.map(Finding::code).filter(|code| suspension.suspends(*code));
        let lifted = match suspension.suspended_at {
            Some(_) => sorted_distinct(codes),
            None => Vec::new(),
        };
        case.finding(&["policy"], FindingDetail::PolicySuspended { rules, citation, lifted })
    });
    findings.collect()
}

/// The policy and the facts of one decision.
pub(crate) struct Case<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) facts: &'a Facts,
}

impl Case<'_> {
    /// Builds a rule's finding with the policy's severity; none where the policy does not apply the
    /// rule. Until the cure deadline, a bid's blocking defect is a `REVIEW`; after that it has the
    /// severity that the policy sets for bids. A rejection under appeal is at most a `REVIEW`.
    pub(super) fn finding(&self, path: &[&str], detail: FindingDetail) -> Option<Finding> {
        let deadline = self.cure_deadline(detail.code());
        self.finding_until(path, detail, deadline)
    }

    /// As [`Self::finding`], with another time until which the defect can be cured, exclusive. Where the
    /// policy does not block for the rule, there is nothing to cure and the time is ignored.
    pub(super) fn finding_until(
        &self,
        path: &[&str],
        detail: FindingDetail,
        deadline: Option<DateTime<Utc>>,
    ) -> Option<Finding> {
        let severity = self.policy.severity(detail.code(), self.facts.subject.kind)?;
        let deadline = deadline.filter(|_| severity == Severity::Block);
        let cure_by = deadline.filter(|deadline| self.facts.decided_at < *deadline);
        let missed = deadline.filter(|_| cure_by.is_none());
        let is_at_most_review = cure_by.is_some() || detail.is_rejection_under_appeal();
        Some(Finding {
            detail,
            severity: if is_at_most_review { severity.min(Severity::Review) } else { severity },
            path: path.iter().map(|step| (*step).to_owned()).collect(),
            cure_by,
            cure_ended_on: missed.map(|at| self.policy.calendar().last_date_before(at)),
        })
    }

    /// The time until which a bid's defect can be cured, exclusive, whether or not it has passed;
    /// none if the defect cannot be cured or does not block. For a rule that was suspended when the bid
    /// was admitted or held, the time ends no earlier than the cure days after the reinstatement.
    fn cure_deadline(&self, code: RuleCode) -> Option<DateTime<Utc>> {
        let kind = self.facts.subject.kind;
        let blocks = self.policy.severity(code, kind) == Some(Severity::Block);
        if !blocks || kind != SubjectKind::BidSubmission {
            return None;
        }
        let calendar = self.policy.calendar();
        let reinstatement_days = self.policy.parameters().reinstatement_cure_days();
        let reinstated = self.facts.reinstatements.iter().filter(|it| it.reinstates(code));
        // A bid that is not due by then can still be fixed until the day on which it is due has ended.
        let due_on = calendar.local_date(self.facts.reference_at);
        let due_day_ends = due_on.succ_opt().map(|day| calendar.midnight(day));
        let reinstated = reinstated.filter_map(|it| {
            let end = calendar.end_of_business_day(it.reinstated_at, reinstatement_days)?;
            if end > self.facts.reference_at { Some(end) } else { due_day_ends }
        });
        let own =
            calendar.end_of_business_day(self.facts.reference_at, self.policy.cure_days(code));
        own.into_iter().chain(reinstated).max()
    }

    /// Lists the defects for which a filing is not current; without a filing, that it is missing.
    fn list_defects(&self, filing: Option<&FilingStatus>) -> Vec<RuleCode> {
        let Some(filing) = filing else { return vec![RuleCode::DisclosureMissing] };
        let checks = [
            (self.is_stale(filing), RuleCode::DisclosureStale),
            (self.is_outdated(filing), RuleCode::DisclosureOutdatedTerms),
            (filing.review == ReviewState::Rejected, RuleCode::DisclosureRejected),
        ];
        checks.into_iter().filter_map(|(fails, code)| fails.then_some(code)).collect()
    }

    /// The time before which one later filing cures all defects; none if there is no defect, or one that
    /// cannot be cured.
    fn earliest_cure_deadline(&self, defects: &[RuleCode]) -> Option<DateTime<Utc>> {
        let deadlines = defects.iter().map(|code| self.cure_deadline(*code));
        deadlines.min_by_key(|it| it.unwrap_or(DateTime::<Utc>::MIN_UTC)).flatten()
    }

    /// Finds the last filing that was made before the earliest cure deadline of the defects; none
    /// if there is no defect, or one that cannot be cured.
    fn find_curing_filing<'f, D>(
        &self,
        defects: &[RuleCode],
        later: &'f [D],
        filed_at: impl Fn(&D) -> DateTime<Utc>,
    ) -> Option<&'f D> {
        let earliest = self.earliest_cure_deadline(defects)?;
        let in_time = later.iter().filter(|filing| filed_at(filing) < earliest);
        in_time.max_by_key(|filing| filed_at(filing))
    }

    /// Local calendar days from the filing to the reference time; negative if it was filed later.
    fn age_days(&self, filing: &FilingStatus) -> i64 {
        self.policy.calendar().days_between(filing.filed_at, self.facts.reference_at)
    }

    fn is_stale(&self, filing: &FilingStatus) -> bool {
        self.age_days(filing) > i64::from(self.policy.parameters().freshness_days.value)
    }

    /// Whether it answers an older policy with other questions and the transition days, counted
    /// from this policy's effective date, are over.
    fn is_outdated(&self, filing: &FilingStatus) -> bool {
        let effective_from = self.policy.effective_from();
        let passed = self.policy.calendar().local_date(self.facts.reference_at) - effective_from;
        filing.answers_other_questions(self.policy)
            && passed.num_days() > i64::from(self.policy.parameters().transition_days.value)
    }

    /// Whether there is a filing that is neither stale, outdated nor rejected.
    fn is_current(&self, filing: Option<&FilingStatus>) -> bool {
        self.list_defects(filing).is_empty()
    }
}

/// Sorts the items and removes duplicates.
fn sorted_distinct<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    items.into_iter().collect::<BTreeSet<_>>().into_iter().collect()
}
