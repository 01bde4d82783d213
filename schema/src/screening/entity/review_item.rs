//! The view of what waits for a reviewer.
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
    /// The bare UUID of the bid, the question, the appeal, the match or the dispute.
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
    /// After this instant (UTC); before and at it, it does not wait for a reviewer.
    pub opens_at: DateTimeUtc,
    pub reviewer: Option<Principal>,
}

impl ActiveModelBehavior for ActiveModel {}
