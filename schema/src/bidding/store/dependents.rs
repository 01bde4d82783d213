//! Statements that find the bids that depend on a change.
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement, UnionType};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult};
use sea_orm::{QueryFilter, QueryOrder};
use sea_orm::{QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use super::bids::is_visible;
use crate::bidding::entity::bid::{Column, Entity};
use crate::bidding::entity::solicitation;
use crate::bidding::model::{BidId, BidRecord, BidStatus, SolicitationId, SolicitationStatus};
use crate::database::{Lookup, in_ids};
use crate::deadline::settled_by;
use crate::organization::model::{OrganizationId, Viewer};

/// Selects the bids of organizations and those that name them; `naming` selects their identifiers.
pub fn select_naming(
    organizations: Vec<OrganizationId>,
    naming: [SelectStatement; 2],
) -> Select<Entity> {
    // A union and not a condition with OR, for which PostgreSQL would read every bid.
    let own = Entity::find().filter(Column::OrganizationId.is_in(organizations));
    let mut ids = own.select_only().column(Column::Id).into_query();
    for naming in naming {
        ids.union(UnionType::All, naming);
    }
    Entity::find().filter(Column::Id.in_subquery(ids))
}

/// Selects the bids on solicitations that pinned a policy version and are not awarded.
pub fn select_under_policy(version: i64) -> Select<Entity> {
    let pinned = solicitation::Entity::find()
        .select_only()
        .column(solicitation::Column::Id)
        .filter(solicitation::Column::PolicyVersion.eq(version))
        .into_query();
    let awarded = Entity::find()
        .select_only()
        .column(Column::SolicitationId)
        .filter(Column::Status.eq(BidStatus::Awarded))
        .into_query();
    let select = Entity::find().filter(Column::SolicitationId.in_subquery(pinned));
    select.filter(Column::SolicitationId.not_in_subquery(awarded))
}

/// Returns whether a contract was awarded from a solicitation.
pub async fn is_awarded(
    db: &impl ConnectionTrait,
    solicitation: SolicitationId,
) -> Result<bool, DbErr> {
    let select = select_on_solicitation(solicitation).filter(Column::Status.eq(BidStatus::Awarded));
    let id = select.select_only().column(Column::Id).into_tuple::<Uuid>().one(db).await?;
    Ok(id.is_some())
}

/// Lists the refused and held bids under a policy version that the viewer may see and that an order could
/// revive: bids are due, and the solicitation is neither canceled nor awarded. The first `limit` after
/// `after`, by identifier.
pub async fn list_revivable(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    version: i64,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<BidRecord>, DbErr> {
    let due = solicitation::Entity::find()
        .select_only()
        .column(solicitation::Column::Id)
        .filter(solicitation::Column::Status.eq(SolicitationStatus::Published))
        .filter(solicitation::Column::DueAt.lte(settled_by(viewer.now)))
        .into_query();
    let mut select = select_under_policy(version)
        .filter(Column::Status.is_in([BidStatus::Held, BidStatus::Refused]))
        .filter(Column::SolicitationId.in_subquery(due))
        .filter(is_visible(viewer));
    if let Some(after) = after {
        select = select.filter(Column::Id.gt(after));
    }
    select.order_by_asc(Column::Id).limit(limit).into_model().all(db).await
}

/// A bid in any status, without its values.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct Attempt {
    pub id: BidId,
    pub solicitation: SolicitationId,
    pub bidder: OrganizationId,
    pub status: BidStatus,
    pub submitted_at: DateTime<Utc>,
}

/// Lists every bid on solicitations, regardless of the viewer.
pub async fn list_attempts(
    db: &impl ConnectionTrait,
    solicitations: Vec<Uuid>,
) -> Result<Vec<Attempt>, DbErr> {
    let select = Entity::find().filter(in_ids(db, Column::SolicitationId, solicitations));
    let select = select
        .select_only()
        .column(Column::Id)
        .column_as(Column::SolicitationId, "solicitation")
        .column_as(Column::OrganizationId, "bidder")
        .columns([Column::Status, Column::SubmittedAt]);
    select.into_model().all(db).await
}

/// Selects the bids on a solicitation.
pub fn select_on_solicitation(solicitation: SolicitationId) -> Select<Entity> {
    Entity::find().filter(Column::SolicitationId.eq(solicitation))
}

/// Lists the identifiers of selected bids that are admitted or held, or also refused if
/// `includes_refused`: the first `limit` after `after`, in order.
pub async fn list_next_bid_ids(
    db: &impl ConnectionTrait,
    select: Select<Entity>,
    includes_refused: bool,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<BidId>, DbErr> {
    let mut statuses = vec![BidStatus::Admitted, BidStatus::Held];
    statuses.extend(includes_refused.then_some(BidStatus::Refused));
    // SQLite would rather read every bid with one of these statuses.
    let status = Lookup::row_by_row(db).unindexed(Column::Status);
    let mut select = select.filter(status.is_in(statuses));
    if let Some(after) = after {
        select = select.filter(Column::Id.gt(after));
    }
    let select = select.select_only().column(Column::Id).order_by_asc(Column::Id).limit(limit);
    select.into_tuple().all(db).await
}

/// Lists held bids whose deadline to cure is `now` or earlier, with that deadline: the first `limit`
/// after `after`, the earliest deadline first.
pub async fn list_missed_cures(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    after: Option<(DateTime<Utc>, BidId)>,
    limit: u64,
) -> Result<Vec<(DateTime<Utc>, BidId)>, DbErr> {
    let mut select =
        Entity::find().filter(Column::Status.eq(BidStatus::Held)).filter(Column::CureBy.lte(now));
    if let Some((cure_by, id)) = after {
        let row_key = Expr::tuple([Expr::col(Column::CureBy), Expr::col(Column::Id)]);
        let after_key = Expr::tuple([Expr::val(cure_by), Expr::val(id.uuid())]);
        select = select.filter(row_key.gt(after_key));
    }
    let select = select.select_only().columns([Column::CureBy, Column::Id]);
    let select = select.order_by_asc(Column::CureBy).order_by_asc(Column::Id).limit(limit);
    select.into_tuple().all(db).await
}
