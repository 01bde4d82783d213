//! Golden letters and messages.
use crate::facts::{AgreementFacts, WithheldPart};
use crate::samples::{at, facts, filing_status, party, policy, subcontractor, usd};
use crate::wording::render_message;
use crate::{
    DhsComponent, Facts, Finding, FindingDetail, Money, NatureOfWork, Severity, WithheldGround,
    decide, render_letter,
};

/// A bid of a joint venture with findings of several rules: to cure, to review and to note.
pub(super) fn bid() -> Facts {
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
    let mut secret = filing_status();
    secret.filed_at = at("2024-01-05T17:00:00Z");
    secret.id = "disc_secret".into();
    facts.subcontractors = vec![subcontractor("Harbor Paint", 3_000_000, Some(secret))];
    facts.members = vec![party("North Sweepers", None)];
    facts
}

const LETTER: &str = "\
City of Los Angeles
Bureau of Street Services
Friday, November 20, 2026

To: Bright Sweeping LLC
About: RFB-26-017, Street sweeping, Harbor district

The bid is received. A reviewer must check it before the contract can be awarded. Fix each item \
below that has a date by that date; an item that is not fixed blocks the award.

What needs attention:

1. The disclosure was filed on Thursday, November 20, 2025, 368 days before the \
reference date, Monday, November 23, 2026. A disclosure is valid for 365 days.
   What to do: File a new disclosure by the end of Wednesday, December 2, 2026 (Los Angeles \
time); if nothing has changed, reaffirm the last one in one step.
   Rule: disclosure.stale (Executive Directive 17, section E; policy version 1, freshnessDays)

2. 1 part of the disclosure is withheld, on these grounds: a trade secret.
   What to do: No action is needed now: a reviewer checks the grounds and asks if something is \
unclear.
   Rule: disclosure.partly_withheld (Executive Directive 17, section E; contract clause version \
1, paragraph (f))

3. North Sweepers, a member of the joint venture, has no current disclosure.
   What to do: Have the member file its own disclosure by the end of Wednesday, December 2, 2026 \
(Los Angeles time).
   Rule: joint_venture.member_missing_disclosure (Policy version 1, entityScope)

4. Harbor Paint, a named subcontractor, has no current disclosure.
   What to do: Have the subcontractor file its own disclosure by the end of Wednesday, \
December 2, 2026 (Los Angeles time).
   Rule: subcontractor.missing_disclosure (Policy version 1, subcontractorThreshold; FAR \
52.204-10; California Public Contract Code 4104)

For information, no action needed:

- U.S. Citizenship and Immigration Services: 1 agreement is disclosed, in the short form, which \
asks for no amount. For information only: a truthful disclosure is never held against a bid or a \
firm.

- U.S. Immigration and Customs Enforcement: 2 agreements are disclosed (detention; \
transportation and removal), worth USD 125,000.00 in total, excluding 1 whose amount is \
unknown or withheld. For information only: a truthful disclosure is never held against a bid or \
a firm.

The City asks for disclosure, not for a particular answer: a truthful disclosure is never held \
against a bid.

Questions: disclosures@city.example, +1 213 555 0100
";

#[test]
fn a_letter_lists_remedies_with_deadlines() {
    let facts = bid();
    let letter = render_letter(&policy(), &facts, &decide(&policy(), &facts));
    assert_eq!(letter, LETTER);
}

#[test]
fn a_letter_reveals_only_whether_a_subcontractor_is_current() {
    let facts = bid();
    let mut without = facts.clone();
    without.subcontractors[0].party.disclosure = None;
    let (with_stale, with_none) = (decide(&policy(), &facts), decide(&policy(), &without));
    assert_eq!(with_stale, with_none);
    assert!(!render_letter(&policy(), &facts, &with_stale).contains("disc_secret"));
}

#[test]
fn a_blocking_letter_says_how_to_submit_again() {
    let mut facts = facts();
    facts.organization.disclosure = None;
    let letter = render_letter(&policy(), &facts, &decide(&policy(), &facts));
    assert!(letter.contains(
        "The bid is not accepted. Fix the items below and submit the bid again before it is due on \
        Monday, November 23, 2026."
    ));
    assert!(letter.contains("Bright Sweeping LLC has filed no disclosure."));
    assert!(letter.contains("state that there are none"));
}

#[test]
fn unknown_and_withheld_amounts_never_count_as_zero() {
    let policy = policy();
    let euro = Money { cents: 100, currency: "EUR".into() };
    let none = (None, None);
    let other = (Some(DhsComponent::Other), Some("Office of Hope"));
    for (agreements, (component, name), totals, unknown, not_asked, expected) in [
        (1, none, vec![usd(0)], 0, 0, "worth USD 0.00 in total"),
        (1, none, vec![], 1, 0, "1 agreement is disclosed, for an amount that is unknown"),
        (3, none, vec![], 2, 1, "2 for an amount that is unknown or withheld, 1 in the short form"),
        (
            4,
            none,
            vec![euro, usd(123_450)],
            2,
            0,
            "worth EUR 1.00 and USD 1,234.50 in total, excluding 2 whose amounts",
        ),
        (1, other, vec![usd(0)], 0, 0, "Office of Hope: 1 agreement"),
        (1, none, vec![], 1, 0, "A Homeland Security component that is withheld: 1 agreement"),
    ] {
        let detail = FindingDetail::AgreementDisclosed {
            agreements,
            component,
            component_name: name.map(Into::into),
            natures: Vec::new(),
            totals,
            unknown,
            not_asked,
        };
        let severity = Severity::Note;
        let finding =
            Finding { detail, severity, path: Vec::new(), cure_by: None, cure_ended_on: None };
        let message = render_message(&finding, &policy);
        assert!(message.contains(expected), "{message}");
        assert!(message.contains("never held against a bid"));
    }
}
