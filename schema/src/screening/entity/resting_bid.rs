//! The view of the live bids that rest on a disclosure.
use sea_orm::entity::prelude::*;

use crate::bidding::model::BidId;
use crate::disclosure::model::DisclosureId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "resting_bid")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BidId,
    pub disclosure_id: DisclosureId,
    /// City staff may see the bid only after this time (UTC).
    pub opens_at: DateTimeUtc,
    /// Whether the bid is held and a verdict on the disclosure can free it.
    pub awaits_verdict: bool,
}

impl ActiveModelBehavior for ActiveModel {}
