//! The view with what an export of contracts shows of other tables.
use sea_orm::entity::prelude::*;

use crate::contracting::model::ContractId;
use crate::organization::model::OrganizationId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "screening_contract_export")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub contract_id: ContractId,
    pub department_code: String,
    pub department_name: String,
    /// The holder, or what it was merged into.
    pub firm_id: OrganizationId,
    pub organization_name: String,
    pub signed_on: Date,
    pub options_left: i64,
}

impl ActiveModelBehavior for ActiveModel {}
