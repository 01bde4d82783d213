//! Table `policy_proposal`: publications, suspensions and reinstatements that a second administrator
//! confirms.
use sea_orm::entity::prelude::*;

use crate::policy::model::{
    PolicyProposalId, PolicyProposalKind, PolicyProposalOutcome, RuleCodes, SuspensionId,
};
use crate::principal::Principal;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policy_proposal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PolicyProposalId,
    pub kind: PolicyProposalKind,
    /// The version to publish, to suspend or to reinstate.
    pub policy_version: i64,
    /// Of a publication: the complete policy as canonical JSON (RFC 8785), as it will be stored.
    pub terms: Option<String>,
    pub sha256: Option<String>,
    /// Of a suspension: the rules; empty for the whole policy.
    pub rules: Option<RuleCodes>,
    /// Of a reinstatement: the suspension to end.
    pub suspension_id: Option<SuspensionId>,
    /// Of a suspension or a reinstatement: the order or the reason.
    pub citation: Option<String>,
    pub proposed_by: Principal,
    pub proposed_at: DateTimeUtc,
    /// The end of the time to confirm it, exclusive: a local midnight.
    pub expires_at: DateTimeUtc,
    /// Set if and only if it was confirmed or withdrawn, with the next two columns.
    pub outcome: Option<PolicyProposalOutcome>,
    pub decided_by: Option<Principal>,
    pub decided_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [Id],
    value: [
        Id, Kind, PolicyVersion, Sha256, Rules, SuspensionId, Citation, ProposedBy, ProposedAt,
        ExpiresAt, Outcome, DecidedBy, DecidedAt,
    ],
    digest: [Terms],
}
