//! What holds under every policy that may be published, of whatever facts.
use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::gate::facts::{
    AwardFacts, AgreementFacts, ArrangementFacts, DisclosureFacts, NoticeFacts, PartyFacts, ClarificationFacts,
    RejectionFacts, ResolutionFacts, FilingStatus, SubcontractorFacts, SuspensionFacts, WithheldPart,
};
use crate::gate::policy::max_severity;
use crate::gate::samples;
use crate::gate::wording::{message, remedy};
use crate::gate::{
    Decision, DhsComponent, EntityScope, Facts, MatchBand, Money, NatureOfWork, OnwardToDhs,
    Outcome, Policy, ProgramParticipation, Questions, RecipientKind, RejectionReason, ResolvedBy,
    ReviewState, RuleCode, Severity, SubjectKind, WithheldGround, decide, letter,
};

/// Moments near the due time of the sample, and any that chrono holds, in whole microseconds.
fn moment() -> impl Strategy<Value = DateTime<Utc>> {
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

fn standing() -> impl Strategy<Value = FilingStatus> {
    let answered = prop_oneof![Just(samples::policy().questions()), questions()];
    let question = vec("[a-z0-9]{0,3}", 0..3);
    let question = (question, moment()).prop_map(|(path, due_at)| ClarificationFacts { path, due_at });
    let review = (select(ReviewState::ALL), proptest::option::weighted(0.3, question));
    (moment(), 0..5_u32, answered, review, any::<bool>(), any::<bool>()).prop_map(
        |(filed_at, policy_version, answered, (review, question), appeal_open, paper)| FilingStatus {
            filed_at,
            policy_version,
            questions: answered,
            review,
            clarification: question,
            rejection: (review == ReviewState::Rejected).then(|| RejectionFacts {
                reasons: vec![RejectionReason::NotAuthorised],
                explanation: "Who signed?".into(),
                appeal_by: Some(filed_at),
                decided_at: None,
            }),
            has_open_appeal: appeal_open && review == ReviewState::Rejected,
            is_paper: paper,
            ..samples::standing()
        },
    )
}

fn party() -> impl Strategy<Value = PartyFacts<FilingStatus>> {
    let id = proptest::option::of(select(vec!["org_a", "org_b"]));
    let filed = (proptest::option::of(standing()), vec(standing(), 0..3));
    let identifier = proptest::option::of(select(vec!["UEI A", "CAGE B"]));
    let named = (select(vec!["", "Añejo & Söhne", "B"]), any::<bool>(), identifier);
    (id, named, filed).prop_map(|(id, (name, tells, identifier), (disclosure, later))| PartyFacts {
        id: id.map(Into::into),
        name: name.into(),
        disclosure,
        later_filings: later,
        // Facts that were kept before say nothing of it.
        resolution: tells.then(|| ResolutionFacts {
            by: if id.is_some() { ResolvedBy::Identifier } else { ResolvedBy::Nobody },
            identifier: identifier.map(Into::into),
            folded_name: name.to_lowercase(),
        }),
    })
}

fn suspensions() -> impl Strategy<Value = Vec<SuspensionFacts>> {
    let one = (btree_set(select(RuleCode::ALL), 0..4), "[A-Z ]{0,5}");
    let one = one.prop_map(|(rules, citation)| SuspensionFacts { id: "sus_1".into(), rules, citation });
    prop_oneof![3 => Just(Vec::new()), 1 => vec(one, 1..3)]
}

fn agreements() -> impl Strategy<Value = Vec<AgreementFacts>> {
    let component = proptest::option::of(select(DhsComponent::ALL));
    let natures = vec(select(NatureOfWork::ALL), 0..3);
    let one = (component, proptest::option::of("[A-C]"), natures, amount(), any::<bool>());
    let one = one.prop_map(|(component, component_name, natures, compensation, short_form)| {
        AgreementFacts { component, component_name, natures, compensation, is_short_form: short_form }
    });
    vec(one, 0..5)
}

fn arrangements() -> impl Strategy<Value = Vec<ArrangementFacts>> {
    let kind = proptest::option::of(select(RecipientKind::ALL));
    let component = proptest::option::of(select(DhsComponent::ALL));
    let one = (kind, component, any::<bool>(), select(OnwardToDhs::ALL));
    let one = one.prop_map(|(recipient_kind, recipient_component, city_data, onward_to_dhs)| {
        ArrangementFacts { recipient_kind, recipient_component, includes_city_data: city_data, onward_to_dhs }
    });
    vec(one, 0..5)
}

fn withheld() -> impl Strategy<Value = Vec<WithheldPart>> {
    let one = (vec("[a-z0-9]{0,3}", 0..3), select(WithheldGround::ALL));
    vec(one.prop_map(|(path, ground)| WithheldPart { path, ground }), 0..3)
}

fn disclosure() -> impl Strategy<Value = DisclosureFacts> {
    (standing(), withheld(), agreements(), arrangements()).prop_map(
        |(standing, withheld, agreements, arrangements)| DisclosureFacts {
            filing: standing,
            withheld,
            agreements,
            arrangements,
        },
    )
}

fn awards() -> impl Strategy<Value = Vec<AwardFacts>> {
    let day = (-3_000_000_i32..3_000_000).prop_map(NaiveDate::from_num_days_from_ce_opt);
    let days = (proptest::option::of(day.clone()), proptest::option::of(day));
    let notice = proptest::option::of(
        (moment(), moment()).prop_map(|(at, respond_by)| NoticeFacts { sent_at: at, respond_by }),
    );
    let kind = (select(EntityScope::ALL), select(MatchBand::ALL), any::<bool>(), any::<bool>());
    let told = btree_set(select(vec![samples::standing().id, "disc_other".into()]), 0..2);
    let one = (days, notice, kind, amount(), told, any::<bool>()).prop_map(
        |((signed_on, ends_on), notice, kind, worth, covered_by, appeal_open)| AwardFacts {
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
            value: worth,
            covered_by,
            notice,
            has_open_appeal: appeal_open,
        },
    );
    vec(one, 0..3)
}

fn facts() -> impl Strategy<Value = Facts> {
    let subcontractor = (party(), amount());
    let subcontractor =
        subcontractor.prop_map(|(party, amount)| SubcontractorFacts { party, amount });
    let subject = (select(SubjectKind::ALL), moment(), moment(), amount(), any::<bool>());
    let parties = (vec(party(), 0..3), vec(subcontractor, 0..5), suspensions());
    let filed = (proptest::option::weighted(0.9, disclosure()), vec(disclosure(), 0..3));
    (subject, filed, parties, awards()).prop_map(
        |((kind, decided_at, reference_at, amount, public_works), filed, parties, awards)| {
            let mut facts = samples::facts();
            facts.subject.kind = kind;
            (facts.organization.disclosure, facts.organization.later_filings) = filed;
            (facts.members, facts.subcontractors, facts.suspensions) = parties;
            Facts { decided_at, reference_at, amount, is_public_works: public_works, awards, ..facts }
        },
    )
}

/// The first policy with every rule weighed and every number set anew, through the same check as
/// any other.
fn policy() -> impl Strategy<Value = Policy> {
    let weights = vec((0..4_usize, 0..4_usize, 0..4_usize, 0..367_u32), RuleCode::ALL.len());
    let numbers = (1..4_u32, 1..3661_u32, 0..3661_u32, 0..10_000_000_i64, 1..10_001_u32);
    let zone = select(vec!["America/Los_Angeles", "America/Sao_Paulo", "Pacific/Apia", "UTC"]);
    (weights, numbers, zone, questions()).prop_map(|(weights, numbers, zone, questions)| {
        let (version, fresh, transition, cents, points) = numbers;
        let mut policy = samples::policy().to_json_value();
        policy["version"] = json!(version);
        for (name, value) in [
            ("freshnessDays", json!(fresh)),
            ("transitionDays", json!(transition)),
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
        for (code, (bid, award, renewal, days)) in RuleCode::ALL.iter().zip(weights) {
            let rule = &mut policy["rules"][code.as_str()];
            for (key, kind, weight) in [
                ("bid", SubjectKind::BidSubmission, bid),
                ("award", SubjectKind::ContractAward, award),
                ("renewal", SubjectKind::ContractRenewal, renewal),
            ] {
                let severity = Severity::ALL.get(weight);
                let severity = severity.map(|it| (*it).min(max_severity(*code, kind)));
                rule[key] = json!(severity.map_or("DOES_NOT_APPLY".into(), Severity::word));
            }
            rule["cureDays"] = json!((rule["bid"] == "BLOCK").then_some(days));
        }
        Policy::from_json(&policy.to_string()).expect("nothing in it is above its ceiling")
    })
}

/// The filings of the organization itself.
fn filings(facts: &mut Facts) -> impl Iterator<Item = &mut DisclosureFacts> {
    let own = &mut facts.organization;
    own.disclosure.iter_mut().chain(&mut own.later_filings)
}

fn bytes(of: &impl serde::Serialize) -> String {
    serde_json::to_string(of).expect("it is JSON")
}

/// What staff and the firm read: rendered for its panics, not its words.
fn rendered(policy: &Policy, facts: &Facts, decision: &Decision) -> String {
    let words = decision.findings.iter().map(|it| message(it, policy) + &remedy(it, policy));
    words.collect::<String>() + &letter(policy, facts, decision)
}

/// Every place of a JSON value, as pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| places(value, &format!("{at}/{name}"), found));
        }
        Value::Array(items) => {
            let each = items.iter().enumerate();
            each.for_each(|(index, value)| places(value, &format!("{at}/{index}"), found));
        }
        _ => {}
    }
}

/// What a hand might put into stored facts.
fn strange() -> impl Strategy<Value = Value> {
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
        cases: 40,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// A true disclosure never worsens the outcome, whatever the policy; what is withheld is at
    /// most looked at.
    #[test]
    fn what_is_disclosed_never_counts_against_the_firm(
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

    /// A federal award stops nothing before the firm was heard, and never a bid, whatever the policy.
    #[test]
    fn no_award_bites_unheard(policy in policy(), facts in facts(), awards in awards()) {
        let without = decide(&policy, &Facts { awards: Vec::new(), ..facts.clone() }).outcome;
        let facts = Facts { awards, ..facts };
        let with = decide(&policy, &facts).outcome;
        let heard = facts.awards.iter().any(|award| {
            let over = |notice: &NoticeFacts| facts.decided_at >= notice.respond_by;
            award.notice.as_ref().is_some_and(over) && !award.has_open_appeal
        });
        let most = match facts.subject.kind {
            SubjectKind::ContractAward | SubjectKind::ContractRenewal if heard => Outcome::Block,
            _ => Outcome::Review,
        };
        prop_assert!(with <= without.max(most));
    }

    #[test]
    fn the_outcome_is_the_worst_finding(policy in policy(), facts in facts()) {
        let decision = decide(&policy, &facts);
        let worst = decision.findings.iter().map(|it| it.severity).max();
        prop_assert_eq!(decision.outcome, worst.map_or(Outcome::Admit, Outcome::from));
        for finding in &decision.findings {
            let kind = facts.subject.kind;
            let most = policy.severity(finding.code, kind);
            prop_assert!(Some(finding.severity) <= most);
            prop_assert!(finding.severity <= max_severity(finding.code, kind));
            if let Some(cure_by) = finding.cure_by {
                prop_assert_eq!(finding.severity, Severity::Review);
                prop_assert_eq!(most, Some(Severity::Block));
                prop_assert_eq!(kind, SubjectKind::BidSubmission);
                let date = policy.calendar().local_date(facts.reference_at);
                prop_assert!(policy.calendar().last_date_before(cure_by) >= date);
            }
        }
    }

    #[test]
    fn the_order_in_which_facts_are_gathered_makes_no_difference(
        policy in policy(),
        (facts, other) in facts().prop_flat_map(|facts| {
            let lists = (
                Just(facts.members.clone()).prop_shuffle(),
                Just(facts.subcontractors.clone()).prop_shuffle(),
            );
            (Just(facts), lists, any::<bool>()).prop_map(|(facts, lists, reversed)| {
                let mut other = facts.clone();
                (other.members, other.subcontractors) = lists;
                if let Some(disclosure) = &mut other.organization.disclosure && reversed {
                    disclosure.withheld.reverse();
                    disclosure.agreements.reverse();
                    disclosure.agreements.iter_mut().for_each(|it| it.natures.reverse());
                    disclosure.arrangements.reverse();
                    other.organization.later_filings.reverse();
                    other.suspensions.reverse();
                    other.awards.reverse();
                }
                (facts, other)
            })
        }),
    ) {
        prop_assert_eq!(bytes(&decide(&policy, &facts)), bytes(&decide(&policy, &other)));
        prop_assert_eq!(bytes(&facts.clone().sorted()), bytes(&other.sorted()));
        let sorted = facts.clone().sorted();
        prop_assert_eq!(decide(&policy, &sorted), decide(&policy, &facts));
    }

    #[test]
    fn facts_and_decisions_are_read_as_they_were_written(policy in policy(), facts in facts()) {
        let read: Facts = serde_json::from_str(&bytes(&facts)).expect("facts");
        prop_assert_eq!(&read, &facts);
        let decision = decide(&policy, &facts);
        prop_assert_eq!(bytes(&decide(&policy, &read)), bytes(&decision));
        let read: Decision = serde_json::from_str(&bytes(&decision)).expect("a decision");
        prop_assert_eq!(&read, &decision);
        let stored = policy.to_json_value().to_string();
        prop_assert_eq!(Policy::from_json(&stored).expect("a policy"), policy);
    }

    #[test]
    fn no_facts_break_the_gate(
        policy in policy(),
        facts in facts(),
        changes in vec((any::<prop::sample::Index>(), strange()), 1..4),
    ) {
        let decision = decide(&policy, &facts);
        prop_assert!(rendered(&policy, &facts, &decision).contains("Questions: "));
        let mut json = serde_json::to_value(&facts).expect("facts are JSON");
        for (place, value) in changes {
            let mut found = Vec::new();
            places(&json, "", &mut found);
            let mut other = json.clone();
            let place = &found[place.index(found.len())];
            *other.pointer_mut(place).expect("it was found there") = value;
            // A change that makes them no facts is left out, so that the next has a chance.
            if serde_json::from_value::<Facts>(other.clone()).is_ok() {
                json = other;
            }
        }
        let facts: Facts = serde_json::from_value(json).expect("every other change was left out");
        let decision = decide(&policy, &facts);
        prop_assert!(rendered(&policy, &facts, &decision).contains("Questions: "));
        prop_assert_eq!(serde_json::from_str::<Facts>(&bytes(&facts)).expect("facts"), facts);
    }
}

/// The strategies reach every code that can arise, so that the properties say something.
#[test]
fn the_facts_tried_find_every_rule() {
    let mut runner = TestRunner::deterministic();
    let mut codes = BTreeSet::new();
    for _ in 0..400 {
        let facts = facts().new_tree(&mut runner).expect("facts").current();
        let decision = decide(&samples::policy(), &facts);
        codes.extend(decision.findings.iter().map(|it| it.code.as_str()));
    }
    assert_eq!(codes.len(), 19, "{codes:?}");
}
