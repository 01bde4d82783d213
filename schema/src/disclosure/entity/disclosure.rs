//! The table of disclosures: what may change after filing, such as status and review.
use sea_orm::entity::prelude::*;

use crate::disclosure::model::{
    Assignment, DisclosureId, DisclosureRecord, DisclosureState, DisclosureStatus, Withdrawal,
};
use crate::gate::ReviewState;
use crate::organization::model::OrganizationId;
use crate::principal::Principal;

/// Without the generated column `not_withdrawn`, which PostgreSQL refuses in an INSERT.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "disclosure")]
pub struct Model {
    /// The id of the filing.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DisclosureId,
    pub organization_id: OrganizationId,
    /// Copied from the filing.
    pub version: i64,
    /// Never `DRAFT`; drafts have their own table.
    pub status: DisclosureStatus,
    pub review: ReviewState,
    /// Copied from the filing.
    pub filed_at: DateTimeUtc,
    pub withdrawn_at: Option<DateTimeUtc>,
    pub withdrawal_reason: Option<String>,
    /// The assigned reviewer.
    pub reviewer: Option<Principal>,
    /// When the reviewer was assigned.
    pub assigned_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [Id],
    value: [Id, OrganizationId, Version, Status, Review, WithdrawnAt, Reviewer, AssignedAt],
    personal: [WithdrawalReason],
    derived: [FiledAt],
}

crate::database::read_by_position! {
    id, organization_id, version, status, review, filed_at, withdrawn_at, withdrawal_reason, reviewer,
    assigned_at,
}

impl TryFrom<Model> for DisclosureRecord {
    type Error = DbErr;

    fn try_from(row: Model) -> Result<Self, DbErr> {
        let withdrawal = row.withdrawn_at.zip(row.withdrawal_reason);
        let state = match (row.status, withdrawal) {
            (DisclosureStatus::Filed, None) => DisclosureState::Filed,
            (DisclosureStatus::Superseded, None) => DisclosureState::Superseded,
            (DisclosureStatus::Withdrawn, Some((at, reason))) => {
                DisclosureState::Withdrawn(Withdrawal { at, reason })
            }
            (status, _) => {
                let message = format!("{}: {status:?} contradicts other columns", row.id);
                return Err(DbErr::Type(message));
            }
        };
        let assignment = row.reviewer.zip(row.assigned_at);
        Ok(Self {
            id: row.id,
            organization_id: row.organization_id,
            version: row.version,
            state,
            review: row.review,
            filed_at: row.filed_at,
            assignment: assignment.map(|(reviewer, at)| Assignment { reviewer, at }),
        })
    }
}

impl From<DisclosureRecord> for Model {
    fn from(disclosure: DisclosureRecord) -> Self {
        let DisclosureRecord { id, organization_id, version, state, review, filed_at, assignment } =
            disclosure;
        let status = state.status();
        let (withdrawn_at, withdrawal_reason) = match state {
            DisclosureState::Withdrawn(Withdrawal { at, reason }) => (Some(at), Some(reason)),
            DisclosureState::Filed | DisclosureState::Superseded => (None, None),
        };
        let (reviewer, assigned_at) =
            assignment.map(|Assignment { reviewer, at }| (reviewer, at)).unzip();
        Self {
            id,
            organization_id,
            version,
            status,
            review,
            filed_at,
            withdrawn_at,
            withdrawal_reason,
            reviewer,
            assigned_at,
        }
    }
}
