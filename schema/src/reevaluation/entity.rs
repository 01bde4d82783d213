//! The table of pending re-evaluations. A row is deleted once all its dependents are re-evaluated.
use sea_orm::entity::prelude::*;

use super::model::{ChangeSource, LiftedRules, ReevaluationId};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reevaluation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReevaluationId,
    pub source: ChangeSource,
    /// The UUID of the organization, policy, solicitation or contract that changed.
    pub subject_id: Uuid,
    pub lifted_rules: LiftedRules,
    /// When the item becomes due (UTC); for a future deadline, the deadline.
    pub not_before: DateTimeUtc,
    /// The last dependent that was processed, in the order of identifiers.
    pub cursor: Option<Uuid>,
    /// When processing last failed (UTC); workers retry after a delay.
    pub failed_at: Option<DateTimeUtc>,
    /// The lease under which it is being processed, until [`Self::leased_until`].
    pub lease_id: Option<Uuid>,
    /// When the lease expires (UTC); afterwards another worker may claim the item.
    pub leased_until: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
