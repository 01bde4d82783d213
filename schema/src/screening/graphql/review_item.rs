//! How clients see what waits for a reviewer.
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

/// Which children of what waits stand in a selection.
#[must_use]
pub fn queue_include(selection: &Lookahead<'_>) -> QueueInclude {
    let bid = selection.field("bid");
    let found = selection.field("match");
    let dispute = selection.field("identifierDispute");
    QueueInclude {
        bid: bid.exists().then(|| bid_include(&bid)),
        disclosure: selection.field("disclosure").exists(),
        clarification: selection.field("clarification").exists(),
        appeal: selection.field("appeal").exists(),
        award_match: found.exists().then(|| match_include(&found)),
        dispute: dispute
            .exists()
            .then(|| organization_include(&dispute.field("claims").field("organization"))),
    }
}

/// Something that waits for a reviewer.
#[derive(Clone, Debug)]
pub struct ReviewItem(QueueItem);

impl From<QueueItem> for ReviewItem {
    fn from(waiting: QueueItem) -> Self {
        Self(waiting)
    }
}

/// Something that waits for a reviewer: a bid that is held, an answer, a question past its time, an
/// appeal, a federal award that no disclosure covers, an identifier that several organizations
/// claim.
#[Object(crate = "crate::budget")]
impl ReviewItem {
    /// The identifier of what waits: of the bid, the question, the appeal, the match or the dispute.
    async fn id(&self) -> ID {
        let row = &self.0.row;
        let told = [
            row.clarification_id.map(|id| id.to_string()),
            row.appeal_id.map(|id| id.to_string()),
            row.bid_id.map(|id| id.to_string()),
            row.match_id.map(|id| id.to_string()),
            row.dispute_id.map(|id| id.to_string()),
        ];
        ID(told.into_iter().flatten().next().unwrap_or_default())
    }
    /// Why it waits.
    async fn kind(&self) -> ReviewItemKind {
        self.0.row.kind
    }
    /// When it is due (UTC): of a bid, until when it can be mended or else when bids were due; of a
    /// question, until when it was to be answered; of an answer, an appeal, a match or a dispute,
    /// when it came.
    async fn due_at(&self) -> DateTime<Utc> {
        self.0.row.due_at
    }
    /// Whether somebody let a time pass that was given: a question was not answered.
    async fn overdue(&self) -> bool {
        self.0.is_overdue()
    }
    /// Who is on it: the subject of the token.
    async fn reviewer(&self) -> Option<&str> {
        self.0.row.reviewer.as_ref().map(Principal::subject)
    }
    /// The bid that is held; null for everything else.
    async fn bid(&self) -> Result<Option<Bid>> {
        Ok(self.0.bid.get()?.clone().map(Bid::from))
    }
    /// The disclosure that it is about; null for a bid without one.
    async fn disclosure(&self) -> Result<Option<Disclosure>> {
        Ok(self.0.disclosure.get()?.clone().map(Disclosure::from))
    }
    /// The question, of an answer or of a question past its time.
    async fn clarification(&self) -> Result<Option<Clarification>> {
        Ok(self.0.clarification.get()?.clone().map(Clarification::from))
    }
    /// The appeal, of one that is open.
    async fn appeal(&self) -> Result<Option<Appeal>> {
        Ok(self.0.appeal.get()?.clone().map(Appeal::from))
    }
    /// The match, of a federal award, of the firm's answer to it or of its appeal about it.
    #[graphql(name = "match")]
    async fn found(&self) -> Result<Option<AwardMatch>> {
        Ok(self.0.award_match.get()?.clone().map(AwardMatch::from))
    }
    /// The identifier that several organizations claim, and who claims it; null for everything else.
    async fn identifier_dispute(&self) -> Result<Option<IdentifierDispute>> {
        Ok(self.0.dispute.get()?.clone().map(IdentifierDispute::from))
    }
}
