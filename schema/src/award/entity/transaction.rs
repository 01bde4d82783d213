//! Table `award_transaction`: obligations from transaction files.
use sea_orm::entity::prelude::*;

use crate::award::model::AwardId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "award_transaction")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub award_id: AwardId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// The obligation in US cents; `None` if the file has no amount.
    pub cents: Option<i64>,
    /// The day of the action; `None` if an older version imported the transaction.
    pub action_on: Option<Date>,
    /// The day on which the source last modified it; `None` if it is unknown.
    pub modified_on: Option<Date>,
}

impl ActiveModelBehavior for ActiveModel {}
