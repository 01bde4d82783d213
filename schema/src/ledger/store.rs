//! Every statement on the ledger.
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use super::entity::{Column, Entity, Model};
use super::salt;
use crate::database::{self, Tx, one_of};
use crate::fault::Result;
use crate::page::{Arguments, Key, Order, Sheet, count};

pub(super) async fn last(db: &impl ConnectionTrait, subject: Uuid) -> Result<Option<Model>, DbErr> {
    of_subject(subject).order_by_desc(Column::Sequence).one(db).await
}

pub(super) async fn append(tx: &Tx, row: Model) -> Result<Model, DbErr> {
    row.into_active_model().reset_all().insert(&**tx).await
}

pub(super) async fn append_all(tx: &Tx, rows: Vec<Model>) -> Result<(), DbErr> {
    database::insert_all::<Entity, _>(tx, rows).await
}

fn of_subject(subject: Uuid) -> Select<Entity> {
    Entity::find().filter(Column::SubjectId.eq(subject))
}

/// A page of a subject's entries, oldest first, and their number if it is asked for.
pub(super) async fn trail(
    db: &impl ConnectionTrait,
    subject: Uuid,
    arguments: &Arguments,
    counted: bool,
) -> Result<(Sheet<Model>, Option<u64>)> {
    let order = Order::<Entity> {
        name: "SEQUENCE".into(),
        column: Column::Sequence,
        id: Column::Id,
        descending: false,
        key: |row, _| (Key::Whole(row.sequence), row.id.uuid()),
    };
    let sheet = order.page(db, of_subject(subject), arguments).await?;
    let total = if counted { Some(count(db, of_subject(subject)).await?) } else { None };
    Ok((sheet, total))
}

/// All that was done to some subjects, in the order of each chain: the subject, the action, the
/// data.
pub(super) async fn of_subjects(
    db: &impl ConnectionTrait,
    subjects: Vec<Uuid>,
) -> Result<Vec<(Uuid, String, String)>, DbErr> {
    let columns = [Column::SubjectId, Column::Action, Column::Data];
    let select = Entity::find().select_only().columns(columns);
    select
        .filter(one_of(db, Column::SubjectId, subjects))
        .order_by_asc(Column::SubjectId)
        .order_by_asc(Column::Sequence)
        .into_tuple()
        .all(db)
        .await
}

/// How many chains begin with an action.
pub(super) async fn count_begun(db: &impl ConnectionTrait, action: &str) -> Result<u64, DbErr> {
    let begun = Entity::find().filter(Column::Sequence.eq(1)).filter(Column::Action.eq(action));
    count(db, begun).await
}

pub(super) async fn insert_salts(tx: &Tx, rows: Vec<salt::Model>) -> Result<(), DbErr> {
    database::insert_all::<salt::Entity, _>(tx, rows).await
}

/// The salts of some subjects' entries.
pub(super) async fn salts(
    db: &impl ConnectionTrait,
    subjects: Vec<Uuid>,
) -> Result<Vec<salt::Model>, DbErr> {
    salt::Entity::find().filter(one_of(db, salt::Column::SubjectId, subjects)).all(db).await
}

/// What each of some subjects belongs under by its own chain, if it has one: the subject, with the
/// data of its entries that may say so, in their order.
pub(super) async fn beginnings(
    db: &impl ConnectionTrait,
    subjects: Vec<Uuid>,
) -> Result<Vec<(Uuid, String)>, DbErr> {
    let select = Entity::find().select_only().columns([Column::SubjectId, Column::Data]);
    let select = select.filter(one_of(db, Column::SubjectId, subjects));
    select.filter(Column::Data.contains("\"under\":")).into_tuple().all(db).await
}

/// The entries after a place, in the order of the key: for verification, a bounded batch at a
/// time.
pub(super) async fn batch(
    db: &impl ConnectionTrait,
    after: Option<(Uuid, i64)>,
    size: u64,
) -> Result<Vec<Model>, DbErr> {
    use sea_orm::sea_query::{Expr, ExprTrait};
    let mut select = Entity::find();
    if let Some((subject, sequence)) = after {
        let here = Expr::tuple([Expr::col(Column::SubjectId), Expr::col(Column::Sequence)]);
        select = select.filter(here.gt(Expr::tuple([Expr::val(subject), Expr::val(sequence)])));
    }
    let select = select.order_by_asc(Column::SubjectId).order_by_asc(Column::Sequence);
    select.limit(size).all(db).await
}
