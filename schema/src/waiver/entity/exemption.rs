//! Table `exemption`. Rows are inserted, approved or declined once if they need it, and later linked to
//! their contract; never changed otherwise.
use sea_orm::entity::prelude::*;

use crate::gate::ExemptionKind;
use crate::organization::model::{DepartmentId, OrganizationId};
use crate::principal::Principal;
use crate::waiver::model::{ExemptionApproval, ExemptionId, SubjectColumns};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "exemption")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ExemptionId,
    pub kind: ExemptionKind,
    pub department_id: DepartmentId,
    /// The bidding organization; set together with the solicitation.
    pub organization_id: Option<OrganizationId>,
    /// The solicitation's bare UUID.
    pub solicitation_id: Option<Uuid>,
    /// The contract's number in the department; the contract may not be awarded yet.
    pub contract_number: Option<String>,
    /// The contract's bare UUID, once it is awarded.
    pub contract_id: Option<Uuid>,
    /// The bare UUID of the renewal that the exemption covers; none if it covers the award.
    pub renewal_id: Option<Uuid>,
    pub reason: String,
    pub authority: String,
    pub claimed_by: Principal,
    pub claimed_at: DateTimeUtc,
    /// When the disclosure that it puts off is due, by the policy at the claim: UTC, a local midnight,
    /// exclusive. None if none need follow.
    pub follow_up_by: Option<DateTimeUtc>,
    /// Whether a second person has approved the claim; none if it needs no approval.
    pub approval: Option<ExemptionApproval>,
    /// Who approved or declined the claim; never the claimant, if it was approved.
    pub decided_by: Option<Principal>,
    pub decided_at: Option<DateTimeUtc>,
    pub decline_reason: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [Id],
    value: [
        Id, Kind, DepartmentId, OrganizationId, SolicitationId, ContractNumber, ContractId,
        RenewalId, Authority, ClaimedBy, ClaimedAt, FollowUpBy, Approval, DecidedBy, DecidedAt,
    ],
    personal: [Reason, DeclineReason],
}

impl Model {
    /// Whether the exemption is in effect: its claim needs no approval, or has it.
    #[must_use]
    pub fn is_in_effect(&self) -> bool {
        self.approval.is_none_or(|approval| approval == ExemptionApproval::Approved)
    }
}

impl From<&Model> for SubjectColumns {
    fn from(row: &Model) -> Self {
        Self {
            department: row.department_id,
            organization: row.organization_id,
            solicitation: row.solicitation_id,
            number: row.contract_number.clone(),
            contract: row.contract_id,
            renewal: row.renewal_id,
        }
    }
}
