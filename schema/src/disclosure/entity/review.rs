//! The table of acceptances and rejections.
use sea_orm::entity::prelude::*;

use crate::disclosure::model::{DisclosureId, Parts, Reasons, ReviewId, Verdict};
use crate::principal::Principal;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReviewId,
    pub disclosure_id: DisclosureId,
    /// The filing's: who decides is another, and the database holds that.
    pub filed_by: Principal,
    pub verdict: Verdict,
    pub reasons: Reasons,
    pub paths: Parts,
    pub explanation: String,
    pub decided_by: Principal,
    pub decided_at: DateTimeUtc,
    /// Until when a rejection can be appealed: UTC, a local midnight, exclusive.
    pub appeal_by: Option<DateTimeUtc>,
    pub reopened_by: Option<Principal>,
    pub reopened_at: Option<DateTimeUtc>,
    /// Why it was reopened.
    pub reopening: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [DisclosureId],
    value: [Id, FiledBy, DisclosureId, Verdict, Reasons, Paths, DecidedBy, DecidedAt, AppealBy, ReopenedBy,
        ReopenedAt,
    ],
    personal: [Explanation, Reopening],
}
