//! View `bid_standing`: what has become of a bid since it was decided.
use sea_orm::entity::prelude::*;

use crate::gate::EndedBid;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bid_standing")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub bid_id: Uuid,
    /// When bids are due (UTC).
    pub due_at: DateTimeUtc,
    /// Why nothing more is decided about the bid; none if it has not ended.
    pub ended: Option<EndedBid>,
    /// The number of appeals against the verdict in effect on the disclosure on which the bid rests.
    pub appeals: i64,
}

impl ActiveModelBehavior for ActiveModel {}
