//! Validated filters, with their values parsed. A list without values is no condition.
use chrono::{DateTime, NaiveDate, Utc};

use crate::bidding::model::{BidStatus, SolicitationId};
use crate::disclosure::model::DisclosureCriteria;
use crate::gate::{Outcome, ReviewState, RuleCode};
use crate::organization::model::{DepartmentId, OrganizationId};

/// A validated [`BidFilter`](super::BidFilter).
#[derive(Clone, Debug)]
pub struct ValidBidFilter {
    pub solicitation: Option<SolicitationId>,
    pub department: Option<DepartmentId>,
    pub organization: Option<OrganizationId>,
    pub statuses: Vec<BidStatus>,
    pub outcomes: Vec<Outcome>,
    pub findings: Vec<RuleCode>,
    pub reviews: Vec<ReviewState>,
    /// The subject of a token.
    pub reviewer: Option<String>,
    pub assigned: Option<bool>,
    pub submitted_from: Option<DateTime<Utc>>,
    pub submitted_before: Option<DateTime<Utc>>,
    pub disclosure: DisclosureCriteria,
}

/// A validated [`ContractFilter`](super::ContractFilter).
#[derive(Clone, Debug)]
pub struct ValidContractFilter {
    pub department: Option<DepartmentId>,
    pub organization: Option<OrganizationId>,
    pub ends_from: Option<NaiveDate>,
    pub ends_until: Option<NaiveDate>,
    pub readiness: Vec<Outcome>,
    pub readiness_at_end: Vec<Outcome>,
    pub disclosure_lapses_before: Option<NaiveDate>,
    pub clause_missing: Option<bool>,
    pub exempted: Option<bool>,
    pub waived: Option<bool>,
    pub out_of_compliance: Option<bool>,
    pub noncompliant_by: Option<NaiveDate>,
    pub noncompliance_codes: Vec<RuleCode>,
    pub disclosure: DisclosureCriteria,
}
