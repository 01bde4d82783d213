//! Facts whose decisions need every kind of letter.
use std::collections::BTreeSet;

use super::date;
use crate::facts::{AwardDataFacts, ContractFacts, RejectionFacts, SuspensionFacts};
use crate::samples::{at, facts};
use crate::wording::tests::bid;
use crate::{Facts, Outcome, RejectionReason, ReviewState, SubjectKind};

fn with_agreement(mut facts: Facts) -> Facts {
    let agreements = bid().organization.disclosure.expect("it has filed").agreements;
    facts.organization.disclosure.as_mut().expect("it has filed").agreements = agreements;
    facts
}

/// Facts with a withheld part that nobody has reviewed.
fn to_review(mut facts: Facts) -> Facts {
    let withheld = bid().organization.disclosure.expect("it has filed").withheld;
    facts.organization.disclosure.as_mut().expect("it has filed").withheld = withheld;
    facts
}

fn under_appeal(mut facts: Facts) -> Facts {
    let filing = &mut facts.organization.disclosure.as_mut().expect("it has filed").filing;
    filing.review = ReviewState::Rejected;
    filing.has_open_appeal = true;
    filing.rejection = Some(RejectionFacts {
        reasons: vec![RejectionReason::NotAuthorized],
        explanation: "Have an officer of the firm sign.".into(),
        appeal_by: Some(at("2026-12-01T08:00:00Z")),
        decided_at: Some(at("2026-11-16T20:00:00Z")),
    });
    facts
}

fn without_filing(mut facts: Facts, decided_at: &str) -> Facts {
    facts.organization.disclosure = None;
    facts.decided_at = at(decided_at);
    facts
}

/// An award or renewal of a contract that carries the clause.
fn contract(kind: SubjectKind) -> Facts {
    let mut facts = facts();
    facts.subject.kind = kind;
    facts.subject.id = "ctr_01kb0000000000000000000000".into();
    facts.subject.reference = "C-145873".into();
    facts.reference_at = facts.decided_at;
    facts.contract = Some(ContractFacts {
        clause_version: Some(1),
        signed_on: date("2026-11-20"),
        is_under_ordinance: true,
        clause_added_on: None,
        ends_on: None,
        runs_until: None,
    });
    facts
}

fn suspended(mut facts: Facts) -> Facts {
    facts.organization.disclosure = None;
    facts.suspensions = vec![SuspensionFacts {
        id: "sus_01kb0000000000000000000000".into(),
        rules: BTreeSet::new(),
        citation: "order of November 2, 2026, case 26STCP01234".into(),
        suspended_at: Some(at("2026-11-02T18:00:00Z")),
    }];
    facts.award_data = Some(AwardDataFacts { revision: 0, newest_on: None, sha256: None });
    facts
}

/// The kinds of letters about a subject with an outcome, each with a name.
fn letters_of(kind: SubjectKind, outcome: Outcome) -> Vec<(&'static str, Facts)> {
    match (kind, outcome) {
        (SubjectKind::BidSubmission, Outcome::Admit) => vec![
            ("nothing_to_disclose", facts()),
            ("disclosed", with_agreement(facts())),
            ("suspended", suspended(facts())),
        ],
        (SubjectKind::BidSubmission, Outcome::Review) => vec![
            ("to_cure", bid()),
            ("to_review", to_review(facts())),
            ("under_appeal", under_appeal(facts())),
        ],
        (SubjectKind::BidSubmission, Outcome::Block) => vec![
            ("before_due", without_filing(facts(), "2026-11-20T18:30:00Z")),
            ("after_due", without_filing(facts(), "2026-12-05T18:30:00Z")),
        ],
        (SubjectKind::ContractAward | SubjectKind::ContractRenewal, Outcome::Admit) => {
            vec![("disclosed", with_agreement(contract(kind)))]
        }
        (SubjectKind::ContractAward | SubjectKind::ContractRenewal, Outcome::Review) => {
            vec![("to_review", to_review(contract(kind)))]
        }
        (SubjectKind::ContractAward | SubjectKind::ContractRenewal, Outcome::Block) => {
            let mut facts = without_filing(contract(kind), "2026-11-20T18:30:00Z");
            facts.contract.as_mut().expect("a contract").clause_version = None;
            vec![("missing", facts)]
        }
    }
}

/// The letters of all kinds, each with the name of its snapshot.
pub(super) fn letters() -> Vec<(String, Outcome, Facts)> {
    let pairs = SubjectKind::ALL
        .iter()
        .flat_map(|kind| Outcome::ALL.iter().map(move |outcome| (*kind, *outcome)));
    let letters = pairs.flat_map(|(kind, outcome)| {
        letters_of(kind, outcome).into_iter().map(move |(name, mut facts)| {
            facts.received_at =
                (kind == SubjectKind::BidSubmission).then(|| at("2026-11-20T18:29:58Z"));
            let (kind, word) = (kind.as_str(), outcome.as_str());
            (format!("letter.{kind}.{word}.{name}").to_lowercase(), outcome, facts)
        })
    });
    letters.collect()
}
