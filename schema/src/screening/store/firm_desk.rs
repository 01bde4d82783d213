//! What waits for a firm's people.
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{Order as Direction, QueryFilter, QueryOrder, QuerySelect};

use crate::organization::model::Viewer;
use crate::screening::entity::waiting_item::{Column, Entity, Model};
use crate::screening::model::WaitingKind;

/// Which contracts and filings wait.
#[derive(Clone, Copy, Debug)]
pub struct WaitingWindow {
    /// The local day.
    pub today: NaiveDate,
    /// Contracts that end on this local day or earlier.
    pub ends_until: NaiveDate,
    /// Filings filed before this time (UTC); none without a policy.
    pub filed_before: Option<DateTime<Utc>>,
}

/// Lists what waits for the viewer's own organizations, at most `limit` rows.
pub async fn list_waiting(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    window: WaitingWindow,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let WaitingWindow { today, ends_until, filed_before } = window;
    // Each kind has its arm, so that none is forgotten.
    let filter = |kind: WaitingKind| {
        let of_kind = Condition::all().add(Column::Kind.eq(kind));
        match kind {
            WaitingKind::Question
            | WaitingKind::Match
            | WaitingKind::BidToCure
            | WaitingKind::BidUnderReview
            | WaitingKind::DisclosureRejected => Some(of_kind),
            // Not stored: a held bid under review gets this kind by its decision.
            WaitingKind::BidToAnswer => None,
            WaitingKind::ContractEnding => {
                Some(of_kind.add(Column::EndsOn.gte(today)).add(Column::EndsOn.lte(ends_until)))
            }
            WaitingKind::ContractNoncompliant => Some(of_kind.add(Column::EndsOn.gte(today))),
            WaitingKind::FilingStale => {
                filed_before.map(|before| of_kind.add(Column::DueAt.lt(before)))
            }
        }
    };
    let filters = WaitingKind::ALL.iter().filter_map(|kind| filter(*kind));
    let waits = filters.fold(Condition::any(), Condition::add);
    Entity::find()
        .filter(Column::OrganizationId.is_in(viewer.own_organizations()))
        .filter(waits)
        // PostgreSQL sorts NULL last, SQLite first.
        .order_by(Column::DueAt.is_null(), Direction::Asc)
        .order_by_asc(Column::DueAt)
        .order_by_asc(Column::DueOn)
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db)
        .await
}
