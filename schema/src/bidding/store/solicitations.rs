//! Statements on solicitations and addenda.
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{QueryFilter, QueryOrder, Select};
use uuid::Uuid;

use crate::bidding::entity::addendum;
use crate::bidding::entity::solicitation::{Column, Entity, Model};
use crate::bidding::model::{
    Addendum, OrderDirection, SolicitationId, SolicitationOrder, SolicitationOrderField,
    SolicitationRecord, SolicitationStatus,
};
use crate::database::{self, Tx, in_ids, lock_for_change};
use crate::fault::Result;
use crate::organization::model::{DepartmentId, Viewer};
use crate::page::{Key, Order, Page, PageArguments, count};

/// The filter of a list of solicitations; each part that is set must match.
#[derive(Clone, Copy, Debug, Default)]
pub struct SolicitationFilter {
    pub department: Option<DepartmentId>,
    pub status: Option<SolicitationStatus>,
}

/// The filter, order and page arguments of a list of solicitations.
#[derive(Clone, Debug)]
pub struct SolicitationListQuery {
    pub filter: SolicitationFilter,
    pub order: SolicitationOrder,
    pub arguments: PageArguments,
    pub includes_total: bool,
}

/// Selects the solicitations that a viewer may see: everyone sees those that were published, staff who
/// may read every department see all, and contract officers see their departments' drafts.
fn select_visible(viewer: &Viewer) -> Select<Entity> {
    let select = Entity::find();
    if viewer.can_read_all() {
        return select;
    }
    let own = Column::DepartmentId.is_in(viewer.own_departments().to_vec());
    select.filter(Condition::any().add(Column::PublishedAt.is_not_null()).add(own))
}

pub async fn find_visible(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    id: SolicitationId,
) -> Result<Option<SolicitationRecord>, DbErr> {
    select_visible(viewer).filter(Column::Id.eq(id)).into_model().one(db).await
}

/// Lists those solicitations in `ids` that the viewer may see.
pub async fn list_visible_by_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<Vec<SolicitationRecord>, DbErr> {
    select_visible(viewer).filter(in_ids(db, Column::Id, ids)).into_model().all(db).await
}

/// Lists solicitations by id, without a row filter.
pub async fn list_by_ids(
    db: &impl ConnectionTrait,
    ids: Vec<Uuid>,
) -> Result<Vec<SolicitationRecord>, DbErr> {
    Entity::find().filter(in_ids(db, Column::Id, ids)).into_model().all(db).await
}

/// Lists a page of the solicitations that the viewer may see, with the total if requested.
pub async fn list_solicitations(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    query: &SolicitationListQuery,
) -> Result<(Page<SolicitationRecord>, Option<u64>)> {
    let SolicitationListQuery { filter, order, arguments, includes_total } = query;
    let mut select = select_visible(viewer);
    if let Some(department) = filter.department {
        select = select.filter(Column::DepartmentId.eq(department));
    }
    if let Some(status) = filter.status {
        select = select.filter(Column::Status.eq(status));
    }
    let order = Order::<Entity> {
        name: format!("{} {}", order.field.as_str(), order.direction.as_str()),
        column: match order.field {
            SolicitationOrderField::DueAt => Column::DueAt,
            SolicitationOrderField::Number => Column::Number,
            SolicitationOrderField::Title => Column::Title,
        },
        id: Column::Id,
        descending: order.direction == OrderDirection::Desc,
        key: |row, column| {
            let key = match column {
                Column::Number => Key::Text(row.number.clone()),
                Column::Title => Key::Text(row.title.clone()),
                _ => Key::Time(row.due_at),
            };
            (key, row.id.uuid())
        },
    };
    let page = order.page(db, select.clone(), arguments).await?;
    let total = if *includes_total { Some(count(db, select).await?) } else { None };
    Ok((page.try_map(SolicitationRecord::try_from)?, total))
}

pub async fn find_by_number(
    tx: &Tx,
    department: DepartmentId,
    number: &str,
) -> Result<Option<SolicitationRecord>, DbErr> {
    let select = Entity::find().filter(Column::DepartmentId.eq(department));
    select.filter(Column::Number.eq(number)).into_model().one(&**tx).await
}

pub async fn lock(tx: &Tx, id: SolicitationId) -> Result<Option<SolicitationRecord>, DbErr> {
    lock_for_change(Entity::find_by_id(id)).into_model().one(&**tx).await
}

pub async fn insert(
    tx: &Tx,
    solicitation: SolicitationRecord,
) -> Result<SolicitationRecord, DbErr> {
    database::insert(tx, Model::from(solicitation)).await?.try_into()
}

pub async fn update(
    tx: &Tx,
    solicitation: SolicitationRecord,
) -> Result<SolicitationRecord, DbErr> {
    database::update(tx, Model::from(solicitation)).await?.try_into()
}

/// Lists the addenda of solicitations, in the order of their numbers.
pub async fn list_addenda(
    db: &impl ConnectionTrait,
    solicitations: Vec<Uuid>,
) -> Result<Vec<Addendum>, DbErr> {
    let rows = addendum::Entity::find()
        .filter(in_ids(db, addendum::Column::SolicitationId, solicitations))
        .order_by_asc(addendum::Column::SolicitationId)
        .order_by_asc(addendum::Column::Number)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Addendum::from).collect())
}

pub async fn insert_addendum(tx: &Tx, addendum: Addendum) -> Result<(), DbErr> {
    database::insert(tx, addendum::Model::from(addendum)).await?;
    Ok(())
}
