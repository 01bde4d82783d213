//! The table of federal awards.
use sea_orm::entity::prelude::*;

use crate::award::model::{AwardId, AwardKind, RecipientId, Terms};
use crate::gate::DhsComponent;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "federal_award")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AwardId,
    /// USAspending's own, in capitals.
    #[sea_orm(unique)]
    pub key: String,
    pub kind: AwardKind,
    /// Its number (PIID, FAIN), as given.
    pub award_id: String,
    pub parent_award_id: Option<String>,
    /// Who has the prime award, of a subaward.
    pub prime: Option<String>,
    /// Who has it by its latest action.
    pub recipient_id: RecipientId,
    /// None if it is not with the Department of Homeland Security.
    pub component: Option<DhsComponent>,
    pub awarding_code: Option<String>,
    pub awarding_sub_code: Option<String>,
    pub awarding_sub_name: Option<String>,
    pub funding_code: Option<String>,
    pub funding_sub_code: Option<String>,
    pub funding_sub_name: Option<String>,
    pub signed_on: Option<Date>,
    pub starts_on: Option<Date>,
    pub ends_on: Option<Date>,
    pub latest_on: Option<Date>,
    /// Cents of the dollar, as the next two.
    pub obligated_cents: Option<i64>,
    pub current_cents: Option<i64>,
    pub ceiling_cents: Option<i64>,
    /// It was told whole: transactions add nothing to its amounts.
    pub is_whole: bool,
    pub naics: Option<String>,
    pub psc: Option<String>,
    pub description: Option<String>,
    /// The file that told it last, and the row's first line there.
    pub source_file: String,
    pub source_line: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What of it is held against what was disclosed; none if it is not with the department.
    pub fn terms(&self) -> Option<Terms> {
        let amounts = [self.obligated_cents, self.current_cents, self.ceiling_cents];
        Some(Terms {
            component: self.component?,
            number: self.award_id.clone(),
            parent: self.parent_award_id.clone(),
            begins: self.starts_on.or(self.signed_on),
            ends: self.ends_on,
            amounts: amounts.into_iter().flatten().collect(),
        })
    }

    /// What was committed, or else what it is worth now or may come to, in cents of the dollar;
    /// none if nothing is told.
    pub fn worth(&self) -> Option<i64> {
        self.obligated_cents.or(self.current_cents).or(self.ceiling_cents)
    }
}
