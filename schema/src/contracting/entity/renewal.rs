//! The table of contract actions, called renewals in the API.
use sea_orm::entity::prelude::*;
use sea_orm::{FromQueryResult, QueryResult};

use crate::contracting::model::{
    Admission, Basis, ContractId, Execution, RenewalId, RenewalRecord, RenewalState, RenewalStatus,
};
use crate::decision::model::DecisionId;
use crate::disclosure::model::DisclosureId;
use crate::gate::{ContractAction, Outcome};
use crate::money::Money;
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

impl TryFrom<Model> for RenewalRecord {
    type Error = DbErr;

    fn try_from(row: Model) -> Result<Self, DbErr> {
        let admission = row
            .decision_id
            .map(|decision_id| Admission { decision_id, disclosure_id: row.disclosure_id });
        let execution = row.executed_at.zip(row.executed_by);
        let state = match (row.status, execution) {
            (RenewalStatus::Proposed, None) => RenewalState::Proposed,
            (RenewalStatus::Executed, Some((at, by))) => {
                RenewalState::Executed(Execution { at, by, admission })
            }
            (RenewalStatus::Superseded, None) => RenewalState::Superseded,
            (status, _) => {
                let message = format!("{}: {status:?} contradicts executed_at", row.id);
                return Err(DbErr::Type(message));
            }
        };
        Ok(Self {
            id: row.id,
            contract_id: row.contract_id,
            action: row.action,
            organization_id: row.organization_id,
            number: row.number,
            start_date: row.start_date,
            end_date: row.end_date,
            value: Money { cents: row.value_cents, currency: row.currency },
            proposed_at: row.proposed_at,
            proposed_by: row.proposed_by,
            state,
        })
    }
}

impl From<RenewalRecord> for Model {
    fn from(renewal: RenewalRecord) -> Self {
        let execution = renewal.state.execution();
        let admission = renewal.state.admission();
        Self {
            id: renewal.id,
            contract_id: renewal.contract_id,
            action: renewal.action,
            status: renewal.state.status(),
            organization_id: renewal.organization_id,
            number: renewal.number,
            start_date: renewal.start_date,
            end_date: renewal.end_date,
            value_cents: renewal.value.cents,
            currency: renewal.value.currency,
            proposed_at: renewal.proposed_at,
            proposed_by: renewal.proposed_by,
            executed_at: execution.map(|it| it.at),
            executed_by: execution.map(|it| it.by.clone()),
            basis: execution.map(Execution::basis),
            decision_id: admission.map(|it| it.decision_id),
            decision_outcome: admission.map(|_| Outcome::Admit),
            disclosure_id: admission.and_then(|it| it.disclosure_id),
        }
    }
}

impl FromQueryResult for RenewalRecord {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        Model::from_query_result(row, prefix)?.try_into()
    }
}
