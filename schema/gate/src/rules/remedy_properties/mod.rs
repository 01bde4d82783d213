//! Remedies are true: doing what a remedy says, in its time, removes the finding; and where the text
//! says that nothing which the firm does changes the decision, nothing does.
mod acts;
mod situations;

use std::collections::BTreeSet;

use chrono::{NaiveDate, TimeDelta};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use self::acts::{Act, Moment, carry_out, decide_at};
use self::situations::{bring_about, realistic};
use super::applicable_filing;
use super::properties::{facts as any_facts, policy as any_policy};
use super::remedies::{FilingEnd, Reading, Remedy, Stage};
use crate::facts::WaiverFacts;
use crate::policy::max_severity;
use crate::wording::{render_message, render_remedy};
use crate::{
    AwardMethod, Decision, Facts, Finding, Policy, RuleCode, Severity, SubjectKind, decide, samples,
};

/// The number of decisions with each code that are tried: `PROPTEST_CASES`, or 1,000.
fn case_count() -> usize {
    let given = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    given.unwrap_or(1_000)
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
    let lifts_rejection = match remedy {
        Remedy::File(time) => matches!(time.until, FilingEnd::Cure { is_conditional: true, .. }),
        other => *other == Remedy::AwaitLiftedRejection,
    };
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
    let both = remedies.iter().flat_map(|it| [(it, Moment::First), (it, Moment::Last)]);
    for (remedy, moment) in both {
        let mut after = facts.clone();
        if reading.depends_on_lifted_refusal(finding) {
            lift_refusal(&mut after, decision, remedy);
        }
        carry_out(remedy, moment, &mut after, policy, finding);
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
    // Days before and after bids are due, times after the longest time to cure, and times so long before
    // that a filing will be stale.
    let hours = prop_oneof![4 => -700_i64..700, 2 => 14_000_i64..20_000, 1 => -30_000_i64..-9_000];
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
