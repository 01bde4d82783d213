//! The table of people's places in organizations and departments.
use sea_orm::entity::prelude::*;

use crate::organization::model::{DepartmentId, MemberId, MemberRole, OrganizationId};
use crate::principal::Principal;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "member")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MemberId,
    /// Set unless the place is in a department.
    pub organization_id: Option<OrganizationId>,
    /// Set unless the place is in an organization.
    pub department_id: Option<DepartmentId>,
    /// Set in an organization alone.
    pub role: Option<MemberRole>,
    /// Lower-case: the address that the invitation went to.
    pub email: Option<String>,
    /// The token's subject, once somebody signed in with the address.
    pub subject: Option<Principal>,
    pub invited_at: DateTimeUtc,
    pub bound_at: Option<DateTimeUtc>,
    pub removed_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [OrganizationId, DepartmentId],
    value: [Id, OrganizationId, DepartmentId, Role, InvitedAt, BoundAt, RemovedAt],
    personal: [Email, Subject],
}
