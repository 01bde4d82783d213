//! The table of filings' total agreement values, by currency.
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
    /// The sum of the known values, in hundredths of the currency unit.
    pub cents: i64,
}

impl ActiveModelBehavior for ActiveModel {}
