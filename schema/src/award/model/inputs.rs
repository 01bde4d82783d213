//! What people say of matches, as it is typed.
use async_graphql::InputObject;

use super::{AwardId, MatchId, MatchStatus};
use crate::gate::{DhsComponent, MatchBand};
use crate::organization::model::OrganizationId;

/// Which matches are asked for; all that are visible if nothing is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, InputObject)]
#[graphql(name = "AwardMatchFilter")]
pub struct MatchFilter {
    /// Of one organization.
    pub organization_id: Option<OrganizationId>,
    /// Of one award.
    pub award_id: Option<AwardId>,
    /// In one of these states.
    #[graphql(default)]
    pub status: Vec<MatchStatus>,
    /// At least so sure.
    pub at_least: Option<MatchBand>,
    /// With awards of one of these components.
    #[graphql(default)]
    pub component: Vec<DhsComponent>,
}

/// A match that a reviewer confirms: the firm is told, and has time to answer.
#[derive(Clone, Debug, InputObject)]
pub struct ConfirmMatchInput {
    /// The match.
    pub match_id: MatchId,
    /// What the firm reads: why the award is held to be its own, and what is asked of it; of one
    /// that it has answered, why the confirmation stands.
    pub notice: String,
}

/// A match that a reviewer dismisses: it holds until something changes on either side.
#[derive(Clone, Debug, InputObject)]
pub struct DismissMatchInput {
    /// The match.
    pub match_id: MatchId,
    /// Why.
    pub reason: String,
    /// Dismiss every open match of the organization with awards of the same recipient, too, and
    /// those that are found later.
    #[graphql(default)]
    pub whole_recipient: bool,
}

/// An award that a reviewer holds to be an organization's, or an agreement that covers it.
#[derive(Clone, Debug, InputObject)]
pub struct LinkMatchInput {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The award.
    pub award_id: AwardId,
    /// Which agreement of the organization's last filing covers the award, from 0; none if none
    /// does, and to take back one that was named by mistake.
    pub agreement: Option<i32>,
    /// Why.
    pub reason: String,
}

/// A firm's answer to a match that was put to it.
#[derive(Clone, Debug, InputObject)]
pub struct AnswerMatchInput {
    /// The match.
    pub match_id: MatchId,
    /// Why the award is not the firm's, or need not be disclosed. To disclose it, amend.
    pub answer: String,
}

/// A firm's appeal against the confirmation of a match.
#[derive(Clone, Debug, InputObject)]
pub struct AppealMatchInput {
    /// The match.
    pub match_id: MatchId,
    /// Why the confirmation is wrong.
    pub statement: String,
}

/// A name that somebody looks up among the recipients of federal awards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameInput {
    pub name: String,
    pub uei: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
}
