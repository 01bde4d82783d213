//! Table `match_appeal`: appeals against confirmed matches.
use sea_orm::entity::prelude::*;

use crate::award::model::{AppealedConfirmation, ConfirmationAppeal, MatchId};
use crate::disclosure::model::{AppealDecisionColumns, AppealId, AppealOutcome};
use crate::principal::Principal;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "match_appeal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AppealId,
    pub match_id: MatchId,
    /// Who confirmed the match; this person may not decide the appeal.
    pub against: Principal,
    pub statement: String,
    pub filed_by: Principal,
    pub filed_at: DateTimeUtc,
    pub outcome: Option<AppealOutcome>,
    pub explanation: Option<String>,
    pub decided_by: Option<Principal>,
    pub decided_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [MatchId],
    value: [Id, MatchId, Against, FiledBy, FiledAt, Outcome, DecidedBy, DecidedAt],
    personal: [Statement, Explanation],
}

impl From<Model> for ConfirmationAppeal {
    fn from(row: Model) -> Self {
        let Model {
            id,
            match_id,
            against,
            statement,
            filed_by,
            filed_at,
            outcome,
            explanation,
            decided_by,
            decided_at,
        } = row;
        Self {
            id,
            against: AppealedConfirmation { match_id, confirmed_by: against },
            statement,
            filed_by,
            filed_at,
            decision: AppealDecisionColumns { outcome, explanation, decided_by, decided_at }.into(),
        }
    }
}

impl From<ConfirmationAppeal> for Model {
    fn from(appeal: ConfirmationAppeal) -> Self {
        let ConfirmationAppeal { id, against, statement, filed_by, filed_at, decision } = appeal;
        let AppealedConfirmation { match_id, confirmed_by } = against;
        let AppealDecisionColumns { outcome, explanation, decided_by, decided_at } =
            decision.into();
        Self {
            id,
            match_id,
            against: confirmed_by,
            statement,
            filed_by,
            filed_at,
            outcome,
            explanation,
            decided_by,
            decided_at,
        }
    }
}
