//! View `open_party`: organizations, as parties and owners.
use sea_orm::entity::prelude::*;

use crate::organization::model::{Address, OrganizationId, OrganizationKind, Ownership};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "open_party")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    pub kind: OrganizationKind,
    pub legal_name: String,
    pub address: Option<Address>,
    pub ownership: Ownership,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
