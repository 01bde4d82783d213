//! Exemptions, which put the disclosure off, and waivers, which lower one rule: after what
//! suspensions lift, and in this order.
use chrono::{DateTime, Days, Utc};

use super::Case;
use crate::gate::facts::{ExemptionFacts, FilingStatus};
use crate::gate::policy::ExemptionPolicy;
use crate::gate::{Finding, RuleCode, Severity};

/// What an exemption may remove: that a disclosure is not there, or not current; never the clause,
/// a rejection, or a federal award that is not disclosed.
const REMOVED: [RuleCode; 5] = [
    RuleCode::DisclosureMissing,
    RuleCode::DisclosureStale,
    RuleCode::DisclosureOutdatedTerms,
    RuleCode::MemberMissingDisclosure,
    RuleCode::SubcontractorMissingDisclosure,
];

/// Removes what the claimed exemptions that the policy knows put off, and says so.
pub(super) fn exempt(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let covering: Vec<_> = known(case).filter(|(claimed, _)| claimed.covers_subject).collect();
    if covering.is_empty() {
        return;
    }
    findings.retain(|finding| !REMOVED.contains(&finding.code));
    findings.extend(covering.into_iter().filter_map(|(claimed, offered)| {
        let due = due(case, claimed, offered);
        let due = due.map(|ends| case.policy.calendar().last_date_before(ends).to_string());
        let values = [
            ("kind", claimed.kind.word()),
            ("authority", claimed.authority.clone()),
            ("dueOn", due.unwrap_or_default()),
        ];
        case.finding(RuleCode::ExemptionApplied, &["exemptions", &*claimed.id], values)
    }));
}

/// The disclosures that exemptions put off and that are not in after their time.
pub(super) fn overdue(case: &Case<'_>) -> Vec<Finding> {
    let own = super::applicable_filing(case.policy, case.facts);
    if case.is_current(own.map(|it| &it.filing)) {
        return Vec::new();
    }
    let own = own.map(|it| &it.filing);
    let late = pending(case, own).filter_map(|(claimed, ends)| {
        let ends = ends.filter(|ends| case.facts.decided_at >= *ends)?;
        let last = case.policy.calendar().last_date_before(ends).to_string();
        let values = [("kind", claimed.kind.word()), ("dueOn", last)];
        case.finding(RuleCode::ExemptionFollowUpOverdue, &["exemptions", &*claimed.id], values)
    });
    late.collect()
}

/// The claimed exemptions that the policy makes available, with what it says of each.
fn known<'a>(case: &Case<'a>) -> impl Iterator<Item = (&'a ExemptionFacts, &'a ExemptionPolicy)> {
    let offered = &case.policy.parameters().exemptions.value;
    case.facts.exemptions.iter().filter_map(move |claimed| {
        let offered = offered.iter().find(|it| it.kind == claimed.kind && it.available)?;
        Some((claimed, offered))
    })
}

/// The exemptions that the policy knows and that no disclosure has followed, each with the time
/// until which one is due, exclusive; none if none need follow.
pub(super) fn pending<'a>(
    case: &Case<'a>,
    own: Option<&FilingStatus>,
) -> impl Iterator<Item = (&'a ExemptionFacts, Option<DateTime<Utc>>)> {
    let filed_at = own.map(|it| it.filed_at);
    known(case).filter_map(move |(claimed, offered)| {
        let due = due(case, claimed, offered);
        let followed = due.is_some() && filed_at.is_some_and(|at| at >= claimed.counted_from);
        (!followed).then_some((claimed, due))
    })
}

/// Until when the disclosure follows, exclusive: the local midnight that ends the last of its
/// calendar days. None if it need not.
fn due(case: &Case<'_>, claimed: &ExemptionFacts, offered: &ExemptionPolicy) -> Option<DateTime<Utc>> {
    let calendar = case.policy.calendar();
    let days = u64::from(offered.follow_up_days?).saturating_add(1);
    let ends = calendar.local_date(claimed.counted_from).checked_add_days(Days::new(days))?;
    Some(calendar.midnight(ends))
}

/// Lowers to a note what a waiver that holds is about, and says so.
pub(super) fn waive(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let holding = case.facts.waivers.iter().filter(|it| case.facts.decided_at < it.expires_at);
    let mut applied = Vec::new();
    for waiver in holding {
        let about = |finding: &&mut Finding| {
            finding.code == waiver.rule && finding.severity != Severity::Note
        };
        let mut lowered = false;
        for finding in findings.iter_mut().filter(about) {
            finding.severity = Severity::Note;
            finding.cure_by = None;
            lowered = true;
        }
        if lowered {
            let last = case.policy.calendar().last_date_before(waiver.expires_at);
            let values = [
                ("rule", waiver.rule.as_str().to_owned()),
                ("authority", waiver.authority.clone()),
                ("expiresOn", last.to_string()),
            ];
            let path = ["waivers", &*waiver.id];
            applied.extend(case.finding(RuleCode::WaiverApplied, &path, values));
        }
    }
    findings.extend(applied);
}
