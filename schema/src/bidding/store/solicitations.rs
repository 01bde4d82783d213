//! Statements on solicitations and their addenda.
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
use crate::database::{self, Tx, lock_for_change, in_ids};
use crate::fault::Result;
use crate::organization::model::{DepartmentId, Viewer};
use crate::organization::service::{Department, departments_by_ids};
use crate::page::{PageArguments, Key, Order, Page, count};
use crate::policy;
use crate::preloaded::Preloaded;

/// Which solicitations are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    pub department: Option<DepartmentId>,
    pub status: Option<SolicitationStatus>,
}

/// Which children a reader asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Include {
    pub department: bool,
    pub addenda: bool,
    pub notice: bool,
}

impl Include {
    /// What either asks for.
    #[must_use]
    pub fn both(self, other: Self) -> Self {
        Self {
            department: self.department || other.department,
            addenda: self.addenda || other.addenda,
            notice: self.notice || other.notice,
        }
    }
}

/// A solicitation and those of its children that were asked for.
#[derive(Clone, Debug)]
pub struct Solicitation {
    pub row: Model,
    pub department: Preloaded<Option<Department>>,
    pub addenda: Preloaded<Vec<addendum::Model>>,
    /// The notice of the policy that it pinned.
    pub notice: Preloaded<Option<String>>,
}

/// Reads the children asked for, one statement a kind.
pub async fn include(
    db: &impl ConnectionTrait,
    rows: Vec<Model>,
    include: Include,
) -> Result<Vec<Solicitation>> {
    let departments = if include.department {
        let ids = rows.iter().map(|row| row.department_id.uuid()).collect();
        departments_by_ids(db, ids).await?
    } else {
        HashMap::new()
    };
    let mut issued = HashMap::<SolicitationId, Vec<addendum::Model>>::new();
    if include.addenda {
        for row in addenda(db, rows.iter().map(|row| row.id.uuid()).collect()).await? {
            issued.entry(row.solicitation_id).or_default().push(row);
        }
    }
    let policies = if include.notice {
        let versions = rows.iter().filter_map(|row| row.policy_version).collect();
        policy::service::of_versions(db, versions).await?
    } else {
        HashMap::new()
    };
    let rows = rows.into_iter().map(|row| Solicitation {
        department: Preloaded::if_requested(include.department, || {
            departments.get(&row.department_id).cloned()
        }),
        addenda: Preloaded::from_map(include.addenda, &mut issued, &row.id),
        notice: Preloaded::if_requested(include.notice, || {
            let pinned = row.policy_version.and_then(|version| policies.get(&version));
            pinned.map(|policy| policy.notice().shown())
        }),
        row,
    });
    Ok(rows.collect())
}

/// Who may see a solicitation: everybody once it was published; before that its department's
/// officers and who reads all.
fn visible(viewer: &Viewer) -> Select<Entity> {
    let select = Entity::find();
    if viewer.reads_all() {
        return select;
    }
    let own = Column::DepartmentId.is_in(viewer.own_departments().to_vec());
    select.filter(Condition::any().add(Column::PublishedAt.is_not_null()).add(own))
}

pub async fn find(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    id: SolicitationId,
) -> Result<Option<Model>, DbErr> {
    visible(viewer).filter(Column::Id.eq(id)).one(db).await
}

/// Those of some solicitations that the viewer may see.
pub async fn visible_by_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<Vec<Model>, DbErr> {
    visible(viewer).filter(in_ids(db, Column::Id, ids)).all(db).await
}

/// Solicitations by id, whoever may see them.
pub async fn by_ids(db: &impl ConnectionTrait, ids: Vec<Uuid>) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(in_ids(db, Column::Id, ids)).all(db).await
}

/// A page of the solicitations, and their number if it is asked for.
pub async fn page(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    filter: Filter,
    order: SolicitationOrder,
    arguments: &PageArguments,
    counted: bool,
) -> Result<(Page<Model>, Option<u64>)> {
    let mut select = visible(viewer);
    if let Some(department) = filter.department {
        select = select.filter(Column::DepartmentId.eq(department));
    }
    if let Some(status) = filter.status {
        select = select.filter(Column::Status.eq(status));
    }
    let order = Order::<Entity> {
        name: format!("{} {}", order.field.word(), order.direction.word()),
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
    let sheet = order.page(db, select.clone(), arguments).await?;
    let total = if counted { Some(count(db, select).await?) } else { None };
    Ok((sheet, total))
}

pub async fn same_number(
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

/// The addenda of some solicitations, in the order of their numbers.
pub async fn addenda(
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
