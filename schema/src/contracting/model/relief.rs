//! What waivers and exemptions are asked for.
use async_graphql::InputObject;

use super::{ContractId, RenewalId};
use crate::bidding::model::SolicitationId;
use crate::organization::model::{DepartmentId, OrganizationId};
use crate::waiver::model::{ExemptionClaim, WaiverRequest};

/// What a waiver or an exemption is for: an organization on a solicitation, a contract, a renewal,
/// or a contract to be, by its number in the department.
#[derive(Clone, Debug, Default, InputObject)]
pub struct SubjectInput {
    /// The solicitation; with the organization, whose bid may have been refused.
    pub solicitation_id: Option<SolicitationId>,
    /// Who bids on the solicitation.
    pub organization_id: Option<OrganizationId>,
    /// The contract.
    pub contract_id: Option<ContractId>,
    /// The renewal.
    pub renewal_id: Option<RenewalId>,
    /// The department of a contract to be; with its number.
    pub department_id: Option<DepartmentId>,
    /// The number of a contract to be.
    pub contract_number: Option<String>,
}

/// A request for a waiver.
#[derive(Clone, Debug, InputObject)]
pub struct WaiverInput {
    #[graphql(flatten)]
    pub subject: SubjectInput,
    #[graphql(flatten)]
    pub grounds: WaiverRequest,
}

/// A claim of an exemption.
#[derive(Clone, Debug, InputObject)]
pub struct ExemptionInput {
    #[graphql(flatten)]
    pub subject: SubjectInput,
    #[graphql(flatten)]
    pub grounds: ExemptionClaim,
}
