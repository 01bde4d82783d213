//! SQL of imports over HTTP.
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::entity::import_job::{Column, Entity, Model};
use super::entity::import_report_line as line;
use super::model::{ImportEnd, ImportJobId, ImportJobState, ImportProgress};
use crate::database::{self, Tx, in_ids};
use crate::page::count;
use crate::principal::Principal;

/// The key of the lock that makes new imports wait for one another.
const QUEUE_LOCK: i64 = 0x696d_706f_7274_6a6f;

/// Locks the queue of waiting imports until the transaction ends.
pub async fn lock_queue(tx: &Tx) -> Result<(), DbErr> {
    database::lock_key(tx, QUEUE_LOCK).await
}

pub async fn insert(tx: &Tx, row: Model) -> Result<Model, DbErr> {
    Entity::insert(row.clone().into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await?;
    Ok(row)
}

/// Counts the imports of a process that wait for their turn.
pub async fn count_waiting(db: &impl ConnectionTrait, process: Uuid) -> Result<u64, DbErr> {
    let waiting = Column::State.eq(ImportJobState::Received).and(Column::Process.eq(process));
    count(db, Entity::find().filter(waiting)).await
}

/// Finds an import: of an owner, or of anybody without one.
pub async fn find(
    db: &impl ConnectionTrait,
    id: ImportJobId,
    owner: Option<&Principal>,
) -> Result<Option<Model>, DbErr> {
    let mut select = Entity::find_by_id(id);
    if let Some(owner) = owner {
        select = select.filter(Column::Owner.eq(owner.clone()));
    }
    select.one(db).await
}

/// Finds the import of a process that has waited longest.
pub async fn find_next(db: &impl ConnectionTrait, process: Uuid) -> Result<Option<Model>, DbErr> {
    let waiting = Column::State.eq(ImportJobState::Received).and(Column::Process.eq(process));
    Entity::find().filter(waiting).order_by_asc(Column::Id).one(db).await
}

/// Starts an import that waits. Returns whether it still waited.
pub async fn start(tx: &Tx, id: ImportJobId, at: DateTime<Utc>) -> Result<bool, DbErr> {
    let started = Entity::update_many()
        .col_expr(Column::State, Expr::value(ImportJobState::Running))
        .col_expr(Column::StartedAt, Expr::value(at))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(ImportJobState::Received))
        .exec(&**tx)
        .await?;
    Ok(started.rows_affected == 1)
}

/// Stores the progress of an import that runs. Returns whether it still runs.
pub async fn save_progress(
    tx: &Tx,
    id: ImportJobId,
    progress: ImportProgress,
    report_lines: u64,
) -> Result<bool, DbErr> {
    let number = |it: u64| Expr::value(i64::try_from(it).unwrap_or(i64::MAX));
    let saved = Entity::update_many()
        .col_expr(Column::BytesRead, number(progress.bytes_read))
        .col_expr(Column::RowsRead, number(progress.rows_read))
        .col_expr(Column::RowsImported, number(progress.rows_imported))
        .col_expr(Column::RowsRefused, number(progress.rows_refused))
        .col_expr(Column::ReportLines, number(report_lines))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(ImportJobState::Running))
        .exec(&**tx)
        .await?;
    Ok(saved.rows_affected == 1)
}

pub async fn insert_lines(tx: &Tx, lines: Vec<line::Model>) -> Result<(), DbErr> {
    database::insert_all::<line::Entity, _>(tx, lines).await
}

/// Ends an import that runs. Returns whether it still ran.
pub async fn end(
    tx: &Tx,
    id: ImportJobId,
    end: ImportEnd,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let (state, counts, message) = match end {
        ImportEnd::Done(counts) => (ImportJobState::Done, Some(counts.to_string()), None),
        ImportEnd::Refused(message) => (ImportJobState::Refused, None, Some(message)),
        ImportEnd::Interrupted(message) => (ImportJobState::Interrupted, None, Some(message)),
    };
    let ended = Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::EndedAt, Expr::value(at))
        .col_expr(Column::Counts, Expr::value(counts))
        .col_expr(Column::Message, Expr::value(message))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(ImportJobState::Running))
        .exec(&**tx)
        .await?;
    Ok(ended.rows_affected == 1)
}

/// Notes that a process runs, in its imports that have not ended.
pub async fn touch(tx: &Tx, process: Uuid, at: DateTime<Utc>) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::SeenAt, Expr::value(at))
        .filter(Column::Process.eq(process))
        .filter(Column::EndedAt.is_null())
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Interrupts the imports of a process that have not ended. Returns their number.
pub async fn interrupt_of(tx: &Tx, process: Uuid, at: DateTime<Utc>) -> Result<u64, DbErr> {
    interrupt(tx, Column::Process.eq(process), at).await
}

/// Interrupts the import that a process runs. Returns whether it ran one, as a number.
pub async fn interrupt_running(tx: &Tx, process: Uuid, at: DateTime<Utc>) -> Result<u64, DbErr> {
    let runs = Column::Process.eq(process).and(Column::State.eq(ImportJobState::Running));
    interrupt(tx, runs, at).await
}

/// Interrupts the imports that have not ended and whose process, another than `own`, was last seen before a
/// time. Returns their number.
pub async fn interrupt_unseen(
    tx: &Tx,
    own: Uuid,
    seen_before: DateTime<Utc>,
    at: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let is_unseen = Column::SeenAt.lt(seen_before).and(Column::Process.ne(own));
    interrupt(tx, is_unseen, at).await
}

async fn interrupt(tx: &Tx, which: Expr, at: DateTime<Utc>) -> Result<u64, DbErr> {
    let ended = Entity::update_many()
        .col_expr(Column::State, Expr::value(ImportJobState::Interrupted))
        .col_expr(Column::EndedAt, Expr::value(at))
        .filter(which)
        .filter(Column::EndedAt.is_null())
        .exec(&**tx)
        .await?;
    Ok(ended.rows_affected)
}

/// Lists up to `limit` lines of a report after a place in it.
pub async fn list_lines(
    db: &impl ConnectionTrait,
    id: ImportJobId,
    after: i64,
    limit: u64,
) -> Result<Vec<line::Model>, DbErr> {
    line::Entity::find()
        .filter(line::Column::JobId.eq(id))
        .filter(line::Column::Number.gt(after))
        .order_by_asc(line::Column::Number)
        .limit(limit)
        .all(db)
        .await
}

/// Deletes up to `limit` imports that ended before a time, with their reports. Returns their number.
pub async fn delete_ended(tx: &Tx, before: DateTime<Utc>, limit: u64) -> Result<u64, DbErr> {
    let ids: Vec<ImportJobId> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::EndedAt.lt(before))
        .order_by_asc(Column::EndedAt)
        .limit(limit)
        .into_tuple()
        .all(&**tx)
        .await?;
    let ids = ids.into_iter().map(ImportJobId::uuid).collect();
    let of_ids = in_ids(&**tx, Column::Id, ids);
    Ok(Entity::delete_many().filter(of_ids).exec(&**tx).await?.rows_affected)
}
