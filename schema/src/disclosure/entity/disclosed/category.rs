//! The table of data categories in disclosed arrangements.
use sea_orm::entity::prelude::*;

use crate::disclosure::model::{DataCategory, DisclosureId};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "disclosed_category")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub disclosure_id: DisclosureId,
    /// The position of the arrangement.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub category: DataCategory,
}

impl ActiveModelBehavior for ActiveModel {}
