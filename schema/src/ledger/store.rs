//! SQL of the ledger. Reads for an answer apply the viewer's row filter.
use sea_orm::sea_query::{Alias, Condition, Query, UnionType};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, Iterable};
use sea_orm::{QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use super::action::LedgerAction;
use super::entity::{Column, Entity, Model};
use super::model::{EventId, RegisterId};
use super::readers::Readers;
use super::salt;
use super::trail::TrailViewer;
use crate::database::{self, Tx, in_ids};
use crate::fault::Result;
use crate::page::{Key, Order, Page, PageArguments, RowCursor, count, not_a_cursor};

/// Finds the last entry of a subject.
pub(super) async fn find_last(
    db: &impl ConnectionTrait,
    subject: Uuid,
) -> Result<Option<Model>, DbErr> {
    select_of_subject(subject).order_by_desc(Column::Sequence).one(db).await
}

/// Finds the last entries of two subjects in one statement, in their order.
pub(super) async fn find_last_of_both(
    db: &impl ConnectionTrait,
    subjects: [Uuid; 2],
) -> Result<[Option<Model>; 2], DbErr> {
    let [mut select, other] = subjects.map(|subject| {
        let last = select_of_subject(subject).order_by_desc(Column::Sequence).limit(1);
        let mut select = Query::select();
        select.columns(Column::iter()).from_subquery(last.into_query(), Alias::new("last_entry"));
        select
    });
    select.union(UnionType::All, other);
    let rows = db.query_all(&select).await?;
    let rows = rows.iter().map(|row| Model::from_query_result(row, ""));
    let rows = rows.collect::<Result<Vec<_>, DbErr>>()?;
    Ok(subjects.map(|subject| rows.iter().find(|row| row.subject_id == subject).cloned()))
}

pub(super) async fn insert_all(tx: &Tx, rows: Vec<Model>) -> Result<(), DbErr> {
    database::insert_all::<Entity, _>(tx, rows).await
}

fn select_of_subject(subject: Uuid) -> Select<Entity> {
    Entity::find().filter(Column::SubjectId.eq(subject))
}

/// Selects the entries of a subject that the viewer may read.
fn select_readable(subject: Uuid, viewer: &TrailViewer) -> Select<Entity> {
    let select = select_of_subject(subject);
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

/// Lists a page of a subject's entries that the viewer may read, oldest first, with the total count if
/// requested. The cursor of an entry is its identifier, because the sequence would reveal the number of
/// hidden entries.
pub(super) async fn list_readable(
    db: &impl ConnectionTrait,
    subject: Uuid,
    viewer: &TrailViewer,
    arguments: &PageArguments,
    includes_total: bool,
) -> Result<(Page<Model>, Option<u64>)> {
    let order = Order::<Entity> {
        name: "SEQUENCE".into(),
        column: Column::Sequence,
        id: Column::Id,
        descending: false,
        key: |row, _| (Key::Int(row.sequence), row.id.uuid()),
    };
    let select = select_readable(subject, viewer);
    let page_cursor = async |cursor: Option<&String>, argument| -> Result<Option<String>> {
        let Some(cursor) = cursor else { return Ok(None) };
        let entry = match cursor.parse::<EventId>() {
            Ok(id) => select.clone().filter(Column::Id.eq(id)).one(db).await?,
            Err(_) => None,
        };
        let entry = entry.ok_or_else(|| not_a_cursor(argument))?;
        Ok(Some(order.cursor(&entry)?))
    };
    let arguments = PageArguments {
        after: page_cursor(arguments.after.as_ref(), "after").await?,
        before: page_cursor(arguments.before.as_ref(), "before").await?,
        ..arguments.clone()
    };
    let Page { rows, has_previous, has_next } = order.page(db, select.clone(), &arguments).await?;
    let by_id = |(_, row): (_, Model)| (RowCursor::Identifier(row.id.to_string()), row);
    let rows = rows.into_iter().map(by_id).collect();
    let total = if includes_total { Some(count(db, select).await?) } else { None };
    Ok((Page { rows, has_previous, has_next }, total))
}

/// Lists subject, action and data of the entries of some subjects, each chain in order.
pub(super) async fn list_events(
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
pub(super) async fn count_chains_beginning_with(
    db: &impl ConnectionTrait,
    action: &str,
) -> Result<u64, DbErr> {
    let first = Entity::find().filter(Column::Sequence.eq(1)).filter(Column::Action.eq(action));
    count(db, first).await
}

/// Locks a register until `tx` ends; without the lock two concurrent entries would get the same sequence.
/// On SQLite the transaction is exclusive anyway.
pub(super) async fn lock_register(tx: &Tx, register: RegisterId) -> Result<(), DbErr> {
    let (key, _) = register.uuid().as_u64_pair();
    database::lock_key(tx, key.cast_signed()).await
}

pub(super) async fn insert_salts(tx: &Tx, rows: Vec<salt::Model>) -> Result<(), DbErr> {
    database::insert_all::<salt::Entity, _>(tx, rows).await
}

/// Loads the salts of some subjects' entries.
pub(super) async fn load_salts(
    db: &impl ConnectionTrait,
    subjects: Vec<Uuid>,
) -> Result<Vec<salt::Model>, DbErr> {
    salt::Entity::find().filter(in_ids(db, salt::Column::SubjectId, subjects)).all(db).await
}

/// Counts the salts.
pub(super) async fn count_salts(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    count(db, salt::Entity::find()).await
}

/// Lists subject and data of those entries of some subjects that name a parent.
pub(super) async fn list_parent_entries(
    db: &impl ConnectionTrait,
    subjects: Vec<Uuid>,
) -> Result<Vec<(Uuid, String)>, DbErr> {
    let select = Entity::find().select_only().columns([Column::SubjectId, Column::Data]);
    let select = select.filter(in_ids(db, Column::SubjectId, subjects));
    select.filter(Column::Data.contains("\"under\":")).into_tuple().all(db).await
}

/// Loads up to `size` entries after a subject and sequence, in that order.
pub(super) async fn load_batch(
    db: &impl ConnectionTrait,
    after: Option<(Uuid, i64)>,
    size: u64,
) -> Result<Vec<Model>, DbErr> {
    use sea_orm::sea_query::{Expr, ExprTrait};
    let mut select = Entity::find();
    if let Some((subject, sequence)) = after {
        let position = Expr::tuple([Expr::col(Column::SubjectId), Expr::col(Column::Sequence)]);
        select = select.filter(position.gt(Expr::tuple([Expr::val(subject), Expr::val(sequence)])));
    }
    let select = select.order_by_asc(Column::SubjectId).order_by_asc(Column::Sequence);
    select.limit(size).all(db).await
}

/// Counts the entries of the whole ledger. It reads an index over all of them.
pub(super) async fn count_entries(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    count(db, Entity::find()).await
}
