//! The table of appeals, at most one for each rejection.
use sea_orm::entity::prelude::*;

use crate::disclosure::model::{
    AppealDecisionColumns, AppealId, AppealOutcome, AppealedRejection, DisclosureId,
    RejectionAppeal, ReviewId,
};
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

impl From<Model> for RejectionAppeal {
    fn from(row: Model) -> Self {
        let Model {
            id,
            review_id,
            disclosure_id,
            disclosure_filed_by,
            rejected_by,
            grounds,
            filed_by,
            filed_at,
            outcome,
            explanation,
            decided_by,
            decided_at,
        } = row;
        Self {
            id,
            against: AppealedRejection {
                disclosure_id,
                review_id,
                disclosure_filed_by,
                rejected_by,
            },
            statement: grounds,
            filed_by,
            filed_at,
            decision: AppealDecisionColumns { outcome, explanation, decided_by, decided_at }.into(),
        }
    }
}

impl From<RejectionAppeal> for Model {
    fn from(appeal: RejectionAppeal) -> Self {
        let RejectionAppeal { id, against, statement, filed_by, filed_at, decision } = appeal;
        let AppealedRejection { disclosure_id, review_id, disclosure_filed_by, rejected_by } =
            against;
        let AppealDecisionColumns { outcome, explanation, decided_by, decided_at } =
            decision.into();
        Self {
            id,
            review_id,
            disclosure_id,
            disclosure_filed_by,
            rejected_by,
            grounds: statement,
            filed_by,
            filed_at,
            outcome,
            explanation,
            decided_by,
            decided_at,
        }
    }
}
