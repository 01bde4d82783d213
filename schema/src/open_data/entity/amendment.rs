//! View `open_amendment`: executed contract actions.
use sea_orm::entity::prelude::*;

use crate::contracting::model::{ContractId, RenewalId};
use crate::gate::ContractAction;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "open_amendment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub renewal_id: RenewalId,
    pub contract_id: ContractId,
    pub action: ContractAction,
    pub number: Option<String>,
    pub start_date: Date,
    pub end_date: Date,
    /// Hundredths of the currency's unit.
    pub value_cents: i64,
    pub currency: String,
    pub executed_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
