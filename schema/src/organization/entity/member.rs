//! Table `member`: people's memberships in organizations and departments.
use sea_orm::entity::prelude::*;

use crate::organization::model::{DepartmentId, MemberId, MemberRole, OrganizationId};
use crate::principal::Principal;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "member")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MemberId,
    /// Set unless the membership is in a department.
    pub organization_id: Option<OrganizationId>,
    /// Set unless the membership is in an organization.
    pub department_id: Option<DepartmentId>,
    /// Set only in an organization.
    pub role: Option<MemberRole>,
    /// The invited address, in lower case.
    pub email: Option<String>,
    /// The token subject; none until the invitation is accepted.
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
