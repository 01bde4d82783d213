//! GraphQL types, queries and mutations of organizations, departments and their members.
mod department;
mod identifier_dispute;
mod member;
mod merging;
mod operations;
mod organization;
mod person_name;
mod viewer;

pub use department::{Department, DepartmentOfficersLoader};
pub use identifier_dispute::{IdentifierClaim, IdentifierDispute};
pub use member::Member;
pub use merging::{MergeProposal, MergedFromKey};
pub use operations::{
    DepartmentPayload, MemberPayload, MergeProposalPayload, OrganizationMutation,
    OrganizationPayload, OrganizationQuery, RegistrationPayload,
};
pub use organization::{Organization, organization_include};
pub use person_name::{PersonNameLoader, person_name, stored_person_name};
pub use viewer::{Membership, ViewerObject};
