//! View `vehicle_with_order`: the matches of contract vehicles of which an order counts for the same firm.
use sea_orm::entity::prelude::*;

use crate::award::model::MatchId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "vehicle_with_order")]
pub struct Model {
    /// The match of the vehicle.
    #[sea_orm(primary_key, auto_increment = false)]
    pub match_id: MatchId,
    /// The match of the order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_match_id: MatchId,
}

impl ActiveModelBehavior for ActiveModel {}
