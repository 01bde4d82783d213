//! The view of contracts with an approved waiver.
use sea_orm::entity::prelude::*;

use crate::contracting::model::ContractId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "screening_waiver")]
pub struct Model {
    /// Repeated for each approved waiver, expired or not.
    #[sea_orm(primary_key, auto_increment = false)]
    pub contract_id: ContractId,
    pub expires_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
