//! Table `organization_name`: the names that an organization is found by. Derived from `organization`.
use candor_matcher::ExactName;
use sea_orm::entity::prelude::*;

use crate::organization::model::{NameKind, OrganizationId};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organization_name")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: NameKind,
    /// The core of the [`ExactName`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub core: String,
    /// The legal forms of the [`ExactName`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub forms: i64,
}

impl Model {
    /// Returns the name in the form that exact names are compared in.
    #[must_use]
    pub fn exact_name(&self) -> ExactName {
        ExactName::from_parts(self.core.clone(), self.forms)
    }
}

impl ActiveModelBehavior for ActiveModel {}
