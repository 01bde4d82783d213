//! The view of who on the City's side may know of an organization through what it handed in.
use sea_orm::entity::prelude::*;

use crate::organization::model::{DepartmentId, OrganizationId};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "subject_access")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject_id: Uuid,
    pub organization_id: OrganizationId,
    /// What it rests on, if anything: a disclosure's bare UUID.
    pub disclosure_id: Option<Uuid>,
    pub department_id: DepartmentId,
    /// After this instant (UTC); before and at it, nobody of the City knows.
    pub opens_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
