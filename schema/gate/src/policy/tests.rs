//! Policy files: the values of version 1, and the line of each problem.
use serde_json::json;

use super::{Policy, max_severity};
use crate::samples::{VERSION_1, changed, policy};
use crate::{
    AwardMethod, ContractAction, EntityScope, ExemptionKind, Money, NeverPublic,
    ProgramParticipation, PublicAfter, RecipientKind, RejectionReason, RuleCode, Severity,
    SubjectKind, SubstitutionGround, WaiverGround,
};

/// The line and message of the only problem of a text.
#[track_caller]
fn problem(text: &str) -> (usize, String) {
    let problems = Policy::parse(text).expect_err("the policy is invalid");
    let [problem] = &problems[..] else { panic!("{problems:?}") };
    (problem.line.expect("a line"), problem.message.clone())
}

/// The line on which `needle` starts, from 1.
#[track_caller]
fn line(text: &str, needle: &str) -> usize {
    let before = text.find(needle).expect("the text contains the needle");
    text[..before].lines().count() + usize::from(before == 0 || text[..before].ends_with('\n'))
}

#[test]
fn version_1_has_the_expected_parameters() {
    let policy = policy();
    let it = policy.parameters();
    assert_eq!(policy.version(), 1);
    assert_eq!(it.timezone.value.name(), "America/Los_Angeles");
    let questions = policy.questions();
    let scope = [EntityScope::Own, EntityScope::JointVentureMember];
    assert!(questions.entity_scope.iter().eq(&scope));
    assert_eq!(questions.look_back_months, 0);
    assert!(!questions.ask_proposed);
    assert_eq!(questions.program_participation, ProgramParticipation::ShortForm);
    assert!(questions.include_subawards);
    let unnamed = [RecipientKind::Processor, RecipientKind::Other];
    for kind in RecipientKind::ALL {
        assert_eq!(questions.must_be_named.contains(kind), !unnamed.contains(kind));
    }
    assert_eq!(it.freshness_days.value, 365);
    assert_eq!(it.transition_days.value, 60);
    assert_eq!(it.update_duty_days.value, 30);
    let threshold = &it.subcontractor_threshold.value;
    assert_eq!(threshold.amount, Money { cents: 3_000_000, currency: "USD".into() });
    assert_eq!(threshold.public_works_basis_points, 50);
    assert_eq!(
        (it.appeal_body().len(), it.clarification_days(), it.reinstatement_cure_days()),
        (86, Some(10), 5)
    );
    let second_person = it.second_person().expect("two people");
    assert_eq!(second_person.confirmation_days, 7);
    assert_eq!(policy.draft(), Some("Draft for the City Attorney"));
    assert_eq!(policy.version_name(), "version 1 (draft)");
    let works = it.substitution_rule(true).expect("a rule for public works");
    assert!(works.grounds.iter().eq(SubstitutionGround::ALL));
    assert_eq!(works.citation, "California Public Contract Code 4107(a)");
    assert_eq!(it.substitution_rule(false), None);
    assert!(it.gated_methods.value.iter().eq(AwardMethod::ALL));
    assert_eq!(it.minimum_value.value.cents, 0);
    let gated = [
        ContractAction::Renewal,
        ContractAction::Option,
        ContractAction::Extension,
        ContractAction::Holdover,
        ContractAction::Assignment,
    ];
    assert!(it.gated_actions.value.iter().eq(&gated));
    assert_eq!(it.reach_back_from.value, None);
    assert_eq!((it.response_days.value, it.appeal_days.value), (7, 30));
    assert_eq!(it.objection_days.value, 10);
    assert_eq!(it.public_after.value, PublicAfter::AwardRecommended);
    assert!(it.never_public.value.iter().eq(NeverPublic::ALL));
    assert!(it.sealed_until_due.value);
    assert!(it.rejection_reasons.value.iter().eq(RejectionReason::ALL));
    let available = [
        ExemptionKind::GovernmentEntity,
        ExemptionKind::Emergency,
        ExemptionKind::GrantOrLawConflict,
    ];
    for exemption in &it.exemptions.value {
        assert_eq!(exemption.available, available.contains(&exemption.kind));
        let days = (exemption.kind == ExemptionKind::Emergency).then_some(10);
        assert_eq!(exemption.follow_up_days, days);
    }
    let waivers = &it.waivers.value;
    assert!(waivers.authority_required);
    assert_eq!(waivers.maximum_days, 180);
    assert!(waivers.grounds.iter().eq(WaiverGround::ALL));
    assert_eq!((it.clause_version.value, policy.clause().version), (1, 1));
    assert_eq!(it.retention_years.value, 7);
}

#[test]
fn version_1_has_the_expected_severities_and_cure_days() {
    use Severity::{Block, Note, Review};
    let policy = policy();
    for code in RuleCode::ALL {
        let severities = SubjectKind::ALL.iter().map(|kind| policy.severity(*code, *kind));
        let expected = match code.as_str() {
            "contract.clause_missing" => [None, Some(Block), Some(Block)],
            "clarification.overdue" | "award.confirmed_undisclosed" => {
                [Some(Review), Some(Block), Some(Block)]
            }
            "disclosure.missing"
            | "disclosure.stale"
            | "disclosure.outdated_terms"
            | "disclosure.rejected"
            | "joint_venture.member_missing_disclosure"
            | "subcontractor.missing_disclosure" => [Some(Block); 3],
            "clarification.open"
            | "disclosure.partly_withheld"
            | "party.unidentified"
            | "award.probably_undisclosed"
            | "award.response_open"
            | "award.under_appeal"
            | "exemption.follow_up_overdue" => [Some(Review); 3],
            _ => [Some(Note); 3],
        };
        assert!(severities.eq(expected), "{code}");
        let curable = [
            RuleCode::DisclosureStale,
            RuleCode::DisclosureOutdatedTerms,
            RuleCode::MemberMissingDisclosure,
            RuleCode::SubcontractorMissingDisclosure,
        ];
        assert_eq!(policy.cure_days(*code), if curable.contains(code) { 5 } else { 0 }, "{code}");
    }
}

#[test]
fn substitution_rules_name_a_kind_once_and_a_ground() {
    let rule = |contracts: &str, grounds: serde_json::Value| json!({ "contracts": contracts, "grounds": grounds, "citation": "A code" });
    let messages = |rules: serde_json::Value| {
        let mut json = policy().to_json_value();
        json["parameters"]["substitution"]["value"] = rules;
        let problems = Policy::from_json(&json.to_string()).err().unwrap_or_default();
        problems.into_iter().map(|it| it.message).collect::<Vec<_>>().join("; ")
    };
    let licensed = json!(["NOT_LICENSED"]);
    assert_eq!(messages(json!([])), "");
    assert_eq!(
        messages(json!([rule("OTHER", licensed.clone()), rule("PUBLIC_WORKS", licensed.clone())])),
        ""
    );
    let twice = messages(json!([rule("OTHER", licensed.clone()), rule("OTHER", licensed)]));
    assert!(twice.contains("OTHER is listed twice"), "{twice}");
    let none = messages(json!([rule("OTHER", json!([]))]));
    assert!(none.contains("there is no ground"), "{none}");
}

#[test]
fn draft_texts_are_marked() {
    let policy = policy();
    for text in [policy.notice(), policy.clause(), policy.attestation()] {
        assert!(text.with_draft_notice().starts_with("[Draft for the City Attorney]\n\n"));
        assert_eq!(text.version, 1);
    }
}

#[test]
fn each_problem_has_its_line() {
    let freshness = "[parameters.freshnessDays]\nvalue = 365";
    let missing_rule = "[rules.\"disclosure.stale\"]\nbid = \"BLOCK\"\naward = \"BLOCK\"\n\
                        renewal = \"BLOCK\"\ncureDays = 5\n";
    let citation =
        "citation = \"Executive Directive 17, section E; policy version 1, freshnessDays\"\n";
    let without_rule = changed(&format!("{missing_rule}{citation}"), "");
    for (text, problem_at, expected) in [
        (changed("value = 365", "value = \"365\""), "value = \"365\"", "invalid type"),
        (changed("value = 365", "value = -1"), "value = -1", "invalid value"),
        (
            changed("value = 365", "value = 0"),
            "value = 0\nsource = \"The airport",
            "0 is not from 1",
        ),
        (
            changed("value = 10\nsource = \"A choice: two", "value = 61\nsource = \"A choice: two"),
            "value = 61",
            "61 is not from 1 to 60",
        ),
        (changed("value = 365", "value = 365\nunit = 1"), "unit = 1", "unknown field `unit`"),
        (changed("value = 365\n", ""), "[parameters.freshnessDays]", "missing field `value`"),
        (
            changed("[parameters.appealDays]", "[parameters.appealDay]"),
            "[parameters.appealDay]",
            "unknown field `appealDay`",
        ),
        (
            changed(
                &format!("{freshness}\nsource = "),
                "[parameters.freshness]\nvalue = 1\nsource = ",
            ),
            "[parameters.freshness]",
            "unknown field `freshness`",
        ),
        (
            changed("[rules.\"disclosure.stale\"]", "[rules.\"disclosure.old\"]"),
            "[rules.\"disclosure.old\"]",
            "unknown variant `disclosure.old`",
        ),
        (
            without_rule,
            "[rules.\"disclosure.missing\"]",
            "the rule \"disclosure.stale\" is missing",
        ),
        (changed("bid = \"REVIEW\"", "bid = \"LOOK\""), "bid = \"LOOK\"", "DOES_NOT_APPLY"),
        (changed("version = 1\n", "version = one\n"), "version = one", ""),
        (changed("\"America/Los_Angeles\"", "\"Los Angeles\""), "value = \"Los Angeles\"", ""),
        (changed("2026-07-01", "2026-02-30"), "value = \"2026-02-30\"", ""),
        (
            changed("\"30000.00\"", "\"30,000\""),
            "value = { amount = { amount = \"30,000",
            "money is",
        ),
        (
            changed("\"30000.00\"", "\"-0.01\""),
            "value = { amount = { amount = \"-0.01",
            "below zero",
        ),
        (
            changed("\"PUBLIC_WORKS\"\ngrounds = [", "\"PUBLIC_WORKS\"\ngrounds = []\nold = ["),
            "old = [",
            "unknown field `old`",
        ),
        (
            changed("    \"NOT_LICENSED\", ", "    \"TOO_EXPENSIVE\", "),
            "\"TOO_EXPENSIVE\"",
            "unknown variant `TOO_EXPENSIVE`",
        ),
        (
            changed("citation = \"California Public Contract Code 4107(a)\"", "citation = \" \""),
            "[[parameters.substitution.value]]",
            "must not be empty",
        ),
        (
            changed("month = 12, day", "month = 13, day"),
            "[[parameters.holidays.value]]\nname = \"Christmas",
            "gives no date",
        ),
    ] {
        let (actual, message) = problem(&text);
        assert!(message.contains(expected), "{message}");
        assert_eq!(actual, line(&text, problem_at), "{message}");
    }
}

#[test]
fn a_missing_key_has_the_line_of_its_table() {
    let start = VERSION_1.find("[parameters.appealDays]").expect("the parameter");
    let end = VERSION_1[start..].find("\n\n").expect("the end of the table") + start;
    let text = format!("{}{}", &VERSION_1[..start], &VERSION_1[end..]);
    let (actual, message) = problem(&text);
    assert!(message.contains("missing field `appealDays`"), "{message}");
    assert_eq!(actual, line(&text, "[parameters]"));

    let text = changed("cureDays = 5\n", "");
    let (actual, message) = problem(&text);
    assert!(message.contains("cureDays is missing"), "{message}");
    assert_eq!(actual, line(&text, "[rules.\"disclosure.stale\"]"));

    let text = changed("[texts.notice]", "[texts.unread]");
    assert_eq!(problem(&text).0, line(&text, "[texts.unread]"));
}

#[test]
fn all_violations_are_listed_at_once() {
    let text = changed("value = 365", "value = 0").replace("maximumDays = 180", "maximumDays = 0");
    let problems = Policy::parse(&text).expect_err("two violations");
    let messages: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(messages.len(), 2);
    let first = line(&text, "value = 0\nsource = \"The airport");
    assert_eq!(
        messages[0],
        format!("line {first}: parameters.freshnessDays.value: 0 is not from 1 to 3660")
    );
}

#[test]
fn every_kind_of_exemption_is_listed_once() {
    let text = changed("kind = \"EMERGENCY\"", "kind = \"GOVERNMENT_ENTITY\"");
    let problems = Policy::parse(&text).expect_err("two violations");
    let messages: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(messages[0].contains("GOVERNMENT_ENTITY is listed twice"), "{messages:?}");
    assert!(messages[1].contains("EMERGENCY is missing"), "{messages:?}");
    assert_eq!(messages.len(), 2);
}

/// No severity above the highest that is allowed can be published, in any format.
#[test]
fn a_policy_cannot_turn_disclosure_into_a_ban() {
    let stored = policy().to_json_value();
    for code in RuleCode::ALL {
        for (key, kind) in [
            ("bid", SubjectKind::BidSubmission),
            ("award", SubjectKind::ContractAward),
            ("renewal", SubjectKind::ContractRenewal),
        ] {
            let max = max_severity(*code, kind);
            for severity in Severity::ALL {
                let mut changed = stored.clone();
                let rule = &mut changed["rules"][code.as_str()];
                rule[key] = json!(severity);
                if key == "bid" {
                    let days = (*severity == Severity::Block).then_some(0);
                    rule["cureDays"] = json!(days);
                }
                let parsed = Policy::from_json(&changed.to_string());
                assert_eq!(parsed.is_ok(), *severity <= max, "{code} {key} {severity:?}");
                let stored = Policy::from_stored(&changed.to_string());
                assert_eq!(stored.is_ok(), *severity <= max, "{code} {key} {severity:?}");
            }
        }
    }
    for code in [
        "dhs.agreement_disclosed",
        "data_sharing.city_data",
        "data_sharing.to_dhs",
        "disclosure.corrected",
    ] {
        let code: RuleCode = code.parse().expect("a rule");
        for kind in SubjectKind::ALL {
            assert_eq!(max_severity(code, *kind), Severity::Note);
        }
    }
    let header = "[rules.\"dhs.agreement_disclosed\"]\nbid = \"NOTE\"";
    let text = changed(header, &header.replace("NOTE", "BLOCK"));
    let problems = Policy::parse(&text).expect_err("a ban");
    let at = line(&text, "[rules.\"dhs.agreement_disclosed\"]");
    assert!(problems.iter().any(|problem| problem.line == Some(at + 1)), "{problems:?}");
}

#[test]
fn only_reasons_of_form_can_reject_a_disclosure() {
    let text = changed("\"UNANSWERED\"]", "\"UNWELCOME\"]");
    let (actual, message) = problem(&text);
    assert!(message.contains("UNWELCOME"), "{message}");
    assert_eq!(actual, line(&text, "value = [\"NOT_AUTHORIZED\""));
}

#[test]
fn an_attestation_must_contain_the_required_phrases() {
    for (from, to) in [
        ("laws of the State of California \\\n", "laws of this State \\\n"),
        ("After reasonable inquiry, the", "The"),
    ] {
        let text = changed(from, to);
        let (actual, message) = problem(&text);
        assert!(message.contains("the attestation must contain"), "{message}");
        assert_eq!(actual, line(&text, "text = \"\"\"\nI am"));
    }
    let uppercase = changed("After reasonable inquiry", "AFTER  REASONABLE\\\n  INQUIRY");
    assert!(Policy::parse(&uppercase).is_err(), "TOML joins the words");
    let uppercase = changed("After reasonable inquiry", "AFTER  REASONABLE\n INQUIRY");
    assert!(Policy::parse(&uppercase).is_ok());
}

#[test]
fn an_attestation_has_only_known_blanks() {
    for unknown in ["[signatory]", "[Title]", "[title"] {
        let text = changed("I am [title] of", &format!("I am {unknown} of"));
        let (actual, message) = problem(&text);
        assert!(
            message.contains("the only blanks are [title], [firm], [date], [city, state]"),
            "{message}"
        );
        assert_eq!(actual, line(&text, "text = \"\"\"\nI am"));
    }
}

#[test]
fn a_policy_round_trips_through_json() {
    let policy = policy();
    let stored = policy.to_json_value().to_string();
    let parsed = Policy::from_json(&stored).expect("a valid policy");
    assert_eq!(parsed, policy);
    assert_eq!(parsed.to_json_value().to_string(), stored);
    assert!(parsed.parameters().appeal_days.source.contains("Berkeley"));
    assert_eq!(
        parsed.citation(RuleCode::DisclosureMissing, true),
        "Executive Directive 17, section E"
    );
    assert!(Policy::from_json("{}").is_err());
}

#[test]
fn the_effective_date_can_be_changed() {
    let day = |text: &str| text.parse().expect("a date");
    let earlier = policy().with_effective_date(day("2024-03-10")).expect("an earlier day");
    assert_eq!(earlier.effective_from_utc().to_rfc3339(), "2024-03-10T08:00:00+00:00");
    assert_eq!(earlier.questions(), policy().questions());
    assert_eq!(policy().effective_from_utc().to_rfc3339(), "2026-07-01T07:00:00+00:00");
    assert!(policy().with_effective_date(day("9999-01-01")).is_err());
}

#[test]
fn an_exemption_that_puts_the_disclosure_off_limits_the_term() {
    let (_, message) = problem(&changed("termDays = 180", "approval = true"));
    assert!(message.contains("termDays is missing"), "{message}");
    let (_, message) = problem(&changed("followUpDays = 10", "approval = true"));
    assert!(message.contains("termDays applies only with followUpDays"), "{message}");
    let (_, message) = problem(&changed("termDays = 180", "termDays = 0"));
    assert!(message.contains("0 is not from 1 to 3660"), "{message}");
    let empty = "authority = \"Los Angeles City Charter 371(e)\" # unverified";
    let (_, message) = problem(&changed(empty, "authority = \" \""));
    assert!(message.contains("must not be empty"), "{message}");
}

#[test]
fn the_days_to_cure_after_a_reinstatement_are_required_and_limited() {
    let start = VERSION_1.find("[parameters.reinstatementCureDays]").expect("the parameter");
    let end = VERSION_1[start..].find("\n\n").expect("the end of the table") + start;
    let (_, message) = problem(&format!("{}{}", &VERSION_1[..start], &VERSION_1[end..]));
    assert!(message.contains("missing field `reinstatementCureDays`"), "{message}");
    let table = &VERSION_1[start..end];
    let (_, message) = problem(&changed(table, &table.replace("value = 5", "value = 367")));
    assert!(message.contains("367 is not from 0 to 366"), "{message}");
}
