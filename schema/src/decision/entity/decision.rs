//! The table of decisions. Rows are only inserted, never changed.
use sea_orm::entity::prelude::*;

use crate::decision::model::DecisionId;
use crate::gate::{Outcome, SubjectKind};
use crate::organization::model::OrganizationId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "decision")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DecisionId,
    pub subject_kind: SubjectKind,
    /// The subject's UUID. It has no foreign key because the decision is inserted first.
    pub subject_id: Uuid,
    /// The number among the subject's decisions, from 1 without gaps.
    pub sequence: i64,
    pub organization_id: OrganizationId,
    pub policy_version: i64,
    /// The facts as canonical JSON (RFC 8785), stored as text because the bytes are hashed.
    pub facts: String,
    pub facts_sha256: String,
    pub outcome: Outcome,
    /// Outcome and findings as canonical JSON; a replay must give the same bytes.
    pub decision: String,
    pub decision_sha256: String,
    pub decided_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [SubjectId],
    value: [
        Id, SubjectKind, SubjectId, Sequence, OrganizationId, PolicyVersion, FactsSha256, Outcome,
        DecisionSha256, DecidedAt,
    ],
    digest: [Facts, Decision],
}
