//! Table `match_appeal`: appeals against confirmed matches.
use sea_orm::entity::prelude::*;

use crate::award::model::MatchId;
use crate::disclosure::model::{AppealId, AppealOutcome};
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
