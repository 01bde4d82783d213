//! The table of appeals, at most one for each rejection.
use sea_orm::entity::prelude::*;

use crate::disclosure::model::{AppealId, AppealOutcome, DisclosureId, ReviewId};
use crate::principal::Principal;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "appeal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AppealId,
    #[sea_orm(unique)]
    pub review_id: ReviewId,
    /// Copied from the review.
    pub disclosure_id: DisclosureId,
    /// Copied from the review. A CHECK refuses this person as `decided_by`.
    pub disclosure_filed_by: Principal,
    /// The reviewer, copied from the review. A CHECK refuses this person as `decided_by`.
    pub rejected_by: Principal,
    pub grounds: String,
    pub filed_by: Principal,
    pub filed_at: DateTimeUtc,
    pub outcome: Option<AppealOutcome>,
    pub explanation: Option<String>,
    pub decided_by: Option<Principal>,
    pub decided_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [DisclosureId],
    value: [Id, DisclosureFiledBy, RejectedBy, ReviewId, DisclosureId, FiledBy, FiledAt, Outcome, DecidedBy, DecidedAt],
    personal: [Grounds, Explanation],
}
