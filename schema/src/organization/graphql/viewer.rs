//! The caller of a request.
use async_graphql::{Object, SimpleObject};

use crate::organization::model::{DepartmentId, MemberRole, OrganizationId, Role, Viewer};

/// The caller of a request.
#[derive(Debug)]
pub struct ViewerObject<'a>(&'a Viewer);

impl<'a> From<&'a Viewer> for ViewerObject<'a> {
    fn from(viewer: &'a Viewer) -> Self {
        Self(viewer)
    }
}

/// The caller, with roles and memberships.
#[Object(crate = "crate::budget", name = "Viewer")]
impl ViewerObject<'_> {
    /// The token's subject.
    async fn subject(&self) -> &str {
        self.0.subject.subject()
    }
    /// The token's issuer; a subject identifies a person only together with its issuer.
    async fn issuer(&self) -> Option<&str> {
        self.0.subject.issuer()
    }
    /// The token's e-mail address, if its issuer verified it.
    async fn email(&self) -> Option<&str> {
        self.0.email.as_deref()
    }
    /// The roles that the token grants.
    async fn roles(&self) -> Vec<Role> {
        self.0.roles.iter().copied().collect()
    }
    /// The caller's memberships in organizations.
    async fn memberships(&self) -> Vec<Membership> {
        let own = self.0.organizations.iter();
        own.map(|(organization_id, role)| Membership {
            organization_id: *organization_id,
            role: *role,
        })
        .collect()
    }
    /// The departments that the caller is a contract officer of.
    async fn department_ids(&self) -> &[DepartmentId] {
        &self.0.departments
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
