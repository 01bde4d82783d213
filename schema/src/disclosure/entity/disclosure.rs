//! The table of disclosures: what has a life after its filing.
use sea_orm::entity::prelude::*;

use crate::disclosure::model::{DisclosureId, DisclosureStatus};
use crate::gate::ReviewState;
use crate::organization::model::OrganizationId;
use crate::principal::Principal;

/// Without `standing`, which the database computes: PostgreSQL refuses to be handed it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "disclosure")]
pub struct Model {
    /// The filing's.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DisclosureId,
    pub organization_id: OrganizationId,
    /// The filing's.
    pub version: i64,
    /// Never `DRAFT`: a draft has a table of its own.
    pub status: DisclosureStatus,
    pub review: ReviewState,
    pub withdrawn_at: Option<DateTimeUtc>,
    pub withdrawal_reason: Option<String>,
    /// The subject of the token of the reviewer who is on it.
    pub reviewer: Option<Principal>,
    /// Since when that reviewer is on it.
    pub taken_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [Id],
    value: [Id, OrganizationId, Version, Status, Review, WithdrawnAt, Reviewer, TakenAt],
    personal: [WithdrawalReason],
}
