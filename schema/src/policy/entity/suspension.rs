//! Table `policy_suspension`: suspensions of policies.
use sea_orm::entity::prelude::*;

use crate::policy::model::{PolicyId, RuleCodes, SuspensionId};
use crate::principal::Principal;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policy_suspension")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SuspensionId,
    pub policy_id: PolicyId,
    pub policy_version: i64,
    /// The suspended rules; empty if the whole policy is suspended.
    pub rules: RuleCodes,
    /// The citation of the order.
    pub citation: String,
    pub suspended_by: Principal,
    pub suspended_at: DateTimeUtc,
    pub reinstated_by: Option<Principal>,
    pub reinstated_at: Option<DateTimeUtc>,
    /// The order or the reason that ended the suspension.
    pub reinstatement: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [PolicyId],
    value: [
        Id, PolicyId, PolicyVersion, Rules, Citation, SuspendedBy, SuspendedAt, ReinstatedBy,
        ReinstatedAt,
    ],
    personal: [Reinstatement],
}
