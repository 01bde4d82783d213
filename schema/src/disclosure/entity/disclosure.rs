//! The table of disclosures: what may change after filing, such as status and review.
use sea_orm::entity::prelude::*;

use crate::disclosure::model::{DisclosureId, DisclosureStatus};
use crate::gate::ReviewState;
use crate::organization::model::OrganizationId;
use crate::principal::Principal;

/// Without the generated column `standing`, which PostgreSQL refuses in an INSERT.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "disclosure")]
pub struct Model {
    /// The id of the filing.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DisclosureId,
    pub organization_id: OrganizationId,
    /// Copied from the filing.
    pub version: i64,
    /// Never `DRAFT`; drafts have their own table.
    pub status: DisclosureStatus,
    pub review: ReviewState,
    pub withdrawn_at: Option<DateTimeUtc>,
    pub withdrawal_reason: Option<String>,
    /// The assigned reviewer.
    pub reviewer: Option<Principal>,
    /// When the reviewer was assigned.
    pub assigned_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [Id],
    value: [Id, OrganizationId, Version, Status, Review, WithdrawnAt, Reviewer, AssignedAt],
    personal: [WithdrawalReason],
}
