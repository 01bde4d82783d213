//! The continuing duty: whether a contract that is under the ordinance has a current disclosure
//! behind it, and since when it has not.
use chrono::{DateTime, Days, NaiveDate, Utc};

use super::{Case, awards, relief};
use crate::gate::facts::FilingStatus;
use crate::gate::{Facts, Policy, ReviewState, RuleCode};

/// What a contract is out of compliance for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noncompliance {
    /// The rule.
    pub code: RuleCode,
    /// The first local day on which it was so.
    pub since: NaiveDate,
}

/// Since when a contract lacks the current disclosure that its duty asks for; none if it does not,
/// or is not under the ordinance. The facts are those of a renewal at this moment.
///
/// A contract is under the ordinance if it was made under it, if it carries the clause, or if the
/// policy reaches back to the day on which it was signed.
#[must_use]
pub fn find_noncompliance(policy: &Policy, facts: &Facts) -> Option<Noncompliance> {
    let case = Case { policy, facts };
    let under = under_ordinance_since(&case)?;
    let own = facts.organization.disclosure.as_ref().map(|it| &it.filing);
    let mut found = defects_since(&case, own, under);
    let waived = |code: RuleCode| {
        let mut holding = facts.waivers.iter().filter(|it| facts.decided_at < it.expires_at);
        holding.any(|it| it.rule == code) || facts.suspensions.iter().any(|it| it.suspends(code))
    };
    found.retain(|lapse| !waived(lapse.code));
    let pending: Vec<_> = relief::pending(&case, own).map(|(_, due)| due).collect();
    if !pending.is_empty() && !found.is_empty() {
        found.retain(|it| it.code == RuleCode::DisclosureRejected);
        let late = pending.into_iter().flatten().filter(|ends| facts.decided_at >= *ends);
        let since = late.min().map(|ends| policy.calendar().local_date(ends));
        let code = RuleCode::ExemptionFollowUpOverdue;
        found.extend(since.filter(|_| !waived(code)).map(|since| Noncompliance { code, since }));
    }
    found.into_iter().min_by_key(|lapse| (lapse.since, lapse.code))
}

/// The next local midnight at which the time alone may change what is found of a contract, or
/// whether it is in compliance; none if it cannot.
#[must_use]
pub fn next_reevaluation_at(policy: &Policy, facts: &Facts) -> Option<DateTime<Utc>> {
    let case = Case { policy, facts };
    let (calendar, now) = (policy.calendar(), facts.decided_at);
    let parties = facts.members.iter().chain(facts.subcontractors.iter().map(|it| &it.party));
    let others = parties.filter_map(|party| party.disclosure.as_ref());
    let own = facts.organization.disclosure.as_ref().map(|it| &it.filing);
    let transition = policy.parameters().transition_days.value;
    let times = own
        .into_iter()
        .chain(others)
        .flat_map(|standing| {
            let stale = first_day_after(
                calendar.local_date(standing.filed_at),
                policy.parameters().freshness_days.value,
            );
            let question = standing.clarification.as_ref().map(|question| question.due_at);
            [stale.map(|day| calendar.midnight(day)), question]
        })
        .flatten()
        .chain(first_day_after(policy.effective_from(), transition).map(|it| calendar.midnight(it)))
        .chain(facts.waivers.iter().map(|waiver| waiver.expires_at))
        .chain(relief::pending(&case, own).filter_map(|(_, due)| due))
        .chain(awards::next_changes(&case, own))
        .chain((facts.reference_at > now).then_some(facts.reference_at));
    times.filter(|at| *at > now).min()
}

/// The first local day of a contract's duty: none if it has none.
fn under_ordinance_since(case: &Case<'_>) -> Option<NaiveDate> {
    let contract = case.facts.contract.as_ref()?;
    let begins = contract.signed_on.max(case.policy.effective_from());
    if contract.is_under_ordinance || contract.clause_version.is_some() {
        return Some(contract.signed_on);
    }
    let reaches = case.policy.parameters().reach_back_from.value?;
    (contract.signed_on >= reaches).then_some(begins)
}

fn defects_since(case: &Case<'_>, own: Option<&FilingStatus>, under: NaiveDate) -> Vec<Noncompliance> {
    let Some(standing) = own else {
        return vec![Noncompliance { code: RuleCode::DisclosureMissing, since: under }];
    };
    let calendar = case.policy.calendar();
    let parameters = case.policy.parameters();
    let filed_on = calendar.local_date(standing.filed_at);
    let stale = case.is_stale(standing).then(|| {
        let since = first_day_after(filed_on, parameters.freshness_days.value);
        Noncompliance { code: RuleCode::DisclosureStale, since: since.unwrap_or(filed_on).max(under) }
    });
    let outdated = case.is_outdated(standing).then(|| {
        let began = case.policy.effective_from();
        let since = first_day_after(began, parameters.transition_days.value);
        Noncompliance { code: RuleCode::DisclosureOutdatedTerms, since: since.unwrap_or(began).max(under) }
    });
    let rejected = (standing.review == ReviewState::Rejected && !standing.has_open_appeal).then(|| {
        let at = standing.rejection.as_ref().and_then(|it| it.decided_at);
        let since = at.map_or(filed_on, |at| calendar.local_date(at));
        Noncompliance { code: RuleCode::DisclosureRejected, since: since.max(under) }
    });
    [stale, outdated, rejected].into_iter().flatten().collect()
}

/// The day after the last that counts: of a filing that counts for 365 days, the 366th.
fn first_day_after(from: NaiveDate, days: u32) -> Option<NaiveDate> {
    from.checked_add_days(Days::new(u64::from(days).saturating_add(1)))
}
