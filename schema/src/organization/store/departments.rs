//! SQL of departments. Every signed-in person may see them.
use sea_orm::sea_query::{Condition, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::database::{self, Tx, in_ids, lock_for_change};
use crate::fault::Result;
use crate::organization::entity::department;
use crate::organization::model::DepartmentId;
use crate::page::{Key, Order, Page, PageArguments, count};

/// Loads up to `size` departments after an id, in id order.
pub async fn load_department_batch(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    size: u64,
) -> Result<Vec<department::Model>, DbErr> {
    database::load_batch::<department::Entity>(db, department::Column::Id, after, size).await
}

pub async fn insert_department(
    tx: &Tx,
    row: department::Model,
) -> Result<department::Model, DbErr> {
    database::insert(tx, row).await
}

pub async fn lock_department(
    tx: &Tx,
    id: DepartmentId,
) -> Result<Option<department::Model>, DbErr> {
    lock_for_change(department::Entity::find_by_id(id)).one(&**tx).await
}

/// Finds a department with the same code or the same name.
pub async fn find_same_department(
    tx: &Tx,
    code: &str,
    name: &str,
) -> Result<Option<department::Model>, DbErr> {
    use department::Column;
    let same = Column::Code.eq(code).or(Column::Name.eq(name));
    department::Entity::find().filter(same).one(&**tx).await
}

/// Lists the departments whose code or name is `text`, without regard to case, in id order.
pub async fn list_departments_named(
    db: &impl ConnectionTrait,
    text: &str,
) -> Result<Vec<department::Model>, DbErr> {
    use department::Column;
    let same = Condition::any()
        .add(database::equals_ignoring_case(Column::Code, text))
        .add(database::equals_ignoring_case(Column::Name, text));
    department::Entity::find().filter(same).order_by_asc(Column::Id).all(db).await
}

/// Lists a page of the departments by name. Every signed-in person may see them.
pub async fn list_departments(
    db: &impl ConnectionTrait,
    arguments: &PageArguments,
    includes_total: bool,
) -> Result<(Page<department::Model>, Option<u64>)> {
    let order = Order::<department::Entity> {
        name: "NAME".into(),
        column: department::Column::Name,
        id: department::Column::Id,
        descending: false,
        key: |row, _| (Key::Text(row.name.clone()), row.id.uuid()),
    };
    let page = order.page(db, department::Entity::find(), arguments).await?;
    let total =
        if includes_total { Some(count(db, department::Entity::find()).await?) } else { None };
    Ok((page, total))
}

pub async fn load_departments(
    db: &impl ConnectionTrait,
    ids: Vec<Uuid>,
) -> Result<Vec<department::Model>, DbErr> {
    department::Entity::find().filter(in_ids(db, department::Column::Id, ids)).all(db).await
}
