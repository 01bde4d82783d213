//! A bid: admitted, held or refused; perhaps withdrawn.
use async_graphql::InputObject;

use super::{OrderDirection, SolicitationId};
use crate::gate::Outcome;
use crate::money::MoneyText;
use crate::organization::model::{Identifier, OrganizationId, Party};

typed_id! {
    /// A bid, or a refused attempt at one.
    BidId, "bid"
}

vocabulary! {
    /// Where a bid is in its life.
    pub enum BidStatus {
        /// It counts.
        Admitted,
        /// It counts, and waits for a reviewer or a cure.
        Held,
        /// An attempt that did not become a bid.
        Refused,
        /// Taken back before the due time.
        Withdrawn,
        /// The contract was awarded to it.
        Awarded,
        /// It counts no more: the solicitation was cancelled.
        Closed,
    }

    /// By what a list of bids is ordered.
    pub enum BidOrderField {
        /// When it was submitted.
        SubmittedAt,
        /// The amount, whatever its currency.
        Amount,
        /// Its status, in alphabetical order.
        Status,
    }
}

/// A step that the present status does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidTransition;

impl BidStatus {
    /// What a decision makes of a new bid.
    #[must_use]
    pub const fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Admit => Self::Admitted,
            Outcome::Review => Self::Held,
            Outcome::Block => Self::Refused,
        }
    }

    /// What a new decision makes of it.
    ///
    /// # Errors
    /// Unless it is live, or an attempt that was refused.
    pub fn decided(self, outcome: Outcome) -> Result<Self, InvalidTransition> {
        if self.is_live() || self == Self::Refused {
            Ok(Self::of(outcome))
        } else {
            Err(InvalidTransition)
        }
    }

    /// Whether it counts: one an organization and solicitation.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Admitted | Self::Held)
    }

    /// # Errors
    /// Unless it is live.
    pub fn award(self) -> Result<Self, InvalidTransition> {
        if self.is_live() { Ok(Self::Awarded) } else { Err(InvalidTransition) }
    }

    /// # Errors
    /// Unless it is live.
    pub fn withdraw(self) -> Result<Self, InvalidTransition> {
        if self.is_live() { Ok(Self::Withdrawn) } else { Err(InvalidTransition) }
    }
}

/// How a list of bids is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, InputObject)]
pub struct BidOrder {
    /// By what.
    pub field: BidOrderField,
    /// Which way.
    pub direction: OrderDirection,
}

/// A bid as it is submitted.
#[derive(Clone, Debug, InputObject)]
pub struct BidInput {
    /// The solicitation bid on.
    pub solicitation_id: SolicitationId,
    /// The organization that bids.
    pub organization_id: OrganizationId,
    /// The whole of the bid.
    pub amount: MoneyText,
    /// The subcontractors it names.
    #[graphql(default)]
    pub subcontractors: Vec<SubcontractorInput>,
}

/// A subcontractor as a bid names it: by its identifier here, or by a name and an identifier that
/// each decision tries to resolve.
#[derive(Clone, Debug, InputObject)]
pub struct SubcontractorInput {
    /// The organization here, if you know its identifier.
    pub organization_id: Option<OrganizationId>,
    /// Its legal name.
    pub name: String,
    /// An identifier by which it can be found.
    pub identifier: Option<Identifier>,
    /// What its part of the work comes to.
    pub amount: MoneyText,
}

impl SubcontractorInput {
    /// Who is named.
    #[must_use]
    pub fn party(&self) -> Party {
        Party {
            organization_id: self.organization_id,
            name: self.name.clone(),
            identifier: self.identifier.clone(),
        }
    }
}
