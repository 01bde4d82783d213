//! View `open_contract`: contracts.
use sea_orm::entity::prelude::*;

use crate::bidding::model::{BidId, SolicitationId};
use crate::contracting::model::ContractId;
use crate::disclosure::model::DisclosureId;
use crate::gate::AwardMethod;
use crate::organization::model::{DepartmentId, OrganizationId};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "open_contract")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub contract_id: ContractId,
    /// The solicitation that it was awarded from, if any.
    pub solicitation_id: Option<SolicitationId>,
    pub bid_id: Option<BidId>,
    pub number: String,
    pub title: String,
    pub method: Option<AwardMethod>,
    pub public_works: bool,
    /// The organization to which it was awarded.
    pub awarded_to: OrganizationId,
    /// The current holder.
    pub organization_id: OrganizationId,
    /// Hundredths of the currency's unit.
    pub value_cents: i64,
    pub currency: String,
    pub signed_on: Date,
    pub start_date: Date,
    pub end_date: Date,
    pub recorded_at: DateTimeUtc,
    pub award_disclosure_id: Option<DisclosureId>,
    pub disclosure_id: Option<DisclosureId>,
    pub department_id: DepartmentId,
    pub department_name: String,
}

impl ActiveModelBehavior for ActiveModel {}
