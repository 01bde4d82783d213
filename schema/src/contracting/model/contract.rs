//! The values and inputs of a contract.
use async_graphql::InputObject;

use crate::bidding::model::{BidId, SubcontractorInput};
use crate::gate::AwardMethod;
use crate::money::MoneyText;
use crate::organization::model::{DepartmentId, OrganizationId};
use crate::scalar::Date;

typed_id! {
    /// A contract.
    ContractId, "con"
}

string_enum! {
    /// The basis on which a contract or a contract action was recorded.
    pub enum Basis {
        /// Admitted by the gate; has a decision.
        Gated,
        /// Not subject to the gate under the policy; has no decision.
        Ungated,
        /// Made outside the service and recorded here; has no decision.
        Recorded,
    }
}

/// A contract to award: from a bid, or by a method that does not require bids.
#[derive(Clone, Debug, InputObject)]
pub struct AwardInput {
    /// The admitted or held bid to award the contract to. Department, organization, method and
    /// subcontractors are then taken from the bid.
    pub bid_id: Option<BidId>,
    /// The department; required without a bid.
    pub department_id: Option<DepartmentId>,
    /// The contractor; required without a bid.
    pub organization_id: Option<OrganizationId>,
    /// The award method; required without a bid, and not bids or proposals.
    pub method: Option<AwardMethod>,
    /// Whether this is a public work; only without a bid.
    #[graphql(default)]
    pub public_works: bool,
    /// The subcontractors; only without a bid.
    #[graphql(default)]
    pub subcontractors: Vec<SubcontractorInput>,
    /// The number, unique within the department.
    pub number: String,
    /// The title; by default the title of the solicitation.
    pub title: Option<String>,
    /// The value; by default the amount of the bid.
    pub value: Option<MoneyText>,
    /// The first day.
    pub start_date: Date,
    /// The last day.
    pub end_date: Date,
    /// The number of options to extend the contract.
    #[graphql(default)]
    pub options_left: i32,
    /// The version of the disclosure clause that the contract carries, if any.
    pub clause_version: Option<i32>,
    /// The date of the award, today (the default) or later.
    pub awarded_on: Option<Date>,
}

/// A contract made outside the service, to record.
#[derive(Clone, Debug, InputObject)]
pub struct ContractInput {
    /// The department.
    pub department_id: DepartmentId,
    /// The contractor.
    pub organization_id: OrganizationId,
    /// The number, unique within the department.
    pub number: String,
    /// The title.
    pub title: String,
    /// The value.
    pub value: MoneyText,
    /// The award method, if known.
    pub method: Option<AwardMethod>,
    /// Whether this is a public work.
    #[graphql(default)]
    pub public_works: bool,
    /// The date of signature; by default the first day.
    pub signed_on: Option<Date>,
    /// The first day.
    pub start_date: Date,
    /// The last day.
    pub end_date: Date,
    /// The number of options left to extend the contract.
    #[graphql(default)]
    pub options_left: i32,
    /// The version of the disclosure clause that the contract carries, if any.
    pub clause_version: Option<i32>,
    /// The master contract, if this is an order under one.
    pub master_id: Option<ContractId>,
    /// The subcontractors.
    #[graphql(default)]
    pub subcontractors: Vec<SubcontractorInput>,
}

/// The disclosure clause to insert into a contract.
#[derive(Clone, Debug, InputObject)]
pub struct ClauseInput {
    /// The contract.
    pub contract_id: ContractId,
    /// The version of the clause.
    pub version: i32,
    /// The date of insertion, today (the default) or earlier.
    pub inserted_on: Option<Date>,
}
