//! What a decision is asked about.
use chrono::{DateTime, Utc};

use crate::gate::facts::ContractFacts;
use crate::gate::{Action, Method, SubjectKind};
use crate::id::SubjectId;
use crate::money::Money;
use crate::organization::model::{OrganizationId, Party};
use crate::waiver::model::Sought;

typed_id! {
    /// One decision of the gate.
    DecisionId, "dec"
}

/// What the feature that has the subject knows of it; the other facts are gathered here.
#[derive(Clone, Debug)]
pub struct Subject {
    pub kind: SubjectKind,
    pub id: SubjectId,
    /// What people call it by: the solicitation's or the contract's number.
    pub reference: String,
    pub title: String,
    pub department: String,
    /// Whom the firm asks.
    pub contact: String,
    /// UTC: the moment at which freshness and transition are counted.
    pub reference_at: DateTime<Utc>,
    pub amount: Option<Money>,
    pub public_works: bool,
    pub method: Option<Method>,
    /// How the contract is carried on, at a renewal.
    pub action: Option<Action>,
    /// The contract, at an award and at a renewal.
    pub contract: Option<ContractFacts>,
    /// By what waivers and exemptions for it are found.
    pub sought: Sought,
    pub organization: OrganizationId,
    pub subcontractors: Vec<(Party, Money)>,
    /// The policy that decides.
    pub policy_version: i64,
}
