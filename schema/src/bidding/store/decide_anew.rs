//! Statements that find the bids which hang on something that has changed.
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Condition, Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use sea_orm::{QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use crate::bidding::entity::bid::{Column, Entity, Model};
use crate::bidding::entity::solicitation;
use crate::bidding::model::{BidId, BidStatus, SolicitationId};
use crate::organization::model::{Identifier, OrganizationId};

use super::parties::naming_party;

/// Bids of an organization, and those that name it: a member or a subcontractor was resolved to it,
/// or is not resolved and named with an identifier that it bears.
pub fn naming(organization: OrganizationId, borne: &[Identifier]) -> Select<Entity> {
    let [members, subcontractors] = naming_party(organization, borne);
    let any = Condition::any()
        .add(Column::OrganizationId.eq(organization))
        .add(Column::Id.in_subquery(members))
        .add(Column::Id.in_subquery(subcontractors));
    Entity::find().filter(any)
}

/// Bids on the solicitations that pinned a version of the policy.
pub fn under_policy(version: i64) -> Select<Entity> {
    let pinned = solicitation::Entity::find()
        .select_only()
        .column(solicitation::Column::Id)
        .filter(solicitation::Column::PolicyVersion.eq(version))
        .into_query();
    Entity::find().filter(Column::SolicitationId.in_subquery(pinned))
}

/// Bids on a solicitation.
pub fn on(solicitation: SolicitationId) -> Select<Entity> {
    Entity::find().filter(Column::SolicitationId.eq(solicitation))
}

/// The next of some bids that count, and of refused attempts if they are asked for, in the order
/// of their identifiers.
pub async fn next_to_decide(
    db: &impl ConnectionTrait,
    select: Select<Entity>,
    refused_too: bool,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<BidId>, DbErr> {
    let mut statuses = vec![BidStatus::Admitted, BidStatus::Held];
    statuses.extend(refused_too.then_some(BidStatus::Refused));
    let mut select = select.filter(Column::Status.is_in(statuses));
    if let Some(after) = after {
        select = select.filter(Column::Id.gt(after));
    }
    let select = select.select_only().column(Column::Id).order_by_asc(Column::Id).limit(most);
    select.into_tuple().all(db).await
}

/// The next bids that are held and whose time to mend it is over, the earliest first.
pub async fn cure_missed(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    after: Option<(DateTime<Utc>, BidId)>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    let mut select =
        Entity::find().filter(Column::Status.eq(BidStatus::Held)).filter(Column::CureBy.lte(now));
    if let Some((cure_by, id)) = after {
        let here = Expr::tuple([Expr::col(Column::CureBy), Expr::col(Column::Id)]);
        let there = Expr::tuple([Expr::val(cure_by), Expr::val(id.uuid())]);
        select = select.filter(here.gt(there));
    }
    select.order_by_asc(Column::CureBy).order_by_asc(Column::Id).limit(most).all(db).await
}
