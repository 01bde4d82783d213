//! View `open_bid`: bids with the time from which they are public.
use sea_orm::entity::prelude::*;

use crate::bidding::model::{BidId, BidStatus, SolicitationId};
use crate::disclosure::model::DisclosureId;
use crate::organization::model::OrganizationId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "open_bid")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub bid_id: BidId,
    pub solicitation_id: SolicitationId,
    pub organization_id: OrganizationId,
    pub status: BidStatus,
    /// Hundredths of the currency's unit; none if the bid has no amount.
    pub amount_cents: Option<i64>,
    pub currency: Option<String>,
    pub submitted_at: DateTimeUtc,
    pub disclosure_id: Option<DisclosureId>,
    /// When bids are due: UTC. The bid is public once this has settled.
    pub due_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
