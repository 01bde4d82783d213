//! Table `waiver`.
use sea_orm::entity::prelude::*;

use crate::money::Money;
use crate::organization::model::{DepartmentId, OrganizationId};
use crate::principal::Principal;
use crate::waiver::model::{
    Approval, Revocation, SubjectColumns, Waiver, WaiverId, WaiverState, WaiverStatus,
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "waiver")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WaiverId,
    /// The code of the rule to lower, such as `contract.clause_missing`.
    pub rule: String,
    pub department_id: DepartmentId,
    /// The bidding organization; set together with the solicitation.
    pub organization_id: Option<OrganizationId>,
    /// The solicitation's bare UUID.
    pub solicitation_id: Option<Uuid>,
    /// The contract's number in the department; the contract may not be awarded yet.
    pub contract_number: Option<String>,
    /// The contract's bare UUID, once it is awarded.
    pub contract_id: Option<Uuid>,
    /// The bare UUID of the renewal that the waiver is limited to; none if it covers every decision on
    /// the contract.
    pub renewal_id: Option<Uuid>,
    pub purpose: String,
    pub alternatives: String,
    /// What an alternative supplier would cost, in words.
    pub cost: String,
    pub cost_cents: Option<i64>,
    pub cost_currency: Option<String>,
    pub authority: String,
    /// The last local day on which the waiver is in effect.
    pub expires_on: Date,
    /// The local midnight that ends `expires_on`, in UTC; exclusive.
    pub expires_at: DateTimeUtc,
    pub status: WaiverStatus,
    pub requested_by: Principal,
    pub requested_at: DateTimeUtc,
    pub approved_by: Option<Principal>,
    pub approved_at: Option<DateTimeUtc>,
    pub revoked_by: Option<Principal>,
    pub revoked_at: Option<DateTimeUtc>,
    /// The reason for the revocation.
    pub revocation: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [Id],
    value: [
        Id, Rule, DepartmentId, OrganizationId, SolicitationId, ContractNumber, ContractId,
        RenewalId, CostCents, CostCurrency, Authority, ExpiresOn, ExpiresAt, Status, RequestedBy,
        RequestedAt, ApprovedBy, ApprovedAt, RevokedBy, RevokedAt,
    ],
    personal: [Purpose, Alternatives, Cost, Revocation],
}

impl TryFrom<Model> for Waiver {
    /// `Type` if columns contradict the status, which the table's CHECK constraints refuse.
    type Error = DbErr;

    fn try_from(row: Model) -> Result<Self, DbErr> {
        let Model {
            id,
            rule,
            department_id,
            organization_id,
            solicitation_id,
            contract_number,
            contract_id,
            renewal_id,
            purpose,
            alternatives,
            cost,
            cost_cents,
            cost_currency,
            authority,
            expires_on,
            expires_at,
            status,
            requested_by,
            requested_at,
            approved_by,
            approved_at,
            revoked_by,
            revoked_at,
            revocation,
        } = row;
        let approval = approved_by.zip(approved_at).map(|(by, at)| Approval { by, at });
        let revocation = revoked_by
            .zip(revoked_at)
            .zip(revocation)
            .map(|((by, at), reason)| Revocation { by, at, reason });
        let state = match (status, approval, revocation) {
            (WaiverStatus::Requested, None, None) => WaiverState::Requested,
            (WaiverStatus::Approved, Some(approval), None) => WaiverState::Approved(approval),
            (WaiverStatus::Revoked, approval, Some(revocation)) => {
                WaiverState::Revoked { revocation, approval }
            }
            _ => return Err(DbErr::Type(format!("waiver {id}: columns contradict its status"))),
        };
        Ok(Self {
            id,
            rule,
            subject: SubjectColumns {
                department: department_id,
                organization: organization_id,
                solicitation: solicitation_id,
                number: contract_number,
                contract: contract_id,
                renewal: renewal_id,
            },
            purpose,
            alternatives,
            cost,
            cost_amount: cost_cents
                .zip(cost_currency)
                .map(|(cents, currency)| Money { cents, currency }),
            authority,
            expires_on,
            expires_at,
            requested_by,
            requested_at,
            state,
        })
    }
}

impl From<Waiver> for Model {
    fn from(waiver: Waiver) -> Self {
        let Waiver {
            id,
            rule,
            subject,
            purpose,
            alternatives,
            cost,
            cost_amount,
            authority,
            expires_on,
            expires_at,
            requested_by,
            requested_at,
            state,
        } = waiver;
        let SubjectColumns { department, organization, solicitation, number, contract, renewal } =
            subject;
        let status = state.status();
        let (approval, revocation) = match state {
            WaiverState::Requested => (None, None),
            WaiverState::Approved(approval) => (Some(approval), None),
            WaiverState::Revoked { revocation, approval } => (approval, Some(revocation)),
        };
        let (approved_by, approved_at) = approval.map(|Approval { by, at }| (by, at)).unzip();
        let (revoked, revocation) =
            revocation.map(|Revocation { by, at, reason }| ((by, at), reason)).unzip();
        let (revoked_by, revoked_at) = revoked.unzip();
        let (cost_cents, cost_currency) =
            cost_amount.map(|Money { cents, currency }| (cents, currency)).unzip();
        Self {
            id,
            rule,
            department_id: department,
            organization_id: organization,
            solicitation_id: solicitation,
            contract_number: number,
            contract_id: contract,
            renewal_id: renewal,
            purpose,
            alternatives,
            cost,
            cost_cents,
            cost_currency,
            authority,
            expires_on,
            expires_at,
            status,
            requested_by,
            requested_at,
            approved_by,
            approved_at,
            revoked_by,
            revoked_at,
            revocation,
        }
    }
}
