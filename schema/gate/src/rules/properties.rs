//! Properties of the gate under every publishable policy and arbitrary facts.
use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::facts::{
    AgreementFacts, ArrangementFacts, AwardDataFacts, AwardFacts, ClarificationFacts,
    ContractFacts, DisclosureFacts, ExemptionFacts, FilingStatus, NoticeFacts, PartyFacts,
    ReinstatementFacts, RejectionFacts, ResolutionFacts, SubcontractorFacts, SuspensionFacts,
    WaiverFacts, WithheldPart,
};
use crate::policy::max_severity;
use crate::samples;
use crate::wording::{render_message, render_remedy};
use crate::{
    AwardMethod, ContractAction, Decision, DhsComponent, EntityScope, ExemptionKind, Facts,
    LetterDetails, MatchBand, Money, NatureOfWork, OnwardToDhs, Outcome, Policy,
    ProgramParticipation, Questions, Reading, RecipientKind, RejectionReason, ResolvedBy,
    ReviewState, RuleCode, Severity, SubjectKind, WithheldGround, decide, render_letter,
};

/// Times near the due time of the sample and anywhere in chrono's range, in whole microseconds.
fn time() -> impl Strategy<Value = DateTime<Utc>> {
    let (first, last) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
    let due_at = samples::facts().reference_at.timestamp_micros();
    let near = (due_at - 100_000_000_000_000)..(due_at + 10_000_000_000_000);
    prop_oneof![
        9 => near,
        1 => first.timestamp_micros()..=last.timestamp_micros(),
    ]
    .prop_map(|micros| DateTime::from_timestamp_micros(micros).expect("chrono holds it"))
}

fn amount() -> impl Strategy<Value = Option<Money>> {
    let cents = prop_oneof![9 => 0..10_000_000_i64, 1 => any::<i64>()];
    let amount = (cents, select(vec!["USD", "EUR"]));
    proptest::option::weighted(
        0.8,
        amount.prop_map(|(cents, currency)| Money { cents, currency: currency.into() }),
    )
}

fn questions() -> impl Strategy<Value = Questions> {
    let scope = btree_set(select(EntityScope::ALL), 0..3);
    (scope, 0..3_u32, any::<bool>(), btree_set(select(RecipientKind::ALL), 0..3)).prop_map(
        |(mut entity_scope, look_back_months, ask_proposed, must_be_named)| {
            entity_scope.insert(EntityScope::Own);
            Questions {
                entity_scope,
                look_back_months,
                ask_proposed,
                program_participation: ProgramParticipation::ShortForm,
                include_subawards: true,
                must_be_named,
            }
        },
    )
}

fn filing_status() -> impl Strategy<Value = FilingStatus> {
    let answered = prop_oneof![Just(samples::policy().questions()), questions()];
    let path = vec("[a-z0-9]{0,3}", 0..3);
    let clarification =
        (path, time()).prop_map(|(path, due_at)| ClarificationFacts { path, due_at });
    let review = (select(ReviewState::ALL), proptest::option::weighted(0.3, clarification));
    (time(), 0..5_u32, answered, review, any::<bool>(), any::<bool>()).prop_map(
        |(
            filed_at,
            policy_version,
            questions,
            (review, clarification),
            has_open_appeal,
            is_paper,
        )| FilingStatus {
            filed_at,
            policy_version,
            questions,
            review,
            clarification,
            rejection: (review == ReviewState::Rejected).then(|| RejectionFacts {
                reasons: vec![RejectionReason::NotAuthorized],
                explanation: "Who signed?".into(),
                appeal_by: Some(filed_at),
                decided_at: None,
            }),
            has_open_appeal: has_open_appeal && review == ReviewState::Rejected,
            is_paper,
            ..samples::filing_status()
        },
    )
}

fn party() -> impl Strategy<Value = PartyFacts<FilingStatus>> {
    let id = proptest::option::of(select(vec!["org_a", "org_b"]));
    let filed = (proptest::option::of(filing_status()), vec(filing_status(), 0..3));
    let identifier = proptest::option::of(select(vec!["UEI A", "CAGE B"]));
    let by = vec![
        ResolvedBy::OrganizationId,
        ResolvedBy::Identifier,
        ResolvedBy::Name,
        ResolvedBy::Chosen,
    ];
    let named = (select(vec!["", "Añejo & Söhne", "B"]), any::<bool>(), identifier, select(by));
    (id, named, filed).prop_map(
        |(id, (name, has_resolution, identifier, by), (disclosure, later_filings))| PartyFacts {
            id: id.map(Into::into),
            name: name.into(),
            disclosure,
            later_filings,
            // Facts that predate the field have no resolution.
            resolution: has_resolution.then(|| ResolutionFacts {
                by: if id.is_some() { by } else { ResolvedBy::Unresolved },
                identifier: identifier.map(Into::into),
                folded_name: name.to_lowercase(),
            }),
        },
    )
}

fn suspensions() -> impl Strategy<Value = Vec<SuspensionFacts>> {
    let began = proptest::option::of(time());
    let item = (btree_set(select(RuleCode::ALL), 0..4), "[A-Z ]{0,5}", began);
    let item = item.prop_map(|(rules, citation, suspended_at)| SuspensionFacts {
        id: "sus_1".into(),
        rules,
        citation,
        suspended_at,
    });
    prop_oneof![3 => Just(Vec::new()), 1 => vec(item, 1..3)]
}

fn reinstatements() -> impl Strategy<Value = Vec<ReinstatementFacts>> {
    let item = (btree_set(select(RuleCode::ALL), 0..4), time());
    let item = item.prop_map(|(rules, reinstated_at)| ReinstatementFacts {
        id: "sus_2".into(),
        rules,
        reinstated_at,
    });
    prop_oneof![3 => Just(Vec::new()), 1 => vec(item, 1..3)]
}

fn award_data() -> impl Strategy<Value = Option<AwardDataFacts>> {
    let day = (-3_000_000_i32..3_000_000).prop_map(NaiveDate::from_num_days_from_ce_opt);
    proptest::option::of((0..3_u64, proptest::option::of(day)).prop_map(|(revision, day)| {
        AwardDataFacts { revision, newest_on: day.flatten(), sha256: None }
    }))
}

fn agreements() -> impl Strategy<Value = Vec<AgreementFacts>> {
    let component = proptest::option::of(select(DhsComponent::ALL));
    let natures = vec(select(NatureOfWork::ALL), 0..3);
    let item = (component, proptest::option::of("[A-C]"), natures, amount(), any::<bool>());
    let item =
        item.prop_map(|(component, component_name, natures, compensation, is_short_form)| {
            AgreementFacts { component, component_name, natures, compensation, is_short_form }
        });
    vec(item, 0..5)
}

fn arrangements() -> impl Strategy<Value = Vec<ArrangementFacts>> {
    let kind = proptest::option::of(select(RecipientKind::ALL));
    let component = proptest::option::of(select(DhsComponent::ALL));
    let item = (kind, component, any::<bool>(), select(OnwardToDhs::ALL));
    let item = item.prop_map(
        |(recipient_kind, recipient_component, includes_city_data, onward_to_dhs)| {
            ArrangementFacts {
                recipient_kind,
                recipient_component,
                includes_city_data,
                onward_to_dhs,
            }
        },
    );
    vec(item, 0..5)
}

fn withheld() -> impl Strategy<Value = Vec<WithheldPart>> {
    let item = (vec("[a-z0-9]{0,3}", 0..3), select(WithheldGround::ALL));
    vec(item.prop_map(|(path, ground)| WithheldPart { path, ground }), 0..3)
}

fn disclosure() -> impl Strategy<Value = DisclosureFacts> {
    (filing_status(), withheld(), agreements(), arrangements()).prop_map(
        |(filing, withheld, agreements, arrangements)| DisclosureFacts {
            filing,
            withheld,
            agreements,
            arrangements,
        },
    )
}

fn awards() -> impl Strategy<Value = Vec<AwardFacts>> {
    let day = (-3_000_000_i32..3_000_000).prop_map(NaiveDate::from_num_days_from_ce_opt);
    let days = (proptest::option::of(day.clone()), proptest::option::of(day));
    let notice = proptest::option::of((time(), time()).prop_map(|(at, respond_by)| NoticeFacts {
        sent_at: at,
        respond_by,
        appeal_by: Some(respond_by),
        answer: None,
    }));
    let kind = (select(EntityScope::ALL), select(MatchBand::ALL), any::<bool>(), any::<bool>());
    let covered_by =
        btree_set(select(vec![samples::filing_status().id, "disc_other".into()]), 0..2);
    let item = (days, notice, kind, amount(), covered_by, any::<bool>()).prop_map(
        |((signed_on, ends_on), notice, kind, value, covered_by, has_open_appeal)| AwardFacts {
            id: "mat_1".into(),
            number: "70CDCR24FR0000011".into(),
            parent_number: None,
            component: DhsComponent::Ice,
            recipient: "Añejo & Söhne".into(),
            relation: kind.0,
            band: kind.1,
            is_subaward: kind.2,
            is_vehicle: kind.3,
            signed_on: signed_on.flatten(),
            latest_on: ends_on.flatten(),
            ends_on: ends_on.flatten(),
            value,
            covered_by,
            notice,
            has_open_appeal,
        },
    );
    vec(item, 0..3)
}

/// The contract of an award or a contract action; its last day is often near that of an exemption.
fn contract() -> impl Strategy<Value = ContractFacts> {
    let day = |days: i64| {
        let reference_on = samples::facts().reference_at.date_naive();
        (0..days).prop_map(move |days| reference_on + TimeDelta::days(days))
    };
    let version = proptest::option::of(0..3_u32);
    let added_on = proptest::option::of(day(400));
    let last_day = || proptest::option::weighted(0.8, day(800));
    let dates = (day(800), added_on, last_day(), last_day());
    (version, any::<bool>(), dates).prop_map(
        |(
            clause_version,
            is_under_ordinance,
            (signed_on, clause_added_on, ends_on, runs_until),
        )| {
            let signed_on = signed_on - TimeDelta::days(600);
            ContractFacts {
                clause_version,
                signed_on,
                is_under_ordinance,
                clause_added_on: clause_added_on.filter(|it| *it > signed_on),
                ends_on,
                runs_until,
            }
        },
    )
}

fn exemptions() -> impl Strategy<Value = Vec<ExemptionFacts>> {
    let item = (select(ExemptionKind::ALL), time(), any::<bool>());
    let item = item.prop_map(|(kind, counted_from, covers_subject)| ExemptionFacts {
        id: "exm_1".into(),
        kind,
        authority: "Charter".into(),
        counted_from,
        covers_subject,
    });
    prop_oneof![3 => Just(Vec::new()), 1 => vec(item, 1..3)]
}

fn waivers() -> impl Strategy<Value = Vec<WaiverFacts>> {
    let item = (select(RuleCode::ALL), time(), any::<bool>());
    let item = item.prop_map(|(rule, expires_at, is_for_award)| WaiverFacts {
        id: "wvr_1".into(),
        rule,
        authority: "Council file 26-0001".into(),
        expires_at,
        is_for_award,
    });
    prop_oneof![3 => Just(Vec::new()), 1 => vec(item, 1..3)]
}

pub(super) fn facts() -> impl Strategy<Value = Facts> {
    let subcontractor = (party(), amount());
    let subcontractor =
        subcontractor.prop_map(|(party, amount)| SubcontractorFacts { party, amount });
    let subject = (select(SubjectKind::ALL), time(), time(), amount(), any::<bool>());
    let orders = (suspensions(), reinstatements());
    let parties = (vec(party(), 0..3), vec(subcontractor, 0..5), orders);
    let filed = (proptest::option::weighted(0.9, disclosure()), vec(disclosure(), 0..3));
    let how = (select(AwardMethod::ALL), select(ContractAction::ALL), contract());
    let relief = (exemptions(), waivers());
    (subject, filed, parties, (awards(), award_data()), (how, relief)).prop_map(
        |(
            (kind, decided_at, reference_at, amount, is_public_works),
            filed,
            parties,
            searched,
            ((method, action, contract), relief),
        )| {
            let mut facts = samples::facts();
            facts.subject.kind = kind;
            (facts.organization.disclosure, facts.organization.later_filings) = filed;
            let orders;
            (facts.members, facts.subcontractors, orders) = parties;
            (facts.suspensions, facts.reinstatements) = orders;
            (facts.awards, facts.award_data) = searched;
            (facts.exemptions, facts.waivers) = relief;
            facts.method = Some(method);
            facts.action = (kind == SubjectKind::ContractRenewal).then_some(action);
            facts.contract = (kind != SubjectKind::BidSubmission).then_some(contract);
            Facts { decided_at, reference_at, amount, is_public_works, ..facts }
        },
    )
}

/// Version 1 of the policy with arbitrary severities and parameters within the allowed ranges.
pub(super) fn policy() -> impl Strategy<Value = Policy> {
    let rule_settings = vec((0..4_usize, 0..4_usize, 0..4_usize, 0..367_u32), RuleCode::ALL.len());
    let numbers = (1..4_u32, 1..3661_u32, 0..3661_u32, 1..61_u32, 0..10_000_000_i64, 1..10_001_u32);
    let zone = select(vec!["America/Los_Angeles", "America/Sao_Paulo", "Pacific/Apia", "UTC"]);
    (rule_settings, numbers, zone, questions()).prop_map(
        |(rule_settings, numbers, zone, questions)| {
            let (version, fresh, transition, answer, cents, points) = numbers;
            let mut policy = samples::policy().to_json_value();
            policy["version"] = json!(version);
            for (name, value) in [
                ("freshnessDays", json!(fresh)),
                ("transitionDays", json!(transition)),
                ("clarificationDays", json!(answer)),
                ("reinstatementCureDays", json!(answer - 1)),
                ("timezone", json!(zone)),
                ("entityScope", json!(questions.entity_scope)),
                ("lookBackMonths", json!(questions.look_back_months)),
                ("askProposed", json!(questions.ask_proposed)),
                ("mustBeNamed", json!(questions.must_be_named)),
                (
                    "subcontractorThreshold",
                    json!({ "amount": samples::usd(cents), "publicWorksBasisPoints": points }),
                ),
            ] {
                policy["parameters"][name]["value"] = value;
            }
            for (code, (bid, award, renewal, days)) in RuleCode::ALL.iter().zip(rule_settings) {
                let rule = &mut policy["rules"][code.as_str()];
                for (key, kind, index) in [
                    ("bid", SubjectKind::BidSubmission, bid),
                    ("award", SubjectKind::ContractAward, award),
                    ("renewal", SubjectKind::ContractRenewal, renewal),
                ] {
                    let severity = Severity::ALL.get(index);
                    let severity = severity.map(|it| (*it).min(max_severity(*code, kind)));
                    rule[key] = json!(severity.map_or("DOES_NOT_APPLY", Severity::as_str));
                }
                rule["cureDays"] = json!((rule["bid"] == "BLOCK").then_some(days));
            }
            Policy::from_json(&policy.to_string()).expect("every severity is allowed")
        },
    )
}

/// The filings of the organization itself.
fn filings(facts: &mut Facts) -> impl Iterator<Item = &mut DisclosureFacts> {
    let own = &mut facts.organization;
    own.disclosure.iter_mut().chain(&mut own.later_filings)
}

fn to_json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("the value is JSON")
}

/// Renders every text about a decision, to find panics.
fn render_all(policy: &Policy, facts: &Facts, decision: &Decision) -> String {
    let reading = Reading::at_decision(policy, facts, decision);
    let texts = decision
        .findings
        .iter()
        .map(|it| render_message(it, policy, facts) + &render_remedy(it, &reading));
    texts.collect::<String>() + &render_letter(&reading, LetterDetails::default())
}

/// Collects the JSON pointers of a value and everything in it.
fn collect_pointers(value: &Value, at: &str, pointers: &mut Vec<String>) {
    pointers.push(at.to_owned());
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                collect_pointers(value, &format!("{at}/{name}"), pointers);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                collect_pointers(value, &format!("{at}/{index}"), pointers);
            }
        }
        _ => {}
    }
}

/// Values with which stored facts could be corrupted.
fn corrupt_value() -> impl Strategy<Value = Value> {
    select(vec![
        json!(null),
        json!(-1),
        json!(u64::MAX),
        json!(""),
        json!("9223372036854775807"),
        json!({ "amount": "92233720368547758.07", "currency": "USD" }),
        json!({ "amount": "-92233720368547758.08", "currency": "EUR" }),
        json!("-262143-01-01T00:00:00.000000Z"),
        json!("+262142-12-31T23:59:59.999999Z"),
        json!("0000-01-01T00:00:00.000000Z"),
        json!("CONTRACT_AWARD"),
        json!("OTHER"),
        json!(["\u{0}", ",", "; ", "é"]),
        json!([]),
        json!(true),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Disclosed content never worsens the outcome under any policy; withheld parts worsen it to
    /// `REVIEW` at most.
    #[test]
    fn a_truthful_disclosure_never_worsens_the_outcome(
        policy in policy(),
        facts in facts(),
        agreements in agreements(),
        arrangements in arrangements(),
        withheld in withheld(),
    ) {
        let before = decide(&policy, &facts).outcome;
        let mut more = facts;
        for disclosure in filings(&mut more) {
            disclosure.agreements.clone_from(&agreements);
            disclosure.arrangements.clone_from(&arrangements);
        }
        prop_assert_eq!(decide(&policy, &more).outcome, before);
        let mut whole = more.clone();
        for disclosure in filings(&mut whole) {
            disclosure.withheld = Vec::new();
        }
        let outcome = decide(&policy, &whole).outcome;
        for disclosure in filings(&mut more) {
            disclosure.withheld.clone_from(&withheld);
        }
        prop_assert!(decide(&policy, &more).outcome <= outcome.max(Outcome::Review));
    }

    /// Under any policy, a federal award never blocks a bid, and never blocks an award before the
    /// firm's time to respond has ended.
    #[test]
    fn a_federal_award_never_blocks_before_notice_and_response(policy in policy(), facts in facts(), awards in awards()) {
        let without = decide(&policy, &Facts { awards: Vec::new(), ..facts.clone() }).outcome;
        let facts = Facts { awards, ..facts };
        let with = decide(&policy, &facts).outcome;
        let is_response_over = facts.awards.iter().any(|award| {
            let is_past_due = |notice: &NoticeFacts| facts.decided_at >= notice.respond_by;
            award.notice.as_ref().is_some_and(is_past_due) && !award.has_open_appeal
        });
        let max = match facts.subject.kind {
            SubjectKind::ContractAward | SubjectKind::ContractRenewal if is_response_over => {
                Outcome::Block
            }
            _ => Outcome::Review,
        };
        prop_assert!(with <= without.max(max));
    }

    #[test]
    fn the_outcome_is_that_of_the_most_severe_finding(policy in policy(), facts in facts()) {
        let decision = decide(&policy, &facts);
        let highest = decision.findings.iter().map(|it| it.severity).max();
        prop_assert_eq!(decision.outcome, highest.map_or(Outcome::Admit, Outcome::from));
        for finding in &decision.findings {
            let kind = facts.subject.kind;
            let policy_severity = policy.severity(finding.code(), kind);
            prop_assert!(Some(finding.severity) <= policy_severity);
            prop_assert!(finding.severity <= max_severity(finding.code(), kind));
            if let Some(cure_by) = finding.cure_by {
                prop_assert_eq!(finding.severity, Severity::Review);
                prop_assert_eq!(policy_severity, Some(Severity::Block));
                prop_assert_eq!(kind, SubjectKind::BidSubmission);
                let starts = facts.reinstatements.iter().map(|it| it.reinstated_at);
                let starts = starts.chain([facts.reference_at]);
                let mut dates = starts.map(|at| policy.calendar().local_date(at));
                prop_assert!(dates.any(|it| policy.calendar().last_date_before(cure_by) >= it));
            }
        }
    }

    #[test]
    fn the_order_of_facts_makes_no_difference(
        policy in policy(),
        (facts, reordered) in facts().prop_flat_map(|facts| {
            let lists = (
                Just(facts.members.clone()).prop_shuffle(),
                Just(facts.subcontractors.clone()).prop_shuffle(),
            );
            (Just(facts), lists, any::<bool>()).prop_map(|(facts, lists, is_reversed)| {
                let mut reordered = facts.clone();
                (reordered.members, reordered.subcontractors) = lists;
                if let Some(disclosure) = &mut reordered.organization.disclosure && is_reversed {
                    disclosure.withheld.reverse();
                    disclosure.agreements.reverse();
                    disclosure.agreements.iter_mut().for_each(|it| it.natures.reverse());
                    disclosure.arrangements.reverse();
                    reordered.organization.later_filings.reverse();
                    reordered.suspensions.reverse();
                    reordered.reinstatements.reverse();
                    reordered.awards.reverse();
                    reordered.exemptions.reverse();
                    reordered.waivers.reverse();
                }
                (facts, reordered)
            })
        }),
    ) {
        prop_assert_eq!(to_json(&decide(&policy, &facts)), to_json(&decide(&policy, &reordered)));
        prop_assert_eq!(to_json(&facts.clone().sorted()), to_json(&reordered.sorted()));
        let sorted = facts.clone().sorted();
        prop_assert_eq!(decide(&policy, &sorted), decide(&policy, &facts));
    }

    #[test]
    fn facts_and_decisions_round_trip_through_json(policy in policy(), facts in facts()) {
        let parsed: Facts = serde_json::from_str(&to_json(&facts)).expect("facts");
        prop_assert_eq!(&parsed, &facts);
        let decision = decide(&policy, &facts);
        prop_assert_eq!(to_json(&decide(&policy, &parsed)), to_json(&decision));
        let parsed: Decision = serde_json::from_str(&to_json(&decision)).expect("a decision");
        prop_assert_eq!(&parsed, &decision);
        let stored = policy.to_json_value().to_string();
        prop_assert_eq!(Policy::from_json(&stored).expect("a policy"), policy);
    }

    #[test]
    fn no_facts_make_the_gate_panic(
        policy in policy(),
        facts in facts(),
        changes in vec((any::<prop::sample::Index>(), corrupt_value()), 1..4),
    ) {
        let decision = decide(&policy, &facts);
        prop_assert!(render_all(&policy, &facts, &decision).contains("Questions: "));
        let mut json = serde_json::to_value(&facts).expect("facts are JSON");
        for (index, value) in changes {
            let mut pointers = Vec::new();
            collect_pointers(&json, "", &mut pointers);
            let mut corrupted = json.clone();
            let pointer = &pointers[index.index(pointers.len())];
            *corrupted.pointer_mut(pointer).expect("the pointer is valid") = value;
            // Skips a change that cannot be parsed as facts, so that the others are still tested.
            if serde_json::from_value::<Facts>(corrupted.clone()).is_ok() {
                json = corrupted;
            }
        }
        let facts: Facts = serde_json::from_value(json).expect("every applied change can be parsed");
        let decision = decide(&policy, &facts);
        prop_assert!(render_all(&policy, &facts, &decision).contains("Questions: "));
        prop_assert_eq!(serde_json::from_str::<Facts>(&to_json(&facts)).expect("facts"), facts);
    }
}

/// The strategies reach every rule code.
#[test]
fn the_strategies_reach_every_rule() {
    let mut runner = TestRunner::deterministic();
    let mut missed: BTreeSet<&str> = RuleCode::ALL.iter().map(|it| it.as_str()).collect();
    for _ in 0..2_000 {
        let facts = facts().new_tree(&mut runner).expect("facts").current();
        let decision = decide(&samples::policy(), &facts);
        for finding in &decision.findings {
            missed.remove(finding.code().as_str());
        }
    }
    assert_eq!(missed, BTreeSet::new());
}
