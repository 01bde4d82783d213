//! Policy files: the values of version 1, and the line of each problem.
use serde_json::{Value, json};

use super::{Policy, max_severity};
use crate::samples::{VERSION_1, changed, policy};
use crate::{
    AwardMethod, ContractAction, EntityScope, ExemptionKind, Money, ProgramParticipation,
    RecipientKind, RejectionReason, RuleCode, Severity, SubjectKind, SubstitutionGround,
    WaiverGround,
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
    let phrase = "under penalty of perjury under the laws of the State of California";
    assert_eq!(it.declaration_words(), Some(&[phrase.to_owned()][..]));
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
    let missing_rule = "[rules.\"disclosure.stale\"]\nbid = \"BLOCK\"\naward = \"BLOCK\"\n\
                        renewal = \"BLOCK\"\ncureDays = 5\n";
    let citation =
        "citation = \"Executive Directive 17, section E; policy version 1, freshnessDays\"\n";
    let without_rule = changed(&format!("{missing_rule}{citation}"), "");
    for (text, problem_at, expected) in [
        (
            changed("value = 365", "value = \"365\""),
            "value = \"365\"",
            "must be a whole number, 0 or more",
        ),
        (changed("value = 365", "value = -1"), "value = -1", "must be a whole number, 0 or more"),
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
        (
            changed("value = 365", "value = 365\nunit = 1"),
            "unit = 1",
            "the names are value, source",
        ),
        (changed("value = 365\n", ""), "[parameters.freshnessDays]", "value is missing"),
        (without_rule, "[rules.\"disclosure.missing\"]", "disclosure.stale is missing"),
        (changed("bid = \"REVIEW\"", "bid = \"LOOK\""), "bid = \"LOOK\"", "DOES_NOT_APPLY"),
        (changed("version = 1\n", "version = one\n"), "version = one", "this line cannot be read"),
        (
            changed("\"America/Los_Angeles\"", "\"Los Angeles\""),
            "value = \"Los Angeles\"",
            "\"Los Angeles\" is not a time zone",
        ),
        (changed("2026-07-01", "2026-02-30"), "value = \"2026-02-30\"", "is not a date"),
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
            "the names are contracts, grounds, citation",
        ),
        (
            changed("    \"NOT_LICENSED\", ", "    \"TOO_EXPENSIVE\", "),
            "\"TOO_EXPENSIVE\"",
            "\"TOO_EXPENSIVE\" is not known here; write one of FAILS_TO_EXECUTE_CONTRACT",
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
    assert!(message.ends_with("parameters: appealDays is missing"), "{message}");
    assert_eq!(actual, line(&text, "[parameters]"));

    let text = changed("cureDays = 5\n", "");
    let (actual, message) = problem(&text);
    assert!(message.contains("cureDays is missing"), "{message}");
    assert_eq!(actual, line(&text, "[rules.\"disclosure.stale\"]"));
}

/// A misspelled name is an unknown one in its place, and a missing one in its table.
#[test]
fn a_misspelled_name_has_two_problems() {
    for (table, name, other, unknown) in [
        ("parameters", "[parameters.appealDays]", "[parameters.appealDay]", "appealDay"),
        ("rules", "[rules.\"disclosure.stale\"]", "[rules.\"disclosure.old\"]", "disclosure.old"),
        ("texts", "[texts.notice]", "[texts.unread]", "unread"),
    ] {
        let text = changed(name, other);
        let problems = Policy::parse(&text).expect_err("two problems");
        let problems: Vec<_> = problems.iter().map(|it| (it.line, it.message.as_str())).collect();
        let unknown = format!("{table}.{unknown}: ");
        let is_unknown = |(at, message): &(Option<usize>, &str)| {
            *at == Some(line(&text, other)) && message.starts_with(&unknown)
        };
        let is_missing = |(_, message): &(Option<usize>, &str)| {
            message.starts_with(&format!("{table}: ")) && message.ends_with(" is missing")
        };
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems.iter().any(is_unknown), "{problems:?}");
        assert!(problems.iter().any(is_missing), "{problems:?}");
    }
}

/// Every malformed part of a file is listed, in the order of its lines.
#[test]
fn every_malformed_part_is_listed() {
    let text = changed("version = 1\n", "version = \"one\"\n")
        .replace("value = 365", "value = \"365\"")
        .replace("[texts.clause]\nversion = 1", "[texts.clause]\nversion = true")
        .replace("[rules.\"award.out_of_scope\"]\nbid", "[rules.\"award.out_of_scope\"]\nbit");
    let problems = Policy::parse(&text).expect_err("five problems");
    let messages: Vec<_> = problems.iter().map(|it| it.message.as_str()).collect();
    let names = "the names are bid, award, renewal, cureDays, citation, publicWorksCitation";
    assert_eq!(
        messages,
        [
            "version: must be a whole number, 0 or more",
            "parameters.freshnessDays.value: must be a whole number, 0 or more",
            &*format!("rules.award.out_of_scope.bit: this name is not known here; {names}"),
            "texts.clause.version: must be a whole number, 0 or more",
        ]
    );
    assert!(problems.is_sorted_by_key(|it| it.line));
    let many: Vec<String> = (0..500).map(|number| format!("name{number} = 1\n")).collect();
    assert_eq!(Policy::parse(&many.concat()).expect_err("many problems").len(), 100);
}

/// A parameter that nothing reads is refused in a file, and kept in what an earlier build stored.
#[test]
fn a_retired_parameter_is_unknown_in_a_file() {
    for name in super::Parameters::RETIRED_NAMES {
        let table = format!("[parameters.{name}]\nvalue = 10\nsource = \"A law\"\n\n");
        let text =
            changed("[parameters.sealedUntilDue]", &format!("{table}[parameters.sealedUntilDue]"));
        let (actual, message) = problem(&text);
        let expected = format!("parameters.{name}: this name is not known here");
        assert!(message.starts_with(&expected), "{message}");
        assert_eq!(actual, line(&text, &format!("[parameters.{name}]")));
        let stored = Policy::parse_as_stored(&text).expect("a stored policy");
        assert_eq!(stored.to_json_value()["parameters"][name]["value"], json!(10));
    }
}

/// Words of parsers and of derived code.
const FOREIGN_WORDS: [&str; 20] = [
    "TOML",
    "serde",
    "expected",
    "invalid",
    "unknown",
    "missing field",
    "duplicate",
    "struct",
    "enum",
    "variant",
    "u32",
    "u8",
    "i64",
    "f64",
    "map",
    "sequence",
    "string",
    "boolean",
    "parse",
    "column",
];

#[track_caller]
fn assert_own_words(problems: &[super::PolicyProblem]) {
    assert!(!problems.is_empty());
    for problem in problems {
        for words in FOREIGN_WORDS {
            assert!(!problem.message.contains(words), "{words}: {problem}");
        }
    }
}

#[test]
fn no_message_has_a_parsers_words() {
    for text in [
        "",
        "version",
        "version =",
        "version = ",
        "= 1",
        "[",
        "[[",
        "[rules]\n[rules]",
        "a = 1\na = 2",
        "a = 'b",
        "a = \"\"\"",
        "a = [1,",
        "a = {b = }",
        "a.b = 1\na = 2",
        "a = 01",
        "a = 1__0",
        "a = 2026-13-45",
        "a = nan",
        "\u{0}",
        "\u{feff}version = 1",
        "version = 99999999999999999999",
        "a = \"\\q\"",
        "version = 1 title = 2",
        "parameters = 1",
        "rules = []",
        "texts = \"none\"",
        "version = 1979-05-27",
        "parameters = [[]]",
        "rules.\"disclosure.missing\" = 5",
        "title = 0xff",
        "texts.notice = 2",
        "parameters.holidays = {}",
        "parameters.holidays.value = [1]",
    ] {
        assert_own_words(&Policy::parse(text).expect_err(text));
        assert_own_words(&Policy::parse_as_stored(text).expect_err(text));
        assert_own_words(&Policy::from_json(text).expect_err(text));
        assert_own_words(&Policy::from_stored(text).expect_err(text));
    }
}

/// Each value of version 1 is replaced by values of every kind. Of rules and items that look the same,
/// the first four are.
#[test]
fn no_malformed_value_has_a_parsers_words() {
    fn collect_paths(value: &Value, path: &str, paths: &mut Vec<String>) {
        paths.push(path.to_owned());
        let children: Vec<(String, &Value)> = match value {
            Value::Object(fields) => {
                let limit = if path == "/rules" { 4 } else { usize::MAX };
                fields.iter().take(limit).map(|(name, field)| (name.clone(), field)).collect()
            }
            Value::Array(items) => {
                let items = items.iter().enumerate().take(4);
                items.map(|(index, item)| (index.to_string(), item)).collect()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
        };
        for (name, child) in children {
            collect_paths(child, &format!("{path}/{name}"), paths);
        }
    }
    let policy = policy().to_json_value();
    let mut paths = Vec::new();
    collect_paths(&policy, "", &mut paths);
    let mut refused = 0;
    for path in &paths {
        for other in [
            json!(null),
            json!(true),
            json!(u64::MAX),
            json!(-7.5),
            json!("NOTHING"),
            json!(["NOTHING"]),
            json!({ "a": 1 }),
        ] {
            let mut changed = policy.clone();
            *changed.pointer_mut(path).expect("a value") = other;
            if let Err(problems) = Policy::from_json(&changed.to_string()) {
                assert_own_words(&problems);
                refused += 1;
            }
        }
    }
    assert!(paths.len() > 150 && refused > 1_000, "{} values, {refused} refused", paths.len());
}

#[test]
fn the_policy_says_which_words_a_declaration_needs() {
    let words = "[\"under penalty of perjury under the laws of the State of California\"]";
    let declared = "perjury under the laws of the State of California \\\n";
    for (value, expected) in [
        ("[]", "list at least one phrase"),
        ("[\" \"]", "must not be empty"),
        ("[\"by my honor\"]", "the attestation must contain \"by my honor\""),
        ("\"under penalty of perjury\"", "must be a list"),
        (
            "[\"I\",\"I\",\"I\",\"I\",\"I\",\"I\",\"I\",\"I\",\"I\",\"I\",\"I\"]",
            "more than 10 phrases",
        ),
    ] {
        let (_, message) = problem(&changed(words, value));
        assert!(message.contains(expected), "{message}");
    }
    let other = "[\"under the penalties of perjury\", \"true and correct\"]";
    let text = changed(words, other)
        .replace("under penalty of perjury under", "under the penalties of perjury under");
    assert!(Policy::parse(&text).is_ok(), "no state is named outside the policy");
    let text = changed(declared, "perjury \\\n").replace(words, "[\"under penalty of perjury\"]");
    assert!(Policy::parse(&text).is_ok());
    let start = VERSION_1.find("[parameters.declarationWords]").expect("the parameter");
    let end = VERSION_1[start..].find("\n\n").expect("the end of the table") + start;
    let (_, message) = problem(&format!("{}{}", &VERSION_1[..start], &VERSION_1[end..]));
    assert!(message.ends_with("declarationWords is missing"), "{message}");
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
    assert!(messages[0].contains("EMERGENCY is missing"), "{messages:?}");
    assert!(messages[1].contains("GOVERNMENT_ENTITY is listed twice"), "{messages:?}");
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
    assert!(message.contains("reinstatementCureDays is missing"), "{message}");
    let table = &VERSION_1[start..end];
    let (_, message) = problem(&changed(table, &table.replace("value = 5", "value = 367")));
    assert!(message.contains("367 is not from 0 to 366"), "{message}");
}
