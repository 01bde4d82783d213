//! The view of the review queue.
use sea_orm::entity::prelude::*;

use crate::award::model::MatchId;
use crate::bidding::model::BidId;
use crate::disclosure::model::{AppealId, ClarificationId, DisclosureId};
use crate::organization::model::IdentifierDisputeId;
use crate::principal::Principal;
use crate::screening::model::ReviewItemKind;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review_item")]
pub struct Model {
    /// The UUID of the bid, clarification, appeal, match or dispute.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: ReviewItemKind,
    pub bid_id: Option<BidId>,
    pub disclosure_id: Option<DisclosureId>,
    pub clarification_id: Option<ClarificationId>,
    pub appeal_id: Option<AppealId>,
    pub match_id: Option<MatchId>,
    pub dispute_id: Option<IdentifierDisputeId>,
    pub due_at: DateTimeUtc,
    /// The item is in the queue only after this time (UTC).
    pub opens_at: DateTimeUtc,
    pub reviewer: Option<Principal>,
}

impl ActiveModelBehavior for ActiveModel {}
