//! The view with what an export of bids shows of other tables.
use sea_orm::entity::prelude::*;

use crate::bidding::model::BidId;
use crate::organization::model::OrganizationId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "screening_bid_export")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub bid_id: BidId,
    pub solicitation_number: String,
    pub solicitation_title: String,
    /// When bids are due: UTC.
    pub due_at: DateTimeUtc,
    pub department_code: String,
    pub department_name: String,
    /// The bidder, or what it was merged into.
    pub firm_id: OrganizationId,
    pub organization_name: String,
    /// Hundredths of the currency's unit; none if the bid has no amount.
    pub amount_cents: Option<i64>,
    pub currency: Option<String>,
    /// The version of the filing that the bid was decided on.
    pub disclosure_version: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
