//! Statements on solicitations and addenda.
use std::collections::HashMap;

use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{QueryFilter, QueryOrder, Select};
use uuid::Uuid;

use crate::bidding::entity::addendum;
use crate::bidding::entity::solicitation::{Column, Entity, Model};
use crate::bidding::model::{
    OrderDirection, SolicitationId, SolicitationOrder, SolicitationOrderField, SolicitationStatus,
};
use crate::database::{self, Tx, in_ids, lock_for_change};
use crate::fault::Result;
use crate::organization::model::{DepartmentId, Viewer};
use crate::organization::service::{Department, load_departments};
use crate::page::{Key, Order, Page, PageArguments, count};
use crate::policy;
use crate::preloaded::Preloaded;

/// The filter of a list of solicitations; each part that is set must match.
#[derive(Clone, Copy, Debug, Default)]
pub struct SolicitationFilter {
    pub department: Option<DepartmentId>,
    pub status: Option<SolicitationStatus>,
}

/// The filter, order and page arguments of a list of solicitations, and the related objects to load.
#[derive(Clone, Debug)]
pub struct SolicitationListQuery {
    pub filter: SolicitationFilter,
    pub order: SolicitationOrder,
    pub arguments: PageArguments,
    pub includes_total: bool,
    pub include: SolicitationInclude,
}

/// The related objects of a solicitation to load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SolicitationInclude {
    pub department: bool,
    pub addenda: bool,
    pub notice: bool,
}

impl SolicitationInclude {
    /// The union of both requests.
    #[must_use]
    pub fn both(self, other: Self) -> Self {
        Self {
            department: self.department || other.department,
            addenda: self.addenda || other.addenda,
            notice: self.notice || other.notice,
        }
    }
}

/// A solicitation with the related objects that were requested.
#[derive(Clone, Debug)]
pub struct Solicitation {
    pub row: Model,
    pub department: Preloaded<Option<Department>>,
    pub addenda: Preloaded<Vec<addendum::Model>>,
    /// The notice to bidders, from the pinned policy.
    pub notice: Preloaded<Option<String>>,
}

/// Loads the requested related objects, with one statement for each kind.
pub async fn include(
    db: &impl ConnectionTrait,
    rows: Vec<Model>,
    include: SolicitationInclude,
) -> Result<Vec<Solicitation>> {
    let departments = if include.department {
        let ids = rows.iter().map(|row| row.department_id.uuid()).collect();
        load_departments(db, ids).await?
    } else {
        HashMap::new()
    };
    let mut addenda = HashMap::<SolicitationId, Vec<addendum::Model>>::new();
    if include.addenda {
        for row in list_addenda(db, rows.iter().map(|row| row.id.uuid()).collect()).await? {
            addenda.entry(row.solicitation_id).or_default().push(row);
        }
    }
    let policies = if include.notice {
        let versions = rows.iter().filter_map(|row| row.policy_version).collect();
        policy::service::load_versions(db, versions).await?
    } else {
        HashMap::new()
    };
    let rows = rows.into_iter().map(|row| Solicitation {
        department: Preloaded::if_requested(include.department, || {
            departments.get(&row.department_id).cloned()
        }),
        addenda: Preloaded::from_map(include.addenda, &mut addenda, &row.id),
        notice: Preloaded::if_requested(include.notice, || {
            let pinned = row.policy_version.and_then(|version| policies.get(&version));
            pinned.map(|policy| policy.notice().with_draft_notice())
        }),
        row,
    });
    Ok(rows.collect())
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
) -> Result<Option<Model>, DbErr> {
    select_visible(viewer).filter(Column::Id.eq(id)).one(db).await
}

/// Lists those solicitations in `ids` that the viewer may see.
pub async fn list_visible_by_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<Vec<Model>, DbErr> {
    select_visible(viewer).filter(in_ids(db, Column::Id, ids)).all(db).await
}

/// Lists solicitations by id, without a row filter.
pub async fn list_by_ids(db: &impl ConnectionTrait, ids: Vec<Uuid>) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(in_ids(db, Column::Id, ids)).all(db).await
}

/// Lists a page of the solicitations that the viewer may see, with the total if requested.
pub async fn list_solicitations(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    query: &SolicitationListQuery,
) -> Result<(Page<Model>, Option<u64>)> {
    let SolicitationListQuery { filter, order, arguments, includes_total, .. } = query;
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
    Ok((page, total))
}

pub async fn find_by_number(
    tx: &Tx,
    department: DepartmentId,
    number: &str,
) -> Result<Option<Model>, DbErr> {
    let select = Entity::find().filter(Column::DepartmentId.eq(department));
    select.filter(Column::Number.eq(number)).one(&**tx).await
}

pub async fn lock(tx: &Tx, id: SolicitationId) -> Result<Option<Model>, DbErr> {
    lock_for_change(Entity::find_by_id(id)).one(&**tx).await
}

pub async fn insert(tx: &Tx, row: Model) -> Result<Model, DbErr> {
    database::insert(tx, row).await
}

pub async fn update(tx: &Tx, row: Model) -> Result<Model, DbErr> {
    database::update(tx, row).await
}

/// Lists the addenda of solicitations, in the order of their numbers.
pub async fn list_addenda(
    db: &impl ConnectionTrait,
    solicitations: Vec<Uuid>,
) -> Result<Vec<addendum::Model>, DbErr> {
    addendum::Entity::find()
        .filter(in_ids(db, addendum::Column::SolicitationId, solicitations))
        .order_by_asc(addendum::Column::SolicitationId)
        .order_by_asc(addendum::Column::Number)
        .all(db)
        .await
}

pub async fn insert_addendum(tx: &Tx, row: addendum::Model) -> Result<addendum::Model, DbErr> {
    database::insert(tx, row).await
}
