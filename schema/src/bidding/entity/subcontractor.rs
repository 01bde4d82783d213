//! The table of the subcontractors that bids name.
use sea_orm::entity::prelude::*;

use crate::bidding::model::BidId;
use crate::gate::ResolvedBy;
use crate::organization::model::{IdentifierScheme, OrganizationId};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bid_subcontractor")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub bid_id: BidId,
    /// From 0, in the order the bid gave.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    /// As named; there may be no such organization.
    pub organization_id: Option<OrganizationId>,
    pub name: String,
    pub scheme: Option<IdentifierScheme>,
    pub value: Option<String>,
    pub resolved_by: ResolvedBy,
    /// The organization that it is, once somebody bears its identifier; it stays that.
    pub resolved_to: Option<OrganizationId>,
    /// When it was resolved, or first was not.
    pub resolved_at: DateTimeUtc,
    pub amount_cents: i64,
    pub currency: String,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [BidId],
    value: [BidId, Position, OrganizationId, Name, Scheme, Value, AmountCents, Currency, ResolvedBy, ResolvedTo,
        ResolvedAt],
}
