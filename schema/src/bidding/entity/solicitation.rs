//! The table of solicitations.
use sea_orm::entity::prelude::*;

use crate::bidding::model::{SolicitationId, SolicitationStatus};
use crate::gate::Method;
use crate::organization::model::DepartmentId;

/// Without `biddable`, which the database computes: PostgreSQL refuses to be handed it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "solicitation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SolicitationId,
    pub department_id: DepartmentId,
    /// One of a kind in the department.
    pub number: String,
    pub title: String,
    pub description: String,
    pub method: Method,
    pub public_works: bool,
    pub status: SolicitationStatus,
    /// UTC; that very instant is in time.
    pub due_at: DateTimeUtc,
    /// The policy pinned at publication.
    pub policy_version: Option<i64>,
    /// Whether the City sees no bid before the instant after the due time: the pinned policy's.
    pub sealed: bool,
    pub created_at: DateTimeUtc,
    pub published_at: Option<DateTimeUtc>,
    pub cancelled_at: Option<DateTimeUtc>,
    pub cancellation_reason: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [Id],
    value: [
        Id, DepartmentId, Number, Title, Method, PublicWorks, Status, DueAt, PolicyVersion, Sealed,
        CreatedAt, PublishedAt, CancelledAt,
    ],
    digest: [Description],
    personal: [CancellationReason],
}
