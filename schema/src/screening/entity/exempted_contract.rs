//! The view of contracts with an exemption.
use sea_orm::entity::prelude::*;

use crate::contracting::model::ContractId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "screening_exemption")]
pub struct Model {
    /// Repeated for each exemption.
    #[sea_orm(primary_key, auto_increment = false)]
    pub contract_id: ContractId,
}

impl ActiveModelBehavior for ActiveModel {}
