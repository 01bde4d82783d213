//! The table of solicitations.
use sea_orm::entity::prelude::*;
use sea_orm::{FromQueryResult, QueryResult};

use crate::bidding::model::{
    Publication, SolicitationId, SolicitationRecord, SolicitationState, SolicitationStatus,
};
use crate::gate::AwardMethod;
use crate::organization::model::DepartmentId;

/// Leaves out `accepts_bids`, a generated column, which PostgreSQL does not allow to be inserted.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "solicitation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SolicitationId,
    pub department_id: DepartmentId,
    /// Unique within the department.
    pub number: String,
    pub title: String,
    pub description: String,
    pub method: AwardMethod,
    pub public_works: bool,
    pub status: SolicitationStatus,
    /// When bids are due (UTC, inclusive).
    pub due_at: DateTimeUtc,
    /// The version of the policy pinned at publication.
    pub policy_version: Option<i64>,
    /// Whether bids stay hidden from the City until they are due; set by the pinned policy.
    pub sealed: bool,
    pub created_at: DateTimeUtc,
    pub published_at: Option<DateTimeUtc>,
    pub canceled_at: Option<DateTimeUtc>,
    pub cancellation_reason: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [Id],
    value: [
        Id, DepartmentId, Number, Title, Method, PublicWorks, Status, DueAt, PolicyVersion, Sealed,
        CreatedAt, PublishedAt, CanceledAt,
    ],
    digest: [Description],
    personal: [CancellationReason],
}

impl TryFrom<Model> for SolicitationRecord {
    type Error = DbErr;

    fn try_from(row: Model) -> Result<Self, DbErr> {
        let publication = row.published_at.zip(row.policy_version);
        let publication = publication.map(|(at, policy_version)| Publication {
            at,
            policy_version,
            sealed: row.sealed,
        });
        let cancellation = row.canceled_at.zip(row.cancellation_reason);
        let state = match (row.status, publication, cancellation) {
            (SolicitationStatus::Draft, None, None) => SolicitationState::Draft,
            (SolicitationStatus::Published, Some(publication), None) => {
                SolicitationState::Published(publication)
            }
            (SolicitationStatus::Canceled, publication, Some((at, reason))) => {
                SolicitationState::Canceled { at, reason, publication }
            }
            (status, ..) => {
                let message = format!("{}: {status:?} contradicts other columns", row.id);
                return Err(DbErr::Type(message));
            }
        };
        Ok(Self {
            id: row.id,
            department_id: row.department_id,
            number: row.number,
            title: row.title,
            description: row.description,
            method: row.method,
            public_works: row.public_works,
            due_at: row.due_at,
            created_at: row.created_at,
            state,
        })
    }
}

impl From<SolicitationRecord> for Model {
    fn from(solicitation: SolicitationRecord) -> Self {
        let status = solicitation.state.status();
        let publication = solicitation.state.publication().cloned();
        let cancellation = solicitation.state.cancellation();
        let (canceled_at, cancellation_reason) =
            cancellation.map(|(at, reason)| (at, reason.to_owned())).unzip();
        Self {
            id: solicitation.id,
            department_id: solicitation.department_id,
            number: solicitation.number,
            title: solicitation.title,
            description: solicitation.description,
            method: solicitation.method,
            public_works: solicitation.public_works,
            status,
            due_at: solicitation.due_at,
            policy_version: publication.as_ref().map(|it| it.policy_version),
            // Nobody bids on a draft.
            sealed: publication.as_ref().is_none_or(|it| it.sealed),
            created_at: solicitation.created_at,
            published_at: publication.map(|it| it.at),
            canceled_at,
            cancellation_reason,
        }
    }
}

impl FromQueryResult for SolicitationRecord {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        Model::from_query_result(row, prefix)?.try_into()
    }
}
