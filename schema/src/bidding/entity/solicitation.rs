//! The table of solicitations.
use sea_orm::entity::prelude::*;

use crate::bidding::model::{SolicitationId, SolicitationStatus};
use crate::gate::AwardMethod;
use crate::organization::model::DepartmentId;

/// Leaves out `biddable`, a generated column, which PostgreSQL does not allow to be inserted.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "solicitation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SolicitationId,
    pub department_id: DepartmentId,
    /// Unique within the department.
    pub number: String,
    pub title: String,
    pub description: String,
    pub method: AwardMethod,
    pub public_works: bool,
    pub status: SolicitationStatus,
    /// When bids are due (UTC, inclusive).
    pub due_at: DateTimeUtc,
    /// The version of the policy pinned at publication.
    pub policy_version: Option<i64>,
    /// Whether bids stay hidden from the City until they are due; set by the pinned policy.
    pub sealed: bool,
    pub created_at: DateTimeUtc,
    pub published_at: Option<DateTimeUtc>,
    pub canceled_at: Option<DateTimeUtc>,
    pub cancellation_reason: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [Id],
    value: [
        Id, DepartmentId, Number, Title, Method, PublicWorks, Status, DueAt, PolicyVersion, Sealed,
        CreatedAt, PublishedAt, CanceledAt,
    ],
    digest: [Description],
    personal: [CancellationReason],
}
