//! A solicitation: drafted, published, perhaps cancelled.
use async_graphql::InputObject;
use chrono::{DateTime, Utc};

use crate::gate::Method;
use crate::organization::model::DepartmentId;

typed_id! {
    /// A solicitation.
    SolicitationId, "sol"
}

vocabulary! {
    /// Where a solicitation is in its life. Whether it is open is a matter of its due time.
    pub enum SolicitationStatus {
        /// Being written; its department's officers and who reads all know of it.
        Draft,
        /// Open to bids until it is due.
        Published,
        /// Called off; its bids are closed.
        Cancelled,
    }

    /// By what a list of solicitations is ordered.
    pub enum SolicitationOrderField {
        /// When bids are due.
        DueAt,
        /// Its number.
        Number,
        /// Its title.
        Title,
    }

    /// Which way a list runs.
    pub enum OrderDirection {
        /// The smallest, the earliest first.
        Asc,
        /// The largest, the latest first.
        Desc,
    }
}

/// A step that the present status does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidTransition;

impl SolicitationStatus {
    /// # Errors
    /// Unless it is a draft.
    pub fn publish(self) -> Result<Self, InvalidTransition> {
        if self == Self::Draft { Ok(Self::Published) } else { Err(InvalidTransition) }
    }

    /// # Errors
    /// If it is cancelled already.
    pub fn cancel(self) -> Result<Self, InvalidTransition> {
        if self == Self::Cancelled { Err(InvalidTransition) } else { Ok(Self::Cancelled) }
    }
}

/// How a list of solicitations is ordered.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct SolicitationOrder {
    /// By what.
    pub field: SolicitationOrderField,
    /// Which way.
    pub direction: OrderDirection,
}

/// A solicitation as it is drafted.
#[derive(Clone, Debug, InputObject)]
pub struct SolicitationInput {
    /// The department that buys.
    pub department_id: DepartmentId,
    /// Its number, one of a kind in the department.
    pub number: String,
    /// Its title.
    pub title: String,
    /// What is bought, in words.
    #[graphql(default)]
    pub description: String,
    /// How the contract will be awarded.
    pub method: Method,
    /// It is a public work, whose subcontractors count from a lower amount.
    #[graphql(default)]
    pub public_works: bool,
    /// When bids are due (UTC); that very instant is in time.
    pub due_at: DateTime<Utc>,
}

/// A change to a solicitation: of a draft in any part, of a published one by an addendum.
#[derive(Clone, Debug, InputObject)]
pub struct SolicitationAmendment {
    /// The solicitation.
    pub id: super::SolicitationId,
    /// What the addendum says; a published solicitation needs one.
    pub addendum: Option<String>,
    /// A new title, of a draft.
    pub title: Option<String>,
    /// A new description, of a draft.
    pub description: Option<String>,
    /// A new due time (UTC); of a published solicitation a later one only.
    pub due_at: Option<DateTime<Utc>>,
}
