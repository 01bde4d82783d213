//! Table `organization_match_progress`: the import revision against which each organization was
//! last matched.
use sea_orm::entity::prelude::*;

use crate::organization::model::OrganizationId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organization_match_progress")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    /// The revision of the recipients at the last matching.
    pub revision: i64,
}

impl ActiveModelBehavior for ActiveModel {}
