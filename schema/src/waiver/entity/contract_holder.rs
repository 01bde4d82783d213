//! The view of the current holders of contracts.
use sea_orm::entity::prelude::*;

use crate::organization::model::OrganizationId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contract_holder")]
pub struct Model {
    /// The contract's bare UUID.
    #[sea_orm(primary_key, auto_increment = false)]
    pub contract_id: Uuid,
    pub organization_id: OrganizationId,
}

impl ActiveModelBehavior for ActiveModel {}
