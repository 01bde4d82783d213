//! Rows that the ledger records: each write adds an image to the transaction, and the next ledger entry
//! of the row's subject includes it.
use std::collections::HashMap;
use std::pin::Pin;

use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query, Value};
use sea_orm::{ActiveModelTrait, ColumnTrait, Condition, DatabaseTransaction};
use sea_orm::{DbErr, EntityTrait, IdenStatic, IntoActiveModel, Iterable, ModelTrait};
use sea_orm::{PrimaryKeyToColumn, QueryFilter};
use serde_json::Value as Json;
use uuid::Uuid;

use super::{Tx, in_ids, insert_all};
use crate::fault::{Fault, Result};
use crate::page::count;

/// How the ledger records a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// The value itself.
    Value,
    /// The SHA-256 of the value, for long values.
    Digest,
    /// A salted SHA-256, for personal data that can be deleted later together with its salt.
    Personal,
    /// Nothing: the value is derived from other rows, and `candor verify` recomputes it.
    Derived,
}

/// A table whose rows the ledger records. Declared with `recorded!`, which names every column.
pub trait Recorded: EntityTrait {
    /// Returns the columns that can hold the subject on whose chain a row is recorded. The first that is
    /// not null holds it.
    fn subject_columns() -> &'static [Self::Column];
    /// Returns how the ledger records a column.
    fn keeping(column: Self::Column) -> Keeping;
    /// Returns the columns that the database computes, which are never written.
    fn generated_columns() -> &'static [Self::Column];
    /// Returns the value, in JSON, that a migration gave a column in the rows that the ledger had recorded
    /// without it; null for a column that may be null.
    fn value_before(column: Self::Column) -> Json;
}

/// Declares how the ledger records each column of this module's table; the subject's column comes first. A
/// missing column does not compile. The database computes the `generated` ones. A later migration `added`
/// columns with a value other than null.
macro_rules! recorded {
    (
        subject: [$($subject:ident),+]
        $(, value: [$($value:ident),* $(,)?])?
        $(, digest: [$($digest:ident),* $(,)?])?
        $(, personal: [$($personal:ident),* $(,)?])?
        $(, derived: [$($derived:ident),* $(,)?])?
        $(, generated: [$($generated:ident),* $(,)?])?
        $(, added: [$($added:ident = $before:tt),* $(,)?])?
        $(,)?
    ) => {
        impl $crate::database::Recorded for Entity {
            fn subject_columns() -> &'static [Column] {
                &[$(Column::$subject),+]
            }

            fn keeping(column: Column) -> $crate::database::Keeping {
                match column {
                    $($(Column::$value => $crate::database::Keeping::Value,)*)?
                    $($(Column::$digest => $crate::database::Keeping::Digest,)*)?
                    $($(Column::$personal => $crate::database::Keeping::Personal,)*)?
                    $($(Column::$derived => $crate::database::Keeping::Derived,)*)?
                    $($(Column::$generated => $crate::database::Keeping::Derived,)*)?
                }
            }

            fn generated_columns() -> &'static [Column] {
                &[$($(Column::$generated),*)?]
            }

            fn value_before(column: Column) -> serde_json::Value {
                $($(if matches!(column, Column::$added) {
                    return serde_json::json!($before);
                })*)?
                let _ = column;
                serde_json::Value::Null
            }
        }
    };
}

pub(crate) use recorded;

/// A column's value in the image of a row, before the ledger computes digests.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnImage {
    pub name: &'static str,
    pub keeping: Keeping,
    /// The value in JSON: integers as text, times as RFC 3339 in UTC with six decimals.
    pub value: Json,
    /// The value of rows that were recorded before the column was added.
    pub value_before: Json,
}

/// The image of a written or removed row.
#[derive(Clone, Debug, PartialEq)]
pub struct RowImage {
    /// The subject on whose chain the row is recorded.
    pub subject: Uuid,
    pub table: &'static str,
    /// The values of the primary key, separated by slashes.
    pub key: String,
    /// The columns in table order, without derived ones; none if the row was removed.
    pub columns: Option<Vec<ColumnImage>>,
}

impl RowImage {
    /// Returns whether it contains personal data.
    #[must_use]
    pub fn is_personal(&self) -> bool {
        let mut columns = self.columns.iter().flatten();
        columns.any(|column| column.keeping == Keeping::Personal && column.value != Json::Null)
    }
}

/// The images of a transaction that no entry has included yet, by subject.
#[derive(Debug, Default)]
pub(super) struct Images(HashMap<Uuid, Vec<RowImage>>);

impl Images {
    fn push(&mut self, image: RowImage) {
        let pending = self.0.entry(image.subject).or_default();
        pending.retain(|other| (other.table, &other.key) != (image.table, &image.key));
        pending.push(image);
    }

    fn take(&mut self, subject: Uuid) -> Vec<RowImage> {
        self.0.remove(&subject).unwrap_or_default()
    }

    /// Requires that ledger entries have included every image.
    ///
    /// # Errors
    /// `Internal` with the names of the tables whose rows have no entry.
    pub(super) fn require_empty(&self) -> Result<()> {
        let mut tables: Vec<&str> = self.0.values().flatten().map(|image| image.table).collect();
        if tables.is_empty() {
            return Ok(());
        }
        tables.sort_unstable();
        tables.dedup();
        let message = format!("rows were written without a ledger entry: {}", tables.join(", "));
        Err(Fault::Internal(message.into()))
    }
}

impl Tx {
    /// Adds the image of a row that another statement has written; see [`note_row`].
    pub fn push_image(&self, image: RowImage) {
        self.images().push(image);
    }

    /// Takes the images of a subject's rows that were written since its last entry, one per row with its
    /// latest state.
    #[must_use]
    pub fn take_images(&self, subject: Uuid) -> Vec<RowImage> {
        self.images().take(subject)
    }
}

/// Inserts a recorded row and returns the stored row.
pub async fn insert<M, A>(tx: &Tx, row: M) -> Result<M, DbErr>
where
    M: ModelTrait + IntoActiveModel<A>,
    M::Entity: Recorded<Model = M>,
    A: ActiveModelTrait<Entity = M::Entity> + sea_orm::ActiveModelBehavior + Send,
{
    let row = to_write::<M, A>(row).insert(&**tx).await?;
    note_row(tx, &row);
    Ok(row)
}

/// Updates a recorded row and returns the stored row.
pub async fn update<M, A>(tx: &Tx, row: M) -> Result<M, DbErr>
where
    M: ModelTrait + IntoActiveModel<A>,
    M::Entity: Recorded<Model = M>,
    A: ActiveModelTrait<Entity = M::Entity> + sea_orm::ActiveModelBehavior + Send,
{
    let row = to_write::<M, A>(row).update(&**tx).await?;
    note_row(tx, &row);
    Ok(row)
}

/// Returns a row with every column set but those that the database computes.
fn to_write<M, A>(row: M) -> A
where
    M: ModelTrait + IntoActiveModel<A>,
    M::Entity: Recorded<Model = M>,
    A: ActiveModelTrait<Entity = M::Entity>,
{
    let mut active = row.into_active_model().reset_all();
    for column in M::Entity::generated_columns() {
        active.not_set(*column);
    }
    active
}

/// Inserts recorded rows, as many per statement as the variable limit allows.
pub async fn insert_all_recorded<E, A>(tx: &Tx, rows: Vec<E::Model>) -> Result<(), DbErr>
where
    E: Recorded,
    E::Model: IntoActiveModel<A> + ModelTrait<Entity = E>,
    A: ActiveModelTrait<Entity = E>,
{
    for row in &rows {
        note_row(tx, row);
    }
    insert_all::<E, A>(tx, rows).await
}

/// Records the image of a row that another statement has just written.
pub fn note_row<M>(tx: &Tx, row: &M)
where
    M: ModelTrait,
    M::Entity: Recorded<Model = M>,
{
    tx.push_image(image_of(row));
}

/// Records the removal of a row.
pub fn note_removal<M>(tx: &Tx, row: &M)
where
    M: ModelTrait,
    M::Entity: Recorded<Model = M>,
{
    tx.push_image(RowImage { columns: None, ..image_of(row) });
}

fn image_of<M>(row: &M) -> RowImage
where
    M: ModelTrait,
    M::Entity: Recorded<Model = M>,
{
    let subject = M::Entity::subject_columns().iter().find_map(|column| match row.get(*column) {
        Value::Uuid(subject) => subject,
        _ => None,
    });
    let key = <M::Entity as EntityTrait>::PrimaryKey::iter();
    let key = key.map(|part| match json(row.get(part.into_column())) {
        Json::String(text) => text,
        other => other.to_string(),
    });
    let columns = <M::Entity as EntityTrait>::Column::iter().filter_map(|column| {
        let keeping = M::Entity::keeping(column);
        (keeping != Keeping::Derived).then(|| ColumnImage {
            name: column.as_str(),
            keeping,
            value: json(row.get(column)),
            value_before: M::Entity::value_before(column),
        })
    });
    RowImage {
        subject: subject.unwrap_or_default(),
        table: table_name::<M::Entity>(),
        key: key.collect::<Vec<_>>().join("/"),
        columns: Some(columns.collect()),
    }
}

/// Returns the values of a row in the order of its table's columns, spelled alike on both databases.
pub fn row_values<M: ModelTrait>(row: &M) -> Vec<Json> {
    <M::Entity as EntityTrait>::Column::iter().map(|column| json(row.get(column))).collect()
}

fn table_name<E: EntityTrait>() -> &'static str {
    E::default().table_name()
}

/// Returns a column's value in JSON, spelled alike on both databases.
fn json(value: Value) -> Json {
    let time = |at: chrono::DateTime<chrono::Utc>| {
        Json::from(at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true))
    };
    match value {
        Value::Bool(it) => it.into(),
        Value::SmallInt(it) => it.map(|it| it.to_string()).into(),
        Value::Int(it) => it.map(|it| it.to_string()).into(),
        Value::BigInt(it) => it.map(|it| it.to_string()).into(),
        Value::String(it) => it.into(),
        Value::Uuid(it) => it.map(|it| it.to_string()).into(),
        Value::Json(it) => it.map_or(Json::Null, |it| *it),
        Value::ChronoDate(it) => it.map(|it| it.to_string()).into(),
        Value::ChronoDateTimeUtc(it) => it.map_or(Json::Null, time),
        other => Json::from(format!("{other:?}")),
    }
}

type Loading<'a, T> = Pin<Box<dyn Future<Output = Result<T, DbErr>> + Send + 'a>>;

/// A recorded table, for comparison with the ledger.
#[derive(Clone, Copy)]
pub struct RecordedTable {
    pub name: &'static str,
    load: for<'a> fn(&'a DatabaseTransaction, Vec<Uuid>) -> Loading<'a, Vec<RowImage>>,
    count: for<'a> fn(&'a DatabaseTransaction) -> Loading<'a, u64>,
    find_orphan: for<'a> fn(&'a DatabaseTransaction) -> Loading<'a, Option<RowImage>>,
}

impl std::fmt::Debug for RecordedTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("RecordedTable").field(&self.name).finish()
    }
}

impl RecordedTable {
    /// Returns the recorded table of an entity.
    #[must_use]
    pub fn of<E>() -> Self
    where
        E: Recorded,
        E::Model: ModelTrait<Entity = E> + Send + Sync,
    {
        Self {
            name: table_name::<E>(),
            load: |db, subjects| Box::pin(load::<E>(db, subjects)),
            count: |db| Box::pin(count(db, E::find())),
            find_orphan: |db| Box::pin(find_orphan::<E>(db)),
        }
    }

    /// Loads the rows of some subjects.
    ///
    /// # Errors
    /// If a stored value does not fit its column's type.
    pub async fn load(
        &self,
        db: &DatabaseTransaction,
        subjects: Vec<Uuid>,
    ) -> Result<Vec<RowImage>, DbErr> {
        (self.load)(db, subjects).await
    }

    /// Finds a row whose subject has no ledger entry.
    ///
    /// # Errors
    /// Same as [`Self::load`].
    pub async fn find_orphan(&self, db: &DatabaseTransaction) -> Result<Option<RowImage>, DbErr> {
        (self.find_orphan)(db).await
    }

    /// Counts its rows.
    pub async fn count(&self, db: &DatabaseTransaction) -> Result<u64, DbErr> {
        (self.count)(db).await
    }
}

/// Finds a row whose subject has no ledger entry.
async fn find_orphan<E>(db: &DatabaseTransaction) -> Result<Option<RowImage>, DbErr>
where
    E: Recorded,
    E::Model: ModelTrait<Entity = E>,
{
    let mut select = E::find();
    for column in E::subject_columns() {
        let mut entries = Query::select();
        entries.expr(Expr::val(1)).from(Alias::new("ledger"));
        let subject = Expr::col((Alias::new("ledger"), Alias::new("subject_id")));
        entries.and_where(subject.equals(column.as_column_ref()));
        select = select.filter(Expr::exists(entries).not());
    }
    Ok(select.one(db).await?.as_ref().map(image_of))
}

async fn load<E>(db: &DatabaseTransaction, subjects: Vec<Uuid>) -> Result<Vec<RowImage>, DbErr>
where
    E: Recorded,
    E::Model: ModelTrait<Entity = E> + Send + Sync,
{
    let mut any = Condition::any();
    for (index, column) in E::subject_columns().iter().enumerate() {
        // A row belongs to the first subject column that is not null.
        let mut this = Condition::all().add(in_ids(db, *column, subjects.clone()));
        for earlier in E::subject_columns().iter().take(index) {
            this = this.add(earlier.is_null());
        }
        any = any.add(this);
    }
    let rows = E::find().filter(any).all(db).await?;
    Ok(rows.iter().map(image_of).collect())
}
