//! The table of what others call organizations by.
use sea_orm::entity::prelude::*;

use crate::organization::model::{IdentifierScheme, OrganizationId};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organization_identifier")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub scheme: IdentifierScheme,
    /// In capitals, without surrounding space.
    #[sea_orm(primary_key, auto_increment = false)]
    pub value: String,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [OrganizationId],
    value: [OrganizationId, Scheme, Value],
}
