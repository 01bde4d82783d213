//! Every statement on policies. They are law: every signed-in person may read them all.
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{QueryFilter, QueryOrder};
use uuid::Uuid;

use super::entity::policy::{Column, Entity, Model};
use super::entity::suspension;
use super::model::SuspensionId;
use crate::database::{self, Tx, lock_for_share, lock_for_change};
use crate::fault::Result;
use crate::page::{PageArguments, Key, Order, Page, count};

pub(super) async fn insert(tx: &Tx, row: Model) -> Result<Model, DbErr> {
    database::insert(tx, row).await
}

pub(super) async fn latest(db: &impl ConnectionTrait) -> Result<Option<Model>, DbErr> {
    Entity::find().order_by_desc(Column::Version).one(db).await
}

/// Every policy, the earliest first.
pub(super) async fn all(db: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
    Entity::find().order_by_asc(Column::EffectiveFrom).all(db).await
}

pub(super) async fn in_force(
    db: &impl ConnectionTrait,
    at: DateTime<Utc>,
) -> Result<Option<Model>, DbErr> {
    let begun = Entity::find().filter(Column::EffectiveFrom.lte(at));
    begun.order_by_desc(Column::EffectiveFrom).one(db).await
}

pub(super) async fn by_id(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::Id.eq(id)).one(db).await
}

pub(super) async fn by_versions(
    db: &impl ConnectionTrait,
    versions: Vec<i64>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Version.is_in(versions)).all(db).await
}

/// A page of the policies, the newest version first, and their number if it is asked for.
pub(super) async fn page(
    db: &impl ConnectionTrait,
    arguments: &PageArguments,
    counted: bool,
) -> Result<(Page<Model>, Option<u64>)> {
    let order = Order::<Entity> {
        name: "VERSION".into(),
        column: Column::Version,
        id: Column::Id,
        descending: true,
        key: |row, _| (Key::Int(row.version), row.id.uuid()),
    };
    let sheet = order.page(db, Entity::find(), arguments).await?;
    let total = if counted { Some(count(db, Entity::find()).await?) } else { None };
    Ok((sheet, total))
}

pub(super) async fn lock(tx: &Tx, version: i64) -> Result<Option<Model>, DbErr> {
    lock_for_change(Entity::find().filter(Column::Version.eq(version))).one(&**tx).await
}

pub(super) async fn hold(tx: &Tx, version: i64) -> Result<Option<Model>, DbErr> {
    lock_for_share(Entity::find().filter(Column::Version.eq(version))).one(&**tx).await
}

pub(super) async fn suspension(
    db: &impl ConnectionTrait,
    id: SuspensionId,
) -> Result<Option<suspension::Model>, DbErr> {
    suspension::Entity::find_by_id(id).one(db).await
}

pub(super) async fn insert_suspension(
    tx: &Tx,
    row: suspension::Model,
) -> Result<suspension::Model, DbErr> {
    database::insert(tx, row).await
}

pub(super) async fn update_suspension(
    tx: &Tx,
    row: suspension::Model,
) -> Result<suspension::Model, DbErr> {
    database::update(tx, row).await
}

/// Every suspension of some versions, the earliest first.
pub(super) async fn suspensions(
    db: &impl ConnectionTrait,
    versions: Vec<i64>,
) -> Result<Vec<suspension::Model>, DbErr> {
    use suspension::Column;
    let select = suspension::Entity::find().filter(Column::PolicyVersion.is_in(versions));
    select.order_by_asc(Column::SuspendedAt).order_by_asc(Column::Id).all(db).await
}

/// The suspensions of a version that are in effect, the earliest first.
pub(super) async fn suspensions_in_effect(
    db: &impl ConnectionTrait,
    version: i64,
) -> Result<Vec<suspension::Model>, DbErr> {
    use suspension::Column;
    let select = suspension::Entity::find().filter(Column::PolicyVersion.eq(version));
    let select = select.filter(Column::ReinstatedAt.is_null());
    select.order_by_asc(Column::SuspendedAt).order_by_asc(Column::Id).all(db).await
}
