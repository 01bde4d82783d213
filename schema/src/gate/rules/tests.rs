//! Each rule at its edges, under the first policy.
use crate::gate::facts::{
    ContractFacts, AgreementFacts, ArrangementFacts, ExemptionFacts, WaiverFacts,
    WithheldPart,
};
use crate::gate::samples::{at, changed, facts, party, policy, standing, subcontractor, usd};
use crate::gate::{
    Action, Decision, DhsComponent, EntityScope, ExemptionKind, Facts, Method, Money, NatureOfWork,
    OnwardToDhs, Outcome, Policy, RecipientKind, ReviewState, RuleCode, Severity, SubjectKind,
    WithheldGround, decide, is_gated, find_noncompliance,
};

/// The findings as `code SEVERITY`.
fn told(decision: &Decision) -> Vec<String> {
    let told = |it: &super::Finding| format!("{} {}", it.code, it.severity.word());
    decision.findings.iter().map(told).collect()
}

fn with(change: impl FnOnce(&mut Facts)) -> Facts {
    let mut facts = facts();
    change(&mut facts);
    facts
}

/// As [`with`], on the bidder's own disclosure.
fn disclosing(change: impl FnOnce(&mut super::super::facts::DisclosureFacts)) -> Facts {
    with(|facts| change(facts.organization.disclosure.as_mut().expect("it has filed")))
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
fn none_disclosed_is_admitted() {
    let decision = decide(&policy(), &facts());
    assert_eq!(decision, Decision { outcome: Outcome::Admit, findings: Vec::new() });
}

#[test]
fn a_missing_disclosure_blocks_and_is_all_that_is_told() {
    for kind in SubjectKind::ALL {
        let facts = with(|facts| {
            facts.organization.disclosure = None;
            facts.subject.kind = *kind;
        });
        let decision = decide(&policy(), &facts);
        assert_eq!(decision.outcome, Outcome::Block);
        assert_eq!(told(&decision), ["disclosure.missing BLOCK"]);
        assert_eq!(decision.cure_by(), None);
    }
}

#[test]
fn a_disclosure_is_fresh_for_365_local_days() {
    // Bids are due on 23 November 2026, 14:00 in the city (PST); filed in PST and in PDT.
    for (due_at, filed_at, is_stale) in [
        ("2026-11-23T22:00:00Z", "2025-11-23T08:00:00Z", false),
        ("2026-11-23T22:00:00Z", "2025-11-23T07:59:59Z", true),
        // A year that ends after the clocks went forward: in UTC both were filed on 1 March.
        ("2026-04-01T06:59:59Z", "2025-03-31T07:00:00Z", false),
        ("2026-04-01T06:59:59Z", "2025-03-31T06:59:59Z", true),
        // Counted at the due time, whenever it is decided; filed after it, it is fresh.
        ("2026-11-24T07:59:59Z", "2025-11-23T08:00:00Z", false),
        ("2026-11-24T08:00:00Z", "2025-11-23T08:00:00Z", true),
        ("2026-11-23T22:00:00Z", "2026-11-25T22:00:00Z", false),
    ] {
        let mut facts = disclosing(|disclosure| disclosure.filing.filed_at = at(filed_at));
        facts.reference_at = at(due_at);
        facts.decided_at = facts.reference_at;
        let decision = decide(&policy(), &facts);
        assert_eq!(decision.outcome == Outcome::Review, is_stale, "{filed_at}: {decision:?}");
        if is_stale {
            assert_eq!(told(&decision), ["disclosure.stale REVIEW"]);
            assert_eq!(decision.findings[0].value("days"), "366");
        }
    }
}

#[test]
fn what_can_be_cured_holds_a_bid_and_stops_an_award() {
    let mut facts =
        disclosing(|disclosure| disclosure.filing.filed_at = at("2025-11-01T19:00:00Z"));
    let decision = decide(&policy(), &facts);
    assert_eq!(decision.outcome, Outcome::Review);
    assert_eq!(decision.cure_by(), Some(at("2026-12-03T08:00:00Z")));
    facts.decided_at = at("2026-12-03T07:59:59.999999Z");
    assert_eq!(decide(&policy(), &facts), decision, "the last instant is in time");
    facts.decided_at = at("2026-12-03T08:00:00Z");
    let missed = decide(&policy(), &facts);
    assert_eq!(
        told(&missed),
        ["disclosure.stale BLOCK"],
        "unmended, it is what the award will say"
    );
    assert_eq!(missed.findings[0].value("cureEndedOn"), "2026-12-02");
    assert_eq!(missed.cure_by(), None);
    for kind in [SubjectKind::ContractAward, SubjectKind::ContractRenewal] {
        facts.subject.kind = kind;
        let decision = decide(&policy(), &facts);
        assert_eq!(told(&decision), ["disclosure.stale BLOCK"]);
        assert_eq!(decision.cure_by(), None);
    }
}

#[test]
fn answers_to_other_questions_count_until_the_transition_is_over() {
    let second = changed("version = 1\n", "version = 2\n")
        .replace("value = [\"SELF\", \"JOINT_VENTURE_MEMBER\"]", "value = [\"SELF\"]");
    let second = Policy::parse(&second).expect("a second version");
    // It begins on 1 July: 30 August is day 60, 31 August day 61.
    for (reference_at, is_outdated) in
        [("2026-08-31T06:59:59Z", false), ("2026-08-31T07:00:00Z", true)]
    {
        let mut facts =
            disclosing(|disclosure| disclosure.filing.filed_at = at("2026-03-01T17:00:00Z"));
        facts.reference_at = at(reference_at);
        facts.decided_at = facts.reference_at;
        let expected: &[&str] =
            if is_outdated { &["disclosure.outdated_terms REVIEW"] } else { &[] };
        assert_eq!(told(&decide(&second, &facts)), expected);
        assert_eq!(told(&decide(&policy(), &facts)), [""; 0], "it answers this one");

        let standing = &mut facts.organization.disclosure.as_mut().expect("filed").filing;
        standing.questions = second.questions();
        assert_eq!(told(&decide(&second, &facts)), [""; 0], "the questions are the same");
    }
    let newer = disclosing(|disclosure| {
        disclosure.filing.policy_version = 3;
        disclosure.filing.questions.entity_scope = [EntityScope::Parent].into();
    });
    assert_eq!(told(&decide(&second, &newer)), [""; 0], "it answers a later version");
}

#[test]
fn a_rejected_disclosure_blocks() {
    let facts = disclosing(|disclosure| disclosure.filing.review = ReviewState::Rejected);
    let decision = decide(&policy(), &facts);
    assert_eq!(told(&decision), ["disclosure.rejected BLOCK"]);
    assert_eq!(decision.cure_by(), None);
}

#[test]
fn what_is_withheld_is_looked_at_until_it_is_accepted() {
    for (review, severity, outcome) in [
        (ReviewState::Unreviewed, Severity::Review, Outcome::Review),
        (ReviewState::ClarificationRequested, Severity::Review, Outcome::Review),
        (ReviewState::Accepted, Severity::Note, Outcome::Admit),
    ] {
        let facts = disclosing(|disclosure| {
            disclosure.filing.review = review;
            let path = ["dhs", "agreements", "0", "compensation"].map(Into::into).into();
            disclosure.withheld.push(WithheldPart { path, ground: WithheldGround::Classified });
        });
        let decision = decide(&policy(), &facts);
        assert_eq!((decision.findings[0].severity, decision.outcome), (severity, outcome));
        assert_eq!(decision.findings[0].value("paths"), "dhs.agreements.0.compensation");
        assert_eq!(decision.cure_by(), None);
    }
}

#[test]
fn each_member_of_a_joint_venture_is_current() {
    let mut stale = standing();
    stale.filed_at = at("2025-11-22T17:00:00Z");
    let mut rejected = standing();
    rejected.review = ReviewState::Rejected;
    for (disclosure, is_current) in
        [(Some(standing()), true), (Some(stale), false), (Some(rejected), false), (None, false)]
    {
        let facts = with(|facts| facts.members = vec![party("north", disclosure)]);
        let decision = decide(&policy(), &facts);
        let code = "joint_venture.member_missing_disclosure REVIEW";
        assert_eq!(told(&decision), if is_current { vec![] } else { vec![code] });
        if !is_current {
            assert_eq!(decision.findings[0].path, ["members", "north"]);
            assert!(decision.cure_by().is_some());
        }
    }
}

#[test]
fn a_subcontractor_counts_from_the_threshold_on() {
    let bid = |cents| with(|facts| facts.amount = Some(usd(cents)));
    for (public_works, bid_cents, cents, counts) in [
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
        facts.is_public_works = public_works;
        facts.subcontractors = vec![subcontractor("paint", cents, None)];
        let decision = decide(&policy(), &facts);
        let code = "subcontractor.missing_disclosure REVIEW";
        assert_eq!(
            told(&decision),
            if counts { vec![code] } else { vec![] },
            "{bid_cents} {cents}"
        );
        facts.subcontractors = vec![subcontractor("paint", cents, Some(standing()))];
        assert_eq!(told(&decide(&policy(), &facts)), [""; 0]);
    }
}

#[test]
fn work_in_two_parts_counts_together() {
    let parts =
        || vec![subcontractor("paint", 1_500_000, None), subcontractor("paint", 1_500_000, None)];
    let decision = decide(&policy(), &with(|facts| facts.subcontractors = parts()));
    assert_eq!(decision.findings.len(), 1);
    assert_eq!(decision.findings[0].value("amount"), "30000.00 USD");
    let two = vec![subcontractor("paint", 1_500_000, None), subcontractor("weld", 1_500_000, None)];
    let facts = with(|facts| facts.subcontractors = two);
    assert_eq!(decide(&policy(), &facts).outcome, Outcome::Admit);
}

#[test]
fn an_amount_that_cannot_be_compared_counts() {
    let euro = Money { cents: 1, currency: "EUR".into() };
    for amount in [Some(euro), None] {
        let mut entry = subcontractor("paint", 1, None);
        entry.amount = amount.clone();
        let facts = with(|facts| facts.subcontractors = vec![entry]);
        assert_eq!(decide(&policy(), &facts).outcome, Outcome::Review);
        let facts = with(|facts| {
            facts.is_public_works = true;
            facts.amount = amount;
            facts.subcontractors = vec![subcontractor("paint", 1, None)];
        });
        assert_eq!(decide(&policy(), &facts).outcome, Outcome::Review);
    }
}

#[test]
fn an_unresolved_subcontractor_is_not_current() {
    let mut entry = subcontractor("Harbor Paint", 3_000_000, None);
    entry.party.id = None;
    let facts = with(|facts| facts.subcontractors = vec![entry]);
    let decision = decide(&policy(), &facts);
    assert_eq!(decision.findings[0].path, ["subcontractors", "Harbor Paint"]);
}

#[test]
fn each_component_is_noted_with_what_it_is_worth() {
    let facts = disclosing(|disclosure| {
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
        assert_eq!((it.code, it.severity), (RuleCode::AgreementDisclosed, Severity::Note));
        (it.value("component"), it.value("agreements"), it.value("total"), it.value("unknown"))
    });
    let mut notes: Vec<_> = notes.collect();
    notes.sort_unstable();
    let expected = [
        ("", "1", "unknown", "1"),
        ("CBP", "1", "0.00 USD", ""),
        ("ICE", "4", "0.05 EUR, 125001.00 USD, unknown", "1"),
        ("OTHER", "1", "unknown", "1"),
        ("USCIS", "1", "", ""),
    ];
    assert_eq!(notes, expected);
}

#[test]
fn sharing_is_noted() {
    let arrangement = |city_data, component, onward_to_dhs| ArrangementFacts {
        recipient_kind: Some(RecipientKind::FederalAgency),
        recipient_component: component,
        includes_city_data: city_data,
        onward_to_dhs,
    };
    for (given, codes) in [
        (arrangement(false, None, OnwardToDhs::Unknown), &[][..]),
        (arrangement(false, None, OnwardToDhs::Forbidden), &[]),
        (arrangement(true, None, OnwardToDhs::Unknown), &["data_sharing.city_data NOTE"]),
        (arrangement(false, None, OnwardToDhs::Known), &["data_sharing.to_dhs NOTE"]),
        (arrangement(false, None, OnwardToDhs::Allowed), &["data_sharing.to_dhs NOTE"]),
        (
            arrangement(true, Some(DhsComponent::Cbp), OnwardToDhs::Forbidden),
            &["data_sharing.city_data NOTE", "data_sharing.to_dhs NOTE"],
        ),
    ] {
        let facts = disclosing(|disclosure| disclosure.arrangements = vec![given]);
        assert_eq!(told(&decide(&policy(), &facts)), codes);
    }
}

#[test]
fn a_rule_that_does_not_apply_finds_nothing() {
    let header = "[rules.\"disclosure.missing\"]\nbid = \"BLOCK\"\naward = \"BLOCK\"\n\
                  renewal = \"BLOCK\"\ncureDays = 0";
    let off = header.replacen("bid = \"BLOCK\"", "bid = \"DOES_NOT_APPLY\"", 1);
    let policy = Policy::parse(&changed(header, &off.replace("\ncureDays = 0", "")));
    let facts = with(|facts| facts.organization.disclosure = None);
    assert_eq!(decide(&policy.expect("a policy"), &facts).outcome, Outcome::Admit);
}

/// A renewal of a contract that was signed in 2024, at noon of a local day.
fn renewal(day: &str) -> Facts {
    with(|facts| {
        facts.subject.kind = SubjectKind::ContractRenewal;
        facts.decided_at = at(&format!("{day}T20:00:00Z"));
        facts.reference_at = facts.decided_at;
        facts.contract = Some(ContractFacts {
            clause_version: Some(1),
            signed_on: "2024-03-01".parse().expect("a date"),
            is_under_ordinance: true,
        });
    })
}

fn filed(facts: &mut Facts, at_time: &str) {
    let own = facts.organization.disclosure.as_mut().expect("it has filed");
    own.filing.filed_at = at(at_time);
}

fn claimed(kind: ExemptionKind, from: &str, covers: bool) -> ExemptionFacts {
    ExemptionFacts { id: "exm_1".into(), kind, authority: "A law".into(), counted_from: at(from), covers_subject: covers }
}

#[test]
fn a_year_with_a_leap_day_is_a_day_longer() {
    let policy = policy();
    // 365 days after 1 March 2027 is the leap day of 2028.
    for (day, expected) in [("2028-02-29", vec![]), ("2028-03-01", vec!["disclosure.stale BLOCK"])]
    {
        let mut facts = renewal(day);
        filed(&mut facts, "2027-03-01T20:00:00Z");
        assert_eq!(told(&decide(&policy, &facts)), expected, "{day}");
    }
}

#[test]
fn an_older_clause_than_is_required_is_none() {
    let newer =
        changed("[parameters.clauseVersion]\nvalue = 1", "[parameters.clauseVersion]\nvalue = 2");
    let newer = newer.replacen("[texts.clause]\nversion = 1", "[texts.clause]\nversion = 2", 1);
    let newer = Policy::parse(&newer).expect("a policy");
    let mut facts = renewal("2026-11-20");
    assert_eq!(told(&decide(&policy(), &facts)), Vec::<String>::new());
    assert_eq!(told(&decide(&newer, &facts)), ["contract.clause_missing BLOCK"]);
    facts.contract.as_mut().expect("a contract").clause_version = None;
    assert_eq!(told(&decide(&policy(), &facts)), ["contract.clause_missing BLOCK"]);
}

#[test]
fn an_exemption_removes_what_is_not_there_and_nothing_else() {
    let mut facts = renewal("2026-11-20");
    facts.organization.disclosure = None;
    facts.contract.as_mut().expect("a contract").clause_version = None;
    facts.subcontractors = vec![subcontractor("silent", 9_000_000, None)];
    facts.exemptions = vec![claimed(ExemptionKind::Emergency, "2026-11-20T20:00:00Z", true)];
    let decision = decide(&policy(), &facts);
    assert_eq!(told(&decision), ["contract.clause_missing BLOCK", "exemption.applied NOTE"]);
    // One that the policy does not offer, or that was for the award, removes nothing here.
    for other in [
        claimed(ExemptionKind::PettyCashOrCard, "2026-11-20T20:00:00Z", true),
        claimed(ExemptionKind::Emergency, "2026-11-20T20:00:00Z", false),
    ] {
        facts.exemptions = vec![other];
        let told = told(&decide(&policy(), &facts));
        assert!(told.contains(&"disclosure.missing BLOCK".to_owned()), "{told:?}");
    }
}

#[test]
fn a_rejection_is_not_exempted() {
    let mut facts = renewal("2026-11-20");
    let own = facts.organization.disclosure.as_mut().expect("it has filed");
    own.filing.review = ReviewState::Rejected;
    facts.exemptions = vec![claimed(ExemptionKind::GovernmentEntity, "2026-11-20T20:00:00Z", true)];
    let expected = ["disclosure.rejected BLOCK", "exemption.applied NOTE"];
    assert_eq!(told(&decide(&policy(), &facts)), expected);
}

#[test]
fn what_was_put_off_is_due_at_the_end_of_a_local_day() {
    // Ten calendar days after Friday, 27 November 2026: Monday, 7 December.
    for (decided_at, is_late) in
        [("2026-12-08T07:59:59.999999Z", false), ("2026-12-08T08:00:00Z", true)]
    {
        let mut facts = renewal("2026-12-01");
        facts.organization.disclosure = None;
        (facts.decided_at, facts.reference_at) = (at(decided_at), at(decided_at));
        facts.exemptions = vec![claimed(ExemptionKind::Emergency, "2026-11-27T20:00:00Z", true)];
        let told = told(&decide(&policy(), &facts));
        let late = "exemption.follow_up_overdue REVIEW".to_owned();
        assert_eq!(told.contains(&late), is_late, "{decided_at}: {told:?}");
        let lapsed = find_noncompliance(&policy(), &facts).map(|it| (it.code, it.since.to_string()));
        let since = (RuleCode::ExemptionFollowUpOverdue, "2026-12-08".to_owned());
        assert_eq!(lapsed, is_late.then_some(since), "{decided_at}");
    }
    // What was filed since is what was put off; it grows stale as any other.
    let mut facts = renewal("2028-01-10");
    filed(&mut facts, "2026-12-20T20:00:00Z");
    facts.exemptions = vec![claimed(ExemptionKind::Emergency, "2026-11-27T20:00:00Z", false)];
    assert_eq!(told(&decide(&policy(), &facts)), ["disclosure.stale BLOCK"]);
    let lapsed = find_noncompliance(&policy(), &facts).map(|it| (it.code, it.since.to_string()));
    assert_eq!(lapsed, Some((RuleCode::DisclosureStale, "2027-12-21".to_owned())));
}

#[test]
fn a_waiver_lowers_its_rule_alone_until_its_last_day_ends() {
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
        }];
        let decision = decide(&policy(), &facts);
        assert_eq!(decision.outcome, outcome, "{decided_at}");
        let applied = told(&decision).contains(&"waiver.applied NOTE".to_owned());
        assert_eq!(applied, outcome == Outcome::Admit);
        facts.contract.as_mut().expect("a contract").clause_version = None;
        assert_eq!(decide(&policy(), &facts).outcome, Outcome::Block, "another rule weighs on");
    }
}

#[test]
fn a_contract_that_predates_the_ordinance_is_asked_at_its_renewal() {
    let mut facts = renewal("2026-11-20");
    facts.organization.disclosure = None;
    let contract = facts.contract.as_mut().expect("a contract");
    (contract.is_under_ordinance, contract.clause_version) = (false, None);
    assert_eq!(find_noncompliance(&policy(), &facts), None);
    let reaching = changed(
        "[parameters.reachBackFrom]\nsource",
        "[parameters.reachBackFrom]\nvalue = \"2024-03-01\"\nsource",
    );
    let reaching = Policy::parse(&reaching).expect("a policy");
    let lapsed = find_noncompliance(&reaching, &facts).map(|it| it.since.to_string());
    assert_eq!(lapsed.as_deref(), Some("2026-07-01"), "since the ordinance began");
    // Made under the ordinance, it is asked from its first day.
    facts.contract.as_mut().expect("a contract").is_under_ordinance = true;
    let lapsed = find_noncompliance(&policy(), &facts).map(|it| it.since.to_string());
    assert_eq!(lapsed.as_deref(), Some("2024-03-01"));
}

#[test]
fn what_is_gated_is_the_policys_to_say() {
    let small = changed(
        "[parameters.minimumValue]\nvalue = { amount = \"0.00\"",
        "[parameters.minimumValue]\nvalue = { amount = \"5000.00\"",
    );
    let small = Policy::parse(&small).expect("a policy");
    for (method, action, cents, gated) in [
        (Some(Method::SmallPurchase), None, 499_999, false),
        (Some(Method::SmallPurchase), None, 500_000, true),
        (Some(Method::SoleSource), None, 1, true),
        (None, Some(Action::Renewal), 1, true),
        (None, Some(Action::Amendment), 1, false),
        (None, Some(Action::TaskOrder), 1, false),
    ] {
        assert_eq!(is_gated(&small, method, action, &usd(cents)), gated, "{method:?} {action:?}");
    }
    let euro = Money { cents: 1, currency: "EUR".into() };
    assert!(is_gated(&small, Some(Method::SmallPurchase), None, &euro), "it cannot be compared");
}
