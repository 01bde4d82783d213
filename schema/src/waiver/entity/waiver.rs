//! The table of waivers.
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
    /// The rule, such as `contract.clause_missing`.
    pub rule: String,
    pub department_id: DepartmentId,
    /// With the solicitation: whose bid, and award, it is for.
    pub organization_id: Option<OrganizationId>,
    /// The solicitation's bare UUID.
    pub solicitation_id: Option<Uuid>,
    /// The number in the department of the contract that it is for, awarded or to be.
    pub contract_number: Option<String>,
    /// The contract's bare UUID, once it is awarded.
    pub contract_id: Option<Uuid>,
    /// The bare UUID of the renewal that it is for; none if it is for whatever is decided on the
    /// contract.
    pub renewal_id: Option<Uuid>,
    pub purpose: String,
    pub alternatives: String,
    /// What it would cost to do without, in words.
    pub cost: String,
    pub cost_cents: Option<i64>,
    pub cost_currency: Option<String>,
    pub authority: String,
    /// The last local day on which it holds.
    pub expires_on: Date,
    /// Until when it holds, exclusive: UTC, the local midnight that ends that day.
    pub expires_at: DateTimeUtc,
    pub status: WaiverStatus,
    pub requested_by: Principal,
    pub requested_at: DateTimeUtc,
    pub approved_by: Option<Principal>,
    pub approved_at: Option<DateTimeUtc>,
    pub revoked_by: Option<Principal>,
    pub revoked_at: Option<DateTimeUtc>,
    /// Why it was revoked.
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
