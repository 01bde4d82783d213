//! Table `joint_venture_member`.
use sea_orm::entity::prelude::*;

use crate::organization::model::{IdentifierScheme, OrganizationId};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "joint_venture_member")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    /// The position in the venture's own order, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    pub member_id: Option<OrganizationId>,
    pub name: String,
    pub scheme: Option<IdentifierScheme>,
    pub value: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [OrganizationId],
    value: [OrganizationId, Position, MemberId, Name, Scheme, Value],
}
