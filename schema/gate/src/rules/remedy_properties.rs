//! Remedies are true: doing what a remedy says, in its time, removes the finding; and where the text
//! says that nothing which the firm does changes the decision, nothing does.
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::applicable_filing;
use super::properties::{facts as any_facts, policy as any_policy};
use super::remedies::{FilingTime, Remedy, Stage, is_refused_for_good, list_remedies};
use crate::facts::{
    ClarificationFacts, ContractFacts, DisclosureFacts, ExemptionFacts, FilingStatus, NoticeFacts,
    PartyFacts, RejectionFacts, ResolutionFacts, WaiverFacts, WithheldPart,
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
fn realistic(mut facts: Facts, hours: i64) -> Facts {
    let due_at = samples::facts().reference_at;
    facts.decided_at = due_at + TimeDelta::hours(hours);
    let is_bid = facts.subject.kind == SubjectKind::BidSubmission;
    facts.reference_at = if is_bid { due_at } else { facts.decided_at };
    let (now, reference) = (facts.decided_at, facts.reference_at.min(facts.decided_at));
    if !is_bid {
        facts.contract = Some(ContractFacts {
            clause_version: Some(1),
            signed_on: "2026-11-20".parse().expect("a date"),
            is_under_ordinance: true,
            clause_added_on: None,
            ends_on: None,
            runs_until: None,
        });
        facts.method =
            Some(if hours % 2 == 0 { AwardMethod::Bids } else { AwardMethod::SoleSource });
    }
    let own = &mut facts.organization;
    if let Some(disclosure) = &mut own.disclosure {
        disclosure.filing.id = "disc_own".into();
        disclosure.filing.filed_at = disclosure.filing.filed_at.min(reference);
    }
    own.later_filings.retain(|_| now > reference);
    for (index, later) in own.later_filings.iter_mut().enumerate() {
        later.filing.id = format!("disc_later{index}");
        later.filing.filed_at = between(reference, now, index);
    }
    let named = facts.subcontractors.iter_mut().map(|it| &mut it.party);
    for party in facts.members.iter_mut().chain(named) {
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
        award.covered_by.clear();
    }
    facts
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
    let now = facts.decided_at;
    let near = now + TimeDelta::hours(i64::from(choice % 400) - 200);
    let filing = current_filing(policy, facts.reference_at.min(now) - TimeDelta::days(9));
    let mut own = as_disclosure(filing.clone());
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
            own.filing.questions.look_back_months += 1;
        }
        RuleCode::DisclosureRejected => {
            own.filing.review = ReviewState::Rejected;
            own.filing.has_open_appeal = choice.is_multiple_of(5);
            own.filing.rejection = Some(RejectionFacts {
                reasons: vec![RejectionReason::Contradictory],
                explanation: "One of the two.".into(),
                appeal_by: (!choice.is_multiple_of(7)).then_some(near),
                decided_at: Some(own.filing.filed_at),
            });
        }
        RuleCode::DisclosurePartlyWithheld => own.withheld.push(WithheldPart {
            path: vec!["dhs".into(), "agreements".into(), "0".into()],
            ground: WithheldGround::Classified,
        }),
        RuleCode::ClarificationOpen | RuleCode::ClarificationOverdue => {
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
                award.notice = (code != RuleCode::AwardProbablyUndisclosed).then(|| NoticeFacts {
                    sent_at: now - TimeDelta::days(12),
                    respond_by: near,
                    appeal_by: (!choice.is_multiple_of(7))
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
    facts.organization.later_filings.clear();
    let is_closed = facts.decided_at > facts.reference_at;
    if code == RuleCode::DisclosureRejected && is_closed && choice.is_multiple_of(3) {
        // It was to cure a stale one.
        let days = u64::from(policy.parameters().freshness_days.value) + 2;
        let mut stale = as_disclosure(filing);
        stale.filing.id = "disc_stale".into();
        let day = calendar.local_date(facts.reference_at) - Days::new(days);
        stale.filing.filed_at = calendar.midnight(day);
        own.filing.filed_at = facts.reference_at + TimeDelta::microseconds(1);
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

/// The last moment at which a filing is in time.
fn last_moment(time: FilingTime, facts: &Facts) -> DateTime<Utc> {
    match time {
        FilingTime::BidsDue => facts.reference_at,
        FilingTime::Cure { end, .. } => end - TimeDelta::microseconds(1),
        FilingTime::Award | FilingTime::NextAttempt => facts.decided_at + TimeDelta::days(3),
    }
}

/// Moves facts to the time of a filing: for an award, to the award's own decision.
fn move_to(facts: &mut Facts, time: FilingTime, at: DateTime<Utc>) {
    facts.decided_at = at;
    match time {
        FilingTime::BidsDue | FilingTime::Cure { .. } => {}
        FilingTime::Award => {
            facts.subject.kind = SubjectKind::ContractAward;
            facts.reference_at = at;
        }
        FilingTime::NextAttempt => facts.reference_at = at,
    }
}

/// Adds a filing as a service loads it: in effect at the reference time, or later.
fn add_filing<D>(
    party: &mut PartyFacts<D>,
    filing: D,
    filed_at: DateTime<Utc>,
    reference: DateTime<Utc>,
) {
    if filed_at <= reference {
        party.disclosure = Some(filing);
        party.later_filings.clear();
    } else {
        party.later_filings.push(filing);
    }
}

fn parties(facts: &mut Facts) -> impl Iterator<Item = &mut PartyFacts<FilingStatus>> {
    let named = facts.subcontractors.iter_mut().map(|it| &mut it.party);
    facts.members.iter_mut().chain(named)
}

fn own_file(facts: &mut Facts, policy: &Policy, at: DateTime<Utc>) {
    let reference = facts.reference_at;
    let filing = as_disclosure(current_filing(policy, at));
    add_filing(&mut facts.organization, filing, at, reference);
}

fn parties_file(facts: &mut Facts, policy: &Policy, at: DateTime<Utc>) {
    let reference = facts.reference_at;
    for party in parties(facts).filter(|it| it.id.is_some() || it.resolution.is_none()) {
        add_filing(party, current_filing(policy, at), at, reference);
    }
}

fn list_awards(facts: &mut Facts, policy: &Policy, at: DateTime<Utc>) {
    own_file(facts, policy, at);
    for award in &mut facts.awards {
        award.covered_by.insert("disc_new".into());
    }
}

/// The firm's own filings that a reviewer's decision concerns.
fn change_own(facts: &mut Facts, change: impl Fn(&mut DisclosureFacts)) {
    let own = &mut facts.organization;
    own.disclosure.iter_mut().chain(&mut own.later_filings).for_each(change);
}

fn grant_appeals(facts: &mut Facts) {
    change_own(facts, |own| {
        own.filing.has_open_appeal = false;
        own.filing.review = ReviewState::Unreviewed;
        own.filing.rejection = None;
    });
}

fn identify(facts: &mut Facts, policy: &Policy) {
    let filed_at = facts.reference_at.min(facts.decided_at) - TimeDelta::days(1);
    for party in parties(facts) {
        if let Some(resolution) = &mut party.resolution
            && resolution.by == ResolvedBy::Unresolved
        {
            resolution.by = ResolvedBy::Chosen;
            party.id = Some("org_chosen".into());
            party.disclosure = Some(current_filing(policy, filed_at));
        }
    }
}

/// Does what a remedy says, at the last moment that it gives; others who have to decide decide for the
/// firm.
fn carry_out(remedy: &Remedy, facts: &mut Facts, policy: &Policy, finding: &Finding) {
    match remedy {
        Remedy::File(time) => {
            let at = last_moment(*time, facts);
            if let FilingTime::Cure { is_conditional: true, .. } = time {
                grant_appeals(facts);
            }
            move_to(facts, *time, at);
            own_file(facts, policy, at);
        }
        Remedy::PartyFiles(time) => {
            let at = last_moment(*time, facts);
            move_to(facts, *time, at);
            parties_file(facts, policy, at);
        }
        Remedy::NameAnother | Remedy::Substitute => {
            let filed_at = facts.reference_at.min(facts.decided_at) - TimeDelta::days(1);
            let filing = current_filing(policy, filed_at);
            facts.subcontractors = vec![samples::subcontractor("Other", 9, Some(filing))];
        }
        Remedy::ListAward => {
            let at = facts.decided_at + TimeDelta::hours(1);
            facts.decided_at = at;
            if facts.subject.kind != SubjectKind::BidSubmission {
                facts.reference_at = at;
            }
            list_awards(facts, policy, at);
        }
        Remedy::AnswerQuestion => change_own(facts, |own| own.filing.clarification = None),
        Remedy::AnswerNotice(_) => {
            facts.awards.retain(|it| finding.path.last() != Some(&it.id));
        }
        Remedy::Appeal(until) => {
            assert!(policy.calendar().local_date(facts.decided_at) <= *until);
            if finding.code() == RuleCode::DisclosureRejected {
                change_own(facts, |own| own.filing.has_open_appeal = true);
                let held = decide(policy, facts);
                let mut held = held.findings.iter().filter(|it| it.code() == finding.code());
                assert!(held.all(|it| it.severity <= Severity::Review), "an open appeal holds");
                grant_appeals(facts);
            } else {
                facts.awards.retain(|it| finding.path.last() != Some(&it.id));
            }
        }
        Remedy::Identify(_) => identify(facts, policy),
        Remedy::AddClause => {
            let contract = facts.contract.as_mut().expect("an award or a contract action");
            contract.clause_version = Some(policy.parameters().clause_version.value);
        }
        Remedy::Waive => facts.waivers.push(WaiverFacts {
            id: "wvr_1".into(),
            rule: finding.code(),
            authority: "Council file 26-0001".into(),
            expires_at: facts.decided_at + TimeDelta::days(1),
            is_for_award: false,
        }),
        Remedy::AwaitReviewer if finding.code() == RuleCode::DisclosurePartlyWithheld => {
            change_own(facts, |own| own.filing.review = ReviewState::Accepted);
        }
        Remedy::AwaitReviewer => {
            facts.awards.retain(|it| finding.path.last() != Some(&it.id));
        }
        Remedy::AwaitAppeal => {
            grant_appeals(facts);
            facts.awards.retain(|it| finding.path.last() != Some(&it.id));
        }
    }
}

/// Everything that a firm and its parties may do, without an appeal.
fn do_everything(facts: &mut Facts, policy: &Policy, at: DateTime<Utc>) {
    facts.decided_at = at;
    parties_file(facts, policy, at);
    list_awards(facts, policy, at);
    identify(facts, policy);
    change_own(facts, |own| own.filing.clarification = None);
}

fn still_has(policy: &Policy, facts: &Facts, finding: &Finding) -> bool {
    decide(policy, facts).findings.iter().any(|it| {
        it.code() == finding.code() && it.path == finding.path && it.severity > Severity::Note
    })
}

fn check(policy: &Policy, facts: &Facts, finding: &Finding) {
    let remedies = list_remedies(policy, facts, finding);
    let is_refused = is_refused_for_good(facts, finding);
    let text = render_remedy(finding, policy, facts);
    let context = || format!("{remedies:?}\n{text}\n{finding:?}\n{facts:?}");
    assert!(is_refused || !remedies.is_empty(), "no remedy: {}", context());
    for remedy in &remedies {
        let mut after = facts.clone();
        carry_out(remedy, &mut after, policy, finding);
        assert!(!still_has(policy, &after, finding), "{remedy:?} fails: {after:?}\n{}", context());
    }
    let says_that_nothing_helps =
        text.contains("Nothing that the firm does now changes this decision");
    if says_that_nothing_helps {
        assert!(!remedies.iter().any(Remedy::is_of_firm), "{}", context());
    }
    if says_that_nothing_helps || text.contains("A new disclosure no longer changes this decision")
    {
        for hours in [1, 24, 24 * 30] {
            let mut after = facts.clone();
            do_everything(&mut after, policy, facts.decided_at + TimeDelta::hours(hours));
            assert!(
                still_has(policy, &after, finding),
                "something helps: {after:?}\n{}",
                context()
            );
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
            let mut facts = realistic(facts, hours);
            bring_about(*code, &mut facts, policy, choice);
            let decision = decide(policy, &facts);
            let found = decision.findings.iter().filter(|it| it.code() == *code);
            for finding in found.filter(|it| it.severity > Severity::Note) {
                checked += 1;
                refused += usize::from(is_refused_for_good(&facts, finding));
                check(policy, &facts, finding);
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
