//! Policies and decisions that earlier builds stored, frozen in `schema/gate/frozen/`: one directory for
//! each build, with its first policy and one decision for each combination of findings in its
//! demonstration. A directory is never changed.
use serde::Deserialize;
use serde_json::{Value, json};

use crate::policy::CURRENT_FORM;
use crate::{Decision, Facts, Policy, RuleCode, Severity, decide};

/// The build that named everything in plain terms. Its policies lack the rules and parameters that came
/// later.
const PLAIN_TERMS: Frozen = Frozen {
    policy: include_str!("../frozen/plain-terms/policy.json"),
    decisions: include_str!("../frozen/plain-terms/decisions.jsonl"),
};

/// The build that computed remedies and relief, the last one whose policies have no form number.
const REMEDIES: Frozen = Frozen {
    policy: include_str!("../frozen/remedies/policy.json"),
    decisions: include_str!("../frozen/remedies/decisions.jsonl"),
};

/// What one build stored.
struct Frozen {
    policy: &'static str,
    decisions: &'static str,
}

#[derive(Deserialize)]
struct FrozenDecision {
    facts: Value,
    decision: Value,
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn a_stored_policy_of_each_build_keeps_its_content() {
    for Frozen { policy: stored, .. } in [PLAIN_TERMS, REMEDIES] {
        let policy = Policy::from_stored(stored).expect("a stored policy");
        assert_eq!(policy.to_json_value(), json_of(stored));
        assert_eq!(policy.version_name(), "version 1 (draft)");
    }
}

#[test]
fn what_a_stored_policy_lacks_does_what_its_build_did() {
    let policy = Policy::from_stored(PLAIN_TERMS.policy).expect("a stored policy");
    for code in [RuleCode::PartyUnidentified, RuleCode::ExemptionTermExceeded] {
        assert_eq!(policy.rule(code), None);
        assert_eq!((policy.cure_days(code), policy.citation(code, false)), (0, ""));
    }
    let parameters = policy.parameters();
    assert_eq!(parameters.substitution_rule(true), None);
    assert_eq!(parameters.appeal_body(), "a supervisor who took no part");
    assert_eq!(parameters.clarification_days(), None);
    assert_eq!(parameters.reinstatement_cure_days(), 0);
    assert_eq!(parameters.second_person(), None);
    assert_eq!(parameters.declaration_words(), None);
}

#[test]
fn stored_decisions_of_each_build_replay_unchanged() {
    for Frozen { policy, decisions } in [PLAIN_TERMS, REMEDIES] {
        let policy = Policy::from_stored(policy).expect("a stored policy");
        let mut replayed = 0;
        for line in decisions.lines() {
            let stored: FrozenDecision = serde_json::from_str(line).expect("a decision");
            let facts: Facts = serde_json::from_value(stored.facts.clone()).expect("facts");
            assert_eq!(serde_json::to_value(&facts).expect("JSON"), stored.facts);
            let decision: Decision = decide(&policy, &facts);
            assert_eq!(serde_json::to_value(decision).expect("JSON"), stored.decision);
            replayed += 1;
        }
        assert!(replayed > 15, "{replayed}");
    }
}

#[test]
fn the_limit_on_severities_applies_to_a_stored_policy() {
    for (code, subject) in [("dhs.agreement_disclosed", "bid"), ("disclosure.corrected", "award")] {
        let mut stored = json_of(PLAIN_TERMS.policy);
        stored["rules"][code][subject] = json!(Severity::Block);
        let problems = Policy::from_stored(&stored.to_string()).expect_err("a ban");
        let [problem] = &problems[..] else { panic!("{problems:?}") };
        let expected = format!("rules.{code}.{subject}: the highest severity allowed is NOTE");
        assert!(problem.message.starts_with(&expected), "{problem}");
    }
}

#[test]
fn what_a_later_build_removed_is_left_out_and_a_newer_form_is_refused() {
    let mut stored = json_of(REMEDIES.policy);
    let expected = Policy::from_stored(&stored.to_string()).expect("a stored policy");
    stored["parameters"]["oldParameter"] = json!({ "value": 1, "source": "A law" });
    stored["rules"]["old.rule"] = json!({ "bid": "BLOCK" });
    assert_eq!(Policy::from_stored(&stored.to_string()), Ok(expected.clone()));
    assert!(Policy::from_json(&stored.to_string()).is_err(), "a change is read as it is written");

    stored["form"] = json!(CURRENT_FORM);
    let with_form = Policy::from_stored(&stored.to_string()).expect("a stored policy");
    assert!(with_form.has_same_content(&expected) && with_form != expected);
    for form in [json!(CURRENT_FORM + 1), json!("1"), json!(-1)] {
        stored["form"] = form;
        let problems = Policy::from_stored(&stored.to_string()).expect_err("a newer form");
        assert!(problems[0].message.contains("a newer version of the service"), "{problems:?}");
    }
    for text in ["{}", "", "[]", "7", "{\"parameters\":[],\"rules\":7}"] {
        assert!(Policy::from_stored(text).is_err(), "{text}");
        assert!(Policy::parse_as_stored(text).is_err(), "{text}");
    }
}
