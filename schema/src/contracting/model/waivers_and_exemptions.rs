//! The inputs of waiver requests and exemption claims.
use async_graphql::InputObject;

use super::{ContractId, RenewalId};
use crate::bidding::model::SolicitationId;
use crate::organization::model::{DepartmentId, OrganizationId};
use crate::waiver::model::{ExemptionClaim, WaiverRequest};

/// The subject of a waiver or an exemption: an organization on a solicitation, a contract, a contract
/// action, or a contract that is not awarded yet, by its number in the department.
#[derive(Clone, Debug, Default, InputObject)]
pub struct SubjectInput {
    /// The solicitation; requires `organizationId`. The bid may have been blocked.
    pub solicitation_id: Option<SolicitationId>,
    /// The organization that bids on the solicitation.
    pub organization_id: Option<OrganizationId>,
    /// The contract.
    pub contract_id: Option<ContractId>,
    /// The contract action.
    pub renewal_id: Option<RenewalId>,
    /// The department of a contract that is not awarded yet; requires `contractNumber`.
    pub department_id: Option<DepartmentId>,
    /// The number of a contract that is not awarded yet; requires `departmentId`.
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
