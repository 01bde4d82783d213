//! The table of contract terms: the holder and the value in each period.
use sea_orm::entity::prelude::*;

use crate::contracting::model::ContractId;
use crate::organization::model::OrganizationId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contract_term")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub contract_id: ContractId,
    /// From 1, without gaps, for each contract. A later term shortens the earlier ones.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i64,
    pub organization_id: OrganizationId,
    /// The first and last day (City time). If a later term leaves no day, the last is before the first.
    pub from_date: Date,
    pub until_date: Date,
    pub value_cents: i64,
    pub currency: String,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [ContractId],
    value: [ContractId, Sequence, OrganizationId, FromDate, UntilDate, ValueCents, Currency],
}
