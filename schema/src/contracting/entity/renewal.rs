//! The table of what carries contracts on.
use sea_orm::entity::prelude::*;

use crate::contracting::model::{Basis, ContractId, RenewalId, RenewalStatus};
use crate::decision::model::DecisionId;
use crate::disclosure::model::DisclosureId;
use crate::gate::{Action, Outcome};
use crate::organization::model::OrganizationId;
use crate::principal::Principal;

/// Without `rests`, which the database generates.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "renewal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RenewalId,
    pub contract_id: ContractId,
    pub action: Action,
    pub status: RenewalStatus,
    /// Whose disclosure counts: the holder, or of an assignment the assignee.
    pub organization_id: OrganizationId,
    /// The number of an amendment or a task order.
    pub number: Option<String>,
    /// Local days.
    pub start_date: Date,
    pub end_date: Date,
    /// What it adds, or what the order comes to.
    pub value_cents: i64,
    pub currency: String,
    pub proposed_at: DateTimeUtc,
    pub proposed_by: Principal,
    pub executed_at: Option<DateTimeUtc>,
    pub executed_by: Option<Principal>,
    pub basis: Option<Basis>,
    /// The decision that admitted it.
    pub decision_id: Option<DecisionId>,
    pub decision_outcome: Option<Outcome>,
    /// What it rested on.
    pub disclosure_id: Option<DisclosureId>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [Id],
    value: [
        Id, ContractId, Action, Status, OrganizationId, Number, StartDate, EndDate, ValueCents,
        Currency, ProposedAt, ProposedBy, ExecutedAt, ExecutedBy, Basis, DecisionId,
        DecisionOutcome, DisclosureId,
    ],
}
