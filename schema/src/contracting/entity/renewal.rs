//! The table of contract actions, called renewals in the API.
use sea_orm::entity::prelude::*;

use crate::contracting::model::{Basis, ContractId, RenewalId, RenewalStatus};
use crate::decision::model::DecisionId;
use crate::disclosure::model::DisclosureId;
use crate::gate::{ContractAction, Outcome};
use crate::organization::model::OrganizationId;
use crate::principal::Principal;

/// Leaves out `disclosure_in_use`, a generated column.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "renewal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RenewalId,
    pub contract_id: ContractId,
    pub action: ContractAction,
    pub status: RenewalStatus,
    /// The organization whose disclosure is checked: the holder, or the assignee of an assignment.
    pub organization_id: OrganizationId,
    /// The number of the amendment or task order.
    pub number: Option<String>,
    /// The first and last day (City time).
    pub start_date: Date,
    pub end_date: Date,
    /// The value added to the contract or the value of the task order, in hundredths of the
    /// currency's unit.
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
    /// The applicable filing of that decision.
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
