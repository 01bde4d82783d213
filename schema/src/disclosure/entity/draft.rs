//! The table of drafts: mutable, one an organization.
use sea_orm::entity::prelude::*;

use crate::disclosure::model::DisclosureId;
use crate::organization::model::OrganizationId;
use crate::principal::Principal;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "disclosure_draft")]
pub struct Model {
    /// The disclosure's, from its first word on.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DisclosureId,
    #[sea_orm(unique)]
    pub organization_id: OrganizationId,
    /// JSON as typed, kept as text: PostgreSQL's own JSON type refuses some of what people paste.
    pub statement: String,
    /// From 1, one more with each save.
    pub revision: i64,
    pub updated_at: DateTimeUtc,
    /// The subject of the token that saved it.
    pub updated_by: Principal,
}

impl ActiveModelBehavior for ActiveModel {}
