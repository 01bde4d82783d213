//! Exemptions, which remove findings about a missing disclosure, and waivers, which lower one
//! rule's findings to notes. They apply after suspensions, in this order.
use chrono::{DateTime, Days, Utc};

use super::Case;
use crate::facts::{ExemptionFacts, FilingStatus, WaiverFacts};
use crate::policy::ExemptionPolicy;
use crate::{ExemptionKind, Facts, Finding, FindingDetail, Policy, RuleCode, Severity};

/// The rules whose findings an exemption removes: missing, stale and outdated disclosures, also of
/// members and subcontractors, known or not; never the clause, a rejection or an undisclosed federal
/// award.
pub(super) const EXEMPTED_RULES: [RuleCode; 6] = [
    RuleCode::DisclosureMissing,
    RuleCode::DisclosureStale,
    RuleCode::DisclosureOutdatedTerms,
    RuleCode::PartyUnidentified,
    RuleCode::MemberMissingDisclosure,
    RuleCode::SubcontractorMissingDisclosure,
];

/// Removes the findings that claimed and available exemptions of this subject cover, and adds a
/// note for each such exemption.
pub(super) fn apply_exemptions(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let covering: Vec<_> =
        available_exemptions(case).filter(|(claimed, _)| claimed.covers_subject).collect();
    if covering.is_empty() {
        return;
    }
    findings.retain(|finding| !EXEMPTED_RULES.contains(&finding.code()));
    findings.extend(covering.into_iter().filter_map(|(claimed, offered)| {
        let deadline = follow_up_deadline(case, claimed, offered);
        let detail = FindingDetail::ExemptionApplied {
            kind: claimed.kind,
            authority: claimed.authority.clone(),
            due_on: deadline.map(|at| case.policy.calendar().last_date_before(at)),
        };
        case.finding(&["exemptions", &*claimed.id], detail)
    }));
}

/// The findings about disclosures that an exemption deferred and that are overdue.
pub(super) fn overdue_findings(case: &Case<'_>) -> Vec<Finding> {
    let own = super::applicable_filing(case.policy, case.facts);
    if case.is_current(own.map(|it| &it.filing)) {
        return Vec::new();
    }
    let own = own.map(|it| &it.filing);
    let overdue = pending_exemptions(case, own).filter_map(|(claimed, deadline)| {
        let deadline = deadline.filter(|deadline| case.facts.decided_at >= *deadline)?;
        let due_on = case.policy.calendar().last_date_before(deadline);
        let detail = FindingDetail::ExemptionFollowUpOverdue { kind: claimed.kind, due_on };
        case.finding(&["exemptions", &*claimed.id], detail)
    });
    overdue.collect()
}

/// The claimed exemptions that the policy makes available, each with the policy's terms for it.
fn available_exemptions<'a>(
    case: &Case<'a>,
) -> impl Iterator<Item = (&'a ExemptionFacts, &'a ExemptionPolicy)> {
    let offered = &case.policy.parameters().exemptions.value;
    case.facts.exemptions.iter().filter_map(move |claimed| {
        let offered = offered.iter().find(|it| it.kind == claimed.kind && it.available)?;
        Some((claimed, offered))
    })
}

/// The available exemptions that no filing has followed yet, each with the deadline of that filing,
/// exclusive; none if the policy asks for no follow-up.
pub(super) fn pending_exemptions<'a>(
    case: &Case<'a>,
    own: Option<&FilingStatus>,
) -> impl Iterator<Item = (&'a ExemptionFacts, Option<DateTime<Utc>>)> {
    let filed_at = own.map(|it| it.filed_at);
    available_exemptions(case).filter_map(move |(claimed, offered)| {
        let deadline = follow_up_deadline(case, claimed, offered);
        let is_followed =
            deadline.is_some() && filed_at.is_some_and(|at| at >= claimed.counted_from);
        (!is_followed).then_some((claimed, deadline))
    })
}

/// The deadline of the disclosure after an exemption, exclusive: the local midnight that ends the
/// last follow-up day. None if the policy asks for no follow-up.
fn follow_up_deadline(
    case: &Case<'_>,
    claimed: &ExemptionFacts,
    offered: &ExemptionPolicy,
) -> Option<DateTime<Utc>> {
    follow_up_end(case.policy, offered, claimed.counted_from)
}

fn follow_up_end(
    policy: &Policy,
    offered: &ExemptionPolicy,
    counted_from: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let calendar = policy.calendar();
    let days = u64::from(offered.follow_up_days?).saturating_add(1);
    let ends = calendar.local_date(counted_from).checked_add_days(Days::new(days))?;
    Some(calendar.midnight(ends))
}

/// Returns the deadline of the disclosure after an exemption that is claimed at `claimed_at`, exclusive:
/// a local midnight (UTC). None if the policy asks for no follow-up or does not offer the kind.
#[must_use]
pub fn follow_up_deadline_of_claim(
    policy: &Policy,
    kind: ExemptionKind,
    claimed_at: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let mut offered = policy.parameters().exemptions.value.iter();
    let offered = offered.find(|it| it.kind == kind && it.available)?;
    follow_up_end(policy, offered, claimed_at)
}

/// Whether a suspension, an exemption or an unexpired waiver among the facts lifts a rule.
#[must_use]
pub fn is_lifted(policy: &Policy, facts: &Facts, code: RuleCode) -> bool {
    let case = Case { policy, facts };
    let is_waived = |it: &WaiverFacts| it.rule == code && facts.decided_at < it.expires_at;
    facts.suspensions.iter().any(|it| it.suspends(code))
        || facts.waivers.iter().any(is_waived)
        || (EXEMPTED_RULES.contains(&code)
            && available_exemptions(&case).any(|(claimed, _)| claimed.covers_subject))
}

/// Lowers the findings of waived rules to notes, and adds a note for each waiver that was used.
pub(super) fn apply_waivers(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let unexpired = case.facts.waivers.iter().filter(|it| case.facts.decided_at < it.expires_at);
    let mut applied = Vec::new();
    for waiver in unexpired {
        let is_waivable = |finding: &&mut Finding| {
            finding.code() == waiver.rule && finding.severity != Severity::Note
        };
        let mut is_used = false;
        for finding in findings.iter_mut().filter(is_waivable) {
            finding.severity = Severity::Note;
            finding.cure_by = None;
            is_used = true;
        }
        if is_used {
            let detail = FindingDetail::WaiverApplied {
                rule: waiver.rule,
                authority: waiver.authority.clone(),
                expires_on: case.policy.calendar().last_date_before(waiver.expires_at),
            };
            applied.extend(case.finding(&["waivers", &*waiver.id], detail));
        }
    }
    findings.extend(applied);
}
