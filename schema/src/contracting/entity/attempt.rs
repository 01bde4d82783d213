//! The table of attempted awards that the gate did not admit.
use sea_orm::entity::prelude::*;

use crate::bidding::model::BidId;
use crate::contracting::model::ContractId;
use crate::decision::model::DecisionId;
use crate::gate::Outcome;
use crate::organization::model::{DepartmentId, OrganizationId};
use crate::principal::Principal;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "award_attempt")]
pub struct Model {
    /// The identifier of the contract that a later admitted attempt creates.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ContractId,
    pub department_id: DepartmentId,
    pub number: String,
    pub organization_id: OrganizationId,
    pub bid_id: Option<BidId>,
    /// The latest decision.
    pub decision_id: DecisionId,
    pub decision_outcome: Outcome,
    pub attempted_at: DateTimeUtc,
    pub attempted_by: Principal,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [Id],
    value: [
        Id, DepartmentId, Number, OrganizationId, BidId, DecisionId, DecisionOutcome, AttemptedAt,
        AttemptedBy,
    ],
}
