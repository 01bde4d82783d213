//! View `subject_access`: which departments may see an organization because of what it submitted.
use sea_orm::entity::prelude::*;

use crate::organization::model::{DepartmentId, OrganizationId};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "subject_access")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject_id: Uuid,
    pub organization_id: OrganizationId,
    /// The bare UUID of the disclosure that the subject depends on, if any.
    pub disclosure_id: Option<Uuid>,
    pub department_id: DepartmentId,
    /// City staff may see the subject only after this time (UTC).
    pub opens_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
