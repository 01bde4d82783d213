//! Table `award_holder`: every recipient that has held an award.
use sea_orm::entity::prelude::*;

use crate::award::model::{AwardId, RecipientId};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "award_holder")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub award_id: AwardId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub recipient_id: RecipientId,
    /// The import revision that inserted the row; see `award_revision`.
    pub revision: i64,
}

impl ActiveModelBehavior for ActiveModel {}
