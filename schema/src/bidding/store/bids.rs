//! Statements on bids.
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use sea_orm::{JoinType, QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use crate::bidding::entity::bid::{Column, Entity, Model};
use crate::bidding::entity::solicitation;
use crate::bidding::model::{
    BidId, BidOrder, BidOrderField, BidRecord, BidStatus, OrderDirection, SolicitationId,
};
use crate::database::{self, Tx, in_ids, lock_for_change};
use crate::decision::access::has_decision;
use crate::fault::Result;
use crate::gate::Outcome;
use crate::organization::access;
use crate::organization::model::{OrganizationId, Viewer};
use crate::page::{CountedPage, Key, Order, Page, PageArguments, count};

/// Selects the bids that a viewer may see: members see those of their organizations, staff those that
/// are no longer sealed.
pub(super) fn select_visible(viewer: &Viewer) -> Select<Entity> {
    Entity::find().filter(is_visible(viewer))
}

/// The condition of [`select_visible`].
pub(super) fn is_visible(viewer: &Viewer) -> Condition {
    let own = Column::OrganizationId.is_in(viewer.own_organizations());
    let opened = access::is_accessible(viewer, Column::Id, access::Column::SubjectId);
    Condition::any().add(own).add(opened)
}

/// Lists the first `limit` bids on a solicitation that a portal shows to a viewer, the earliest first: those
/// that the viewer may see, and those that a service account has submitted itself.
pub async fn list_shown_bids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    solicitation: SolicitationId,
    limit: u64,
) -> Result<Vec<BidRecord>, DbErr> {
    let mut shown = is_visible(&viewer.reading_for_portal());
    if viewer.is_service_account() {
        shown = shown.add(Column::SubmittedBy.eq(viewer.subject.as_str()));
    }
    Entity::find()
        .filter(Column::SolicitationId.eq(solicitation))
        .filter(shown)
        .order_by_asc(Column::SubmittedAt)
        .order_by_asc(Column::Id)
        .limit(limit)
        .into_model()
        .all(db)
        .await
}

pub async fn find_visible_bid(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    id: BidId,
) -> Result<Option<BidRecord>, DbErr> {
    let select = select_visible(viewer).filter(Column::Id.eq(id));
    select.into_model().one(db).await
}

fn select_visible_with_status(viewer: &Viewer, statuses: &[BidStatus]) -> Select<Entity> {
    let select = select_visible(viewer);
    if statuses.is_empty() {
        return select;
    }
    select.filter(Column::Status.is_in(statuses.to_vec()))
}

/// Lists the same page of each solicitation's bids.
pub async fn list_pages_by_solicitation(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    solicitations: Vec<Uuid>,
    statuses: &[BidStatus],
    order: BidOrder,
    arguments: &PageArguments,
) -> Result<HashMap<Uuid, Page<BidRecord>>> {
    let order = Order::<Entity> {
        name: format!("{} {}", order.field.as_str(), order.direction.as_str()).into(),
        column: match order.field {
            BidOrderField::SubmittedAt => Column::SubmittedAt,
            BidOrderField::Amount if order.direction == OrderDirection::Desc => {
                Column::AmountDescending
            }
            BidOrderField::Amount => Column::AmountAscending,
            BidOrderField::Status => Column::Status,
        },
        id: Column::Id,
        descending: order.direction == OrderDirection::Desc,
        key: |row, column| {
            let key = match column {
                Column::AmountAscending => Key::Int(row.amount_ascending),
                Column::AmountDescending => Key::Int(row.amount_descending),
                Column::Status => Key::Text(row.status.as_str().to_owned()),
                _ => Key::Time(row.submitted_at),
            };
            (key, row.id.uuid())
        },
    };
    let solicitation_of = |row: &Model| row.solicitation_id.uuid();
    let select = select_visible_with_status(viewer, statuses);
    let pages = order
        .page_of_each(db, select, arguments, Column::SolicitationId, solicitations, solicitation_of)
        .await?;
    let pages = pages.into_iter().map(|(id, page)| Ok((id, page.try_map(BidRecord::try_from)?)));
    pages.collect()
}

/// Counts the bids of each solicitation that the viewer may see.
pub async fn count_by_solicitation(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    solicitations: Vec<Uuid>,
    statuses: &[BidStatus],
) -> Result<HashMap<Uuid, i64>, DbErr> {
    let counts = select_visible_with_status(viewer, statuses)
        .filter(in_ids(db, Column::SolicitationId, solicitations))
        .select_only()
        .column(Column::SolicitationId)
        .column_as(Column::Id.count(), "number")
        .group_by(Column::SolicitationId)
        .into_tuple::<(Uuid, i64)>();
    Ok(counts.all(db).await?.into_iter().collect())
}

/// Lists a page of the bids of the viewer's own organizations, the last submitted first.
pub async fn list_own_bids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    arguments: &PageArguments,
    includes_total: bool,
) -> Result<CountedPage<BidRecord>> {
    let order = Order::<Entity> {
        name: "OWN BIDS".into(),
        column: Column::SubmittedAt,
        id: Column::Id,
        descending: true,
        key: |row, _| (Key::Time(row.submitted_at), row.id.uuid()),
    };
    // Members see every bid of their organizations.
    let select = Entity::find().filter(Column::OrganizationId.is_in(viewer.own_organizations()));
    let page = order.page(db, select.clone(), arguments).await?.try_map(BidRecord::try_from)?;
    let total = if includes_total { Some(count(db, select).await?) } else { None };
    Ok((page, total))
}

/// Loads a bid without a row filter.
pub async fn load_bid(db: &impl ConnectionTrait, id: BidId) -> Result<Option<BidRecord>, DbErr> {
    Entity::find_by_id(id).into_model().one(db).await
}

fn select_visible_among(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Select<Entity> {
    select_visible(viewer).filter(in_ids(db, Column::Id, ids))
}

/// Lists which of the bids in `ids` the viewer may see.
pub async fn list_visible_bid_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<HashSet<BidId>, DbErr> {
    let select = select_visible_among(db, viewer, ids);
    let ids = select.select_only().column(Column::Id).into_tuple().all(db).await?;
    Ok(ids.into_iter().collect())
}

/// Lists those bids in `ids` that the viewer may see.
pub async fn list_visible_bids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<Vec<BidRecord>, DbErr> {
    select_visible_among(db, viewer, ids).into_model().all(db).await
}

/// Finds the latest bid of a group of organizations on a solicitation, in any status.
pub async fn find_last_attempt(
    db: &impl ConnectionTrait,
    group: &[OrganizationId],
    solicitation: SolicitationId,
) -> Result<Option<BidRecord>, DbErr> {
    let select = Entity::find()
        .filter(Column::OrganizationId.is_in(group.to_vec()))
        .filter(Column::SolicitationId.eq(solicitation))
        .order_by_desc(Column::SubmittedAt)
        .order_by_desc(Column::Id);
    select.into_model().one(db).await
}

/// Returns whether a group of organizations has submitted a bid on a solicitation, in any status.
pub async fn has_attempted(
    db: &impl ConnectionTrait,
    group: &[OrganizationId],
    solicitation: SolicitationId,
) -> Result<bool, DbErr> {
    let select = Entity::find()
        .filter(Column::OrganizationId.is_in(group.to_vec()))
        .filter(Column::SolicitationId.eq(solicitation))
        .select_only()
        .column(Column::Id);
    Ok(select.into_tuple::<Uuid>().one(db).await?.is_some())
}

/// Whether anybody has tried to bid on a solicitation, with whatever result.
pub async fn has_bids(tx: &Tx, solicitation: SolicitationId) -> Result<bool, DbErr> {
    let select = Entity::find().filter(Column::SolicitationId.eq(solicitation)).limit(1);
    Ok(select.one(&**tx).await?.is_some())
}

/// Finds the admitted or held bid of a group of organizations on a solicitation.
pub async fn find_live_bid(
    db: &impl ConnectionTrait,
    group: &[OrganizationId],
    solicitation: SolicitationId,
) -> Result<Option<BidRecord>, DbErr> {
    let select = Entity::find()
        .filter(Column::OrganizationId.is_in(group.to_vec()))
        .filter(Column::SolicitationId.eq(solicitation))
        .filter(Column::Status.is_in([BidStatus::Admitted, BidStatus::Held]));
    select.into_model().one(db).await
}

/// Lists the solicitations on which both groups of organizations have an admitted or held bid.
pub async fn list_shared_solicitations(
    tx: &Tx,
    one: Vec<OrganizationId>,
    other: Vec<OrganizationId>,
) -> Result<Vec<Uuid>, DbErr> {
    let live_bids = |group: Vec<OrganizationId>| {
        Entity::find()
            .select_only()
            .column(Column::SolicitationId)
            .filter(Column::OrganizationId.is_in(group))
            .filter(Column::Status.is_in([BidStatus::Admitted, BidStatus::Held]))
    };
    let select = live_bids(one).distinct();
    let select = select.filter(Column::SolicitationId.in_subquery(live_bids(other).into_query()));
    select.into_tuple().all(&**tx).await
}

pub async fn lock_bid(tx: &Tx, id: BidId) -> Result<Option<BidRecord>, DbErr> {
    lock_for_change(Entity::find_by_id(id)).into_model().one(&**tx).await
}

pub async fn insert_bid(tx: &Tx, bid: BidRecord) -> Result<BidRecord, DbErr> {
    database::insert(tx, Model::from(bid)).await?.try_into()
}

pub async fn update_bid(tx: &Tx, bid: BidRecord) -> Result<BidRecord, DbErr> {
    database::update(tx, Model::from(bid)).await?.try_into()
}

/// Closes every admitted or held bid on a solicitation, and returns their identifiers in order. Lock
/// the solicitation first.
pub async fn close_live_bids(tx: &Tx, solicitation: SolicitationId) -> Result<Vec<BidId>, DbErr> {
    let is_live = Condition::all()
        .add(Column::SolicitationId.eq(solicitation))
        .add(Column::Status.is_in([BidStatus::Admitted, BidStatus::Held]));
    let live = Entity::find().filter(is_live.clone()).order_by_asc(Column::Id);
    let live = lock_for_change(live).all(&**tx).await?;
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(BidStatus::Closed.as_str()))
        .col_expr(Column::CureBy, Expr::value(None::<DateTime<Utc>>))
        .filter(is_live)
        .exec(&**tx)
        .await?;
    let mut closed = Vec::new();
    for row in live {
        closed.push(row.id);
        database::note_row(tx, &Model { status: BidStatus::Closed, cure_by: None, ..row });
    }
    Ok(closed)
}

/// Returns how many bids there are.
pub async fn count_bids(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    count(db, Entity::find()).await
}

/// Finds a bid whose copies of its solicitation, or of whether it was ever held, are not what they are copied
/// from. No use case reads these columns from the table, so its entity leaves them out.
pub async fn find_bid_with_wrong_copies(db: &impl ConnectionTrait) -> Result<Option<BidId>, DbErr> {
    let of_solicitation = "bid.department_id IS DISTINCT FROM solicitation.department_id
        OR bid.due_at IS DISTINCT FROM solicitation.due_at
        OR bid.opens_at IS DISTINCT FROM CASE WHEN solicitation.sealed
            THEN solicitation.due_at ELSE solicitation.created_at END";
    let was_held = Expr::col((Entity, Alias::new("was_held")));
    let is_wrong = Condition::any()
        .add(Expr::cust(of_solicitation))
        .add(was_held.ne(has_decision(Column::Id, Outcome::Review)));
    let of_bid = Entity::belongs_to(solicitation::Entity)
        .from(Column::SolicitationId)
        .to(solicitation::Column::Id)
        .into();
    let wrong = Entity::find().select_only().column(Column::Id);
    let wrong = wrong.join(JoinType::InnerJoin, of_bid).filter(is_wrong);
    wrong.order_by_asc(Column::Id).limit(1).into_tuple().one(db).await
}
