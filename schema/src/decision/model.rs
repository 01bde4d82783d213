//! What a decision is asked about.
use chrono::{DateTime, Utc};

use crate::gate::{Method, SubjectKind};
use crate::id::SubjectId;
use crate::money::Money;
use crate::organization::model::{OrganizationId, Party};

typed_id! {
    /// One decision of the gate.
    DecisionId, "dec"
}

/// What the feature that has the subject knows of it; the other facts are gathered here.
#[derive(Clone, Debug)]
pub struct Subject {
    pub kind: SubjectKind,
    pub id: SubjectId,
    /// What people call it by: the solicitation's number.
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
    pub organization: OrganizationId,
    pub subcontractors: Vec<(Party, Money)>,
    /// The policy that decides.
    pub policy_version: i64,
}
