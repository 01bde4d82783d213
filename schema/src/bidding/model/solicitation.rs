//! The values of a solicitation: states and their transitions, addenda, order and inputs.
use async_graphql::InputObject;
use chrono::{DateTime, Utc};

use crate::gate::AwardMethod;
use crate::organization::model::DepartmentId;
use crate::transition::{InvalidTransition, transition};

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

/// The publication of a solicitation, and what the policy in force at that time fixed for its bids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// UTC.
    pub at: DateTime<Utc>,
    /// The version of the policy that decides its bids and its award.
    pub policy_version: i64,
    /// Whether bids stay hidden from the City until they are due.
    pub sealed: bool,
}

/// The state of a solicitation, with the data of that state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SolicitationState {
    Draft,
    Published(Publication),
    /// Canceled at a time (UTC); a draft that was canceled has no publication.
    Canceled {
        at: DateTime<Utc>,
        reason: String,
        publication: Option<Publication>,
    },
}

impl SolicitationState {
    #[must_use]
    pub const fn status(&self) -> SolicitationStatus {
        match self {
            Self::Draft => SolicitationStatus::Draft,
            Self::Published(_) => SolicitationStatus::Published,
            Self::Canceled { .. } => SolicitationStatus::Canceled,
        }
    }

    /// The publication; none for a draft, canceled or not.
    #[must_use]
    pub const fn publication(&self) -> Option<&Publication> {
        match self {
            Self::Draft => None,
            Self::Published(publication) => Some(publication),
            Self::Canceled { publication, .. } => publication.as_ref(),
        }
    }

    /// The time (UTC) and the reason of the cancellation; none unless it is canceled.
    #[must_use]
    pub fn cancellation(&self) -> Option<(DateTime<Utc>, &str)> {
        match self {
            Self::Canceled { at, reason, .. } => Some((*at, reason)),
            Self::Draft | Self::Published(_) => None,
        }
    }

    /// The state after publication.
    ///
    /// # Errors
    /// Unless the solicitation is a draft.
    pub fn publish(
        self,
        publication: Publication,
    ) -> Result<Self, InvalidTransition<SolicitationStatus>> {
        let allowed = [SolicitationStatus::Draft];
        transition(self.status(), &allowed, SolicitationStatus::Published)?;
        Ok(Self::Published(publication))
    }

    /// The state after cancellation at a time (UTC), for a reason that every bidder can read.
    ///
    /// # Errors
    /// If the solicitation is already canceled.
    pub fn cancel(
        self,
        at: DateTime<Utc>,
        reason: String,
    ) -> Result<Self, InvalidTransition<SolicitationStatus>> {
        let allowed = [SolicitationStatus::Draft, SolicitationStatus::Published];
        transition(self.status(), &allowed, SolicitationStatus::Canceled)?;
        let publication =
            if let Self::Published(publication) = self { Some(publication) } else { None };
        Ok(Self::Canceled { at, reason, publication })
    }
}

/// A solicitation, without related objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SolicitationRecord {
    pub id: SolicitationId,
    pub department_id: DepartmentId,
    /// Unique within the department.
    pub number: String,
    pub title: String,
    pub description: String,
    pub method: AwardMethod,
    pub public_works: bool,
    /// When bids are due (UTC, inclusive).
    pub due_at: DateTime<Utc>,
    /// UTC.
    pub created_at: DateTime<Utc>,
    pub state: SolicitationState,
}

/// An addendum: a change to a published solicitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addendum {
    pub solicitation_id: SolicitationId,
    /// From 1, without gaps, for each solicitation.
    pub number: i64,
    pub text: String,
    /// The due time in effect from this addendum on (UTC, inclusive).
    pub due_at: DateTime<Utc>,
    /// The due time that it replaced (UTC); none if it kept the due time, and in addenda that predate this
    /// field.
    pub previous_due_at: Option<DateTime<Utc>>,
    /// UTC.
    pub issued_at: DateTime<Utc>,
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
    #[graphql(process_with = "crate::clock::round_down")]
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
    /// A new due time (UTC, inclusive). That of a published solicitation may always become later. An
    /// earlier one could cut off firms, so it is for mistakes: if bids are not sealed, while nobody has
    /// bid; if they are, on the local day of publication, to a time on a later day. Nothing about sealed
    /// bids depends on whether anybody has bid, and a bid that was already submitted stands.
    #[graphql(process_with = "crate::clock::round_optional_down")]
    pub due_at: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_solicitation_keeps_its_publication_when_it_is_canceled() {
        let at = DateTime::UNIX_EPOCH;
        let publication = Publication { at, policy_version: 1, sealed: true };
        let cancel = |state: SolicitationState| state.cancel(at, "no longer needed".to_owned());

        let published = SolicitationState::Draft.publish(publication.clone()).expect("a draft");
        let again = published.clone().publish(publication.clone());
        let (from, to) = (SolicitationStatus::Published, SolicitationStatus::Published);
        assert_eq!(again, Err(InvalidTransition { from, to }));

        let canceled = cancel(published).expect("a published solicitation");
        assert_eq!(canceled.publication(), Some(&publication));
        assert!(cancel(canceled).is_err());
        let canceled_draft = cancel(SolicitationState::Draft).expect("a draft");
        assert_eq!(canceled_draft.publication(), None);
    }
}
