//! Table `waiver`.
use sea_orm::entity::prelude::*;

use crate::organization::model::{DepartmentId, OrganizationId};
use crate::principal::Principal;
use crate::waiver::model::{WaiverId, WaiverStatus};

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
