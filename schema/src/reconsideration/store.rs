//! Every statement on notes.
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{IntoActiveModel, QueryFilter, QueryOrder};

use super::entity::{Column, Entity, Model};
use super::model::NoteId;
use crate::database::Tx;

pub(super) async fn insert(tx: &Tx, row: Model) -> Result<Model, DbErr> {
    row.into_active_model().reset_all().insert(&**tx).await
}

/// The first note whose time has come, and that did not fail if only those are asked for.
pub(super) async fn next(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    after: Option<&Model>,
    failed_too: bool,
) -> Result<Option<Model>, DbErr> {
    let mut select = Entity::find().filter(Column::NotBefore.lte(now));
    if let Some(after) = after {
        let here = Expr::tuple([Expr::col(Column::NotBefore), Expr::col(Column::Id)]);
        let there = Expr::tuple([Expr::val(after.not_before), Expr::val(after.id.uuid())]);
        select = select.filter(here.gt(there));
    }
    if !failed_too {
        select = select.filter(Column::FailedAt.is_null());
    }
    select.order_by_asc(Column::NotBefore).order_by_asc(Column::Id).one(db).await
}

pub(super) async fn update(tx: &Tx, row: Model) -> Result<Model, DbErr> {
    row.into_active_model().reset_all().update(&**tx).await
}

pub(super) async fn delete(tx: &Tx, id: NoteId) -> Result<(), DbErr> {
    Entity::delete_by_id(id).exec(&**tx).await?;
    Ok(())
}
