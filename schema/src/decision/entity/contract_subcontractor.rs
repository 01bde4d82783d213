//! The table of the subcontractors that a contract names.
use sea_orm::entity::prelude::*;

use crate::gate::ResolvedBy;
use crate::organization::model::{IdentifierScheme, OrganizationId};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contract_subcontractor")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub contract_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    pub organization_id: Option<OrganizationId>,
    pub name: String,
    pub scheme: Option<IdentifierScheme>,
    pub value: Option<String>,
    pub resolved_by: ResolvedBy,
    /// The organization to which the party was resolved; never changes once set.
    pub resolved_to: Option<OrganizationId>,
    /// When the party was resolved, or first found to be unresolved (UTC).
    pub resolved_at: DateTimeUtc,
    pub amount_cents: i64,
    pub currency: String,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [ContractId],
    value: [ContractId, Position, OrganizationId, Name, Scheme, Value, AmountCents, Currency, ResolvedBy, ResolvedTo,
        ResolvedAt],
}
