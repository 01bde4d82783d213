//! SQL of recipients and of the import revision.
use chrono::NaiveDate;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::award::entity::recipient::{Column, Entity, Model};
use crate::award::entity::{award_holder, revision};
use crate::award::model::RecipientId;
use crate::database::{self, Tx, in_ids, lock_for_change};

/// The id of the only row of `award_revision`.
const REVISION_ROW_ID: i64 = 1;

/// The import revision: the number of imported batches that changed any row.
pub async fn load_revision(db: &impl ConnectionTrait) -> Result<i64, DbErr> {
    let row = revision::Entity::find_by_id(REVISION_ROW_ID).one(db).await?;
    Ok(row.map_or(0, |row| row.number))
}

/// The import revision, locked until `tx` ends.
pub async fn lock_revision(tx: &Tx) -> Result<i64, DbErr> {
    let row = lock_for_change(revision::Entity::find_by_id(REVISION_ROW_ID)).one(&**tx).await?;
    Ok(row.map_or(0, |row| row.number))
}

/// The revision with the newest day and digest of the data; none before the tables are created.
pub async fn load_revision_row(
    db: &impl ConnectionTrait,
) -> Result<Option<revision::Model>, DbErr> {
    revision::Entity::find_by_id(REVISION_ROW_ID).one(db).await
}

/// Sets the revision, whose digest is not known yet, and raises the newest day to `newest_on`.
pub async fn set_revision(tx: &Tx, number: i64, newest_on: Option<NaiveDate>) -> Result<(), DbErr> {
    let stored = load_revision_row(&**tx).await?.and_then(|row| row.newest_on);
    revision::Entity::update_many()
        .col_expr(revision::Column::Number, Expr::value(number))
        .col_expr(revision::Column::NewestOn, Expr::value(Ord::max(stored, newest_on)))
        .col_expr(revision::Column::Sha256, Expr::value(None::<String>))
        .filter(revision::Column::Id.eq(REVISION_ROW_ID))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Sets the newest day of the data.
pub async fn set_newest_day(tx: &Tx, newest_on: Option<NaiveDate>) -> Result<(), DbErr> {
    revision::Entity::update_many()
        .col_expr(revision::Column::NewestOn, Expr::value(newest_on))
        .filter(revision::Column::Id.eq(REVISION_ROW_ID))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Sets the digest of the award tables at the current revision.
pub async fn set_tables_digest(tx: &Tx, sha256: &str) -> Result<(), DbErr> {
    revision::Entity::update_many()
        .col_expr(revision::Column::Sha256, Expr::value(sha256))
        .filter(revision::Column::Id.eq(REVISION_ROW_ID))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// The recipients whose name equals one of the given names.
pub async fn list_by_names(
    db: &impl ConnectionTrait,
    names: Vec<String>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Name.is_in(names)).all(db).await
}

/// The recipients with the given ids.
pub async fn list_by_ids(db: &impl ConnectionTrait, ids: Vec<Uuid>) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(in_ids(db, Column::Id, ids)).all(db).await
}

pub async fn insert_all(tx: &Tx, rows: Vec<Model>) -> Result<(), DbErr> {
    database::insert_all::<Entity, _>(tx, rows).await
}

pub async fn update(tx: &Tx, row: Model) -> Result<(), DbErr> {
    row.into_active_model().reset_all().update(&**tx).await?;
    Ok(())
}

/// The next `limit` recipients that changed after a revision, in order of id, so that a rebuilt
/// index assigns the same numbers.
pub async fn list_changed_since(
    db: &impl ConnectionTrait,
    revision: i64,
    after: Option<RecipientId>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let mut select = Entity::find().filter(Column::Revision.gt(revision));
    if let Some(after) = after {
        select = select.filter(Column::Id.gt(after));
    }
    select.order_by_asc(Column::Id).limit(limit).all(db).await
}

/// A recipient that has held an award.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct AwardHolder {
    pub award_id: Uuid,
    pub recipient_id: RecipientId,
}

/// All holders of the awards that gained a further holder after a revision, in order of award,
/// then of the recipients' insertion.
pub async fn list_transfers_since(
    db: &impl ConnectionTrait,
    revision: i64,
) -> Result<Vec<AwardHolder>, DbErr> {
    use award_holder::Column as Holder;
    let transferred = award_holder::Entity::find()
        .select_only()
        .column(Holder::AwardId)
        .group_by(Holder::AwardId)
        .having(Holder::RecipientId.count().gt(1))
        .having(Holder::Revision.max().gt(revision));
    let several = sea_orm::QueryTrait::into_query(transferred);
    award_holder::Entity::find()
        .select_only()
        .columns([Holder::AwardId, Holder::RecipientId])
        .filter(Holder::AwardId.in_subquery(several))
        .order_by_asc(Holder::AwardId)
        .order_by_asc(Holder::RecipientId)
        .into_model::<AwardHolder>()
        .all(db)
        .await
}

/// The number of recipients.
pub async fn count(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    crate::page::count(db, Entity::find()).await
}

/// The next `size` recipients after an id, in order of id.
pub async fn list_batch(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    size: u64,
) -> Result<Vec<Model>, DbErr> {
    database::load_batch::<Entity>(db, Column::Id, after, size).await
}
