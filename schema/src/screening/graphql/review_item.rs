//! GraphQL type of an item of the review queue.
use async_graphql::{Context, ID, Lookahead, Object};
use chrono::{DateTime, Utc};

use super::item_include::item_include;
use crate::award::graphql::AwardMatch;
use crate::bidding::graphql::Bid;
use crate::contracting::graphql::{Contract, Renewal, renewal_include};
use crate::disclosure::graphql::{Appeal, Clarification, Disclosure};
use crate::fault::Result;
use crate::organization::graphql::{
    IdentifierDispute, Organization, organization_include, person_name,
};
use crate::principal::Principal;
use crate::screening::model::ReviewItemKind;
use crate::screening::service::{QueueInclude, QueueItem};
use crate::waiver::graphql::{Exemption, Waiver};

/// The children of a review item that a selection requests.
#[must_use]
pub fn queue_include(selection: &Lookahead<'_>) -> QueueInclude {
    let dispute = selection.field("identifierDispute");
    let renewal = selection.field("renewal");
    let organizations = selection.field("organizations");
    QueueInclude {
        objects: item_include(selection),
        appeal: selection.field("appeal").exists(),
        dispute: dispute
            .exists()
            .then(|| organization_include(&dispute.field("claims").field("organization"))),
        waiver: selection.field("waiver").exists(),
        exemption: selection.field("exemption").exists(),
        renewal: renewal.exists().then(|| renewal_include(&renewal)),
        organizations: organizations.exists().then(|| organization_include(&organizations)),
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

/// An item of the review queue: one thing that somebody has to decide. A question or answer is part
/// of the item of a held bid if a verdict on the disclosure can free the bid.
#[Object(crate = "crate::budget")]
impl ReviewItem {
    /// The identifier of what is to be decided: of the bid, clarification, appeal, match, dispute,
    /// waiver, exemption, merge proposal, disclosure or contract action. With the suffix `:parties`, of
    /// the bid or contract whose parties are to be identified.
    async fn id(&self) -> ID {
        let row = &self.0.row;
        let bid = row.bid_id.map(|id| id.to_string());
        let id = match row.kind {
            ReviewItemKind::BidHeld | ReviewItemKind::BidFreed => bid,
            ReviewItemKind::AnswerReceived | ReviewItemKind::QuestionOverdue => {
                row.clarification_id.map(|id| id.to_string())
            }
            ReviewItemKind::Appeal => row.appeal_id.map(|id| id.to_string()),
            ReviewItemKind::MatchFound
            | ReviewItemKind::MatchAnswered
            | ReviewItemKind::MatchAppeal => row.match_id.map(|id| id.to_string()),
            ReviewItemKind::IdentifierDisputed => row.dispute_id.map(|id| id.to_string()),
            ReviewItemKind::WaiverRequested => row.waiver_id.map(|id| id.to_string()),
            ReviewItemKind::ExemptionClaimed | ReviewItemKind::FollowUpOverdue => {
                row.exemption_id.map(|id| id.to_string())
            }
            ReviewItemKind::PartyIdentifierVerified => {
                let owner = bid.or_else(|| row.contract_id.map(|id| id.to_string()));
                owner.map(|owner| format!("{owner}:parties"))
            }
            ReviewItemKind::MergeProposed => row.proposal_id.map(|id| id.to_string()),
            ReviewItemKind::FilingUnreviewed => row.disclosure_id.map(|id| id.to_string()),
            ReviewItemKind::RenewalWaiting => row.renewal_id.map(|id| id.to_string()),
        };
        ID(id.unwrap_or_default())
    }
    /// Why the item is in the queue.
    async fn kind(&self) -> ReviewItemKind {
        self.0.row.kind
    }
    /// When the item is due (UTC). For a bid, the end of its cure period, or else when bids were
    /// due; for a question, its answer deadline; for an exemption, the end of the time for the
    /// disclosure that it puts off, or the time of a claim to approve that puts off none; for everything else, the time at which it arrived.
    async fn due_at(&self) -> DateTime<Utc> {
        self.0.row.due_at
    }
    /// Whether the firm missed a deadline: it did not answer a question, or file the disclosure that
    /// an exemption put off, in time.
    async fn overdue(&self) -> bool {
        self.0.is_overdue
    }
    /// The assigned reviewer: the subject of the token.
    async fn reviewer(&self) -> Option<&str> {
        self.0.row.reviewer.as_ref().map(Principal::subject)
    }
    /// The name of the assigned reviewer, as the token gave it at the last sign-in; null if it gave
    /// none.
    async fn reviewer_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        person_name(ctx, self.0.row.reviewer.as_ref()).await
    }
    /// Details in words: the grounds of a merge proposal; null for other kinds of items.
    async fn detail(&self) -> Option<&str> {
        self.0.row.detail.as_deref()
    }
    /// The bid that is held, was freed, or has parties to identify; null for other items.
    async fn bid(&self) -> Result<Option<Bid>> {
        self.0.objects.bid.get_as()
    }
    /// The disclosure that the item is about; null for a bid without one.
    async fn disclosure(&self) -> Result<Option<Disclosure>> {
        self.0.objects.disclosure.get_as()
    }
    /// The question, for an answer or an overdue question; for a held bid, the question about its
    /// disclosure that is open, or whose answer no reviewer has decided.
    async fn clarification(&self) -> Result<Option<Clarification>> {
        self.0.objects.clarification.get_as()
    }
    /// The open appeal against a rejection.
    async fn appeal(&self) -> Result<Option<Appeal>> {
        self.0.appeal.get_as()
    }
    /// The match with a federal award, for a match, the firm's response to it or its appeal.
    #[graphql(name = "match")]
    async fn award_match(&self) -> Result<Option<AwardMatch>> {
        self.0.objects.award_match.get_as()
    }
    /// The disputed identifier and its claims; null for other kinds of items.
    async fn identifier_dispute(&self) -> Result<Option<IdentifierDispute>> {
        self.0.dispute.get_as()
    }
    /// The requested waiver; null for other kinds of items.
    async fn waiver(&self) -> Result<Option<Waiver>> {
        self.0.waiver.get_as()
    }
    /// The exemption whose disclosure is still to come or overdue; null for other kinds of items.
    async fn exemption(&self) -> Result<Option<Exemption>> {
        self.0.exemption.get_as()
    }
    /// The contract that a waiver, an exemption or a contract action concerns, or that has parties to
    /// identify; null for other items, and before the contract is awarded.
    async fn contract(&self) -> Result<Option<Contract>> {
        self.0.objects.contract.get_as()
    }
    /// The contract action that waits for its execution; null for other kinds of items.
    async fn renewal(&self) -> Result<Option<Renewal>> {
        self.0.renewal.get_as()
    }
    /// The two organizations of a merge proposal; empty for other kinds of items.
    async fn organizations(&self) -> Result<Vec<Organization>> {
        Ok(self.0.organizations.get()?.iter().cloned().map(Organization::from).collect())
    }
}
