//! The table of joint venture members, as they were when the bid was submitted.
use sea_orm::entity::prelude::*;

use crate::gate::ResolvedBy;
use crate::organization::model::{IdentifierScheme, OrganizationId};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bid_member")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub bid_id: Uuid,
    /// From 0, in the order of the bid.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    /// As submitted; the organization may not exist.
    pub organization_id: Option<OrganizationId>,
    pub name: String,
    pub scheme: Option<IdentifierScheme>,
    pub value: Option<String>,
    pub resolved_by: ResolvedBy,
    /// The organization to which the party was resolved; never changes once set.
    pub resolved_to: Option<OrganizationId>,
    /// When the party was resolved, or first found to be unresolved (UTC).
    pub resolved_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [BidId],
    value: [
        BidId, Position, OrganizationId, Name, Scheme, Value, ResolvedBy, ResolvedTo, ResolvedAt,
    ],
}
