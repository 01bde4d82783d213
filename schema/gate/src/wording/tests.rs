//! Golden letters and messages.
use crate::facts::{AgreementFacts, WithheldPart};
use crate::samples::{at, facts, filing_status, letter, party, policy, subcontractor, usd};
use crate::wording::{format_time, format_two_times, render_message};
use crate::{
    DhsComponent, Facts, Finding, FindingDetail, Money, NatureOfWork, Severity, WithheldGround,
    decide,
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

#[test]
fn a_letter_reveals_only_whether_a_subcontractor_is_current() {
    let facts = bid();
    let mut without = facts.clone();
    without.subcontractors[0].party.disclosure = None;
    let (with_stale, with_none) = (decide(&policy(), &facts), decide(&policy(), &without));
    assert_eq!(with_stale, with_none);
    assert!(!letter(&facts).contains("disc_secret"));
}

#[test]
fn a_blocking_letter_says_how_to_submit_again() {
    let mut facts = facts();
    facts.organization.disclosure = None;
    let text = letter(&facts);
    assert!(text.contains(
        "The bid is not accepted. Fix each item below that refuses the bid, and submit the bid again \
        by Monday, November 23, 2026, 2:00 p.m. PST, when bids are due."
    ));
    assert!(text.contains("Bright Sweeping LLC has no disclosure on file that counts here."));
    assert!(text.contains("state that there are none"));
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
        let message = render_message(&finding, &policy, &facts());
        assert!(message.contains(expected), "{message}");
        assert!(message.contains("never held against a bid"));
    }
}

#[test]
fn times_are_local_and_differ_if_they_are_different() {
    let policy = policy();
    let calendar = policy.calendar();
    for (time, expected) in [
        ("2026-11-23T22:00:00Z", "Monday, November 23, 2026, 2:00 p.m. PST"),
        ("2026-11-23T22:00:00.5Z", "Monday, November 23, 2026, 2:00 p.m. PST"),
        ("2026-07-01T19:05:09Z", "Wednesday, July 1, 2026, 12:05:09 p.m. PDT"),
        ("2026-07-01T07:00:00Z", "Wednesday, July 1, 2026, 12:00 a.m. PDT"),
    ] {
        assert_eq!(format_time(at(time), calendar), expected);
    }
    let [due, received] =
        format_two_times(at("2026-11-23T22:00:00Z"), at("2026-11-23T22:00:00.000001Z"), calendar);
    assert_eq!(due, "Monday, November 23, 2026, 2:00:00.000000 p.m. PST");
    assert_eq!(received, "Monday, November 23, 2026, 2:00:00.000001 p.m. PST");
    let [same, again] =
        format_two_times(at("2026-11-23T22:00:00Z"), at("2026-11-23T22:00:00Z"), calendar);
    assert_eq!((&*same, &*again), (&*again, "Monday, November 23, 2026, 2:00 p.m. PST"));
}
