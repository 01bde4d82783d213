//! The view of what rests on a policy version and cannot be undone.
use sea_orm::entity::prelude::*;

use crate::policy::model::PolicyUseKind;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policy_use")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub policy_version: i64,
    pub kind: PolicyUseKind,
    /// The number of the solicitation or the contract.
    pub reference: String,
}

impl ActiveModelBehavior for ActiveModel {}
