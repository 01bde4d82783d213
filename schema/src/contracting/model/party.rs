//! The inputs that identify or replace a party of a bid or contract.
use async_graphql::InputObject;

use super::ContractId;
use crate::bidding::model::BidId;
use crate::decision::model::ReplacementInput;
use crate::gate::SubstitutionGround;
use crate::organization::model::{Identifier, OrganizationId};

/// The organization that a named party of a bid or contract is.
#[derive(Clone, Debug, InputObject)]
pub struct IdentifyPartyInput {
    /// The bid that names the party; or send the contract.
    pub bid_id: Option<BidId>,
    /// The contract that names the party; or send the bid.
    pub contract_id: Option<ContractId>,
    /// The name that the bid or contract gives, without regard to case, blanks and punctuation. Every
    /// entry with this name is identified.
    pub name: String,
    /// The number that was given with the name, to choose among several parties of one name.
    pub identifier: Option<Identifier>,
    /// The organization. It has the number or the exact name that was given.
    pub organization_id: OrganizationId,
}

/// The subcontractor of a bid or contract to replace, and the one that takes its place.
#[derive(Clone, Debug, InputObject)]
pub struct SubstitutionInput {
    /// The bid that names the subcontractor; or send the contract.
    pub bid_id: Option<BidId>,
    /// The contract that names the subcontractor; or send the bid.
    pub contract_id: Option<ContractId>,
    /// The name of the subcontractor to replace, as the bid or contract gives it, without regard to case,
    /// blanks and punctuation. Every entry with this name is replaced.
    pub name: String,
    /// The number that was given with the name, to choose among several subcontractors of one name.
    pub identifier: Option<Identifier>,
    /// The subcontractor that takes its place.
    pub replacement: ReplacementInput,
    /// The ground; the policy lists those that it allows for this kind of contract.
    pub ground: SubstitutionGround,
    /// What happened, and how the department established it. The firm reads it.
    pub explanation: String,
}
