//! The input that identifies a party of a bid or contract.
use async_graphql::InputObject;

use super::ContractId;
use crate::bidding::model::BidId;
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
