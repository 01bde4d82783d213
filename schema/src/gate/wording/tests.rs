//! What people read.
use crate::gate::facts::{AgreementFacts, WithheldPart};
use crate::gate::samples::{at, facts, party, policy, standing, subcontractor, usd};
use crate::gate::wording::{citation, message, remedy};
use crate::gate::{
    Decision, DhsComponent, Facts, Finding, NatureOfWork, RuleCode, Severity, WithheldGround,
    decide, letter,
};

fn bid() -> Facts {
    let mut facts = facts();
    let disclosure = facts.organization.disclosure.as_mut().expect("it has filed");
    disclosure.filing.filed_at = at("2025-11-20T17:00:00Z");
    disclosure.agreements = vec![
        AgreementFacts {
            component: Some(DhsComponent::Ice),
            component_name: None,
            natures: vec![NatureOfWork::Detention, NatureOfWork::TransportationAndRemoval],
            compensation: Some(usd(12_500_000)),
            is_short_form: false,
        },
        AgreementFacts {
            component: Some(DhsComponent::Ice),
            component_name: None,
            natures: Vec::new(),
            compensation: None,
            is_short_form: false,
        },
        AgreementFacts {
            component: Some(DhsComponent::Uscis),
            component_name: None,
            natures: Vec::new(),
            compensation: None,
            is_short_form: true,
        },
    ];
    let path = vec!["dhs".into(), "agreements".into(), "1".into(), "compensation".into()];
    disclosure.withheld = vec![WithheldPart { path, ground: WithheldGround::TradeSecret }];
    let mut secret = standing();
    secret.filed_at = at("2024-01-05T17:00:00Z");
    secret.id = "disc_secret".into();
    facts.subcontractors = vec![subcontractor("Harbor Paint", 3_000_000, Some(secret))];
    facts.members = vec![party("North Sweepers", None)];
    facts
}

const LETTER: &str = "\
City of Los Angeles
Bureau of Street Services
Friday, 20 November 2026

To: Bright Sweeping LLC
About: RFB-26-017, Street sweeping, Harbor district

The bid is received and held: a reviewer looks at it before it can lead to an award. What is \
named below with a date can be mended until then; unmended, it stops the award.

What needs attention:

1. The disclosure was filed on Thursday, 20 November 2025, 368 days before the date that \
counts, Monday, 23 November 2026. A disclosure counts for 365 days.
   What to do: File a new disclosure by the end of Wednesday, 2 December 2026 (Los Angeles \
time); if nothing has changed, reaffirm the last one, which takes one step.
   Rule: disclosure.stale (Executive Directive 17, section E; policy version 1, freshnessDays)

2. 1 part of the disclosure is withheld, and it says so: a trade secret.
   What to do: Nothing now: a reviewer looks at the grounds, and asks if something is unclear.
   Rule: disclosure.partly_withheld (Executive Directive 17, section E; contract clause version \
1, paragraph (f))

3. North Sweepers, a member of the joint venture, has no current disclosure.
   What to do: Have the member file its own disclosure by the end of Wednesday, 2 December 2026 \
(Los Angeles time).
   Rule: joint_venture.member_missing_disclosure (Policy version 1, entityScope)

4. Harbor Paint, a named subcontractor, has no current disclosure.
   What to do: Have the subcontractor file its own disclosure by the end of Wednesday, 2 \
December 2026 (Los Angeles time).
   Rule: subcontractor.missing_disclosure (Policy version 1, subcontractorThreshold; FAR \
52.204-10; California Public Contract Code 4104)

What was noted, and needs nothing:

- U.S. Citizenship and Immigration Services: 1 agreement is disclosed, in the short form, which \
asks for no amount. It is noted only: a true statement, whatever it says, is never held against \
a bid or a firm.

- U.S. Immigration and Customs Enforcement: 2 agreements are disclosed (detention; \
transportation and removal), worth USD 125,000.00 in total, without the amount of 1, which is \
unknown or withheld. It is noted only: a true statement, whatever it says, is never held \
against a bid or a firm.

The City asks for disclosure, not for a particular answer: a true statement is never held \
against a bid.

Questions: disclosures@city.example, +1 213 555 0100
";

#[test]
fn a_letter_says_what_to_do_and_by_when() {
    let facts = bid();
    let letter = letter(&policy(), &facts, &decide(&policy(), &facts));
    assert_eq!(letter, LETTER);
}

#[test]
fn a_letter_tells_of_a_subcontractor_only_whether_it_is_current() {
    let facts = bid();
    let mut without = facts.clone();
    without.subcontractors[0].party.disclosure = None;
    let (one, other) = (decide(&policy(), &facts), decide(&policy(), &without));
    assert_eq!(one, other);
    assert!(!letter(&policy(), &facts, &one).contains("disc_secret"));
}

#[test]
fn a_letter_that_blocks_says_how_to_go_on() {
    let mut facts = facts();
    facts.organization.disclosure = None;
    let letter = letter(&policy(), &facts, &decide(&policy(), &facts));
    assert!(letter.contains("The bid is not accepted. Mend what is named below and submit"));
    assert!(letter.contains("Bright Sweeping LLC has filed no disclosure."));
    assert!(letter.contains("state that there is none"));
}

#[test]
fn what_is_not_told_is_never_called_nothing() {
    let policy = policy();
    for (values, says) in [
        (&[("agreements", "1"), ("total", "0.00 USD")][..], "worth USD 0.00 in total"),
        (
            &[("agreements", "1"), ("total", "unknown"), ("unknown", "1")],
            "1 agreement is disclosed, for an amount that is unknown or withheld",
        ),
        (
            &[("agreements", "3"), ("total", "unknown"), ("unknown", "2"), ("notAsked", "1")],
            "2 for an amount that is unknown or withheld, 1 in the short form",
        ),
        (
            &[("agreements", "4"), ("total", "1.00 EUR, 1234.50 USD, unknown"), ("unknown", "2")],
            "worth EUR 1.00 and USD 1,234.50 in total, without the amounts of 2",
        ),
        (
            &[("agreements", "1"), ("component", "OTHER"), ("componentName", "Office of Hope")],
            "Office of Hope: 1 agreement",
        ),
        (&[("agreements", "1")], "A Homeland Security component that is withheld: 1 agreement"),
    ] {
        let finding = Finding {
            code: RuleCode::AgreementDisclosed,
            severity: Severity::Note,
            path: Vec::new(),
            values: values.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            cure_by: None,
        };
        let message = message(&finding, &policy);
        assert!(message.contains(says), "{message}");
        assert!(message.contains("never held against a bid"));
    }
}

#[test]
fn every_rule_has_words_whatever_its_finding_holds() {
    let policy = policy();
    for code in RuleCode::ALL {
        for severity in Severity::ALL {
            let finding = Finding {
                code: *code,
                severity: *severity,
                path: Vec::new(),
                values: [].into(),
                cure_by: Some(at("2026-12-03T08:00:00Z")),
            };
            assert!(message(&finding, &policy).ends_with('.'), "{code}");
            assert!(remedy(&finding, &policy).ends_with('.'), "{code}");
            assert!(!citation(&finding, &policy).is_empty());
            let mut decision = Decision::of(vec![finding]);
            decision.findings[0].values = [("total".into(), " , x".into())].into();
            assert!(letter(&policy, &facts(), &decision).contains("Questions: "));
        }
    }
}
