//! Remedies are true: doing what a remedy says, in its time, removes the finding; and where the text
//! says that nothing which the firm does changes the decision, nothing does.
use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::applicable_filing;
use super::properties::{facts as any_facts, policy as any_policy};
use super::remedies::{FilingTime, Reading, Remedy, Stage};
use crate::Decision;
use crate::facts::{
    AwardFacts, ClarificationFacts, ContractFacts, DisclosureFacts, ExemptionFacts, FilingStatus,
    NoticeFacts, PartyFacts, RejectionFacts, ResolutionFacts, WaiverFacts, WithheldPart,
};
use crate::policy::max_severity;
use crate::wording::{render_message, render_remedy};
use crate::{
    AwardMethod, EntityScope, ExemptionKind, Facts, Finding, MatchBand, Policy, RejectionReason,
    ResolvedBy, ReviewState, RuleCode, Severity, SubjectKind, WithheldGround, decide, samples,
};

/// The number of decisions with each code that are tried: `PROPTEST_CASES`, or 1,000.
fn case_count() -> usize {
    let given = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    given.unwrap_or(1_000)
}

/// Generated facts put into an order in which a service can have loaded them: filings before the
/// decision, and later ones only where they are later than the reference time.
fn realistic(mut facts: Facts, hours: i64, choice: u32) -> Facts {
    let due_at = samples::facts().reference_at;
    facts.decided_at = due_at + TimeDelta::hours(hours);
    let now = facts.decided_at;
    facts.reference_at = match facts.subject.kind {
        SubjectKind::BidSubmission => due_at,
        SubjectKind::ContractAward => now,
        // Half of the actions begin later than they are decided on.
        SubjectKind::ContractRenewal => now + TimeDelta::days(i64::from(choice % 2 * 40)),
    };
    let is_bid = facts.subject.kind == SubjectKind::BidSubmission;
    if let Some(contract) = &mut facts.contract
        && facts.subject.kind == SubjectKind::ContractAward
    {
        contract.runs_until = None;
    }
    if is_bid {
        facts.method =
            Some(if hours % 2 == 0 { AwardMethod::Bids } else { AwardMethod::Proposals });
    } else {
        facts.reinstatements.clear();
    }
    for order in &mut facts.reinstatements {
        order.reinstated_at = order.reinstated_at.min(now);
    }
    for exemption in &mut facts.exemptions {
        exemption.counted_from = exemption.counted_from.min(now);
    }
    let reference = facts.reference_at.min(now);
    let own = &mut facts.organization;
    for filing in own.disclosure.iter_mut().chain(&mut own.later_filings) {
        put_in_order(&mut filing.filing);
    }
    if let Some(disclosure) = &mut own.disclosure {
        disclosure.filing.id = "disc_own".into();
        disclosure.filing.filed_at = disclosure.filing.filed_at.min(reference);
    }
    own.later_filings.retain(|_| now > reference);
    for (index, later) in own.later_filings.iter_mut().enumerate() {
        later.filing.id = format!("disc_later{index}");
        later.filing.version = 2 + u32::try_from(index).expect("few filings");
        later.filing.filed_at = between(reference, now, index);
    }
    let named = facts.subcontractors.iter_mut().map(|it| &mut it.party);
    for party in facts.members.iter_mut().chain(named) {
        party.disclosure.iter_mut().chain(&mut party.later_filings).for_each(put_in_order);
        if let Some(filing) = &mut party.disclosure {
            filing.filed_at = filing.filed_at.min(reference);
        }
        party.later_filings.retain(|_| now > reference);
        for (index, later) in party.later_filings.iter_mut().enumerate() {
            later.filed_at = between(reference, now, index);
        }
        if let Some(resolution) = &mut party.resolution
            && resolution.by == ResolvedBy::Unresolved
        {
            (party.disclosure, party.later_filings) = (None, Vec::new());
        }
    }
    for (index, award) in facts.awards.iter_mut().enumerate() {
        award.id = format!("mat_{index}");
        award.number = format!("70CDCR24FR000001{index}");
        award.parent_number = (index == 0).then(|| "HSCEDM17D00002".to_owned());
        award.covered_by.clear();
    }
    facts
}

/// A question is open only in the review state that says so.
fn put_in_order(filing: &mut FilingStatus) {
    if filing.review == ReviewState::Rejected {
        filing.clarification = None;
    } else if filing.clarification.is_some() {
        filing.review = ReviewState::ClarificationRequested;
    } else if filing.review == ReviewState::ClarificationRequested {
        filing.review = ReviewState::Unreviewed;
    }
}

/// A time after `from` and at most `to`: the later, the greater `index`.
fn between(from: DateTime<Utc>, to: DateTime<Utc>, index: usize) -> DateTime<Utc> {
    let index = i32::try_from(index).expect("few filings");
    from + (to - from) * (index + 1) / (index + 2)
}

/// Changes facts so that a decision about them probably has a finding of the rule. `choice` is any
/// number.
#[expect(clippy::too_many_lines, reason = "one arm a rule")]
fn bring_about(code: RuleCode, facts: &mut Facts, policy: &Policy, choice: u32) {
    facts.suspensions.clear();
    let calendar = policy.calendar();
    if !choice.is_multiple_of(4) {
        facts.exemptions.clear();
    }
    facts.waivers.retain(|it| it.rule != code);
    let now = facts.decided_at;
    let near = now + TimeDelta::hours(i64::from(choice % 400) - 200);
    let filing = FilingStatus {
        id: "disc_own".into(),
        ..current_filing(policy, facts.reference_at.min(now) - TimeDelta::days(9))
    };
    let generated = facts.organization.disclosure.take();
    let mut own = match generated {
        // Other defects of the filing stay beside the one that is brought about.
        Some(generated) if choice.is_multiple_of(3) => generated,
        _ => as_disclosure(filing.clone()),
    };
    match code {
        RuleCode::DisclosureMissing => {
            facts.organization.disclosure = None;
            return;
        }
        RuleCode::DisclosureStale => {
            let days = policy.parameters().freshness_days.value + 1 + choice % 5;
            let day = calendar.local_date(facts.reference_at) - Days::new(u64::from(days));
            own.filing.filed_at = calendar.midnight(day) + TimeDelta::hours(10);
        }
        RuleCode::DisclosureOutdatedTerms => {
            own.filing.policy_version = 0;
            own.filing.questions = policy.questions();
            own.filing.questions.look_back_months += 1;
        }
        RuleCode::DisclosureRejected => {
            own.filing.review = ReviewState::Rejected;
            own.filing.clarification = None;
            own.filing.has_open_appeal = choice.is_multiple_of(5);
            let has_appealed = own.filing.has_open_appeal || choice.is_multiple_of(7);
            own.filing.rejection = Some(RejectionFacts {
                reasons: vec![RejectionReason::Contradictory],
                explanation: "One of the two.".into(),
                appeal_by: (!has_appealed).then_some(near),
                decided_at: Some(own.filing.filed_at),
            });
        }
        RuleCode::DisclosurePartlyWithheld => own.withheld.push(WithheldPart {
            path: vec!["dhs".into(), "agreements".into(), "0".into()],
            ground: WithheldGround::Classified,
        }),
        RuleCode::ClarificationOpen | RuleCode::ClarificationOverdue => {
            own.filing.review = ReviewState::ClarificationRequested;
            (own.filing.rejection, own.filing.has_open_appeal) = (None, false);
            own.filing.clarification = Some(ClarificationFacts { path: Vec::new(), due_at: near });
        }
        RuleCode::PartyUnidentified => {
            let mut party = samples::party("Unknown", None);
            party.id = None;
            party.resolution = Some(ResolutionFacts {
                by: ResolvedBy::Unresolved,
                identifier: None,
                folded_name: "unknown".into(),
            });
            facts.members.push(party);
        }
        RuleCode::MemberMissingDisclosure => facts.members.push(samples::party("Absent", None)),
        RuleCode::SubcontractorMissingDisclosure => {
            facts.subcontractors.push(samples::subcontractor("Absent", i64::MAX / 4, None));
        }
        RuleCode::ClauseMissing => {
            if let Some(contract) = &mut facts.contract {
                contract.clause_version = None;
            }
        }
        RuleCode::AwardProbablyUndisclosed
        | RuleCode::AwardResponseOpen
        | RuleCode::AwardConfirmedUndisclosed
        | RuleCode::AwardUnderAppeal => {
            let signed_on = calendar.local_date(own.filing.filed_at) - Days::new(30);
            for award in &mut facts.awards {
                award.relation = EntityScope::Own;
                award.band = MatchBand::Exact;
                award.is_vehicle = false;
                award.is_subaward = false;
                award.value = Some(samples::usd(1_200_000));
                award.signed_on = Some(signed_on);
                (award.ends_on, award.latest_on) = (None, Some(signed_on));
                award.has_open_appeal = code == RuleCode::AwardUnderAppeal;
                let has_appealed = award.has_open_appeal || choice.is_multiple_of(7);
                award.notice = (code != RuleCode::AwardProbablyUndisclosed).then(|| NoticeFacts {
                    sent_at: now - TimeDelta::days(12),
                    respond_by: near,
                    appeal_by: (!has_appealed)
                        .then(|| near + TimeDelta::days(i64::from(choice % 30))),
                });
            }
        }
        RuleCode::ExemptionFollowUpOverdue => {
            facts.organization.disclosure = None;
            facts.exemptions = vec![ExemptionFacts {
                id: "exm_1".into(),
                kind: ExemptionKind::Emergency,
                authority: "Charter".into(),
                counted_from: now - TimeDelta::days(30),
                covers_subject: choice.is_multiple_of(2),
            }];
            return;
        }
        _ => {}
    }
    if !choice.is_multiple_of(2) {
        facts.organization.later_filings.clear();
    }
    let is_closed = facts.decided_at > facts.reference_at;
    if code == RuleCode::DisclosureRejected && is_closed && choice.is_multiple_of(3) {
        // It was to cure a stale one.
        let days = u64::from(policy.parameters().freshness_days.value) + 2;
        let mut stale = as_disclosure(filing);
        stale.filing.id = "disc_stale".into();
        let day = calendar.local_date(facts.reference_at) - Days::new(days);
        stale.filing.filed_at = calendar.midnight(day);
        own.filing.filed_at = facts.reference_at + TimeDelta::microseconds(1);
        facts.organization.later_filings.clear();
        facts.organization.disclosure = Some(stale);
        facts.organization.later_filings.push(own);
        return;
    }
    facts.organization.disclosure = Some(own);
}

/// A filing that is current under the policy.
fn current_filing(policy: &Policy, filed_at: DateTime<Utc>) -> FilingStatus {
    FilingStatus {
        id: "disc_new".into(),
        filed_at,
        policy_version: policy.version(),
        questions: policy.questions(),
        ..samples::filing_status()
    }
}

fn as_disclosure(filing: FilingStatus) -> DisclosureFacts {
    let (withheld, agreements, arrangements) = (Vec::new(), Vec::new(), Vec::new());
    DisclosureFacts { filing, withheld, agreements, arrangements }
}

/// The last moment at which a filing is in time; for a next attempt, a few days later.
fn last_moment(time: FilingTime, facts: &Facts, policy: &Policy) -> DateTime<Utc> {
    match time {
        FilingTime::BidsDue => facts.reference_at,
        FilingTime::Cure { end, .. } => end - TimeDelta::microseconds(1),
        FilingTime::Award => facts.decided_at + TimeDelta::days(3),
        FilingTime::NextAttempt { from } => {
            let first = from.map(|date| policy.calendar().midnight(date));
            (facts.decided_at + TimeDelta::hours(1)).max(first.unwrap_or(facts.decided_at))
        }
    }
}

/// Moves facts to a later decision about the same subject: a bid keeps its reference time, an award is
/// decided as of then, and an action as of its start if that is later.
fn decide_at(facts: &mut Facts, at: DateTime<Utc>) {
    facts.decided_at = at;
    let reference = match facts.subject.kind {
        SubjectKind::BidSubmission => return,
        SubjectKind::ContractAward => at,
        SubjectKind::ContractRenewal => facts.reference_at.max(at),
    };
    move_reference(facts, reference);
}

/// Moves the reference time: what was filed until then is in effect, the last of it.
fn move_reference(facts: &mut Facts, reference: DateTime<Utc>) {
    facts.reference_at = reference;
    split_filings(&mut facts.organization, reference, |it| it.filing.filed_at);
    for party in parties(facts) {
        split_filings(party, reference, |it| it.filed_at);
    }
}

/// Splits a party's filings as a service loads them: the one in effect at the reference time, and the
/// later ones.
fn split_filings<D>(
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
fn move_to(facts: &mut Facts, policy: &Policy, time: FilingTime, at: DateTime<Utc>) {
    if time == FilingTime::Award {
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

fn parties(facts: &mut Facts) -> impl Iterator<Item = &mut PartyFacts<FilingStatus>> {
    let named = facts.subcontractors.iter_mut().map(|it| &mut it.party);
    facts.members.iter_mut().chain(named)
}

fn own_file(facts: &mut Facts, policy: &Policy, at: DateTime<Utc>) {
    let reference = facts.reference_at;
    let own = &mut facts.organization;
    own.later_filings.push(as_disclosure(current_filing(policy, at)));
    split_filings(own, reference, |it| it.filing.filed_at);
}

fn parties_file(facts: &mut Facts, policy: &Policy, at: DateTime<Utc>) {
    let reference = facts.reference_at;
    for party in parties(facts).filter(|it| it.id.is_some() || it.resolution.is_none()) {
        party.later_filings.push(current_filing(policy, at));
        split_filings(party, reference, |it| it.filed_at);
    }
}

/// The firm files a disclosure that lists those of the awards that `is_listed` selects.
fn list_awards(
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
fn is_about(finding: &Finding, award: &AwardFacts) -> bool {
    finding.path.last() == Some(&award.id)
}

/// A person dismisses the match that a finding is about: the service loads it no more. If it was an
/// order, its vehicle is loaded instead, as a reviewer confirmed it.
fn dismiss(facts: &mut Facts, finding: &Finding) {
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
fn appeal_confirmation(facts: &mut Facts, finding: &Finding) {
    for award in facts.awards.iter_mut().filter(|it| is_about(finding, it)) {
        award.has_open_appeal = true;
        award.notice.as_mut().expect("a confirmed match").appeal_by = None;
    }
}

/// The firm's own filing with an identifier.
fn own_filing<'a>(facts: &'a mut Facts, id: &str) -> &'a mut FilingStatus {
    let own = &mut facts.organization;
    let mut all = own.disclosure.iter_mut().chain(&mut own.later_filings);
    &mut all.find(|it| it.filing.id == id).expect("a filing").filing
}

/// The firm's own filing that the findings of a decision are about.
fn applicable<'a>(facts: &'a mut Facts, policy: &Policy) -> &'a mut FilingStatus {
    let id = applicable_filing(policy, facts).expect("a filing").filing.id.clone();
    own_filing(facts, &id)
}

fn appeal_rejection(filing: &mut FilingStatus) {
    filing.has_open_appeal = true;
    filing.rejection.as_mut().expect("a rejection").appeal_by = None;
}

/// An appeal that is granted reopens the review.
fn grant_appeal(filing: &mut FilingStatus) {
    assert!(filing.has_open_appeal, "somebody appealed");
    filing.has_open_appeal = false;
    filing.review = ReviewState::Unreviewed;
    filing.rejection = None;
}

/// An answer closes the question.
fn answer_question(filing: &mut FilingStatus) {
    if filing.clarification.take().is_some() {
        filing.review = ReviewState::Unreviewed;
    }
}

/// Somebody chooses the firms that unidentified parties of a name are: each has a current filing.
fn identify(facts: &mut Facts, policy: &Policy, name: &str) {
    let filed_at = facts.reference_at.min(facts.decided_at) - TimeDelta::days(1);
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
fn substitute(facts: &mut Facts, policy: &Policy, name: &str) {
    let filed_at = facts.reference_at.min(facts.decided_at) - TimeDelta::days(1);
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
fn for_each_spelling(
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

/// Does what a remedy says, at the last moment that it gives; others who have to decide decide for the
/// firm. What they decide is in the facts as the service loads them afterwards.
fn carry_out(remedy: &Remedy, facts: &mut Facts, policy: &Policy, finding: &Finding) {
    let soon = facts.decided_at + TimeDelta::hours(1);
    match remedy {
        Remedy::File(time) => {
            let at = last_moment(*time, facts, policy);
            if let FilingTime::Cure { is_conditional: true, .. } = time {
                grant_appeal(&mut facts.organization.disclosure.as_mut().expect("one").filing);
            }
            move_to(facts, policy, *time, at);
            own_file(facts, policy, at);
        }
        Remedy::PartyFiles(time) => {
            let at = last_moment(*time, facts, policy);
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
enum Act {
    File,
    PartiesFile,
    ListAwards,
    Answer,
    Appeal,
}

impl Act {
    const ALL: [Self; 5] =
        [Self::File, Self::PartiesFile, Self::ListAwards, Self::Answer, Self::Appeal];

    fn carry_out(self, facts: &mut Facts, policy: &Policy) {
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

fn still_has(policy: &Policy, facts: &Facts, finding: &Finding) -> bool {
    decide(policy, facts).findings.iter().any(|it| {
        it.code() == finding.code() && it.path == finding.path && it.severity > Severity::Note
    })
}

/// What still holds or blocks after a remedy for a finding was carried out, although the remedy is for it:
/// the finding itself, and after a filing every defect of the firm's filing, after a decision on a match
/// everything about the award.
fn list_left(policy: &Policy, after: &Facts, finding: &Finding, remedy: &Remedy) -> Vec<Finding> {
    const DEFECTS: [RuleCode; 5] = [
        RuleCode::DisclosureMissing,
        RuleCode::DisclosureStale,
        RuleCode::DisclosureOutdatedTerms,
        RuleCode::DisclosureRejected,
        RuleCode::ExemptionFollowUpOverdue,
    ];
    let is_of_award = finding.path.starts_with(&["organization".into(), "awards".into()]);
    let mut findings = decide(policy, after).findings;
    findings.retain(|it| {
        let is_same = it.code() == finding.code() && it.path == finding.path;
        let is_defect = matches!(remedy, Remedy::File(_)) && DEFECTS.contains(&it.code());
        let is_about_award = is_of_award
            && *remedy != Remedy::Waive
            && (it.path == finding.path || it.path.last().is_some_and(|id| id == "mat_vehicle"));
        it.severity > Severity::Note && (is_same || is_defect || is_about_award)
    });
    findings
}

/// Lifts what refuses a bid, as others may: each blocking rule is waived, but a rejection on whose lifting
/// a remedy depends, since that is lifted with the remedy.
fn lift_refusal(facts: &mut Facts, decision: &Decision, remedy: &Remedy) {
    let lifts_rejection = matches!(
        remedy,
        Remedy::File(FilingTime::Cure { is_conditional: true, .. }) | Remedy::AwaitLiftedRejection
    );
    let blocking = decision.findings.iter().filter(|it| it.severity == Severity::Block);
    let codes: BTreeSet<RuleCode> = blocking.map(Finding::code).collect();
    for code in codes {
        if lifts_rejection && code == RuleCode::DisclosureRejected {
            continue;
        }
        facts.waivers.push(WaiverFacts {
            id: format!("wvr_{code}"),
            rule: code,
            authority: "Council file 26-0001".into(),
            expires_at: facts.decided_at + TimeDelta::days(36_500),
            is_for_award: false,
        });
    }
}

fn check(policy: &Policy, facts: &Facts, decision: &Decision, finding: &Finding) {
    let reading = Reading::at_decision(policy, facts, decision);
    let remedies = reading.list_remedies(finding);
    let is_refused = reading.is_refused_for_good();
    let text = render_remedy(finding, &reading);
    let context = || format!("{remedies:?}\n{text}\n{finding:?}\n{facts:?}");
    assert!(is_refused || !remedies.is_empty(), "no remedy: {}", context());
    for remedy in &remedies {
        let mut after = facts.clone();
        if reading.depends_on_lifted_refusal(finding) {
            lift_refusal(&mut after, decision, remedy);
        }
        carry_out(remedy, &mut after, policy, finding);
        let left = list_left(policy, &after, finding, remedy);
        assert!(left.is_empty(), "{remedy:?} leaves {left:?}: {after:?}\n{}", context());
    }
    let says_that_nothing_helps =
        text.contains("Nothing that the firm does now changes this decision");
    if reading.depends_on_lifted_refusal(finding) {
        assert!(text.contains("unless that refusal is lifted"), "{}", context());
    } else if is_refused {
        // Nothing that the firm does makes the service decide a refused bid again, except an appeal.
        let is_appeal = |it: &Remedy| matches!(it, Remedy::Appeal(_));
        let is_vain =
            |it: &&Remedy| it.is_of_firm() && !is_appeal(it) || **it == Remedy::Substitute;
        assert!(!remedies.iter().any(|it| is_vain(&it)), "{}", context());
        assert!(!says_that_nothing_helps || !remedies.iter().any(is_appeal), "{}", context());
    }
    if says_that_nothing_helps || text.contains("A new disclosure no longer changes this decision")
    {
        // An appeal is left only where the text names one.
        let may_do = |act: &&Act| says_that_nothing_helps || **act != Act::Appeal;
        let each: Vec<Vec<Act>> = Act::ALL.iter().filter(may_do).map(|it| vec![*it]).collect();
        let all: Vec<Act> = Act::ALL.iter().filter(may_do).copied().collect();
        for acts in each.iter().chain([&all]) {
            for hours in [1, 24, 24 * 30] {
                let mut after = facts.clone();
                decide_at(&mut after, facts.decided_at + TimeDelta::hours(hours));
                for act in acts {
                    act.carry_out(&mut after, policy);
                }
                assert!(
                    still_has(policy, &after, finding),
                    "{acts:?} helps: {after:?}\n{}",
                    context()
                );
            }
        }
    }
    let message = render_message(finding, policy, facts);
    for word in ["noneAttested", ".000000", "T22:", "null"] {
        assert!(!text.contains(word) && !message.contains(word), "{word}: {}", context());
    }
}

/// Doing what a finding's remedy says removes it; where nothing is said to help, nothing does. For each
/// rule that may hold or block.
#[test]
fn remedies_are_true() {
    let mut runner = TestRunner::deterministic();
    let policies: Vec<Policy> = (0..60)
        .map(|index| {
            let policy = any_policy().new_tree(&mut runner).expect("a policy").current();
            // The transition of the older half is over.
            let year = if index % 2 == 0 { 2010 } else { 2026 };
            let date = NaiveDate::from_ymd_opt(year, 3, 1).expect("a date");
            policy.with_effective_date(date).expect("a publishable policy")
        })
        .chain([samples::policy()])
        .collect();
    // Generated once, since that takes longer than deciding: each rule is brought about in all of them.
    let pool: Vec<Facts> = (0..case_count())
        .map(|_| any_facts().new_tree(&mut runner).expect("facts").current())
        .collect();
    // Days before and after bids are due, and times after the longest time to cure.
    let hours = prop_oneof![2 => -700_i64..700, 1 => 14_000_i64..20_000];
    let situation = (hours, 0..u32::MAX, any::<prop::sample::Index>());
    let mut refused = 0;
    for code in RuleCode::ALL {
        let may_hold =
            SubjectKind::ALL.iter().any(|kind| max_severity(*code, *kind) > Severity::Note);
        if !may_hold {
            continue;
        }
        let (mut tried, mut checked) = (0, 0);
        while checked < case_count() {
            let facts = pool[tried % pool.len()].clone();
            tried += 1;
            assert!(tried < case_count() * 60, "{code} is too rare: {checked} of {tried}");
            let (hours, choice, index) = situation.new_tree(&mut runner).expect("one").current();
            let policy = &policies[index.index(policies.len())];
            let mut facts = realistic(facts, hours, choice);
            bring_about(*code, &mut facts, policy, choice);
            let decision = decide(policy, &facts);
            let found = decision.findings.iter().filter(|it| it.code() == *code);
            for finding in found.filter(|it| it.severity > Severity::Note) {
                checked += 1;
                let reading = Reading::at_decision(policy, &facts, &decision);
                refused += usize::from(reading.is_refused_for_good());
                check(policy, &facts, &decision, finding);
            }
        }
    }
    assert!(refused > case_count() / 10, "too few refused bids: {refused}");
}

/// Every stage of a decision is tried above.
#[test]
fn the_stages_follow_from_the_facts() {
    let mut facts = samples::facts();
    assert_eq!(Stage::of(&facts), Stage::OpenBid);
    facts.decided_at = facts.reference_at;
    assert_eq!(Stage::of(&facts), Stage::OpenBid, "the due time is in time");
    facts.decided_at += TimeDelta::microseconds(1);
    assert_eq!(Stage::of(&facts), Stage::ClosedBid);
    facts.subject.kind = SubjectKind::ContractAward;
    assert_eq!(Stage::of(&facts), Stage::AwardOfBid);
    facts.method = Some(AwardMethod::SoleSource);
    assert_eq!(Stage::of(&facts), Stage::DirectAward);
    facts.subject.kind = SubjectKind::ContractRenewal;
    assert_eq!(Stage::of(&facts), Stage::ContractAction);
    assert!(applicable_filing(&samples::policy(), &facts).is_some());
}
