//! Golden texts: one snapshot file for the message and remedy of each rule, and one for each kind
//! of letter, under version 1 of the policy. A new rule does not compile without samples here.
//!
//! After an intended change of wording, run the tests with `INSTA_UPDATE=always` and read the diff.
mod details;
mod letters;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use chrono::NaiveDate;

use self::details::details_of;
use self::letters::letters;
use crate::render_letter;
use crate::rules::Case;
use crate::samples::{at, facts, policy};
use crate::wording::{citation, render_message, render_remedy};
use crate::{Decision, Facts, LetterDetails, Reading, RuleCode, SubjectKind, decide};

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// The subjects and times for which text is rendered: bids are due on November 23, 2026, and the
/// time to cure ends on December 2.
fn situations() -> Vec<(&'static str, Facts)> {
    let of = |kind, decided_at| {
        let mut facts = Facts { decided_at: at(decided_at), ..facts() };
        facts.subject.kind = kind;
        facts
    };
    let all = SubjectKind::ALL.iter().map(|kind| match kind {
        SubjectKind::BidSubmission => vec![
            ("bid before it is due", of(*kind, "2026-11-20T18:30:00Z")),
            ("bid after the time to fix", of(*kind, "2026-12-05T18:30:00Z")),
        ],
        SubjectKind::ContractAward => vec![("award", of(*kind, "2026-12-05T18:30:00Z"))],
        SubjectKind::ContractRenewal => vec![("renewal", of(*kind, "2026-12-05T18:30:00Z"))],
    });
    all.flatten().collect()
}

/// Renders a rule's samples in every situation; situations with the same text share a paragraph.
fn render_samples(code: RuleCode) -> String {
    let policy = policy();
    let mut text = String::new();
    for (title, detail) in details_of(code) {
        assert_eq!(detail.code(), code, "{title}");
        let mut paragraphs: Vec<(Vec<String>, String)> = Vec::new();
        for (situation, facts) in situations() {
            let case = Case { policy: &policy, facts: &facts };
            let Some(finding) = case.finding(&[], detail.clone()) else { continue };
            let decision = Decision::from_findings(vec![finding.clone()]);
            let reading = Reading::at_decision(&policy, &facts, &decision);
            let body = format!(
                "Message: {}\nRemedy: {}\nSource: {}\n",
                render_message(&finding, &policy, &facts),
                render_remedy(&finding, &reading),
                citation(&finding, &policy, &facts)
            );
            let heading = format!("{situation}: {}", finding.severity.as_str());
            match paragraphs.iter_mut().find(|(_, other)| *other == body) {
                Some((headings, _)) => headings.push(heading),
                None => paragraphs.push((vec![heading], body)),
            }
        }
        assert!(!paragraphs.is_empty(), "the policy applies {code} to no subject");
        for (headings, body) in paragraphs {
            writeln!(text, "[{title}] {}\n{body}", headings.join(", ")).expect("a string");
        }
    }
    text
}

#[test]
fn each_rule_has_golden_text() {
    for code in RuleCode::ALL {
        compare(code.as_str(), &render_samples(*code));
    }
}

/// Compares a text with its snapshot file.
fn compare(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn each_kind_of_letter_has_golden_text() {
    let policy = policy();
    for (name, outcome, facts) in letters() {
        let decision = decide(&policy, &facts);
        assert_eq!(decision.outcome, outcome, "{name}: {decision:?}");
        let details = LetterDetails {
            reference: Some("dec_01kb0000000000000000000000"),
            has_unsigned_draft: name.ends_with("before_due"),
        };
        compare(&name, &render_letter(&Reading::at_decision(&policy, &facts, &decision), details));
    }
}

#[test]
fn no_snapshot_is_left_of_a_removed_rule_or_letter() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/wording/golden_tests/snapshots");
    let files = std::fs::read_dir(folder).expect("the folder");
    let files = files.map(|file| file.expect("a file").file_name().into_string().expect("ASCII"));
    let names = RuleCode::ALL.iter().map(|code| code.as_str().to_owned());
    let names = names.chain(letters().into_iter().map(|(name, ..)| name));
    let expected: BTreeSet<String> = names.map(|name| format!("{name}.snap")).collect();
    assert_eq!(files.collect::<BTreeSet<_>>(), expected);
}
