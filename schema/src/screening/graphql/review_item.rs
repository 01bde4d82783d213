//! GraphQL type of an item of the review queue.
use async_graphql::{ID, Lookahead, Object};
use chrono::{DateTime, Utc};

use crate::award::graphql::{AwardMatch, match_include};
use crate::bidding::graphql::{Bid, bid_include};
use crate::disclosure::graphql::{Appeal, Clarification, Disclosure};
use crate::fault::Result;
use crate::organization::graphql::{IdentifierDispute, organization_include};
use crate::principal::Principal;
use crate::screening::model::ReviewItemKind;
use crate::screening::service::{QueueInclude, QueueItem};

/// The children of a review item that a selection requests.
#[must_use]
pub fn queue_include(selection: &Lookahead<'_>) -> QueueInclude {
    let bid = selection.field("bid");
    let award_match = selection.field("match");
    let dispute = selection.field("identifierDispute");
    QueueInclude {
        bid: bid.exists().then(|| bid_include(&bid)),
        disclosure: selection.field("disclosure").exists(),
        clarification: selection.field("clarification").exists(),
        appeal: selection.field("appeal").exists(),
        award_match: award_match.exists().then(|| match_include(&award_match)),
        dispute: dispute
            .exists()
            .then(|| organization_include(&dispute.field("claims").field("organization"))),
    }
}

/// An item of the review queue.
#[derive(Clone, Debug)]
pub struct ReviewItem(QueueItem);

impl From<QueueItem> for ReviewItem {
    fn from(item: QueueItem) -> Self {
        Self(item)
    }
}

/// An item of the review queue: a held bid, an answer, an overdue question, an appeal, a federal
/// award that no disclosure covers, or an identifier that several organizations claim.
#[Object(crate = "crate::budget")]
impl ReviewItem {
    /// The identifier of the bid, clarification, appeal, match or dispute.
    async fn id(&self) -> ID {
        let row = &self.0.row;
        let ids = [
            row.clarification_id.map(|id| id.to_string()),
            row.appeal_id.map(|id| id.to_string()),
            row.bid_id.map(|id| id.to_string()),
            row.match_id.map(|id| id.to_string()),
            row.dispute_id.map(|id| id.to_string()),
        ];
        ID(ids.into_iter().flatten().next().unwrap_or_default())
    }
    /// Why the item is in the queue.
    async fn kind(&self) -> ReviewItemKind {
        self.0.row.kind
    }
    /// When the item is due (UTC). For a bid, the end of its cure period, or else when bids were
    /// due; for a question, its answer deadline; for an answer, an appeal, a match or a dispute, the
    /// time at which it arrived.
    async fn due_at(&self) -> DateTime<Utc> {
        self.0.row.due_at
    }
    /// Whether the firm missed a deadline: it did not answer a question in time.
    async fn overdue(&self) -> bool {
        self.0.is_overdue()
    }
    /// The assigned reviewer: the subject of the token.
    async fn reviewer(&self) -> Option<&str> {
        self.0.row.reviewer.as_ref().map(Principal::subject)
    }
    /// The held bid; null for other kinds of items.
    async fn bid(&self) -> Result<Option<Bid>> {
        self.0.bid.get_as()
    }
    /// The disclosure that the item is about; null for a bid without one.
    async fn disclosure(&self) -> Result<Option<Disclosure>> {
        self.0.disclosure.get_as()
    }
    /// The question, for an answer or an overdue question.
    async fn clarification(&self) -> Result<Option<Clarification>> {
        self.0.clarification.get_as()
    }
    /// The open appeal against a rejection.
    async fn appeal(&self) -> Result<Option<Appeal>> {
        self.0.appeal.get_as()
    }
    /// The match with a federal award, for a match, the firm's response to it or its appeal.
    #[graphql(name = "match")]
    async fn award_match(&self) -> Result<Option<AwardMatch>> {
        self.0.award_match.get_as()
    }
    /// The disputed identifier and its claims; null for other kinds of items.
    async fn identifier_dispute(&self) -> Result<Option<IdentifierDispute>> {
        self.0.dispute.get_as()
    }
}
