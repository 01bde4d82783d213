//! The table of everybody whom an award was ever under.
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
    /// When it was written, counted in imported batches.
    pub revision: i64,
}

impl ActiveModelBehavior for ActiveModel {}
