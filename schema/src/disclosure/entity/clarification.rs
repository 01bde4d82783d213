//! The table of reviewers' questions.
use sea_orm::entity::prelude::*;

use crate::disclosure::model::{ClarificationId, ClarificationStatus, DisclosureId, PartPath};
use crate::principal::Principal;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "clarification")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ClarificationId,
    pub disclosure_id: DisclosureId,
    pub path: PartPath,
    pub question: String,
    pub asked_by: Principal,
    pub asked_at: DateTimeUtc,
    /// The end of the time to answer, exclusive: a local midnight, in UTC.
    pub due_at: DateTimeUtc,
    pub status: ClarificationStatus,
    pub answer: Option<String>,
    pub answered_by: Option<Principal>,
    pub answered_at: Option<DateTimeUtc>,
    pub closed_at: Option<DateTimeUtc>,
    /// Why it was closed without an answer.
    pub close_reason: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [DisclosureId],
    value: [
        Id, DisclosureId, Path, AskedBy, AskedAt, DueAt, Status, AnsweredBy, AnsweredAt, ClosedAt,
    ],
    personal: [Question, Answer, CloseReason],
}
