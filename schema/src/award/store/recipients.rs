//! Statements on who receives awards, and on the count of their changes.
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::award::entity::recipient::{Column, Entity, Model};
use crate::award::entity::{holder, revision};
use crate::award::model::RecipientId;
use crate::database::{self, Tx, lock_for_change, in_ids};

/// The one row of the count.
const REVISION_ROW_ID: i64 = 1;

/// How often recipients or awards have changed, counted in imported batches.
pub async fn revision(db: &impl ConnectionTrait) -> Result<i64, DbErr> {
    let row = revision::Entity::find_by_id(REVISION_ROW_ID).one(db).await?;
    Ok(row.map_or(0, |row| row.number))
}

/// The same, and nobody else counts before the transaction ends.
pub async fn lock_revision(tx: &Tx) -> Result<i64, DbErr> {
    let row = lock_for_change(revision::Entity::find_by_id(REVISION_ROW_ID)).one(&**tx).await?;
    Ok(row.map_or(0, |row| row.number))
}

pub async fn set_revision(tx: &Tx, number: i64) -> Result<(), DbErr> {
    revision::Entity::update_many()
        .col_expr(revision::Column::Number, Expr::value(number))
        .filter(revision::Column::Id.eq(REVISION_ROW_ID))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Recipients that bear one of some names, to the letter.
pub async fn list_by_names(db: &impl ConnectionTrait, names: Vec<String>) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Name.is_in(names)).all(db).await
}

/// Recipients by id, for what refers to them.
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

/// The recipients that were changed after a count, in the order of their identifiers, so that an
/// index which is made of them anew has the same numbers.
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

/// Somebody whom an award was under.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct AwardHolder {
    pub award_id: Uuid,
    pub recipient_id: RecipientId,
}

/// Everybody whom the awards were ever under that passed from one recipient to another after a
/// count: by the award, then in the order in which the recipients became known.
pub async fn list_transfers_since(db: &impl ConnectionTrait, revision: i64) -> Result<Vec<AwardHolder>, DbErr> {
    use holder::Column as Holder;
    let transferred = holder::Entity::find()
        .select_only()
        .column(Holder::AwardId)
        .group_by(Holder::AwardId)
        .having(Holder::RecipientId.count().gt(1))
        .having(Holder::Revision.max().gt(revision));
    let several = sea_orm::QueryTrait::into_query(transferred);
    holder::Entity::find()
        .select_only()
        .columns([Holder::AwardId, Holder::RecipientId])
        .filter(Holder::AwardId.in_subquery(several))
        .order_by_asc(Holder::AwardId)
        .order_by_asc(Holder::RecipientId)
        .into_model::<AwardHolder>()
        .all(db)
        .await
}

/// How many recipients there are.
pub async fn count(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    crate::page::count(db, Entity::find()).await
}

/// The recipients after an id, in its order.
pub async fn list_batch(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    size: u64,
) -> Result<Vec<Model>, DbErr> {
    database::batch::<Entity>(db, Column::Id, after, size).await
}
