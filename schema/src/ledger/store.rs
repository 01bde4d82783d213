//! Every statement on the ledger.
use sea_orm::sea_query::Condition;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{
    DbBackend, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select, Statement,
};
use uuid::Uuid;

use super::action::LedgerAction;
use super::entity::{Column, Entity, Model};
use super::model::{EventId, RegisterId};
use super::readers::Readers;
use super::salt;
use super::trail::TrailViewer;
use crate::database::{self, Tx, in_ids};
use crate::fault::Result;
use crate::page::{Key, Order, Page, PageArguments, count, not_a_cursor};

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

/// Selects the entries of a subject that the viewer may read.
fn readable(subject: Uuid, viewer: &TrailViewer) -> Select<Entity> {
    let select = of_subject(subject);
    if viewer.reads_whole {
        return select;
    }
    let actions = |readers| LedgerAction::readable_by(readers).map(LedgerAction::as_str);
    let mut any = Condition::any().add(Column::Action.is_in(actions(viewer.readers)));
    let mut own = Condition::any();
    if !viewer.organizations.is_empty() {
        own = own.add(Column::OrganizationId.is_in(viewer.organizations.clone()));
    }
    if viewer.owns_subject {
        own = own.add(Column::OrganizationId.is_null());
    }
    if !own.is_empty() {
        let of_firm = Column::Action.is_in(actions(Readers::FIRM));
        any = any.add(Condition::all().add(of_firm).add(own));
    }
    select.filter(any)
}

/// Loads a page of a subject's entries that the viewer may read, oldest first, and their number if
/// requested. The cursor of an entry is its identifier, because hidden entries could be counted by
/// the sequence.
pub(super) async fn trail(
    db: &impl ConnectionTrait,
    subject: Uuid,
    viewer: &TrailViewer,
    arguments: &PageArguments,
    counted: bool,
) -> Result<(Page<Model>, Option<u64>)> {
    let order = Order::<Entity> {
        name: "SEQUENCE".into(),
        column: Column::Sequence,
        id: Column::Id,
        descending: false,
        key: |row, _| (Key::Int(row.sequence), row.id.uuid()),
    };
    let select = readable(subject, viewer);
    let place = async |cursor: Option<&String>, argument| -> Result<Option<String>> {
        let Some(cursor) = cursor else { return Ok(None) };
        let entry = match cursor.parse::<EventId>() {
            Ok(id) => select.clone().filter(Column::Id.eq(id)).one(db).await?,
            Err(_) => None,
        };
        let entry = entry.ok_or_else(|| not_a_cursor(argument))?;
        Ok(Some(order.cursor(&entry)?))
    };
    let arguments = PageArguments {
        after: place(arguments.after.as_ref(), "after").await?,
        before: place(arguments.before.as_ref(), "before").await?,
        ..arguments.clone()
    };
    let Page { rows, has_previous, has_next } = order.page(db, select.clone(), &arguments).await?;
    let rows = rows.into_iter().map(|(_, row)| (row.id.to_string(), row)).collect();
    let total = if counted { Some(count(db, select).await?) } else { None };
    Ok((Page { rows, has_previous, has_next }, total))
}

/// Loads the entries of some subjects in the order of each chain: subject, action and data.
pub(super) async fn of_subjects(
    db: &impl ConnectionTrait,
    subjects: Vec<Uuid>,
) -> Result<Vec<(Uuid, String, String)>, DbErr> {
    let columns = [Column::SubjectId, Column::Action, Column::Data];
    let select = Entity::find().select_only().columns(columns);
    select
        .filter(in_ids(db, Column::SubjectId, subjects))
        .order_by_asc(Column::SubjectId)
        .order_by_asc(Column::Sequence)
        .into_tuple()
        .all(db)
        .await
}

/// Counts the chains that begin with an action.
pub(super) async fn count_begun(db: &impl ConnectionTrait, action: &str) -> Result<u64, DbErr> {
    let begun = Entity::find().filter(Column::Sequence.eq(1)).filter(Column::Action.eq(action));
    count(db, begun).await
}

/// Locks a register until `tx` ends: two concurrent entries would get the same sequence. On SQLite
/// the transaction is exclusive anyway.
pub(super) async fn lock_register(tx: &Tx, register: RegisterId) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let (key, _) = register.uuid().as_u64_pair();
        let lock = "SELECT pg_advisory_xact_lock($1)";
        let values = [key.cast_signed().into()];
        tx.query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, lock, values)).await?;
    }
    Ok(())
}

pub(super) async fn insert_salts(tx: &Tx, rows: Vec<salt::Model>) -> Result<(), DbErr> {
    database::insert_all::<salt::Entity, _>(tx, rows).await
}

/// Loads the salts of some subjects' entries.
pub(super) async fn salts(
    db: &impl ConnectionTrait,
    subjects: Vec<Uuid>,
) -> Result<Vec<salt::Model>, DbErr> {
    salt::Entity::find().filter(in_ids(db, salt::Column::SubjectId, subjects)).all(db).await
}

/// Counts the salts.
pub(super) async fn count_salts(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    count(db, salt::Entity::find()).await
}

/// Loads the entries that may name the parents of some subjects: the subject with the data, in
/// order.
pub(super) async fn beginnings(
    db: &impl ConnectionTrait,
    subjects: Vec<Uuid>,
) -> Result<Vec<(Uuid, String)>, DbErr> {
    let select = Entity::find().select_only().columns([Column::SubjectId, Column::Data]);
    let select = select.filter(in_ids(db, Column::SubjectId, subjects));
    select.filter(Column::Data.contains("\"under\":")).into_tuple().all(db).await
}

/// Loads the entries after a position in key order, one bounded batch at a time, for verification.
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
