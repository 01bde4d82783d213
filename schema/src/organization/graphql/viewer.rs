//! The caller of a request.
use async_graphql::SimpleObject;

use crate::organization::model::{DepartmentId, MemberRole, OrganizationId, Role, Viewer};

/// The caller, with roles and memberships.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget", name = "Viewer")]
pub struct ViewerObject {
    /// The token's subject.
    subject: String,
    /// The token's issuer; a subject identifies a person only together with its issuer.
    issuer: Option<String>,
    /// The token's e-mail address, if its issuer verified it.
    email: Option<String>,
    /// The roles that the token grants.
    roles: Vec<Role>,
    /// The caller's memberships in organizations.
    memberships: Vec<Membership>,
    /// The departments that the caller is a contract officer of.
    department_ids: Vec<DepartmentId>,
}

impl From<&Viewer> for ViewerObject {
    fn from(viewer: &Viewer) -> Self {
        let own = viewer.organizations.iter();
        let own = own.map(|(organization_id, role)| Membership {
            organization_id: *organization_id,
            role: *role,
        });
        Self {
            subject: viewer.subject.subject().to_owned(),
            issuer: viewer.subject.issuer().map(ToOwned::to_owned),
            email: viewer.email.clone(),
            roles: viewer.roles.iter().copied().collect(),
            memberships: own.collect(),
            department_ids: viewer.departments.clone(),
        }
    }
}

/// A membership of the caller in an organization.
#[derive(Clone, Copy, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct Membership {
    /// The organization.
    organization_id: OrganizationId,
    /// The caller's role in it.
    role: MemberRole,
}
