//! Table `policy_withdrawal`: versions that were withdrawn before they began. Rows are only inserted.
use sea_orm::entity::prelude::*;

use crate::policy::model::PolicyId;
use crate::principal::Principal;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policy_withdrawal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub policy_id: PolicyId,
    #[sea_orm(unique)]
    pub policy_version: i64,
    pub reason: String,
    pub withdrawn_by: Principal,
    pub withdrawn_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [PolicyId],
    value: [PolicyId, PolicyVersion, Reason, WithdrawnBy, WithdrawnAt],
}
