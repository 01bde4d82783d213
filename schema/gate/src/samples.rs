//! The sample policy and facts of the gate's tests.
use std::sync::LazyLock;

use chrono::{DateTime, Utc};

use super::facts::{
    DisclosureFacts, FactsVersion, FilingStatus, PartyFacts, SubcontractorFacts, SubjectFacts,
};
use super::{AwardMethod, Facts, LetterDetails, Money, Policy, Reading, ReviewState, SubjectKind};
use super::{decide, render_letter};

/// The text of `policies/version-1.toml`.
pub const VERSION_1: &str = include_str!("../../../policies/version-1.toml");

/// Version 1 of the policy, parsed once: the generated facts ask for it thousands of times.
pub fn policy() -> Policy {
    static POLICY: LazyLock<Policy> =
        LazyLock::new(|| Policy::parse(VERSION_1).expect("version 1 may be published"));
    POLICY.clone()
}

/// The text of version 1 with the first `from` replaced by `to`. Panics if there is no `from`.
pub fn changed(from: &str, to: &str) -> String {
    assert!(VERSION_1.contains(from), "{from}");
    VERSION_1.replacen(from, to, 1)
}

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

pub fn usd(cents: i64) -> Money {
    Money { cents, currency: "USD".into() }
}

/// A current filing: 60 days before bids are due, under version 1.
pub fn filing_status() -> FilingStatus {
    FilingStatus {
        id: "disc_01kb0000000000000000000000".into(),
        version: 1,
        sha256: "0".repeat(64),
        filed_at: at("2026-09-24T17:00:00Z"),
        policy_version: 1,
        questions: policy().questions(),
        review: ReviewState::Unreviewed,
        clarification: None,
        rejection: None,
        has_open_appeal: false,
        is_paper: false,
    }
}

pub fn party(name: &str, disclosure: Option<FilingStatus>) -> PartyFacts<FilingStatus> {
    PartyFacts {
        id: Some(format!("org_{name}")),
        name: name.into(),
        disclosure,
        later_filings: Vec::new(),
        resolution: None,
    }
}

pub fn subcontractor(
    name: &str,
    cents: i64,
    disclosure: Option<FilingStatus>,
) -> SubcontractorFacts {
    SubcontractorFacts { party: party(name, disclosure), amount: Some(usd(cents)) }
}

/// A bid due on Monday, November 23, 2026, 14:00 local time, three days before Thanksgiving. The
/// bidder disclosed that it has no agreements and no arrangements.
pub fn facts() -> Facts {
    let disclosure = DisclosureFacts {
        filing: filing_status(),
        withheld: Vec::new(),
        agreements: Vec::new(),
        arrangements: Vec::new(),
    };
    Facts {
        version: FactsVersion::First,
        subject: SubjectFacts {
            kind: SubjectKind::BidSubmission,
            id: "bid_01kb0000000000000000000000".into(),
            reference: "RFB-26-017".into(),
            title: "Street sweeping, Harbor district".into(),
            department: "Bureau of Street Services".into(),
            contact: "disclosures@city.example, +1 213 555 0100".into(),
        },
        decided_at: at("2026-11-20T18:30:00Z"),
        reference_at: at("2026-11-23T22:00:00Z"),
        received_at: None,
        amount: Some(usd(500_000_000)),
        is_public_works: false,
        method: Some(AwardMethod::Bids),
        organization: PartyFacts {
            id: Some("org_01kb0000000000000000000000".into()),
            name: "Bright Sweeping LLC".into(),
            disclosure: Some(disclosure),
            later_filings: Vec::new(),
            resolution: None,
        },
        members: Vec::new(),
        subcontractors: Vec::new(),
        suspensions: Vec::new(),
        reinstatements: Vec::new(),
        action: None,
        contract: None,
        exemptions: Vec::new(),
        waivers: Vec::new(),
        owners: Vec::new(),
        awards: Vec::new(),
        award_data: None,
    }
}

/// The letter on a decision on these facts by the first policy, read when it is made.
pub fn letter(facts: &Facts) -> String {
    let policy = policy();
    let reference = Some("dec_01kb0000000000000000000000");
    let details = LetterDetails { reference, has_unsigned_draft: false };
    let decision = decide(&policy, facts);
    render_letter(&Reading::at_decision(&policy, facts, &decision), details)
}
