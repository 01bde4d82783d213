//! The table of findings' codes and severities, for screening. Its rows are derived from the stored
//! decision, in the same transaction.
use sea_orm::entity::prelude::*;

use crate::decision::model::DecisionId;
use crate::gate::Severity;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "decision_finding")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub decision_id: DecisionId,
    /// The rule code, such as `disclosure.missing`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub severity: Severity,
}

impl ActiveModelBehavior for ActiveModel {}
