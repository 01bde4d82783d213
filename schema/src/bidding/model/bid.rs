//! The values of a bid: states and their transitions, order and input.
use async_graphql::InputObject;
use chrono::{DateTime, Utc};

use super::{OrderDirection, SolicitationId};
use crate::decision::model::{DecisionId, SubcontractorInput};
use crate::disclosure::model::DisclosureId;
use crate::gate::Outcome;
use crate::money::{Money, MoneyText};
use crate::organization::model::OrganizationId;
use crate::principal::Principal;
use crate::transition::{InvalidTransition, transition};

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
        /// The amount in hundredths, regardless of currency; bids without an amount last.
        Amount,
        /// The status, in alphabetical order.
        Status,
    }
}

impl BidStatus {
    /// Whether the bid is valid and open: an organization has at most one on a solicitation.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Admitted | Self::Held)
    }
}

/// The state of a bid, with the data of that state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BidState {
    Admitted,
    /// `cure_by` is the exclusive deadline to cure (UTC); none if nothing can be cured.
    Held {
        cure_by: Option<DateTime<Utc>>,
    },
    Refused,
    /// Withdrawn at this time (UTC).
    Withdrawn {
        at: DateTime<Utc>,
    },
    Awarded,
    Closed,
}

impl BidState {
    /// The state that a decision gives to a bid. The deadline to cure (UTC, exclusive) counts only
    /// if the decision holds the bid.
    #[must_use]
    pub const fn from_decision(outcome: Outcome, cure_by: Option<DateTime<Utc>>) -> Self {
        match outcome {
            Outcome::Admit => Self::Admitted,
            Outcome::Review => Self::Held { cure_by },
            Outcome::Block => Self::Refused,
        }
    }

    #[must_use]
    pub const fn status(&self) -> BidStatus {
        match self {
            Self::Admitted => BidStatus::Admitted,
            Self::Held { .. } => BidStatus::Held,
            Self::Refused => BidStatus::Refused,
            Self::Withdrawn { .. } => BidStatus::Withdrawn,
            Self::Awarded => BidStatus::Awarded,
            Self::Closed => BidStatus::Closed,
        }
    }

    /// The exclusive deadline to cure (UTC); none unless the bid is held and can be cured.
    #[must_use]
    pub const fn cure_by(&self) -> Option<DateTime<Utc>> {
        if let Self::Held { cure_by } = self { *cure_by } else { None }
    }

    /// When the bid was withdrawn (UTC); none unless it was.
    #[must_use]
    pub const fn withdrawn_at(&self) -> Option<DateTime<Utc>> {
        if let Self::Withdrawn { at } = self { Some(*at) } else { None }
    }

    /// Returns `to` if the bid is live.
    fn end(self, to: Self) -> Result<Self, InvalidTransition<BidStatus>> {
        let live = [BidStatus::Admitted, BidStatus::Held];
        transition(self.status(), &live, to.status()).map(|_| to)
    }

    /// The state after a new decision; `cure_by` as for [`Self::from_decision`].
    ///
    /// # Errors
    /// Unless the bid is admitted, held or refused.
    pub fn redecide(
        self,
        outcome: Outcome,
        cure_by: Option<DateTime<Utc>>,
    ) -> Result<Self, InvalidTransition<BidStatus>> {
        let to = Self::from_decision(outcome, cure_by);
        let allowed = [BidStatus::Admitted, BidStatus::Held, BidStatus::Refused];
        transition(self.status(), &allowed, to.status()).map(|_| to)
    }

    /// The state after an award.
    ///
    /// # Errors
    /// Unless the bid is admitted or held.
    pub fn award(self) -> Result<Self, InvalidTransition<BidStatus>> {
        self.end(Self::Awarded)
    }

    /// The state after a withdrawal at a time (UTC).
    ///
    /// # Errors
    /// Unless the bid is admitted or held.
    pub fn withdraw(self, at: DateTime<Utc>) -> Result<Self, InvalidTransition<BidStatus>> {
        self.end(Self::Withdrawn { at })
    }
}

/// The latest decision on a bid, which determines whether it is admitted, held or refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BidDecision {
    pub id: DecisionId,
    pub outcome: Outcome,
    /// The applicable filing; none if the bid was decided without one.
    pub disclosure_id: Option<DisclosureId>,
    /// When it was made (UTC).
    pub at: DateTime<Utc>,
}

/// A bid, submitted or refused, without related objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BidRecord {
    pub id: BidId,
    pub solicitation_id: SolicitationId,
    pub organization_id: OrganizationId,
    /// None if the bid has no amount, which only solicitations for proposals allow.
    pub amount: Option<Money>,
    /// When the request was received in full (UTC).
    pub submitted_at: DateTime<Utc>,
    pub submitted_by: Principal,
    pub decision: BidDecision,
    pub state: BidState,
}

impl BidRecord {
    #[must_use]
    pub const fn status(&self) -> BidStatus {
        self.state.status()
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
    /// The total amount of the bid. It may be left out where the solicitation asks for proposals.
    pub amount: Option<MoneyText>,
    /// The subcontractors.
    #[graphql(default)]
    pub subcontractors: Vec<SubcontractorInput>,
    /// The organization's open bid on this solicitation, which this one replaces: it is withdrawn and
    /// this one submitted together. If this one is blocked, the earlier one stands.
    pub replaces: Option<BidId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_state() -> [BidState; 6] {
        let at = DateTime::UNIX_EPOCH;
        [
            BidState::Admitted,
            BidState::Held { cure_by: Some(at) },
            BidState::Refused,
            BidState::Withdrawn { at },
            BidState::Awarded,
            BidState::Closed,
        ]
    }

    #[test]
    fn only_a_live_bid_is_withdrawn_or_awarded() {
        for state in every_state() {
            let (from, is_live) = (state.status(), state.status().is_live());
            let withdrawn = BidState::Withdrawn { at: DateTime::UNIX_EPOCH };
            for (result, to) in [
                (state.clone().withdraw(DateTime::UNIX_EPOCH), withdrawn),
                (state.clone().award(), BidState::Awarded),
            ] {
                let refusal = InvalidTransition { from, to: to.status() };
                assert_eq!(result, if is_live { Ok(to) } else { Err(refusal) });
            }
        }
    }

    #[test]
    fn a_bid_is_decided_again_until_it_has_ended() {
        for state in every_state() {
            let has_ended = !state.status().is_live() && state != BidState::Refused;
            let cure_by = Some(DateTime::UNIX_EPOCH);
            let redecided = state.redecide(Outcome::Review, cure_by);
            assert_eq!(redecided.is_err(), has_ended);
            if let Ok(held) = redecided {
                assert_eq!((held.status(), held.cure_by()), (BidStatus::Held, cure_by));
            }
        }
        let admitted = BidState::from_decision(Outcome::Admit, Some(DateTime::UNIX_EPOCH));
        assert_eq!(admitted.cure_by(), None);
    }
}
