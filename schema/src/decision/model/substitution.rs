//! The substitution of a subcontractor by another after bids are due.
use async_graphql::InputObject;
use chrono::{DateTime, Utc};

use super::{PartyOwner, Subcontractor};
use crate::gate::{Policy, SubstitutionGround};
use crate::money::MoneyText;
use crate::organization::model::{Identifier, OrganizationId, Party};
use crate::principal::Principal;

/// The subcontractor that takes another's place.
#[derive(Clone, Debug, InputObject)]
pub struct ReplacementInput {
    /// The organization in this service, if it is registered.
    pub organization_id: Option<OrganizationId>,
    /// Its legal name.
    pub name: String,
    /// An identifier, such as a UEI, by which to find the organization.
    pub identifier: Option<Identifier>,
    /// The amount of its part of the work; by default that of the replaced subcontractor.
    pub amount: Option<MoneyText>,
}

impl ReplacementInput {
    /// The party that is named.
    #[must_use]
    pub fn party(&self) -> Party {
        Party {
            organization_id: self.organization_id,
            name: self.name.clone(),
            identifier: self.identifier.clone(),
        }
    }
}

/// What an officer asks for.
#[derive(Clone, Debug)]
pub struct SubstitutionRequest {
    /// The replaced subcontractor's name as the bid or contract gives it, without regard to case, blanks
    /// and punctuation.
    pub name: String,
    /// The number that was given with the name, to choose among subcontractors of one name.
    pub identifier: Option<Identifier>,
    pub replacement: ReplacementInput,
    pub ground: SubstitutionGround,
    pub explanation: String,
}

/// The bid or contract whose subcontractor is replaced.
#[derive(Clone, Copy, Debug)]
pub struct SubstitutionSubject<'a> {
    pub owner: PartyOwner,
    pub id: uuid::Uuid,
    /// The bidder or the contractor.
    pub prime: OrganizationId,
    pub is_public_works: bool,
    /// The policy that applies to it.
    pub policy: &'a Policy,
}

/// A subcontractor that was replaced by another.
#[derive(Clone, Debug)]
pub struct Substitution {
    /// The bidder or the contractor at that time.
    pub prime: OrganizationId,
    /// The subcontractor until then.
    pub replaced: Subcontractor,
    /// The subcontractor from then on, which may have been replaced since.
    pub replacement: Subcontractor,
    pub ground: SubstitutionGround,
    pub explanation: String,
    /// The law that allowed it.
    pub citation: String,
    pub policy_version: i64,
    pub by: Principal,
    pub at: DateTime<Utc>,
}
