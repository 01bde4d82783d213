//! Statements on solicitations and addenda.
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use crate::bidding::entity::addendum;
use crate::bidding::entity::solicitation::{Column, Entity, Model};
use crate::bidding::model::{
    Addendum, OrderDirection, SolicitationId, SolicitationOrder, SolicitationOrderField,
    SolicitationRecord, SolicitationStatus,
};
use crate::database::{self, Tx, equals_ignoring_case, in_ids, lock_for_change};
use crate::fault::Result;
use crate::organization::model::{DepartmentId, NumberLookup, Viewer};
use crate::page::{Key, Order, Page, PageArguments};
use crate::search::{self, Index, SearchedTable, each_word, has_words};

/// The filter of a list of solicitations; each part that is set must match.
#[derive(Clone, Debug, Default)]
pub struct SolicitationFilter {
    pub department: Option<DepartmentId>,
    pub status: Option<SolicitationStatus>,
    /// Whether the solicitation takes bids now.
    pub open: Option<bool>,
    /// Folded search words; each must begin a word of the number or the title.
    pub words: Option<BTreeSet<String>>,
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

/// Lists the solicitations with a number that the viewer may see, at most [`NumberLookup::MAX_ROWS`].
pub async fn list_visible_by_number(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    lookup: &NumberLookup,
) -> Result<Vec<SolicitationRecord>, DbErr> {
    let same = equals_ignoring_case(Column::Number, &lookup.number);
    let department = lookup.department.map(|id| Column::DepartmentId.eq(id));
    let condition = Condition::all().add(same).add_option(department);
    let select = select_visible(viewer).filter(condition).order_by_asc(Column::Id);
    select.limit(NumberLookup::MAX_ROWS).into_model().all(db).await
}

/// The condition that a solicitation takes bids at `now` (UTC).
fn is_open(now: DateTime<Utc>) -> Condition {
    let is_published = Column::Status.eq(SolicitationStatus::Published);
    Condition::all().add(is_published).add(Column::DueAt.gte(now))
}

/// Lists a page of the solicitations that the viewer may see, with the total if requested.
pub async fn list_solicitations(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    query: &SolicitationListQuery,
) -> Result<(Page<SolicitationRecord>, Option<u64>)> {
    let SolicitationListQuery { filter, order, arguments, includes_total } = query;
    let condition = |lookup| {
        let words = filter.words.as_ref();
        Condition::all()
            .add_option(filter.department.map(|id| Column::DepartmentId.eq(id)))
            .add_option(filter.status.map(|status| Column::Status.eq(status)))
            .add_option(filter.open.map(|open| {
                let is_open = is_open(viewer.now);
                if open { is_open } else { is_open.not() }
            }))
            .add_option(words.map(|words| {
                each_word(words, |word| {
                    [has_words(lookup, Column::Id, Index::Solicitation, [word])]
                })
            }))
    };
    let order = Order::<Entity> {
        name: format!("{} {}", order.field.as_str(), order.direction.as_str()).into(),
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
    let select = |lookup| select_visible(viewer).filter(condition(lookup));
    let (page, total) =
        order.matching_page(db, Entity::find(), select, arguments, *includes_total).await?;
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
    let row = database::insert(tx, Model::from(solicitation)).await?;
    search::insert_rows::<Entity>(tx, std::slice::from_ref(&row)).await?;
    row.try_into()
}

impl SearchedTable for Entity {
    const INDEX: Index = Index::Solicitation;
    const NAME: &'static str = "solicitation";
    const SOURCE: &'static str = "number and title";
    const ID: Column = Column::Id;

    fn id(row: &Model) -> (Uuid, String) {
        (row.id.uuid(), row.id.to_string())
    }

    fn texts(row: &Model) -> Vec<&str> {
        vec![&row.number, &row.title]
    }
}

/// Updates a solicitation together with its words in the search index.
pub async fn update_with_searched_words(
    tx: &Tx,
    solicitation: SolicitationRecord,
) -> Result<SolicitationRecord, DbErr> {
    let row = database::update(tx, Model::from(solicitation)).await?;
    search::remove(tx, Index::Solicitation, row.id.uuid()).await?;
    search::insert_rows::<Entity>(tx, std::slice::from_ref(&row)).await?;
    row.try_into()
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
