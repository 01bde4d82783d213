//! The table of how far each organization was held against the recipients.
use sea_orm::entity::prelude::*;

use crate::organization::model::OrganizationId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organization_matched")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    /// The revision of the recipients that it was held against.
    pub revision: i64,
}

impl ActiveModelBehavior for ActiveModel {}
