//! The view of bids with the columns that staff screen by.
use sea_orm::entity::prelude::*;

use crate::bidding::model::{BidId, BidStatus, SolicitationId};
use crate::decision::model::DecisionId;
use crate::disclosure::model::DisclosureId;
use crate::gate::{Outcome, ReviewState};
use crate::organization::model::{DepartmentId, OrganizationId};
use crate::principal::Principal;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "screened_bid")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BidId,
    pub solicitation_id: SolicitationId,
    pub organization_id: OrganizationId,
    pub disclosure_id: Option<DisclosureId>,
    pub decision_id: DecisionId,
    pub status: BidStatus,
    pub outcome: Outcome,
    /// The sort keys of the amount, in hundredths. Bids without an amount are last in both directions.
    pub amount_ascending: i64,
    pub amount_descending: i64,
    pub submitted_at: DateTimeUtc,
    pub decided_at: DateTimeUtc,
    pub cure_by: Option<DateTimeUtc>,
    pub department_id: DepartmentId,
    /// City staff may see the bid only after this time (UTC).
    pub opens_at: DateTimeUtc,
    pub review: Option<ReviewState>,
    pub reviewer: Option<Principal>,
}

impl ActiveModelBehavior for ActiveModel {}
