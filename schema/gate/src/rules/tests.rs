//! Each rule at its boundary values, under version 1 of the policy.
use crate::facts::{
    AgreementFacts, ArrangementFacts, AwardDataFacts, AwardFacts, ContractFacts, ExemptionFacts,
    ReinstatementFacts, SuspensionFacts, WaiverFacts, WithheldPart,
};
use crate::samples::{
    at, changed, facts, filing_status, letter, party, policy, subcontractor, usd,
};
use crate::{
    AwardMethod, ClaimEffect, ContractAction, Decision, DhsComponent, EntityScope, ExemptionKind,
    Facts, FindingDetail, MatchBand, Money, NatureOfWork, OnwardToDhs, Outcome, Policy,
    RecipientKind, ReviewState, RuleCode, Severity, SubjectKind, WithheldGround, assess_claim,
    decide, find_lapse_date, find_noncompliance, is_gated, next_reevaluation_at,
};

/// The findings as `code SEVERITY`.
fn summaries(decision: &Decision) -> Vec<String> {
    let summary = |it: &super::Finding| format!("{} {}", it.code(), it.severity.as_str());
    decision.findings.iter().map(summary).collect()
}

fn facts_with(change: impl FnOnce(&mut Facts)) -> Facts {
    let mut facts = facts();
    change(&mut facts);
    facts
}

/// As [`facts_with`], for the bidder's own disclosure.
fn facts_disclosing(change: impl FnOnce(&mut super::super::facts::DisclosureFacts)) -> Facts {
    facts_with(|facts| change(facts.organization.disclosure.as_mut().expect("it has filed")))
}

fn agreement(component: DhsComponent, cents: Option<i64>) -> AgreementFacts {
    AgreementFacts {
        component: Some(component),
        component_name: None,
        natures: vec![NatureOfWork::Detention],
        compensation: cents.map(usd),
        is_short_form: false,
    }
}

#[test]
fn a_disclosure_of_none_is_admitted() {
    let decision = decide(&policy(), &facts());
    assert_eq!(decision, Decision { outcome: Outcome::Admit, findings: Vec::new() });
}

#[test]
fn a_missing_disclosure_blocks_and_is_the_only_finding() {
    for kind in SubjectKind::ALL {
        let facts = facts_with(|facts| {
            facts.organization.disclosure = None;
            facts.subject.kind = *kind;
        });
        let decision = decide(&policy(), &facts);
        assert_eq!(decision.outcome, Outcome::Block);
        assert_eq!(summaries(&decision), ["disclosure.missing BLOCK"]);
        assert_eq!(decision.cure_by(), None);
    }
}

#[test]
fn a_disclosure_is_valid_for_365_local_days() {
    // Bids are due on November 23, 2026, 14:00 in the city (PST); filed in PST and in PDT.
    for (due_at, filed_at, is_stale) in [
        ("2026-11-23T22:00:00Z", "2025-11-23T08:00:00Z", false),
        ("2026-11-23T22:00:00Z", "2025-11-23T07:59:59Z", true),
        // A year that ends after the clocks went forward: in UTC both were filed on March 1.
        ("2026-04-01T06:59:59Z", "2025-03-31T07:00:00Z", false),
        ("2026-04-01T06:59:59Z", "2025-03-31T06:59:59Z", true),
        // Counted at the due time, whenever it is decided; filed after it, it is fresh.
        ("2026-11-24T07:59:59Z", "2025-11-23T08:00:00Z", false),
        ("2026-11-24T08:00:00Z", "2025-11-23T08:00:00Z", true),
        ("2026-11-23T22:00:00Z", "2026-11-25T22:00:00Z", false),
    ] {
        let mut facts = facts_disclosing(|disclosure| disclosure.filing.filed_at = at(filed_at));
        facts.reference_at = at(due_at);
        facts.decided_at = facts.reference_at;
        let decision = decide(&policy(), &facts);
        assert_eq!(decision.outcome == Outcome::Review, is_stale, "{filed_at}: {decision:?}");
        if is_stale {
            assert_eq!(summaries(&decision), ["disclosure.stale REVIEW"]);
            let FindingDetail::DisclosureStale { days, .. } = decision.findings[0].detail else {
                panic!("{decision:?}");
            };
            assert_eq!(days, 366);
        }
    }
}

#[test]
fn a_curable_defect_holds_a_bid_until_its_deadline_and_blocks_an_award() {
    let mut facts =
        facts_disclosing(|disclosure| disclosure.filing.filed_at = at("2025-11-01T19:00:00Z"));
    let decision = decide(&policy(), &facts);
    assert_eq!(decision.outcome, Outcome::Review);
    assert_eq!(decision.cure_by(), Some(at("2026-12-03T08:00:00Z")));
    facts.decided_at = at("2026-12-03T07:59:59.999999Z");
    assert_eq!(decide(&policy(), &facts), decision, "the last instant is in time");
    facts.decided_at = at("2026-12-03T08:00:00Z");
    let missed = decide(&policy(), &facts);
    assert_eq!(
        summaries(&missed),
        ["disclosure.stale BLOCK"],
        "an uncured defect has the severity of the award"
    );
    assert_eq!(missed.findings[0].cure_ended_on, "2026-12-02".parse().ok());
    assert_eq!(missed.cure_by(), None);
    for kind in [SubjectKind::ContractAward, SubjectKind::ContractRenewal] {
        facts.subject.kind = kind;
        let decision = decide(&policy(), &facts);
        assert_eq!(summaries(&decision), ["disclosure.stale BLOCK"]);
        assert_eq!(decision.cure_by(), None);
    }
}

#[test]
fn answers_to_older_questions_are_valid_until_the_transition_ends() {
    let second = changed("version = 1\n", "version = 2\n")
        .replace("value = [\"SELF\", \"JOINT_VENTURE_MEMBER\"]", "value = [\"SELF\"]");
    let second = Policy::parse(&second).expect("a second version");
    // Effective from July 1: August 30 is day 60, August 31 day 61.
    for (reference_at, is_outdated) in
        [("2026-08-31T06:59:59Z", false), ("2026-08-31T07:00:00Z", true)]
    {
        let mut facts =
            facts_disclosing(|disclosure| disclosure.filing.filed_at = at("2026-03-01T17:00:00Z"));
        facts.reference_at = at(reference_at);
        facts.decided_at = facts.reference_at;
        let expected: &[&str] =
            if is_outdated { &["disclosure.outdated_terms REVIEW"] } else { &[] };
        assert_eq!(summaries(&decide(&second, &facts)), expected);
        assert_eq!(summaries(&decide(&policy(), &facts)), [""; 0], "it answers this policy");

        let filing = &mut facts.organization.disclosure.as_mut().expect("filed").filing;
        filing.questions = second.questions();
        assert_eq!(summaries(&decide(&second, &facts)), [""; 0], "the questions are the same");
    }
    let newer = facts_disclosing(|disclosure| {
        disclosure.filing.policy_version = 3;
        disclosure.filing.questions.entity_scope = [EntityScope::Parent].into();
    });
    assert_eq!(summaries(&decide(&second, &newer)), [""; 0], "it answers a later version");
}

#[test]
fn a_rejected_disclosure_blocks() {
    let facts = facts_disclosing(|disclosure| disclosure.filing.review = ReviewState::Rejected);
    let decision = decide(&policy(), &facts);
    assert_eq!(summaries(&decision), ["disclosure.rejected BLOCK"]);
    assert_eq!(decision.cure_by(), None);
}

#[test]
fn only_a_finding_that_would_block_has_a_time_to_cure() {
    // A filing that was to cure a missing disclosure and was rejected, or a deferred one that is overdue.
    let rejected = facts_with(|facts| {
        let mut later = facts.organization.disclosure.take().expect("it has filed");
        later.filing.review = ReviewState::Rejected;
        later.filing.filed_at = facts.reference_at;
        facts.organization.later_filings = vec![later];
    });
    let overdue = facts_with(|facts| {
        facts.organization.disclosure = None;
        facts.exemptions = vec![exemption(ExemptionKind::Emergency, "2026-01-27T20:00:00Z", true)];
    });
    for (facts, code) in
        [(rejected, RuleCode::DisclosureRejected), (overdue, RuleCode::ExemptionFollowUpOverdue)]
    {
        for severity in Severity::ALL.iter().rev() {
            let mut policy = policy().to_json_value();
            let days = (*severity == Severity::Block).then_some(5);
            policy["rules"][RuleCode::DisclosureMissing.as_str()]["cureDays"] = 5.into();
            policy["rules"][code.as_str()]["bid"] = severity.as_str().into();
            policy["rules"][code.as_str()]["cureDays"] = days.into();
            let policy = Policy::from_json(&policy.to_string()).expect("a policy");
            let decision = decide(&policy, &facts);
            let finding = decision.findings.iter().find(|it| it.code() == code).expect("a finding");
            assert_eq!(finding.severity, *severity.min(&Severity::Review), "{code}");
            assert_eq!(
                finding.cure_by.is_some(),
                *severity == Severity::Block,
                "{code} {severity:?}"
            );
        }
    }
}

#[test]
fn withheld_parts_need_review_until_the_filing_is_accepted() {
    for (review, severity, outcome) in [
        (ReviewState::Unreviewed, Severity::Review, Outcome::Review),
        (ReviewState::ClarificationRequested, Severity::Review, Outcome::Review),
        (ReviewState::Accepted, Severity::Note, Outcome::Admit),
    ] {
        let facts = facts_disclosing(|disclosure| {
            disclosure.filing.review = review;
            let path = ["dhs", "agreements", "0", "compensation"].map(Into::into).into();
            disclosure.withheld.push(WithheldPart { path, ground: WithheldGround::Classified });
        });
        let decision = decide(&policy(), &facts);
        assert_eq!((decision.findings[0].severity, decision.outcome), (severity, outcome));
        let expected = FindingDetail::DisclosurePartlyWithheld {
            parts: 1,
            grounds: vec![WithheldGround::Classified],
            paths: vec![["dhs", "agreements", "0", "compensation"].map(Into::into).into()],
        };
        assert_eq!(decision.findings[0].detail, expected);
        assert_eq!(decision.cure_by(), None);
    }
}

#[test]
fn each_joint_venture_member_needs_a_current_disclosure() {
    let mut stale = filing_status();
    stale.filed_at = at("2025-11-22T17:00:00Z");
    let mut rejected = filing_status();
    rejected.review = ReviewState::Rejected;
    for (disclosure, is_current) in [
        (Some(filing_status()), true),
        (Some(stale), false),
        (Some(rejected), false),
        (None, false),
    ] {
        let facts = facts_with(|facts| facts.members = vec![party("north", disclosure)]);
        let decision = decide(&policy(), &facts);
        let code = "joint_venture.member_missing_disclosure REVIEW";
        assert_eq!(summaries(&decision), if is_current { vec![] } else { vec![code] });
        if !is_current {
            assert_eq!(decision.findings[0].path, ["members", "north"]);
            assert!(decision.cure_by().is_some());
        }
    }
}

#[test]
fn a_subcontractor_needs_a_disclosure_from_the_threshold_on() {
    let bid = |cents| facts_with(|facts| facts.amount = Some(usd(cents)));
    for (is_public_works, bid_cents, cents, is_found) in [
        (false, 100, 2_999_999, false),
        (false, 100, 3_000_000, true),
        // Half a percent of 5,000,000.00 is 25,000.00.
        (true, 500_000_000, 2_499_999, false),
        (true, 500_000_000, 2_500_000, true),
        (false, 500_000_000, 2_500_000, false),
        // Half a percent of 5,000,000.01 is a little more than 25,000.00: to the cent, 25,000.01.
        (true, 500_000_001, 2_500_000, false),
        (true, 500_000_001, 2_500_001, true),
        // Half a percent of 6,000,000.00 is the amount itself; above that the amount is lower.
        (true, 600_000_200, 3_000_000, true),
        (true, 600_000_200, 2_999_999, false),
        (true, i64::MAX, 3_000_000, true),
        (true, i64::MAX, i64::MIN, false),
    ] {
        let mut facts = bid(bid_cents);
        facts.is_public_works = is_public_works;
        facts.subcontractors = vec![subcontractor("paint", cents, None)];
        let decision = decide(&policy(), &facts);
        let code = "subcontractor.missing_disclosure REVIEW";
        assert_eq!(
            summaries(&decision),
            if is_found { vec![code] } else { vec![] },
            "{bid_cents} {cents}"
        );
        facts.subcontractors = vec![subcontractor("paint", cents, Some(filing_status()))];
        assert_eq!(summaries(&decide(&policy(), &facts)), [""; 0]);
    }
}

#[test]
fn work_in_two_rows_is_added_up() {
    let parts =
        || vec![subcontractor("paint", 1_500_000, None), subcontractor("paint", 1_500_000, None)];
    let decision = decide(&policy(), &facts_with(|facts| facts.subcontractors = parts()));
    assert_eq!(decision.findings.len(), 1);
    let (name, amount) = ("paint".into(), Some(usd(3_000_000)));
    let expected = FindingDetail::SubcontractorMissingDisclosure { name, amount };
    assert_eq!(decision.findings[0].detail, expected);
    let two = vec![subcontractor("paint", 1_500_000, None), subcontractor("weld", 1_500_000, None)];
    let facts = facts_with(|facts| facts.subcontractors = two);
    assert_eq!(decide(&policy(), &facts).outcome, Outcome::Admit);
}

#[test]
fn an_amount_that_cannot_be_compared_counts_as_over_the_threshold() {
    let euro = Money { cents: 1, currency: "EUR".into() };
    for amount in [Some(euro), None] {
        let mut entry = subcontractor("paint", 1, None);
        entry.amount = amount.clone();
        let facts = facts_with(|facts| facts.subcontractors = vec![entry]);
        assert_eq!(decide(&policy(), &facts).outcome, Outcome::Review);
        let facts = facts_with(|facts| {
            facts.is_public_works = true;
            facts.amount = amount;
            facts.subcontractors = vec![subcontractor("paint", 1, None)];
        });
        assert_eq!(decide(&policy(), &facts).outcome, Outcome::Review);
    }
}

#[test]
fn an_unresolved_subcontractor_is_found_by_name() {
    let mut entry = subcontractor("Harbor Paint", 3_000_000, None);
    entry.party.id = None;
    let facts = facts_with(|facts| facts.subcontractors = vec![entry]);
    let decision = decide(&policy(), &facts);
    assert_eq!(decision.findings[0].path, ["subcontractors", "Harbor Paint"]);
}

#[test]
fn each_component_has_one_note_with_its_total() {
    let facts = facts_disclosing(|disclosure| {
        let other = AgreementFacts {
            component_name: Some("Office of Health Security".into()),
            ..agreement(DhsComponent::Other, None)
        };
        let euro = Money { cents: 5, currency: "EUR".into() };
        disclosure.agreements = vec![
            agreement(DhsComponent::Ice, Some(12_500_000)),
            agreement(DhsComponent::Ice, Some(100)),
            agreement(DhsComponent::Ice, None),
            AgreementFacts { compensation: Some(euro), ..agreement(DhsComponent::Ice, None) },
            agreement(DhsComponent::Cbp, Some(0)),
            other,
            AgreementFacts { is_short_form: true, ..agreement(DhsComponent::Uscis, None) },
            AgreementFacts { component: None, ..agreement(DhsComponent::Ice, None) },
        ];
    });
    let decision = decide(&policy(), &facts);
    assert_eq!(decision.outcome, Outcome::Admit);
    let notes = decision.findings.iter().map(|it| {
        assert_eq!(it.severity, Severity::Note);
        let FindingDetail::AgreementDisclosed {
            component,
            agreements,
            totals,
            unknown,
            not_asked,
            ..
        } = &it.detail
        else {
            panic!("{it:?}");
        };
        let totals = totals.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        (component.map(DhsComponent::as_str), *agreements, totals, *unknown, *not_asked)
    });
    let mut notes: Vec<_> = notes.collect();
    notes.sort_unstable();
    let expected = [
        (None, 1, "", 1, 0),
        (Some("CBP"), 1, "USD 0.00", 0, 0),
        (Some("ICE"), 4, "EUR 0.05, USD 125,001.00", 1, 0),
        (Some("OTHER"), 1, "", 1, 0),
        (Some("USCIS"), 1, "", 0, 1),
    ]
    .map(|(component, agreements, totals, unknown, not_asked)| {
        (component, agreements, totals.to_owned(), unknown, not_asked)
    });
    assert_eq!(notes, expected);
}

#[test]
fn data_sharing_is_a_note() {
    let build = |includes_city_data, component, onward_to_dhs| ArrangementFacts {
        recipient_kind: Some(RecipientKind::FederalAgency),
        recipient_component: component,
        includes_city_data,
        onward_to_dhs,
    };
    for (arrangement, codes) in [
        (build(false, None, OnwardToDhs::Unknown), &[][..]),
        (build(false, None, OnwardToDhs::Forbidden), &[]),
        (build(true, None, OnwardToDhs::Unknown), &["data_sharing.city_data NOTE"]),
        (build(false, None, OnwardToDhs::Known), &["data_sharing.to_dhs NOTE"]),
        (build(false, None, OnwardToDhs::Allowed), &["data_sharing.to_dhs NOTE"]),
        (
            build(true, Some(DhsComponent::Cbp), OnwardToDhs::Forbidden),
            &["data_sharing.city_data NOTE", "data_sharing.to_dhs NOTE"],
        ),
    ] {
        let facts = facts_disclosing(|disclosure| disclosure.arrangements = vec![arrangement]);
        assert_eq!(summaries(&decide(&policy(), &facts)), codes);
    }
}

#[test]
fn a_rule_that_does_not_apply_has_no_finding() {
    let header = "[rules.\"disclosure.missing\"]\nbid = \"BLOCK\"\naward = \"BLOCK\"\n\
                  renewal = \"BLOCK\"\ncureDays = 0";
    let off = header.replacen("bid = \"BLOCK\"", "bid = \"DOES_NOT_APPLY\"", 1);
    let policy = Policy::parse(&changed(header, &off.replace("\ncureDays = 0", "")));
    let facts = facts_with(|facts| facts.organization.disclosure = None);
    assert_eq!(decide(&policy.expect("a policy"), &facts).outcome, Outcome::Admit);
}

/// A renewal of a contract that was signed in 2024, at noon of a local day.
fn renewal(day: &str) -> Facts {
    facts_with(|facts| {
        facts.subject.kind = SubjectKind::ContractRenewal;
        facts.decided_at = at(&format!("{day}T20:00:00Z"));
        facts.reference_at = facts.decided_at;
        facts.contract = Some(ContractFacts {
            clause_version: Some(1),
            signed_on: "2024-03-01".parse().expect("a date"),
            is_under_ordinance: true,
            clause_added_on: None,
            ends_on: None,
            runs_until: None,
        });
    })
}

fn set_filed_at(facts: &mut Facts, filed_at: &str) {
    let own = facts.organization.disclosure.as_mut().expect("it has filed");
    own.filing.filed_at = at(filed_at);
}

fn exemption(kind: ExemptionKind, from: &str, covers: bool) -> ExemptionFacts {
    ExemptionFacts {
        id: "exm_1".into(),
        kind,
        authority: "A law".into(),
        counted_from: at(from),
        covers_subject: covers,
    }
}

#[test]
fn a_leap_day_counts_as_one_of_the_365_days() {
    let policy = policy();
    // 365 days after March 1, 2027 is the leap day of 2028.
    for (day, expected) in [("2028-02-29", vec![]), ("2028-03-01", vec!["disclosure.stale BLOCK"])]
    {
        let mut facts = renewal(day);
        set_filed_at(&mut facts, "2027-03-01T20:00:00Z");
        assert_eq!(summaries(&decide(&policy, &facts)), expected, "{day}");
    }
}

#[test]
fn an_older_clause_than_required_counts_as_missing() {
    let newer =
        changed("[parameters.clauseVersion]\nvalue = 1", "[parameters.clauseVersion]\nvalue = 2");
    let newer = newer.replacen("[texts.clause]\nversion = 1", "[texts.clause]\nversion = 2", 1);
    let newer = Policy::parse(&newer).expect("a policy");
    let mut facts = renewal("2026-11-20");
    assert_eq!(summaries(&decide(&policy(), &facts)), Vec::<String>::new());
    assert_eq!(summaries(&decide(&newer, &facts)), ["contract.clause_missing BLOCK"]);
    facts.contract.as_mut().expect("a contract").clause_version = None;
    assert_eq!(summaries(&decide(&policy(), &facts)), ["contract.clause_missing BLOCK"]);
}

#[test]
fn an_exemption_removes_only_findings_about_missing_disclosures() {
    let mut facts = renewal("2026-11-20");
    facts.organization.disclosure = None;
    facts.contract.as_mut().expect("a contract").clause_version = None;
    facts.subcontractors = vec![subcontractor("silent", 9_000_000, None)];
    facts.exemptions = vec![exemption(ExemptionKind::Emergency, "2026-11-20T20:00:00Z", true)];
    let decision = decide(&policy(), &facts);
    assert_eq!(summaries(&decision), ["contract.clause_missing BLOCK", "exemption.applied NOTE"]);
    // An exemption that is unavailable, or was claimed for the award, removes nothing here.
    for ineffective in [
        exemption(ExemptionKind::PettyCashOrCard, "2026-11-20T20:00:00Z", true),
        exemption(ExemptionKind::Emergency, "2026-11-20T20:00:00Z", false),
    ] {
        facts.exemptions = vec![ineffective];
        let found = summaries(&decide(&policy(), &facts));
        assert!(found.contains(&"disclosure.missing BLOCK".to_owned()), "{found:?}");
    }
}

#[test]
fn an_exemption_does_not_remove_a_rejection() {
    let mut facts = renewal("2026-11-20");
    let own = facts.organization.disclosure.as_mut().expect("it has filed");
    own.filing.review = ReviewState::Rejected;
    facts.exemptions =
        vec![exemption(ExemptionKind::GovernmentEntity, "2026-11-20T20:00:00Z", true)];
    let expected = ["disclosure.rejected BLOCK", "exemption.applied NOTE"];
    assert_eq!(summaries(&decide(&policy(), &facts)), expected);
}

#[test]
fn a_deferred_disclosure_is_due_at_the_end_of_a_local_day() {
    // Ten calendar days after Friday, November 27, 2026: Monday, December 7.
    for (decided_at, is_overdue) in
        [("2026-12-08T07:59:59.999999Z", false), ("2026-12-08T08:00:00Z", true)]
    {
        let mut facts = renewal("2026-12-01");
        facts.organization.disclosure = None;
        (facts.decided_at, facts.reference_at) = (at(decided_at), at(decided_at));
        facts.exemptions = vec![exemption(ExemptionKind::Emergency, "2026-11-27T20:00:00Z", true)];
        let found = summaries(&decide(&policy(), &facts));
        let overdue = "exemption.follow_up_overdue REVIEW".to_owned();
        assert_eq!(found.contains(&overdue), is_overdue, "{decided_at}: {found:?}");
        let noncompliance =
            find_noncompliance(&policy(), &facts).map(|it| (it.code, it.since.to_string()));
        let since = (RuleCode::ExemptionFollowUpOverdue, "2026-12-08".to_owned());
        assert_eq!(noncompliance, is_overdue.then_some(since), "{decided_at}");
    }
    // The disclosure that followed becomes stale like any other.
    let mut facts = renewal("2028-01-10");
    set_filed_at(&mut facts, "2026-12-20T20:00:00Z");
    facts.exemptions = vec![exemption(ExemptionKind::Emergency, "2026-11-27T20:00:00Z", false)];
    assert_eq!(summaries(&decide(&policy(), &facts)), ["disclosure.stale BLOCK"]);
    let noncompliance =
        find_noncompliance(&policy(), &facts).map(|it| (it.code, it.since.to_string()));
    assert_eq!(noncompliance, Some((RuleCode::DisclosureStale, "2027-12-21".to_owned())));
}

#[test]
fn a_waiver_lowers_only_its_rule_and_only_until_it_expires() {
    for (decided_at, outcome) in
        [("2026-12-01T07:59:59.999999Z", Outcome::Admit), ("2026-12-01T08:00:00Z", Outcome::Block)]
    {
        let mut facts = renewal("2026-11-20");
        facts.organization.disclosure = None;
        facts.decided_at = at(decided_at);
        facts.waivers = vec![WaiverFacts {
            id: "wvr_1".into(),
            rule: RuleCode::DisclosureMissing,
            authority: "A law".into(),
            expires_at: at("2026-12-01T08:00:00Z"),
            is_for_award: false,
        }];
        let decision = decide(&policy(), &facts);
        assert_eq!(decision.outcome, outcome, "{decided_at}");
        let is_applied = summaries(&decision).contains(&"waiver.applied NOTE".to_owned());
        assert_eq!(is_applied, outcome == Outcome::Admit);
        facts.contract.as_mut().expect("a contract").clause_version = None;
        assert_eq!(decide(&policy(), &facts).outcome, Outcome::Block, "another rule still blocks");
    }
}

#[test]
fn a_contract_from_before_the_ordinance_has_no_duty_until_its_renewal() {
    let mut facts = renewal("2026-11-20");
    facts.organization.disclosure = None;
    let contract = facts.contract.as_mut().expect("a contract");
    (contract.is_under_ordinance, contract.clause_version) = (false, None);
    assert_eq!(find_noncompliance(&policy(), &facts), None);
    let with_reach_back = changed(
        "[parameters.reachBackFrom]\nsource",
        "[parameters.reachBackFrom]\nvalue = \"2024-03-01\"\nsource",
    );
    let with_reach_back = Policy::parse(&with_reach_back).expect("a policy");
    let noncompliance = find_noncompliance(&with_reach_back, &facts).map(|it| it.since.to_string());
    assert_eq!(noncompliance.as_deref(), Some("2026-07-01"), "from the effective date on");
    // A contract under the ordinance has the duty from its date of signing.
    facts.contract.as_mut().expect("a contract").is_under_ordinance = true;
    let noncompliance = find_noncompliance(&policy(), &facts).map(|it| it.since.to_string());
    assert_eq!(noncompliance.as_deref(), Some("2024-03-01"));
}

#[test]
fn a_contract_is_evaluated_again_when_a_filing_counts_or_an_award_leaves_the_period() {
    let mut facts = renewal("2026-11-20");
    let mut later = facts.organization.disclosure.clone().expect("it has filed");
    later.filing.filed_at = at("2026-11-20T20:00:02Z");
    facts.organization.later_filings = vec![later];
    let next = |facts: &Facts| next_reevaluation_at(&policy(), facts);
    assert_eq!(next(&facts), Some(at("2026-11-20T20:00:02Z")));
    let mut facts = renewal("2026-11-20");
    facts.organization.disclosure = None;
    facts.awards = vec![AwardFacts {
        id: "mat_1".into(),
        number: "70CDCR24FR0000011".into(),
        parent_number: None,
        component: DhsComponent::Ice,
        recipient: "BRIGHT SWEEPING LLC".into(),
        relation: EntityScope::Own,
        band: MatchBand::Exact,
        is_subaward: false,
        is_vehicle: false,
        signed_on: None,
        ends_on: "2026-11-25".parse().ok(),
        latest_on: None,
        value: None,
        covered_by: [].into(),
        notice: None,
        has_open_appeal: false,
    }];
    let at_next = next(&facts).expect("a time");
    assert_eq!(at_next, at("2026-11-26T08:00:00Z"));
    assert!(
        summaries(&decide(&policy(), &facts)).contains(&"award.probably_undisclosed REVIEW".into())
    );
    (facts.decided_at, facts.reference_at) = (at_next, at_next);
    assert!(summaries(&decide(&policy(), &facts)).contains(&"award.out_of_scope NOTE".into()));
}

#[test]
fn a_filing_lapses_by_the_policy_in_force_on_that_day() {
    let first = policy();
    let version_2 = |effective_from: &str, from: &str, to: &str| {
        let text = changed(from, to).replacen("version = 1", "version = 2", 1);
        let policy = Policy::parse(&text).expect("a policy");
        policy.with_effective_date(effective_from.parse().expect("a date")).expect("a year")
    };
    let freshness = "[parameters.freshnessDays]\nvalue = 365";
    let shorter = |from: &str| version_2(from, freshness, "[parameters.freshnessDays]\nvalue = 90");
    let longer = |from: &str| version_2(from, freshness, "[parameters.freshnessDays]\nvalue = 400");
    let look_back = "[parameters.lookBackMonths]\nvalue = 0";
    let other_questions =
        |from: &str| version_2(from, look_back, "[parameters.lookBackMonths]\nvalue = 12");
    // Filed on September 24, 2026.
    let filing = filing_status();
    for (second, expected) in [
        (None, "2027-09-25"),
        (Some(shorter("2026-12-01")), "2026-12-24"),
        (Some(shorter("2027-03-01")), "2027-03-01"),
        (Some(shorter("2027-09-25")), "2027-09-25"),
        (Some(shorter("2027-09-26")), "2027-09-25"),
        (Some(longer("2027-09-25")), "2027-10-30"),
        (Some(longer("2027-09-26")), "2027-09-25"),
        // The transition days after the effective date, sixty, are over.
        (Some(other_questions("2027-01-01")), "2027-03-03"),
        (Some(other_questions("2027-08-01")), "2027-09-25"),
    ] {
        let policies: Vec<&Policy> = [&first].into_iter().chain(&second).collect();
        let lapse = find_lapse_date(&policies, &filing).map(|day| day.to_string());
        assert_eq!(lapse.as_deref(), Some(expected), "{:?}", second.map(|it| it.effective_from()));
    }
    assert_eq!(find_lapse_date(&[], &filing), None);
}

#[test]
fn the_policy_sets_which_methods_and_actions_are_gated() {
    let small = changed(
        "[parameters.minimumValue]\nvalue = { amount = \"0.00\"",
        "[parameters.minimumValue]\nvalue = { amount = \"5000.00\"",
    );
    let small = Policy::parse(&small).expect("a policy");
    for (method, action, cents, expected) in [
        (Some(AwardMethod::SmallPurchase), None, 499_999, false),
        (Some(AwardMethod::SmallPurchase), None, 500_000, true),
        (Some(AwardMethod::SoleSource), None, 1, true),
        (None, Some(ContractAction::Renewal), 1, true),
        (None, Some(ContractAction::Amendment), 1, false),
        (None, Some(ContractAction::TaskOrder), 1, false),
    ] {
        assert_eq!(
            is_gated(&small, method, action, &usd(cents)),
            expected,
            "{method:?} {action:?}"
        );
    }
    let euro = Money { cents: 1, currency: "EUR".into() };
    assert!(
        is_gated(&small, Some(AwardMethod::SmallPurchase), None, &euro),
        "it cannot be compared"
    );
}

fn day(text: &str) -> chrono::NaiveDate {
    text.parse().expect("a date")
}

#[test]
fn an_exemption_that_puts_the_disclosure_off_carries_no_long_term() {
    let mut facts = renewal("2026-11-20");
    facts.organization.disclosure = None;
    facts.exemptions = vec![exemption(ExemptionKind::Emergency, "2026-11-20T20:00:00Z", true)];
    // The disclosure is due on November 30; 180 days later is May 29, 2027.
    for (ends_on, expected) in [
        (None, &["exemption.applied NOTE"][..]),
        (Some("2027-05-29"), &["exemption.applied NOTE"]),
        (Some("2027-05-30"), &["disclosure.missing BLOCK", "exemption.term_exceeded NOTE"]),
    ] {
        facts.contract.as_mut().expect("a contract").ends_on = ends_on.map(day);
        assert_eq!(summaries(&decide(&policy(), &facts)), expected, "{ends_on:?}");
    }
    let claimed = facts.exemptions.pop().expect("the claim");
    let effect = assess_claim(&policy(), &facts, claimed.kind);
    let ClaimEffect::TermExceeded(term) = effect else { panic!("{effect:?}") };
    assert_eq!((term.due_on, term.lasts_until), (day("2026-11-30"), day("2027-05-29")));
    assert_eq!(
        assess_claim(&policy(), &facts, ExemptionKind::GovernmentEntity),
        ClaimEffect::Lifts,
        "without a disclosure to follow, the term does not matter"
    );
    // Another exemption carries it, and an exemption that is not needed is no note.
    let government = exemption(ExemptionKind::GovernmentEntity, "2026-11-20T20:00:00Z", true);
    facts.exemptions = vec![claimed.clone(), government];
    assert_eq!(summaries(&decide(&policy(), &facts)), ["exemption.applied NOTE"]);
    facts.exemptions = vec![claimed];
    facts.organization.disclosure = self::facts().organization.disclosure;
    assert_eq!(summaries(&decide(&policy(), &facts)), Vec::<String>::new());
    let kind = ExemptionKind::GovernmentEntity;
    assert_eq!(assess_claim(&policy(), &facts, kind), ClaimEffect::NothingToLift);
}

#[test]
fn a_reinstated_rule_gives_time_to_cure_from_the_reinstatement() {
    let mut facts = facts_with(|facts| facts.organization.disclosure = None);
    // A bid whose disclosure is missing cannot be cured.
    facts.decided_at = at("2026-12-08T20:00:00Z");
    assert_eq!(summaries(&decide(&policy(), &facts)), ["disclosure.missing BLOCK"]);
    // Reinstated on Monday, December 7: five business days end with the 14th.
    let reinstated = |rules: &[RuleCode]| ReinstatementFacts {
        id: "sus_1".into(),
        rules: rules.iter().copied().collect(),
        reinstated_at: at("2026-12-07T20:00:00Z"),
    };
    for rules in [&[][..], &[RuleCode::DisclosureMissing]] {
        facts.reinstatements = vec![reinstated(rules)];
        let held = decide(&policy(), &facts);
        assert_eq!(summaries(&held), ["disclosure.missing REVIEW"]);
        assert_eq!(held.cure_by(), Some(at("2026-12-15T08:00:00Z")));
    }
    let mut late = facts.clone();
    late.decided_at = at("2026-12-15T08:00:00Z");
    assert_eq!(summaries(&decide(&policy(), &late)), ["disclosure.missing BLOCK"]);
    // A filing in time cures it, whenever the bid is decided.
    let own = self::facts().organization.disclosure.expect("it has filed");
    for (filed_at, expected) in
        [("2026-12-15T07:59:59Z", &[][..]), ("2026-12-15T08:00:00Z", &["disclosure.missing BLOCK"])]
    {
        let mut filed = own.clone();
        filed.filing.filed_at = at(filed_at);
        late.organization.later_filings = vec![filed];
        late.decided_at = at("2026-12-20T20:00:00Z");
        assert_eq!(summaries(&decide(&policy(), &late)), expected, "{filed_at}");
    }
    // The order was about another rule; and the award has its own gate.
    facts.reinstatements = vec![reinstated(&[RuleCode::DisclosureStale])];
    assert_eq!(summaries(&decide(&policy(), &facts)), ["disclosure.missing BLOCK"]);
    facts.reinstatements = vec![reinstated(&[])];
    facts.subject.kind = SubjectKind::ContractAward;
    assert_eq!(summaries(&decide(&policy(), &facts)), ["disclosure.missing BLOCK"]);
}

#[test]
fn the_later_of_both_times_to_cure_counts_after_a_reinstatement() {
    let mut facts =
        facts_disclosing(|disclosure| disclosure.filing.filed_at = at("2025-11-01T19:00:00Z"));
    let own = decide(&policy(), &facts).cure_by();
    facts.reinstatements = vec![ReinstatementFacts {
        id: "sus_1".into(),
        rules: [].into(),
        reinstated_at: at("2026-11-10T20:00:00Z"),
    }];
    assert_eq!(decide(&policy(), &facts).cure_by(), own, "the reinstatement's ends earlier");
    facts.reinstatements[0].reinstated_at = at("2026-11-24T20:00:00Z");
    assert_eq!(decide(&policy(), &facts).cure_by(), Some(at("2026-12-04T08:00:00Z")));
}

#[test]
fn the_note_about_a_suspension_lists_the_rules_that_it_lifts() {
    let mut facts = renewal("2026-11-20");
    facts.organization.disclosure = None;
    facts.contract.as_mut().expect("a contract").clause_version = None;
    let order = |rules: &[RuleCode], began: Option<&str>| SuspensionFacts {
        id: "sus_1".into(),
        rules: rules.iter().copied().collect(),
        citation: "An order".into(),
        suspended_at: began.map(at),
    };
    let (missing, clause) = (RuleCode::DisclosureMissing, RuleCode::ClauseMissing);
    let began = Some("2026-11-19T20:00:00Z");
    for (rules, began, expected) in [
        (&[][..], began, &[missing, clause][..]),
        (&[clause, RuleCode::DisclosureStale], began, &[clause]),
        (&[RuleCode::DisclosureStale], began, &[]),
        // Facts without the time predate the list.
        (&[], None, &[]),
    ] {
        facts.suspensions = vec![order(rules, began)];
        let decision = decide(&policy(), &facts);
        let lifted = decision.findings.iter().find_map(|it| match &it.detail {
            FindingDetail::PolicySuspended { lifted, .. } => Some(lifted.clone()),
            _ => None,
        });
        assert_eq!(lifted.as_deref(), Some(expected), "{rules:?}");
    }
}

#[test]
fn the_letter_says_which_award_data_was_searched() {
    let letter_with = |award_data: Option<AwardDataFacts>| letter(&Facts { award_data, ..facts() });
    let data = |revision, newest_on: Option<&str>| {
        Some(AwardDataFacts { revision, newest_on: newest_on.map(day), sha256: None })
    };
    assert!(!letter_with(None).contains("public award data"), "older facts say nothing");
    assert!(letter_with(data(0, None)).contains("was not compared with public award data."));
    let compared = "was compared with public award data up to Wednesday, September 30, 2026.";
    assert!(letter_with(data(7, Some("2026-09-30"))).contains(compared));
    assert!(letter_with(data(7, None)).contains("was compared with public award data."));
}
