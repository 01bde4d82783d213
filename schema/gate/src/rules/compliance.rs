//! The continuing duty: whether a contract that is under the ordinance has a current disclosure,
//! and if not, since when.
use chrono::{DateTime, Days, NaiveDate, Utc};

use super::{Case, awards, relief};
use crate::facts::FilingStatus;
use crate::{Facts, Policy, ReviewState, RuleCode};

/// The reason why a contract is not in compliance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noncompliance {
    /// The rule that it violates.
    pub code: RuleCode,
    /// The first local date of the noncompliance.
    pub since: NaiveDate,
}

/// Finds the earliest noncompliance of a contract; none if it has a current disclosure that no confirmed
/// federal award contradicts, or is not under the ordinance. The facts are those of a renewal at `decided_at`.
///
/// A contract is under the ordinance if it was made under it, if it carries the clause, or if the
/// policy reaches back to the day on which it was signed.
#[must_use]
pub fn find_noncompliance(policy: &Policy, facts: &Facts) -> Option<Noncompliance> {
    let case = Case { policy, facts };
    let under = duty_start(&case)?;
    let disclosure = facts.organization.disclosure.as_ref();
    let own = disclosure.map(|it| &it.filing);
    let mut found = list_noncompliance(&case, own, under);
    found.extend(awards::contradicted_since(&case, disclosure).map(|since| Noncompliance {
        code: RuleCode::AwardConfirmedUndisclosed,
        since: since.max(under),
    }));
    let is_lifted = |code| {
        relief::is_suspended_or_waived(facts, code)
            || facts.waivers.iter().any(|it| it.is_for_award && it.covers(code, facts.decided_at))
    };
    found.retain(|it| !is_lifted(it.code));
    let pending: Vec<_> = relief::pending_exemptions(&case, own).map(|(_, due)| due).collect();
    // A filing that counts is no deferred one, whatever else the contract lacks.
    let lacks_filing = found.iter().any(|it| it.code != RuleCode::AwardConfirmedUndisclosed);
    if !pending.is_empty() && lacks_filing {
        found.retain(|it| !relief::EXEMPTED_RULES.contains(&it.code));
        let overdue = pending.into_iter().flatten().filter(|due| facts.decided_at >= *due);
        let since = overdue.min().map(|due| policy.calendar().local_date(due));
        let code = RuleCode::ExemptionFollowUpOverdue;
        found.extend(since.filter(|_| !is_lifted(code)).map(|since| Noncompliance { code, since }));
    }
    found.into_iter().min_by_key(|it| (it.since, it.code))
}

/// Returns the first local date on which a filing is stale, or answers questions whose transition days
/// are over. `policies` are the policy in force and the published later ones, the earliest first; each
/// counts until the next takes effect. None if there is no policy.
#[must_use]
pub fn find_lapse_date(policies: &[&Policy], filing: &FilingStatus) -> Option<NaiveDate> {
    policies.iter().enumerate().find_map(|(index, policy)| {
        let parameters = policy.parameters();
        let filed_on = policy.calendar().local_date(filing.filed_at);
        let stale = first_day_after(filed_on, parameters.freshness_days.value);
        let outdated = filing
            .answers_other_questions(policy)
            .then(|| first_day_after(policy.effective_from(), parameters.transition_days.value));
        let lapse = stale.into_iter().chain(outdated.flatten()).min()?;
        let lapse = lapse.max(policy.effective_from());
        let next = policies.get(index + 1).map(|next| next.effective_from());
        next.is_none_or(|next| lapse < next).then_some(lapse)
    })
}

/// The next time at which a contract's findings or compliance may change without any other change:
/// a freshness, transition, waiver, follow-up or clarification deadline, or a later filing. None if there
/// is none.
#[must_use]
pub fn next_reevaluation_at(policy: &Policy, facts: &Facts) -> Option<DateTime<Utc>> {
    let case = Case { policy, facts };
    let (calendar, now) = (policy.calendar(), facts.decided_at);
    let parties = facts.members.iter().chain(facts.subcontractors.iter().map(|it| &it.party));
    // A filing that was made while the request waited counts from its own time on.
    let later = parties.clone().flat_map(|party| &party.later_filings);
    let later = later.chain(facts.organization.later_filings.iter().map(|it| &it.filing));
    let later = later.map(|filing| filing.filed_at);
    let others = parties.filter_map(|party| party.disclosure.as_ref());
    let own = facts.organization.disclosure.as_ref().map(|it| &it.filing);
    let transition = policy.parameters().transition_days.value;
    let times = own
        .into_iter()
        .chain(others)
        .flat_map(|filing| {
            let stale = first_day_after(
                calendar.local_date(filing.filed_at),
                policy.parameters().freshness_days.value,
            );
            let clarification = filing.clarification.as_ref().map(|it| it.due_at);
            [stale.map(|day| calendar.midnight(day)), clarification]
        })
        .flatten()
        .chain(first_day_after(policy.effective_from(), transition).map(|it| calendar.midnight(it)))
        .chain(facts.waivers.iter().map(|waiver| waiver.expires_at))
        .chain(relief::pending_exemptions(&case, own).filter_map(|(_, due)| due))
        .chain(awards::reevaluation_times(&case, own))
        .chain(later)
        .chain((facts.reference_at > now).then_some(facts.reference_at));
    times.filter(|at| *at > now).min()
}

/// The first local date of a contract's duty to have a current disclosure; none if it is not under
/// the ordinance.
fn duty_start(case: &Case<'_>) -> Option<NaiveDate> {
    let contract = case.facts.contract.as_ref()?;
    let start = contract.signed_on.max(case.policy.effective_from());
    if contract.is_under_ordinance {
        return Some(contract.signed_on);
    }
    if contract.clause_version.is_some() {
        let added_on = contract.clause_added_on.unwrap_or(contract.signed_on);
        return Some(added_on.max(contract.signed_on));
    }
    let reach_back_from = case.policy.parameters().reach_back_from.value?;
    (contract.signed_on >= reach_back_from).then_some(start)
}

fn list_noncompliance(
    case: &Case<'_>,
    own: Option<&FilingStatus>,
    under: NaiveDate,
) -> Vec<Noncompliance> {
    let Some(filing) = own else {
        return vec![Noncompliance { code: RuleCode::DisclosureMissing, since: under }];
    };
    let calendar = case.policy.calendar();
    let parameters = case.policy.parameters();
    let filed_on = calendar.local_date(filing.filed_at);
    let stale = case.is_stale(filing).then(|| {
        let since = first_day_after(filed_on, parameters.freshness_days.value);
        Noncompliance {
            code: RuleCode::DisclosureStale,
            since: since.unwrap_or(filed_on).max(under),
        }
    });
    let outdated = case.is_outdated(filing).then(|| {
        let effective_from = case.policy.effective_from();
        let since = first_day_after(effective_from, parameters.transition_days.value);
        Noncompliance {
            code: RuleCode::DisclosureOutdatedTerms,
            since: since.unwrap_or(effective_from).max(under),
        }
    });
    let rejected = (filing.review == ReviewState::Rejected && !filing.has_open_appeal).then(|| {
        let at = filing.rejection.as_ref().and_then(|it| it.decided_at);
        let since = at.map_or(filed_on, |at| calendar.local_date(at));
        Noncompliance { code: RuleCode::DisclosureRejected, since: since.max(under) }
    });
    [stale, outdated, rejected].into_iter().flatten().collect()
}

/// The first day after a period of `days` that starts on `from`: for 365 days, day 366.
fn first_day_after(from: NaiveDate, days: u32) -> Option<NaiveDate> {
    from.checked_add_days(Days::new(u64::from(days).saturating_add(1)))
}
