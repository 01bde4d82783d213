//! Exemptions, which remove findings about a missing disclosure, and waivers, which lower one
//! rule's findings to notes. They apply after suspensions, in this order.
//!
//! An exemption that puts the disclosure off for days carries only a short contract: the award or action
//! may not last longer than the policy's `termDays` after the day on which the disclosure is due.
use chrono::{DateTime, Days, NaiveDate, Utc};

use super::{Case, decide};
use crate::facts::{ExemptionFacts, FilingStatus, WaiverFacts};
use crate::policy::ExemptionPolicy;
use crate::{ExemptionKind, Facts, Finding, FindingDetail, Policy, RuleCode, Severity};

/// The rules whose findings an exemption removes: missing, stale and outdated disclosures, also of
/// members and subcontractors, known or not; never the clause, a rejection or an undisclosed federal
/// award.
pub const EXEMPTED_RULES: [RuleCode; 6] = [
    RuleCode::DisclosureMissing,
    RuleCode::DisclosureStale,
    RuleCode::DisclosureOutdatedTerms,
    RuleCode::PartyUnidentified,
    RuleCode::MemberMissingDisclosure,
    RuleCode::SubcontractorMissingDisclosure,
];

/// Removes the findings that claimed and available exemptions of this subject cover, and adds a
/// note for each such exemption. If none covers them because the term is too long, the notes say so.
pub(super) fn apply_exemptions(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let claimed = available_exemptions(case).filter(|(claimed, _)| claimed.covers_subject);
    let (exceeded, covering): (Vec<_>, Vec<_>) =
        claimed.partition(|(claimed, offered)| exceeded_term(case, claimed, offered).is_some());
    let is_exempted = |finding: &Finding| EXEMPTED_RULES.contains(&finding.code());
    if covering.is_empty() {
        if findings.iter().any(is_exempted) {
            findings.extend(exceeded.into_iter().filter_map(|(claimed, offered)| {
                let ExceededTerm { due_on, lasts_until, ends_on } =
                    exceeded_term(case, claimed, offered)?;
                let kind = claimed.kind;
                let detail =
                    FindingDetail::ExemptionTermExceeded { kind, due_on, lasts_until, ends_on };
                case.finding(&["exemptions", &*claimed.id], detail)
            }));
        }
        return;
    }
    findings.retain(|finding| !is_exempted(finding));
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

/// The term of an award or contract action that is too long for an exemption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExceededTerm {
    /// The last local date for the deferred disclosure.
    pub due_on: NaiveDate,
    /// The last local date until which an award or contract action under the exemption may last.
    pub lasts_until: NaiveDate,
    /// The last local date of this award or contract action.
    pub ends_on: NaiveDate,
}

/// Returns how an award or contract action is too long for an exemption that puts the disclosure off;
/// none if it is not. A bid, and facts that predate the date, have no term.
fn exceeded_term(
    case: &Case<'_>,
    claimed: &ExemptionFacts,
    offered: &ExemptionPolicy,
) -> Option<ExceededTerm> {
    let ends_on = case.facts.contract.as_ref()?.ends_on?;
    let deadline = follow_up_deadline(case, claimed, offered)?;
    let due_on = case.policy.calendar().last_date_before(deadline);
    let lasts_until = due_on.checked_add_days(Days::new(u64::from(offered.term_days?)))?;
    (ends_on > lasts_until).then_some(ExceededTerm { due_on, lasts_until, ends_on })
}

/// What an exemption would change if it were claimed for a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimEffect {
    /// It would remove at least one finding.
    Lifts,
    /// The rules that it lifts find nothing, or only notes.
    NothingToLift,
    /// The award or contract action lasts too long for it.
    TermExceeded(ExceededTerm),
}

/// Assesses an exemption of a kind that the policy offers, claimed at the time of the facts.
#[must_use]
pub fn assess_claim(policy: &Policy, facts: &Facts, kind: ExemptionKind) -> ClaimEffect {
    let is_lifted = |finding: &Finding| {
        EXEMPTED_RULES.contains(&finding.code()) && finding.severity != Severity::Note
    };
    if !decide(policy, facts).findings.iter().any(is_lifted) {
        return ClaimEffect::NothingToLift;
    }
    let claimed = ExemptionFacts {
        id: String::new(),
        kind,
        authority: String::new(),
        counted_from: facts.decided_at,
        covers_subject: true,
    };
    let mut offered = policy.parameters().exemptions.value.iter();
    let Some(offered) = offered.find(|it| it.kind == kind && it.available) else {
        return ClaimEffect::NothingToLift;
    };
    let exceeded = exceeded_term(&Case { policy, facts }, &claimed, offered);
    exceeded.map_or(ClaimEffect::Lifts, ClaimEffect::TermExceeded)
}

/// Whether a waiver of a rule would lower any finding of the subject.
#[must_use]
pub fn is_waiver_effective(policy: &Policy, facts: &Facts, rule: RuleCode) -> bool {
    let is_lowered = |it: &Finding| it.code() == rule && it.severity != Severity::Note;
    decide(policy, facts).findings.iter().any(is_lowered)
}

/// The findings about disclosures that an exemption deferred and that are overdue.
pub(super) fn overdue_findings(case: &Case<'_>) -> Vec<Finding> {
    if super::has_current_filing(case.policy, case.facts) {
        return Vec::new();
    }
    let own = super::applicable_filing(case.policy, case.facts).map(|it| &it.filing);
    let cure_by = overdue_cure_deadline(case);
    let overdue = pending_exemptions(case, own).filter_map(|(claimed, deadline)| {
        let deadline = deadline.filter(|deadline| case.facts.decided_at >= *deadline)?;
        let due_on = case.policy.calendar().last_date_before(deadline);
        let detail = FindingDetail::ExemptionFollowUpOverdue { kind: claimed.kind, due_on };
        case.finding_until(&["exemptions", &*claimed.id], detail, cure_by)
    });
    overdue.collect()
}

/// The time until which an overdue disclosure can be filed for a bid, exclusive: as long as the defect that
/// the exemption lifts at least, so that no exemption leaves a bid worse off.
fn overdue_cure_deadline(case: &Case<'_>) -> Option<DateTime<Utc>> {
    let in_effect = case.facts.organization.disclosure.as_ref().map(|it| &it.filing);
    let lifted = case.earliest_cure_deadline(&case.list_defects(in_effect));
    case.cure_deadline(RuleCode::ExemptionFollowUpOverdue).into_iter().chain(lifted).max()
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
        if claimed.covers_subject && exceeded_term(case, claimed, offered).is_some() {
            return None;
        }
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
    is_suspended_or_waived(facts, code)
        || (EXEMPTED_RULES.contains(&code)
            && available_exemptions(&case).any(|(claimed, offered)| {
                claimed.covers_subject && exceeded_term(&case, claimed, offered).is_none()
            }))
}

/// Whether a suspension or an unexpired waiver among the facts lifts a rule.
pub(super) fn is_suspended_or_waived(facts: &Facts, code: RuleCode) -> bool {
    let is_waived = |it: &WaiverFacts| !it.is_for_award && it.covers(code, facts.decided_at);
    facts.suspensions.iter().any(|it| it.suspends(code)) || facts.waivers.iter().any(is_waived)
}

/// Lowers the findings of waived rules to notes, and adds a note for each waiver that was used.
pub(super) fn apply_waivers(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let waivers = case.facts.waivers.iter().filter(|it| !it.is_for_award);
    let unexpired = waivers.filter(|it| case.facts.decided_at < it.expires_at);
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
