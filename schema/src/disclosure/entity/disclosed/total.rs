//! The table of what a filing's agreements come to, by currency.
use sea_orm::entity::prelude::*;

use crate::disclosure::model::DisclosureId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "disclosed_total")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub disclosure_id: DisclosureId,
    /// ISO 4217.
    #[sea_orm(primary_key, auto_increment = false)]
    pub currency: String,
    /// Hundredths of the currency's unit: the known amounts.
    pub cents: i64,
}

impl ActiveModelBehavior for ActiveModel {}
