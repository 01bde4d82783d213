//! The view of every organization with how far it was held against the recipients.
use sea_orm::entity::prelude::*;

use crate::organization::model::OrganizationId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organization_to_match")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    /// -1 if it never was.
    pub revision: i64,
}

impl ActiveModelBehavior for ActiveModel {}
