//! The values of a bid: status, order and input.
use async_graphql::InputObject;

use super::{OrderDirection, SolicitationId};
use crate::gate::Outcome;
use crate::money::MoneyText;
use crate::organization::model::{Identifier, OrganizationId, Party};

typed_id! {
    /// A bid, submitted or refused.
    BidId, "bid"
}

string_enum! {
    /// The status of a bid.
    pub enum BidStatus {
        /// Admitted by the gate.
        Admitted,
        /// Valid, but waits for a review or a cure.
        Held,
        /// Blocked by the gate: not a valid bid.
        Refused,
        /// Withdrawn by the firm before bids were due.
        Withdrawn,
        /// A contract was awarded to it.
        Awarded,
        /// Closed because its solicitation was canceled.
        Closed,
    }

    /// The field by which bids are ordered.
    pub enum BidOrderField {
        /// The time of submission.
        SubmittedAt,
        /// The amount in hundredths, regardless of currency.
        Amount,
        /// The status, in alphabetical order.
        Status,
    }
}

/// The current status does not allow this transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidTransition;

impl BidStatus {
    /// The status that a decision gives to a new bid.
    #[must_use]
    pub const fn from_outcome(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Admit => Self::Admitted,
            Outcome::Review => Self::Held,
            Outcome::Block => Self::Refused,
        }
    }

    /// The status after a new decision.
    ///
    /// # Errors
    /// Unless the bid is admitted, held or refused.
    pub fn redecide(self, outcome: Outcome) -> Result<Self, InvalidTransition> {
        if self.is_live() || self == Self::Refused {
            Ok(Self::from_outcome(outcome))
        } else {
            Err(InvalidTransition)
        }
    }

    /// Whether the bid is valid and open: an organization has at most one on a solicitation.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Admitted | Self::Held)
    }

    /// The status after an award.
    ///
    /// # Errors
    /// Unless the bid is admitted or held.
    pub fn award(self) -> Result<Self, InvalidTransition> {
        if self.is_live() { Ok(Self::Awarded) } else { Err(InvalidTransition) }
    }

    /// The status after a withdrawal.
    ///
    /// # Errors
    /// Unless the bid is admitted or held.
    pub fn withdraw(self) -> Result<Self, InvalidTransition> {
        if self.is_live() { Ok(Self::Withdrawn) } else { Err(InvalidTransition) }
    }
}

/// The order of a list of bids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, InputObject)]
pub struct BidOrder {
    /// The field to order by.
    pub field: BidOrderField,
    /// The direction.
    pub direction: OrderDirection,
}

/// A bid to submit.
#[derive(Clone, Debug, InputObject)]
pub struct BidInput {
    /// The solicitation.
    pub solicitation_id: SolicitationId,
    /// The organization that bids.
    pub organization_id: OrganizationId,
    /// The total amount of the bid.
    pub amount: MoneyText,
    /// The subcontractors.
    #[graphql(default)]
    pub subcontractors: Vec<SubcontractorInput>,
}

/// A subcontractor that a bid or a contract names: by its organization here, or by its legal name and
/// an identifier such as a UEI, which each decision tries to resolve to an organization.
#[derive(Clone, Debug, InputObject)]
pub struct SubcontractorInput {
    /// The organization in this service, if it is registered.
    pub organization_id: Option<OrganizationId>,
    /// Its legal name.
    pub name: String,
    /// An identifier, such as a UEI, by which to find the organization.
    pub identifier: Option<Identifier>,
    /// The amount of its part of the work.
    pub amount: MoneyText,
}

impl SubcontractorInput {
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
