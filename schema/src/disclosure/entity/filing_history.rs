//! View `filing_history`: each filing for every organization of its filer's group.
use sea_orm::entity::prelude::*;

use crate::disclosure::model::DisclosureId;
use crate::organization::model::OrganizationId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "filing_history")]
pub struct Model {
    /// An organization of the group.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DisclosureId,
    /// The organization that filed it.
    pub filed_for: OrganizationId,
    /// Its version among the filings of that organization.
    pub version: i64,
    pub filed_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::read_by_position! { organization_id, id, filed_for, version, filed_at }
