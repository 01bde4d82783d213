//! View `open_tender`: published solicitations.
use sea_orm::entity::prelude::*;

use crate::bidding::model::{SolicitationId, SolicitationStatus};
use crate::gate::AwardMethod;
use crate::organization::model::DepartmentId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "open_tender")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub solicitation_id: SolicitationId,
    pub number: String,
    pub title: String,
    pub description: String,
    pub method: AwardMethod,
    pub public_works: bool,
    pub status: SolicitationStatus,
    /// UTC.
    pub due_at: DateTimeUtc,
    pub created_at: DateTimeUtc,
    pub published_at: Option<DateTimeUtc>,
    pub canceled_at: Option<DateTimeUtc>,
    pub cancellation_reason: Option<String>,
    pub department_id: DepartmentId,
    pub department_name: String,
}

impl ActiveModelBehavior for ActiveModel {}
