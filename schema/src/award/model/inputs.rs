//! GraphQL inputs about matches, before validation.
use async_graphql::InputObject;

use super::{AwardId, MatchId, MatchStatus};
use crate::gate::{DhsComponent, MatchBand};
use crate::organization::model::OrganizationId;

/// Selects matches; without any condition, all that the viewer may see.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, InputObject)]
#[graphql(name = "AwardMatchFilter")]
pub struct MatchFilter {
    /// Matches of this organization.
    pub organization_id: Option<OrganizationId>,
    /// Matches with this award.
    pub award_id: Option<AwardId>,
    /// Matches in one of these states; any if empty.
    #[graphql(default)]
    pub status: Vec<MatchStatus>,
    /// Matches in this band or a more certain one.
    pub at_least: Option<MatchBand>,
    /// Matches with awards of one of these components; any if empty.
    #[graphql(default)]
    pub component: Vec<DhsComponent>,
    /// Only matches of contract vehicles of which an order is matched to the same firm, or only others.
    /// The review queue and decisions list the order instead of such a vehicle. For those who may see all
    /// matches; to a firm, no match has one.
    pub has_matched_order: Option<bool>,
}

/// Confirms a match: the firm receives notice and time to respond.
#[derive(Clone, Debug, InputObject)]
pub struct ConfirmMatchInput {
    /// The match.
    pub match_id: MatchId,
    /// The notice to the firm: why the City believes that the award is the firm's, and what the
    /// firm should do. If the firm has already answered: why the confirmation is upheld.
    pub notice: String,
}

/// Dismisses a match until the data of the firm or of the recipient changes.
#[derive(Clone, Debug, InputObject)]
pub struct DismissMatchInput {
    /// The match.
    pub match_id: MatchId,
    /// The reason, for the record.
    pub reason: String,
    /// Also dismisses every open match of the organization with awards of the same recipient, and
    /// those found later.
    #[graphql(default)]
    pub whole_recipient: bool,
}

/// Links an award to an organization, or to the disclosed agreement that covers it.
#[derive(Clone, Debug, InputObject)]
pub struct LinkMatchInput {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The award.
    pub award_id: AwardId,
    /// Index, from 0, of the agreement in the organization's current filing that covers the award.
    /// Null if none does, or to remove an earlier link.
    pub agreement: Option<i32>,
    /// The reason, for the record.
    pub reason: String,
}

/// A firm's answer to the notice of a confirmed match.
#[derive(Clone, Debug, InputObject)]
pub struct AnswerMatchInput {
    /// The match.
    pub match_id: MatchId,
    /// Why the award is not the firm's, or does not have to be disclosed. To disclose the award,
    /// amend the disclosure instead.
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

/// A firm to look up among the recipients of federal awards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameInput {
    pub name: String,
    pub uei: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
}
