//! The table of acceptances and rejections.
use sea_orm::entity::prelude::*;

use crate::disclosure::model::{DisclosureId, PartPaths, RejectionReasons, ReviewId, Verdict};
use crate::principal::Principal;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReviewId,
    pub disclosure_id: DisclosureId,
    /// Copied from the filing. A CHECK refuses this person as `decided_by`.
    pub filed_by: Principal,
    pub verdict: Verdict,
    pub reasons: RejectionReasons,
    pub paths: PartPaths,
    pub explanation: String,
    pub decided_by: Principal,
    pub decided_at: DateTimeUtc,
    /// The end of the time to appeal a rejection, exclusive: a local midnight, in UTC.
    pub appeal_by: Option<DateTimeUtc>,
    pub reopened_by: Option<Principal>,
    pub reopened_at: Option<DateTimeUtc>,
    /// Why it was reopened.
    pub reopen_reason: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [DisclosureId],
    value: [Id, FiledBy, DisclosureId, Verdict, Reasons, Paths, DecidedBy, DecidedAt, AppealBy, ReopenedBy,
        ReopenedAt,
    ],
    personal: [Explanation, ReopenReason],
}
