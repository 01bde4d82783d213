//! View `organization_match_backlog`: every organization with the revision of its last matching.
use sea_orm::entity::prelude::*;

use crate::organization::model::OrganizationId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organization_match_backlog")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    /// -1 if the organization was never matched.
    pub revision: i64,
}

impl ActiveModelBehavior for ActiveModel {}
