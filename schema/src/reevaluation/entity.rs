//! The table of notes; a row is gone once all that hangs on it was looked at again.
use sea_orm::entity::prelude::*;

use super::model::{ChangeSource, ReevaluationId, LiftedRules};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reconsideration")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReevaluationId,
    pub source: ChangeSource,
    /// The bare UUID of what has changed.
    pub subject_id: Uuid,
    pub lifted_rules: LiftedRules,
    /// UTC: a deadline that lies ahead is noted with it.
    pub not_before: DateTimeUtc,
    /// The last of what hangs on it that was looked at again, in the order of identifiers.
    pub cursor: Option<Uuid>,
    /// When it last failed: workers try it again after a while.
    pub failed_at: Option<DateTimeUtc>,
    /// Whoever processes it now holds it under this identifier, until [`Self::leased_until`].
    pub lease_id: Option<Uuid>,
    /// UTC: from then on another worker may take it, since its holder is gone.
    pub leased_until: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
