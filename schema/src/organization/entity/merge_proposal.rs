//! Table `merge_proposal`: pairs of organizations that may be one firm.
use sea_orm::entity::prelude::*;

use crate::organization::model::{MergeOutcome, MergeProposalId, OrganizationId};
use crate::principal::Principal;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "merge_proposal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MergeProposalId,
    /// The lower of the two identifiers. A pair is proposed once.
    pub organization_id: OrganizationId,
    pub other_id: OrganizationId,
    /// Why they may be one firm.
    pub grounds: String,
    pub proposed_by: Principal,
    pub proposed_at: DateTimeUtc,
    /// Set if and only if it was decided, with the next three columns.
    pub outcome: Option<MergeOutcome>,
    pub decided_by: Option<Principal>,
    pub decided_at: Option<DateTimeUtc>,
    pub reason: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [Id],
    value: [
        Id, OrganizationId, OtherId, Grounds, ProposedBy, ProposedAt, Outcome, DecidedBy, DecidedAt,
        Reason,
    ],
}
