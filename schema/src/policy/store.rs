//! SQL of policies and suspensions. Every signed-in person may read all of them.
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{QueryFilter, QueryOrder};
use uuid::Uuid;

use super::entity::policy::{Column, Entity, Model};
use super::entity::suspension;
use super::model::SuspensionId;
use crate::database::{self, Tx, lock_for_change, lock_for_share};
use crate::fault::Result;
use crate::page::{Key, Order, Page, PageArguments, count};

pub(super) async fn insert_policy(tx: &Tx, row: Model) -> Result<Model, DbErr> {
    database::insert(tx, row).await
}

pub(super) async fn find_latest(db: &impl ConnectionTrait) -> Result<Option<Model>, DbErr> {
    Entity::find().order_by_desc(Column::Version).one(db).await
}

/// Lists every policy, earliest effective time first.
pub(super) async fn list_all(db: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
    Entity::find().order_by_asc(Column::EffectiveFrom).all(db).await
}

pub(super) async fn find_in_force(
    db: &impl ConnectionTrait,
    at: DateTime<Utc>,
) -> Result<Option<Model>, DbErr> {
    let select = Entity::find().filter(Column::EffectiveFrom.lte(at));
    select.order_by_desc(Column::EffectiveFrom).one(db).await
}

pub(super) async fn find_by_id(
    db: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::Id.eq(id)).one(db).await
}

pub(super) async fn load_versions(
    db: &impl ConnectionTrait,
    versions: Vec<i64>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Version.is_in(versions)).all(db).await
}

/// Lists a page of the policies, newest version first, with the total count if requested.
pub(super) async fn list_policies(
    db: &impl ConnectionTrait,
    arguments: &PageArguments,
    includes_total: bool,
) -> Result<(Page<Model>, Option<u64>)> {
    let order = Order::<Entity> {
        name: "VERSION".into(),
        column: Column::Version,
        id: Column::Id,
        descending: true,
        key: |row, _| (Key::Int(row.version), row.id.uuid()),
    };
    let page = order.page(db, Entity::find(), arguments).await?;
    let total = if includes_total { Some(count(db, Entity::find()).await?) } else { None };
    Ok((page, total))
}

/// Locks a version exclusively: for suspending or reinstating it.
pub(super) async fn lock_for_suspension(tx: &Tx, version: i64) -> Result<Option<Model>, DbErr> {
    lock_for_change(Entity::find().filter(Column::Version.eq(version))).one(&**tx).await
}

/// Locks a version in share mode: decisions run side by side, and none during a suspension.
pub(super) async fn lock_for_decision(tx: &Tx, version: i64) -> Result<Option<Model>, DbErr> {
    lock_for_share(Entity::find().filter(Column::Version.eq(version))).one(&**tx).await
}

pub(super) async fn find_suspension(
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

/// Lists every suspension of the given versions, earliest first.
pub(super) async fn list_suspensions(
    db: &impl ConnectionTrait,
    versions: Vec<i64>,
) -> Result<Vec<suspension::Model>, DbErr> {
    use suspension::Column;
    let select = suspension::Entity::find().filter(Column::PolicyVersion.is_in(versions));
    select.order_by_asc(Column::SuspendedAt).order_by_asc(Column::Id).all(db).await
}

/// Lists the suspensions of a version that are in effect, earliest first.
pub(super) async fn list_suspensions_in_effect(
    db: &impl ConnectionTrait,
    version: i64,
) -> Result<Vec<suspension::Model>, DbErr> {
    use suspension::Column;
    let select = suspension::Entity::find().filter(Column::PolicyVersion.eq(version));
    let select = select.filter(Column::ReinstatedAt.is_null());
    select.order_by_asc(Column::SuspendedAt).order_by_asc(Column::Id).all(db).await
}
