//! Statements on the table of pending re-evaluations.
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Condition, LockBehavior, LockType, SimpleExpr};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use super::entity::{Column, Entity, Model};
use super::model::ReevaluationId;
use crate::database::{Tx, in_ids};
use crate::page::count;

pub(super) async fn insert(tx: &Tx, row: Model) -> Result<Model, DbErr> {
    row.into_active_model().reset_all().insert(&**tx).await
}

pub(super) async fn list_by_ids(
    db: &impl ConnectionTrait,
    ids: Vec<Uuid>,
) -> Result<Vec<Model>, DbErr> {
    let select = Entity::find().filter(in_ids(db, Column::Id, ids));
    select.order_by_asc(Column::NotBefore).order_by_asc(Column::Id).all(db).await
}

/// Returns whether any item is due, leased or not.
pub(super) async fn has_due(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<bool, DbErr> {
    Ok(Entity::find().filter(Column::NotBefore.lte(now)).one(db).await?.is_some())
}

/// Counts the due items, leased or not.
pub(super) async fn count_due(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<u64, DbErr> {
    count(db, Entity::find().filter(Column::NotBefore.lte(now))).await
}

/// Lists every due item, leased or not.
pub(super) async fn list_due(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::NotBefore.lte(now)).all(db).await
}

/// Selects due items without a valid lease, the longest due first.
fn select_unleased(now: DateTime<Utc>) -> Select<Entity> {
    let unleased =
        Condition::any().add(Column::LeasedUntil.is_null()).add(Column::LeasedUntil.lte(now));
    Entity::find()
        .filter(Column::NotBefore.lte(now))
        .filter(unleased)
        .order_by_asc(Column::NotBefore)
        .order_by_asc(Column::Id)
}

/// Locks the selected items; skips those that another transaction has locked.
fn lock_skipping_locked(select: Select<Entity>) -> Select<Entity> {
    select.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
}

/// Selects due items without a valid lease that are not in `tried` and did not fail after
/// `failed_before`.
fn select_processable(
    now: DateTime<Utc>,
    failed_before: DateTime<Utc>,
    tried: &[ReevaluationId],
) -> Select<Entity> {
    let ready =
        Condition::any().add(Column::FailedAt.is_null()).add(Column::FailedAt.lte(failed_before));
    let mut select = select_unleased(now).filter(ready);
    if !tried.is_empty() {
        select = select.filter(Column::Id.is_not_in(tried.iter().copied()));
    }
    select
}

/// Returns whether there is an item to process.
pub(super) async fn has_next(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    failed_before: DateTime<Utc>,
    tried: &[ReevaluationId],
) -> Result<bool, DbErr> {
    Ok(select_processable(now, failed_before, tried).one(db).await?.is_some())
}

/// Finds and locks the first item to process.
pub(super) async fn lock_next(
    tx: &Tx,
    now: DateTime<Utc>,
    failed_before: DateTime<Utc>,
    tried: &[ReevaluationId],
) -> Result<Option<Model>, DbErr> {
    lock_skipping_locked(select_processable(now, failed_before, tried)).one(&**tx).await
}

/// Locks all due items about the subject of `first` without a valid lease.
pub(super) async fn lock_same_subject(
    tx: &Tx,
    now: DateTime<Utc>,
    first: &Model,
) -> Result<Vec<Model>, DbErr> {
    let select =
        lock_skipping_locked(select_unleased(now)).filter(Column::SubjectId.eq(first.subject_id));
    select.filter(Column::Source.eq(first.source)).all(&**tx).await
}

/// Returns whether the same item waits, due at the same time and without a lease.
pub(super) async fn has_same(tx: &Tx, row: &Model) -> Result<bool, DbErr> {
    let select = Entity::find()
        .filter(Column::SubjectId.eq(row.subject_id))
        .filter(Column::Source.eq(row.source))
        .filter(Column::NotBefore.eq(row.not_before))
        .filter(Column::LeaseId.is_null());
    let waiting = select.all(&**tx).await?;
    Ok(waiting.iter().any(|it| it.lifted_rules == row.lifted_rules))
}

/// The condition that an item has this lease, or none.
fn has_lease(lease: Option<Uuid>) -> SimpleExpr {
    lease.map_or_else(|| Column::LeaseId.is_null(), |lease| Column::LeaseId.eq(lease))
}

/// Updates an item if it still has this lease. Returns whether it did.
pub(super) async fn update_held(tx: &Tx, row: Model, lease: Option<Uuid>) -> Result<bool, DbErr> {
    let id = row.id;
    let updated = Entity::update_many()
        .set(row.into_active_model().reset_all())
        .filter(Column::Id.eq(id))
        .filter(has_lease(lease))
        .exec(&**tx)
        .await?;
    Ok(updated.rows_affected > 0)
}

/// Updates an item that this transaction has locked.
pub(super) async fn update(tx: &Tx, row: Model) -> Result<Model, DbErr> {
    row.into_active_model().reset_all().update(&**tx).await
}

/// Deletes the items whose lease is unchanged.
pub(super) async fn delete_held(tx: &Tx, rows: &[Model]) -> Result<(), DbErr> {
    for row in rows {
        let delete = Entity::delete_many().filter(Column::Id.eq(row.id));
        delete.filter(has_lease(row.lease_id)).exec(&**tx).await?;
    }
    Ok(())
}
