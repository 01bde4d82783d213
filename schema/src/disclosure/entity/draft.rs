//! The table of drafts, at most one for each organization.
use sea_orm::entity::prelude::*;

use crate::disclosure::model::DisclosureId;
use crate::organization::model::OrganizationId;
use crate::principal::Principal;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "disclosure_draft")]
pub struct Model {
    /// The id that the filing will have.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DisclosureId,
    #[sea_orm(unique)]
    pub organization_id: OrganizationId,
    /// JSON as entered, stored as text, since PostgreSQL's JSON type refuses some pasted characters.
    pub statement: String,
    /// From 1, incremented by each save.
    pub revision: i64,
    pub updated_at: DateTimeUtc,
    pub updated_by: Principal,
}

impl ActiveModelBehavior for ActiveModel {}
