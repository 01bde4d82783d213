//! A contract: awarded by the gate, without it, or recorded as it was.
use async_graphql::InputObject;

use crate::bidding::model::{BidId, SubcontractorInput};
use crate::gate::Method;
use crate::money::MoneyText;
use crate::organization::model::{DepartmentId, OrganizationId};
use crate::scalar::Date;

typed_id! {
    /// A contract.
    ContractId, "con"
}

vocabulary! {
    /// By what right a contract, or what carries it on, stands in the record.
    pub enum Basis {
        /// The gate admitted it: exactly then there is a decision.
        Gated,
        /// The policy does not have the gate decide on it.
        Ungated,
        /// It is recorded as it was made outside the service.
        Recorded,
    }
}

/// A contract as it is awarded: from a bid, or by a method that needs none.
#[derive(Clone, Debug, InputObject)]
pub struct AwardInput {
    /// The bid, admitted or held, that it is awarded to. Department, organization, method and
    /// subcontractors are the bid's then.
    pub bid_id: Option<BidId>,
    /// The department, where there is no bid.
    pub department_id: Option<DepartmentId>,
    /// The contractor, where there is no bid.
    pub organization_id: Option<OrganizationId>,
    /// How it is awarded, where there is no bid: not by bids or proposals.
    pub method: Option<Method>,
    /// It is a public work, where there is no bid.
    #[graphql(default)]
    pub public_works: bool,
    /// The subcontractors, where there is no bid.
    #[graphql(default)]
    pub subcontractors: Vec<SubcontractorInput>,
    /// Its number, one of a kind in the department.
    pub number: String,
    /// Its title; the solicitation's if it is left out.
    pub title: Option<String>,
    /// What it comes to; the bid's amount if it is left out.
    pub value: Option<MoneyText>,
    /// Its first day.
    pub start_date: Date,
    /// Its last day.
    pub end_date: Date,
    /// How many options to carry it on it gives.
    #[graphql(default)]
    pub options_left: i32,
    /// The version of the disclosure clause that stands in it; left out if none does.
    pub clause_version: Option<i32>,
    /// The day of the award, today or later; today if it is left out.
    pub awarded_on: Option<Date>,
}

/// A contract that was made outside the service, as it is recorded.
#[derive(Clone, Debug, InputObject)]
pub struct ContractInput {
    /// The department.
    pub department_id: DepartmentId,
    /// The contractor.
    pub organization_id: OrganizationId,
    /// Its number, one of a kind in the department.
    pub number: String,
    /// Its title.
    pub title: String,
    /// What it comes to.
    pub value: MoneyText,
    /// How it was awarded, if that is known.
    pub method: Option<Method>,
    /// It is a public work.
    #[graphql(default)]
    pub public_works: bool,
    /// The day on which it was signed; its first day if it is left out.
    pub signed_on: Option<Date>,
    /// Its first day.
    pub start_date: Date,
    /// Its last day.
    pub end_date: Date,
    /// How many options to carry it on are left.
    #[graphql(default)]
    pub options_left: i32,
    /// The version of the disclosure clause that stands in it; left out if none does.
    pub clause_version: Option<i32>,
    /// The master contract that it is an order under.
    pub master_id: Option<ContractId>,
    /// The subcontractors that it names.
    #[graphql(default)]
    pub subcontractors: Vec<SubcontractorInput>,
}

/// The disclosure clause as it is put into a contract.
#[derive(Clone, Debug, InputObject)]
pub struct ClauseInput {
    /// The contract.
    pub contract_id: ContractId,
    /// The clause's version.
    pub version: i32,
    /// The day on which it was put in, today or earlier; today if it is left out.
    pub inserted_on: Option<Date>,
}
