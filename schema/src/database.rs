//! The database, and the only way to write to it.
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::Statement;
use sea_orm::sea_query::extension::postgres::PgFunc;
use sea_orm::sea_query::{Expr, ExprTrait, Func, LockType, Query, SimpleExpr};
use sea_orm::{
    AccessMode, ActiveModelTrait, ColumnTrait, ConnectOptions, ConnectionTrait, DatabaseConnection,
};
use sea_orm::{DatabaseTransaction, DbBackend, DbErr, EntityTrait, IsolationLevel, QueryFilter};
use sea_orm::{IntoActiveModel, Iterable, QueryOrder, QuerySelect, Select};
use sea_orm::{SqliteTransactionMode::Immediate, TransactionOptions, TransactionTrait};
use sqlx::sqlite::{SqliteJournalMode::Wal, SqliteSynchronous::Full};
use uuid::Uuid;

/// The longest that a database works on one statement: a request that gives up does not stop it.
const STATEMENT: Duration = Duration::from_secs(10);
/// The longest that a request waits for a connection, in the queue or while the server is away:
/// whoever asks has an answer while it still looks at the screen, and may try again.
const CONNECTION: Duration = Duration::from_secs(5);
/// A connection unused for this long is tried before it is handed out: the server may be new.
const IDLE: Duration = Duration::from_secs(5);
/// How many variables a statement has at the most: SQLite takes 32,766.
const VARIABLES: usize = 30_000;
/// How many of SQLite's instructions pass between two looks at the clock.
const INSTRUCTIONS: i32 = 10_000;

/// SQLite has one writer: its write pool has one connection, so that writers queue in order
/// rather than fail with `database is locked`.
#[derive(Clone, Debug)]
pub struct Database {
    write: DatabaseConnection,
    /// For reading; on SQLite it cannot write.
    pub read: DatabaseConnection,
    derived: Derived,
}

/// What is kept in memory beside a database, one of each type.
type Derived = Arc<Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>>;

impl Database {
    /// Opens `postgres://…`, or `sqlite://…`, whose file is made if there is none.
    ///
    /// # Errors
    /// If the server does not answer or the file cannot be opened.
    pub async fn open(url: &str) -> Result<Self, DbErr> {
        let mut options = ConnectOptions::new(url);
        options.record_stmt_in_spans(false).sqlx_logging(false);
        options.acquire_timeout(CONNECTION).test_before_acquire_if_idle_for(IDLE);
        if !url.starts_with("sqlite:") {
            options.statement_timeout(STATEMENT);
            let read = sea_orm::Database::connect(options).await?;
            return Ok(Self { write: read.clone(), read, derived: Derived::default() });
        }
        // SQLite cannot be told a time: each use of a connection gets a handler that looks.
        options.map_sqlx_sqlite_before_acquire(|connection, _| {
            Box::pin(async move {
                let start = Instant::now();
                let mut handle = connection.lock_handle().await?;
                handle.set_progress_handler(INSTRUCTIONS, move || start.elapsed() < STATEMENT);
                Ok(true)
            })
        });
        let mut writes = options.clone();
        writes.max_connections(1).map_sqlx_sqlite_opts(|file| {
            file.create_if_missing(true).journal_mode(Wal).synchronous(Full).foreign_keys(true)
        });
        options.map_sqlx_sqlite_opts(|file| file.read_only(true));
        let write = sea_orm::Database::connect(writes).await?;
        let read = sea_orm::Database::connect(options).await?;
        Ok(Self { write, read, derived: Derived::default() })
    }

    /// What a feature keeps in memory that is made of what is stored here, such as an index: one
    /// of each type, shared by all who have this database open through the same value. It begins
    /// as the type's default.
    #[must_use]
    pub fn derived<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let mut derived = self.derived.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = derived.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(T::default()));
        Arc::clone(kept).downcast::<T>().unwrap_or_default()
    }

    /// Begins a transaction that may write: it holds SQLite's write lock from here on; on
    /// PostgreSQL, lock the rows that the decision rests on before you read them.
    ///
    /// # Errors
    /// If no connection comes free in time.
    pub async fn begin(&self) -> Result<Tx, DbErr> {
        let sqlite_transaction_mode = Some(Immediate);
        let options = TransactionOptions { sqlite_transaction_mode, ..Default::default() };
        self.write.begin_with_options(options).await.map(Tx)
    }

    /// One view of all that is stored, whatever is written meanwhile: for reading that compares
    /// one table with another.
    ///
    /// # Errors
    /// If no connection comes free in time.
    pub async fn snapshot(&self) -> Result<DatabaseTransaction, DbErr> {
        // SQLite gives one to every transaction, and logs a warning for each that is asked for.
        if self.read.get_database_backend() == DbBackend::Sqlite {
            return self.read.begin().await;
        }
        let (level, mode) = (IsolationLevel::RepeatableRead, AccessMode::ReadOnly);
        self.read.begin_with_config(Some(level), Some(mode)).await
    }

    /// The connection that migrations run on, outside any transaction of ours.
    #[must_use]
    pub fn migrating(&self) -> &DatabaseConnection {
        &self.write
    }

    /// Calls `observe` with each statement that is read or written through this value; for
    /// counting them, and for explaining how the database goes about them.
    pub fn observe(&mut self, observe: impl Fn(&Statement) + Clone + Send + Sync + 'static) {
        let read = observe.clone();
        self.read.set_metric_callback(move |info| read(info.statement));
        self.write.set_metric_callback(move |info| observe(info.statement));
    }
}

/// An open write transaction, rolled back when dropped. Whatever writes asks for one.
#[derive(Debug)]
pub struct Tx(DatabaseTransaction);

impl Tx {
    /// # Errors
    /// If the database refuses; nothing was written then.
    pub async fn commit(self) -> Result<(), DbErr> {
        self.0.commit().await
    }
}

impl std::ops::Deref for Tx {
    type Target = DatabaseTransaction;
    fn deref(&self) -> &DatabaseTransaction {
        &self.0
    }
}

/// The rows of `select`, and nobody else changes them before the transaction ends; rows that refer
/// to them may still be written. SQLite's transaction has shut the others out already.
#[must_use]
pub fn locked<E: EntityTrait>(select: Select<E>) -> Select<E> {
    select.lock(LockType::NoKeyUpdate)
}

/// The rows of `select`, and nobody [`locked`] them to change them before the transaction ends;
/// others may read them the same way.
#[must_use]
pub fn held<E: EntityTrait>(select: Select<E>) -> Select<E> {
    select.lock(LockType::Share)
}

/// The rows after an id, in its order: for what walks a whole table, a bounded batch at a time.
///
/// # Errors
/// If the database fails.
pub async fn batch<E: EntityTrait>(
    db: &impl ConnectionTrait,
    id: E::Column,
    after: Option<Uuid>,
    size: u64,
) -> Result<Vec<E::Model>, DbErr> {
    let mut select = E::find();
    if let Some(after) = after {
        select = select.filter(id.gt(after));
    }
    select.order_by_asc(id).limit(size).all(db).await
}

/// Inserts many rows, so many a statement as the database takes variables.
///
/// # Errors
/// If the database refuses one of them.
pub async fn insert_all<E, A>(tx: &Tx, rows: Vec<E::Model>) -> Result<(), DbErr>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<A>,
    A: ActiveModelTrait<Entity = E>,
{
    let most = VARIABLES / E::Column::iter().count().max(1);
    let mut rows = rows.into_iter().map(|row| row.into_active_model().reset_all()).peekable();
    while rows.peek().is_some() {
        let part = rows.by_ref().take(most).collect::<Vec<_>>();
        E::insert_many(part).exec_without_returning(&**tx).await?;
    }
    Ok(())
}

/// `column` is one of `ids`. One prepared statement however many there are: `IN (?, ?, …)` would
/// be another for each length.
pub fn one_of(db: &impl ConnectionTrait, column: impl ColumnTrait, ids: Vec<Uuid>) -> SimpleExpr {
    let column = Expr::col(column.as_column_ref());
    if db.get_database_backend() == DbBackend::Postgres {
        return column.eq(PgFunc::any(Expr::val(ids)));
    }
    let ids = ids.iter().map(|id| id.simple().to_string()).collect::<Vec<_>>();
    let list = serde_json::Value::from(ids).to_string();
    let mut values = Query::select();
    values.expr(Expr::cust("unhex(value)"));
    values.from_function(Func::cust("json_each").arg(list), "ids");
    column.in_subquery(values)
}
