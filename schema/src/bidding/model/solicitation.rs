//! The values of a solicitation: status, order and inputs.
use async_graphql::InputObject;
use chrono::{DateTime, Utc};

use crate::gate::AwardMethod;
use crate::organization::model::DepartmentId;

typed_id! {
    /// A solicitation.
    SolicitationId, "sol"
}

string_enum! {
    /// The status of a solicitation. A published one takes bids until they are due.
    pub enum SolicitationStatus {
        /// Not yet published; visible to its department's contract officers and to staff who may
        /// read every department.
        Draft,
        /// Published: open to bids until they are due.
        Published,
        /// Canceled; its bids are closed.
        Canceled,
    }

    /// The field by which solicitations are ordered.
    pub enum SolicitationOrderField {
        /// The time at which bids are due.
        DueAt,
        /// The number.
        Number,
        /// The title.
        Title,
    }

    /// The direction of an order.
    pub enum OrderDirection {
        /// Ascending: the smallest or earliest first.
        Asc,
        /// Descending: the largest or latest first.
        Desc,
    }
}

/// The current status does not allow this transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidTransition;

impl SolicitationStatus {
    /// The status after publication.
    ///
    /// # Errors
    /// Unless the solicitation is a draft.
    pub fn publish(self) -> Result<Self, InvalidTransition> {
        if self == Self::Draft { Ok(Self::Published) } else { Err(InvalidTransition) }
    }

    /// The status after cancellation.
    ///
    /// # Errors
    /// If the solicitation is already canceled.
    pub fn cancel(self) -> Result<Self, InvalidTransition> {
        if self == Self::Canceled { Err(InvalidTransition) } else { Ok(Self::Canceled) }
    }
}

/// The order of a list of solicitations.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct SolicitationOrder {
    /// The field to order by.
    pub field: SolicitationOrderField,
    /// The direction.
    pub direction: OrderDirection,
}

/// A solicitation to draft.
#[derive(Clone, Debug, InputObject)]
pub struct SolicitationInput {
    /// The department that buys.
    pub department_id: DepartmentId,
    /// The number, unique within the department.
    pub number: String,
    /// The title.
    pub title: String,
    /// A description of what the City buys.
    #[graphql(default)]
    pub description: String,
    /// How the contract will be awarded.
    pub method: AwardMethod,
    /// Whether this is a public work; a lower amount then applies to subcontractors.
    #[graphql(default)]
    pub public_works: bool,
    /// When bids are due (UTC, inclusive).
    pub due_at: DateTime<Utc>,
}

/// A change to a solicitation: to any part of a draft, or by an addendum to a published solicitation.
#[derive(Clone, Debug, InputObject)]
pub struct SolicitationAmendment {
    /// The solicitation.
    pub id: super::SolicitationId,
    /// The text of the addendum; required for a published solicitation.
    pub addendum: Option<String>,
    /// A new title; for a draft only.
    pub title: Option<String>,
    /// A new description; for a draft only.
    pub description: Option<String>,
    /// A new due time (UTC, inclusive); for a published solicitation, only a later one.
    pub due_at: Option<DateTime<Utc>>,
}
