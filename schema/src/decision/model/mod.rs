//! The input of an evaluation: the subject and its parties.
mod party;
mod substitution;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::gate::facts::ContractFacts;
use crate::gate::{AwardMethod, ContractAction, SubjectKind};
use crate::id::SubjectId;
use crate::money::Money;
use crate::organization::model::OrganizationId;
use crate::waiver::model::ReliefLookup;

pub use party::{
    NamedSubcontractor, NewlyResolved, Parties, PartyChoice, PartyOwner, PartySource,
    Subcontractor, SubcontractorInput,
};
pub use substitution::{ReplacementInput, Substitution, SubstitutionRequest, SubstitutionSubject};

typed_id! {
    /// The identifier of a decision.
    DecisionId, "dec"
}

/// A request to evaluate one subject, from the feature that owns it. The decision feature loads the
/// other facts.
#[derive(Clone, Debug)]
pub struct EvaluationRequest {
    pub kind: SubjectKind,
    pub id: SubjectId,
    /// The solicitation's or the contract's number.
    pub reference: String,
    pub title: String,
    pub department: String,
    /// The contact for the firm's questions, as the letter prints it.
    pub contact: String,
    /// The reference time (UTC), at which freshness and transition days are counted.
    pub reference_at: DateTime<Utc>,
    /// When the bid was received (UTC); none for other subjects and before a bid is submitted.
    pub received_at: Option<DateTime<Utc>>,
    pub amount: Option<Money>,
    pub is_public_works: bool,
    pub method: Option<AwardMethod>,
    /// The contract action, at a renewal.
    pub action: Option<ContractAction>,
    /// The contract, at an award and at a renewal.
    pub contract: Option<ContractFacts>,
    /// The keys by which its waivers and exemptions are found.
    pub relief_lookup: ReliefLookup,
    pub organization: OrganizationId,
    /// The members and subcontractors whose disclosures are checked too.
    pub parties: Parties,
    /// The identifiers of the suspensions under which the bid was admitted or held before; empty for any
    /// other subject.
    pub admitted_under: BTreeSet<String>,
    /// The version of the policy that applies.
    pub policy_version: i64,
}
