//! What firms and the City do about a finding, and the facts that a service loads afterwards.
use chrono::{DateTime, Days, TimeDelta, Utc};

use super::situations::{as_disclosure, current_filing};
use crate::facts::{
    AwardFacts, ContractFacts, FilingStatus, PartyFacts, ResolutionFacts, WaiverFacts,
};
use crate::rules::applicable_filing;
use crate::rules::remedies::{FilingEnd, FilingTime, Remedy};
use crate::{
    Facts, Finding, Policy, ResolvedBy, ReviewState, RuleCode, Severity, SubjectKind, decide,
    samples,
};

/// When something is done within the time that a remedy gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    First,
    Last,
}

/// The first or last moment at which a filing is in time; for a next attempt, a few days later.
fn moment_of(time: FilingTime, moment: Moment, facts: &Facts, policy: &Policy) -> DateTime<Utc> {
    let soon = facts.decided_at + TimeDelta::microseconds(1);
    let first = time.from.map_or(soon, |date| policy.calendar().midnight(date).max(soon));
    let last = match time.until {
        FilingEnd::BidsDue => facts.reference_at,
        FilingEnd::Cure { end, .. } => end - TimeDelta::microseconds(1),
        FilingEnd::Award => facts.decided_at + TimeDelta::days(3),
        FilingEnd::NextAttempt => first + TimeDelta::hours(1),
    };
    match moment {
        Moment::First => first.min(last),
        Moment::Last => last,
    }
}

/// Moves facts to a later decision about the same subject: a bid keeps its reference time, an award is
/// decided as of then, and an action as of its start if that is later.
pub(super) fn decide_at(facts: &mut Facts, at: DateTime<Utc>) {
    facts.decided_at = at;
    let reference = match facts.subject.kind {
        SubjectKind::BidSubmission => return,
        SubjectKind::ContractAward => at,
        SubjectKind::ContractRenewal => facts.reference_at.max(at),
    };
    move_reference(facts, reference);
}

/// Moves the reference time: what was filed until then is in effect, the last of it.
pub(super) fn move_reference(facts: &mut Facts, reference: DateTime<Utc>) {
    facts.reference_at = reference;
    split_filings(&mut facts.organization, reference, |it| it.filing.filed_at);
    for party in parties(facts) {
        split_filings(party, reference, |it| it.filed_at);
    }
}

/// Splits a party's filings as a service loads them: the one in effect at the reference time, and the
/// later ones.
pub(super) fn split_filings<D>(
    party: &mut PartyFacts<D>,
    reference: DateTime<Utc>,
    filed_at: impl Fn(&D) -> DateTime<Utc>,
) {
    let later = std::mem::take(&mut party.later_filings);
    let mut filings: Vec<D> = party.disclosure.take().into_iter().chain(later).collect();
    filings.sort_by_key(&filed_at);
    let split = filings.partition_point(|it| filed_at(it) <= reference);
    party.later_filings = filings.split_off(split);
    party.disclosure = filings.pop();
}

/// Moves facts to the time of a filing: for an award, to the award's own decision.
pub(super) fn move_to(facts: &mut Facts, policy: &Policy, time: FilingTime, at: DateTime<Utc>) {
    if time.until == FilingEnd::Award {
        facts.subject.kind = SubjectKind::ContractAward;
        facts.reinstatements.clear();
        let local_date = policy.calendar().local_date(at);
        facts.contract = Some(ContractFacts {
            clause_version: Some(policy.parameters().clause_version.value),
            signed_on: local_date,
            is_under_ordinance: true,
            clause_added_on: None,
            ends_on: Some(local_date + Days::new(365)),
            runs_until: None,
        });
    }
    decide_at(facts, at);
}

pub(super) fn parties(facts: &mut Facts) -> impl Iterator<Item = &mut PartyFacts<FilingStatus>> {
    let named = facts.subcontractors.iter_mut().map(|it| &mut it.party);
    facts.members.iter_mut().chain(named)
}

pub(super) fn own_file(facts: &mut Facts, policy: &Policy, at: DateTime<Utc>) {
    let reference = facts.reference_at;
    let own = &mut facts.organization;
    own.later_filings.push(as_disclosure(current_filing(policy, at)));
    split_filings(own, reference, |it| it.filing.filed_at);
}

pub(super) fn parties_file(facts: &mut Facts, policy: &Policy, at: DateTime<Utc>) {
    let reference = facts.reference_at;
    for party in parties(facts).filter(|it| it.id.is_some() || it.resolution.is_none()) {
        party.later_filings.push(current_filing(policy, at));
        split_filings(party, reference, |it| it.filed_at);
    }
}

/// The firm files a disclosure that lists those of the awards that `is_listed` selects.
pub(super) fn list_awards(
    facts: &mut Facts,
    policy: &Policy,
    at: DateTime<Utc>,
    is_listed: impl Fn(&AwardFacts) -> bool,
) {
    own_file(facts, policy, at);
    for award in facts.awards.iter_mut().filter(|it| is_listed(it)) {
        award.covered_by.insert("disc_new".into());
    }
}

/// Whether an award is the one that a finding is about.
pub(super) fn is_about(finding: &Finding, award: &AwardFacts) -> bool {
    finding.path.last() == Some(&award.id)
}

/// A person dismisses the match that a finding is about: the service loads it no more. If it was an
/// order, its vehicle is loaded instead, as a reviewer confirmed it.
pub(super) fn dismiss(facts: &mut Facts, finding: &Finding) {
    let index = facts.awards.iter().position(|it| is_about(finding, it)).expect("a match");
    let dismissed = facts.awards.remove(index);
    if let Some(number) = dismissed.parent_number.clone() {
        facts.awards.push(AwardFacts {
            id: "mat_vehicle".into(),
            number,
            parent_number: None,
            is_vehicle: true,
            value: None,
            has_open_appeal: false,
            ..dismissed
        });
    }
}

/// The firm appeals against the confirmation of the match that a finding is about.
pub(super) fn appeal_confirmation(facts: &mut Facts, finding: &Finding) {
    for award in facts.awards.iter_mut().filter(|it| is_about(finding, it)) {
        award.has_open_appeal = true;
        award.notice.as_mut().expect("a confirmed match").appeal_by = None;
    }
}

/// The firm's own filing with an identifier.
pub(super) fn own_filing<'a>(facts: &'a mut Facts, id: &str) -> &'a mut FilingStatus {
    let own = &mut facts.organization;
    let mut all = own.disclosure.iter_mut().chain(&mut own.later_filings);
    &mut all.find(|it| it.filing.id == id).expect("a filing").filing
}

/// The firm's own filing that the findings of a decision are about.
pub(super) fn applicable<'a>(facts: &'a mut Facts, policy: &Policy) -> &'a mut FilingStatus {
    let id = applicable_filing(policy, facts).expect("a filing").filing.id.clone();
    own_filing(facts, &id)
}

pub(super) fn appeal_rejection(filing: &mut FilingStatus) {
    filing.has_open_appeal = true;
    filing.rejection.as_mut().expect("a rejection").appeal_by = None;
}

/// An appeal that is granted reopens the review.
pub(super) fn grant_appeal(filing: &mut FilingStatus) {
    assert!(filing.has_open_appeal, "somebody appealed");
    filing.has_open_appeal = false;
    filing.review = ReviewState::Unreviewed;
    filing.rejection = None;
}

/// An answer closes the question.
pub(super) fn answer_question(filing: &mut FilingStatus) {
    if filing.clarification.take().is_some() {
        filing.review = ReviewState::Unreviewed;
    }
}

/// When another firm has filed so that its filing is current: the day before, or later if it would be stale
/// at the reference time.
fn time_of_current_filing(facts: &Facts, policy: &Policy) -> DateTime<Utc> {
    let fresh = i64::from(policy.parameters().freshness_days.value) - 1;
    let usual = facts.reference_at.min(facts.decided_at) - TimeDelta::days(1);
    usual.max(facts.reference_at - TimeDelta::days(fresh))
}

/// Somebody chooses the firms that unidentified parties of a name are: each has a current filing.
pub(super) fn identify(facts: &mut Facts, policy: &Policy, name: &str) {
    let filed_at = time_of_current_filing(facts, policy);
    for party in parties(facts).filter(|it| it.name == name) {
        if let Some(resolution) = &mut party.resolution
            && resolution.by == ResolvedBy::Unresolved
        {
            resolution.by = ResolvedBy::Chosen;
            party.id = Some(format!("org_chosen_{name}"));
            party.disclosure = Some(current_filing(policy, filed_at));
        }
    }
}

/// Another subcontractor, with a current filing, takes the place of every entry of a name; the amounts
/// stay.
pub(super) fn substitute(facts: &mut Facts, policy: &Policy, name: &str) {
    let filed_at = time_of_current_filing(facts, policy);
    for row in facts.subcontractors.iter_mut().filter(|it| it.party.name == name) {
        let mut party =
            samples::party(&format!("Other {name}"), Some(current_filing(policy, filed_at)));
        party.resolution = Some(ResolutionFacts {
            by: ResolvedBy::OrganizationId,
            identifier: None,
            folded_name: format!("other{name}"),
        });
        row.party = party;
    }
}

/// Does something about the name in a finding about a named party, and about each further spelling of the
/// same party that the decision then shows.
pub(super) fn for_each_spelling(
    facts: &mut Facts,
    policy: &Policy,
    finding: &Finding,
    act: fn(&mut Facts, &Policy, &str),
) {
    let paths = |facts: &Facts| -> Vec<Vec<String>> {
        let findings = decide(policy, facts).findings;
        let same = findings.into_iter().filter(|it| it.code() == finding.code());
        same.map(|it| it.path).collect()
    };
    let known = paths(facts);
    let mut next = Some(finding.path.clone());
    for _ in 0..=facts.subcontractors.len() {
        let Some(path) = next else { return };
        act(facts, policy, path.last().expect("a name"));
        next = paths(facts).into_iter().find(|it| !known.contains(it));
    }
    assert_eq!(next, None, "another spelling appears each time");
}

/// Does what a remedy says, at the first or last moment that it gives; others who have to decide decide for the
/// firm. What they decide is in the facts as the service loads them afterwards.
pub(super) fn carry_out(
    remedy: &Remedy,
    moment: Moment,
    facts: &mut Facts,
    policy: &Policy,
    finding: &Finding,
) {
    let soon = facts.decided_at + TimeDelta::hours(1);
    match remedy {
        Remedy::File(time) => {
            let at = moment_of(*time, moment, facts, policy);
            if let FilingEnd::Cure { is_conditional: true, .. } = time.until {
                grant_appeal(&mut facts.organization.disclosure.as_mut().expect("one").filing);
            }
            move_to(facts, policy, *time, at);
            own_file(facts, policy, at);
        }
        Remedy::PartyFiles(time) => {
            let at = moment_of(*time, moment, facts, policy);
            move_to(facts, policy, *time, at);
            parties_file(facts, policy, at);
        }
        Remedy::NameAnother | Remedy::Substitute => {
            for_each_spelling(facts, policy, finding, substitute);
        }
        Remedy::ListAward => {
            decide_at(facts, soon);
            list_awards(facts, policy, soon, |it| is_about(finding, it));
        }
        Remedy::AnswerQuestion => answer_question(applicable(facts, policy)),
        Remedy::AnswerNotice(until) => {
            assert!(policy.calendar().local_date(facts.decided_at) <= *until);
            // A reviewer reads the answer and dismisses the match, a week later.
            decide_at(facts, facts.decided_at + TimeDelta::days(7));
            dismiss(facts, finding);
        }
        Remedy::Appeal(until) => {
            assert!(policy.calendar().local_date(facts.decided_at) <= *until);
            let is_rejection = finding.code() == RuleCode::DisclosureRejected;
            let rejected = applicable_filing(policy, facts).map(|it| it.filing.id.clone());
            if is_rejection {
                appeal_rejection(applicable(facts, policy));
            } else {
                appeal_confirmation(facts, finding);
            }
            let held = decide(policy, facts);
            let mut held = held.findings.iter().filter(|it| it.path == finding.path);
            assert!(
                held.all(|it| it.severity <= Severity::Review || it.code() != finding.code()),
                "an open appeal holds"
            );
            decide_at(facts, facts.decided_at + TimeDelta::days(60));
            if is_rejection {
                grant_appeal(own_filing(facts, &rejected.expect("a filing")));
            } else {
                dismiss(facts, finding);
            }
        }
        Remedy::Identify(_) => for_each_spelling(facts, policy, finding, identify),
        Remedy::AddClause => {
            let contract = facts.contract.as_mut().expect("an award or a contract action");
            contract.clause_version = Some(policy.parameters().clause_version.value);
        }
        Remedy::Waive => {
            decide_at(facts, soon);
            let calendar = policy.calendar();
            let day_after = calendar.local_date(soon) + Days::new(1);
            facts.waivers.push(WaiverFacts {
                id: "wvr_2".into(),
                rule: finding.code(),
                authority: "Council file 26-0001".into(),
                expires_at: calendar.midnight(day_after),
                is_for_award: false,
            });
        }
        Remedy::AwaitReviewer if finding.code() == RuleCode::DisclosurePartlyWithheld => {
            let filing = applicable(facts, policy);
            assert_ne!(filing.review, ReviewState::Rejected, "nobody accepts a rejected filing");
            answer_question(filing);
            filing.review = ReviewState::Accepted;
        }
        Remedy::AwaitAppeal if finding.code() == RuleCode::DisclosureRejected => {
            grant_appeal(applicable(facts, policy));
        }
        Remedy::AwaitReviewer | Remedy::AwaitAppeal => {
            decide_at(facts, soon);
            dismiss(facts, finding);
        }
        Remedy::AwaitLiftedRejection => {
            grant_appeal(&mut facts.organization.disclosure.as_mut().expect("one").filing);
        }
    }
}

/// What a firm and its parties may do about a refused bid. They cannot identify its parties any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    File,
    PartiesFile,
    ListAwards,
    Answer,
    Appeal,
}

impl Act {
    pub(super) const ALL: [Self; 5] =
        [Self::File, Self::PartiesFile, Self::ListAwards, Self::Answer, Self::Appeal];

    pub(super) fn carry_out(self, facts: &mut Facts, policy: &Policy) {
        let at = facts.decided_at;
        match self {
            Self::File => own_file(facts, policy, at),
            Self::PartiesFile => parties_file(facts, policy, at),
            Self::ListAwards => list_awards(facts, policy, at, |_| true),
            Self::Answer => {
                let own = &mut facts.organization;
                let all = own.disclosure.iter_mut().chain(&mut own.later_filings);
                all.for_each(|it| answer_question(&mut it.filing));
            }
            Self::Appeal => {
                let is_open = |by: Option<DateTime<Utc>>| by.is_some_and(|by| at < by);
                let own = &mut facts.organization;
                for own in own.disclosure.iter_mut().chain(&mut own.later_filings) {
                    let rejection = own.filing.rejection.as_ref();
                    if is_open(rejection.and_then(|it| it.appeal_by)) {
                        appeal_rejection(&mut own.filing);
                    }
                }
                for award in &mut facts.awards {
                    if let Some(notice) = &mut award.notice
                        && is_open(notice.appeal_by)
                    {
                        (award.has_open_appeal, notice.appeal_by) = (true, None);
                    }
                }
            }
        }
    }
}
