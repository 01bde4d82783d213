//! View `organization_group`: every organization with the one that its group goes on as.
use sea_orm::entity::prelude::*;

use crate::organization::model::OrganizationId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organization_group")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    /// The organization that it was merged into, or itself.
    pub survivor_id: OrganizationId,
}

impl ActiveModelBehavior for ActiveModel {}
