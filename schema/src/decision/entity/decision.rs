//! The table of decisions; its rows are only ever inserted.
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
    /// The subject's bare UUID; without a foreign key, since the decision is written first.
    pub subject_id: Uuid,
    /// From 1, without gaps, on each subject.
    pub sequence: i64,
    pub organization_id: OrganizationId,
    pub policy_version: i64,
    /// Canonical JSON (RFC 8785), kept as text since it is hashed and replayed.
    pub facts: String,
    pub facts_sha256: String,
    pub outcome: Outcome,
    /// The outcome and the findings as canonical JSON: what a replay must give again.
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
