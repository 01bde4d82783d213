//! The database handle and its write transaction.
mod clock_watch;
mod errors;
mod lookup;
mod observer;
mod pools;
mod positions;
mod reads;
mod recorded;
mod request;
mod service;

pub use clock_watch::CLOCK_TOLERANCE;
pub use lookup::Lookup;
pub use observer::StatementCount;
pub use pools::PoolUsage;
pub(crate) use positions::read_by_position;
pub use positions::{ReadByPosition, read_entity_row, read_rows};
pub use reads::Reads;
pub(crate) use recorded::recorded;
pub use recorded::{
    ColumnImage, Keeping, Recorded, RecordedTable, RowImage, insert, insert_all_recorded,
};
pub use recorded::{note_removal, note_row, row_values, update};
pub use request::SavedChange;
pub use service::ServiceDatabase;

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use sea_orm::Statement;
use sea_orm::sea_query::extension::postgres::PgFunc;
use sea_orm::sea_query::{Expr, ExprTrait, Func, LockType, Query, SimpleExpr};
use sea_orm::{AccessMode, ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseConnection};
use sea_orm::{DatabaseTransaction, DbBackend, DbErr, EntityTrait, IsolationLevel, QueryFilter};
use sea_orm::{IntoActiveModel, Iterable, QueryOrder, QuerySelect, Select};
use sea_orm::{SqliteTransactionMode::Immediate, TransactionOptions, TransactionTrait};
use uuid::Uuid;

use crate::clock::Clock;
use crate::deadline;
use crate::fault::{Fault, Outage, Result};
use crate::idempotency::Claim;
use clock_watch::ClockWatch;
use observer::Observer;
use pools::{MAX_REQUEST_HOLD, Pool, Purpose, is_sqlite};
use recorded::Images;
use request::{Effects, RequestUse};

/// The maximum number of variables in a statement; SQLite's limit is 32,766.
const MAX_VARIABLES: usize = 30_000;
/// The default number of connections for requests on PostgreSQL.
const POSTGRES_POOL_SIZE: u32 = 10;
/// The default number of read connections for requests on SQLite. Few, because each has its own page
/// cache and reads use this machine's processors.
const SQLITE_READ_POOL_SIZE: u32 = 4;
/// The most connections for requests that can be configured: a PostgreSQL server accepts 100 by default.
pub const MAX_REQUEST_CONNECTIONS: u32 = 200;
/// The number of connections for sign-in, in a pool of their own.
const SIGN_IN_POOL_SIZE: u32 = 3;
/// The number of connections of a command or of the workers.
const WORK_POOL_SIZE: u32 = 4;
/// How long a command writes to SQLite before it pauses, so that other processes can write.
const MAX_WRITE_STRETCH: Duration = Duration::from_secs(1);
/// The length of that pause: SQLite retries a locked file at least every 100 ms.
const WRITE_PAUSE: Duration = Duration::from_millis(120);

/// A database with its connection pools; the only way to begin a write transaction.
#[derive(Clone, Debug)]
pub struct Database {
    url: Arc<str>,
    write: DatabaseConnection,
    /// The connections for reads; on SQLite they refuse writes.
    pub read: Reads,
    /// The connections for sign-in: a small pool that requests cannot exhaust.
    pub sign_in: Reads,
    purpose: Purpose,
    cache: Cache,
    clock_watch: Arc<ClockWatch>,
    /// When a command last paused so that other processes could write.
    last_pause: Arc<Mutex<Instant>>,
    /// The request that this handle serves, if any.
    request: Option<Arc<RequestUse>>,
    /// The claimed idempotency key of that request, if it sent one.
    claim: Option<Arc<Claim>>,
    /// Whether the transactions of this handle are rolled back instead of committed.
    is_dry_run: bool,
    /// Called with each statement, if any observer was added.
    observer: Option<Observer>,
}

/// In-memory values cached with a database, one per type.
type Cache = Arc<Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>>;

impl Database {
    /// Opens a database for requests, which hold a connection for at most 10 s. `url` is `postgres://…`
    /// or `sqlite://…`; a missing SQLite file is created.
    ///
    /// # Errors
    /// If the server does not answer or the file cannot be opened.
    pub async fn open(url: &str) -> Result<Self, DbErr> {
        Self::open_for(url, Purpose::Requests, None).await
    }

    /// Opens a database for requests with at most `connections` connections for them, up to
    /// [`MAX_REQUEST_CONNECTIONS`]; on SQLite these are its connections for reads. `None` for the default:
    /// 10 on PostgreSQL, 4 on SQLite.
    ///
    /// # Errors
    /// Same as [`Self::open`].
    pub async fn open_with_connections(
        url: &str,
        connections: Option<NonZeroU32>,
    ) -> Result<Self, DbErr> {
        Self::open_for(url, Purpose::Requests, connections).await
    }

    /// Opens a database for a command, without the time limits of requests.
    ///
    /// # Errors
    /// Same as [`Self::open`].
    pub async fn open_for_work(url: &str) -> Result<Self, DbErr> {
        Self::open_for(url, Purpose::Work, None).await
    }

    async fn open_for(
        url: &str,
        purpose: Purpose,
        connections: Option<NonZeroU32>,
    ) -> Result<Self, DbErr> {
        let default = match purpose {
            Purpose::Requests if is_sqlite(url) => SQLITE_READ_POOL_SIZE,
            Purpose::Requests => POSTGRES_POOL_SIZE,
            Purpose::Work => WORK_POOL_SIZE,
        };
        let size = connections.map_or(default, NonZeroU32::get).clamp(1, MAX_REQUEST_CONNECTIONS);
        let sign_in = (purpose == Purpose::Requests).then_some(SIGN_IN_POOL_SIZE);
        let database = Self::open_pools(url, purpose, size, sign_in).await?;
        if !is_sqlite(url) {
            database.write.ping().await?;
        }
        Ok(database)
    }

    /// Opens the pools of a handle: one of `size` for reads, on PostgreSQL also for writes, and one of `sign_in`
    /// for sign-in if it has its own. Those of PostgreSQL connect when they are first used.
    async fn open_pools(
        url: &str,
        purpose: Purpose,
        size: u32,
        sign_in: Option<u32>,
    ) -> Result<Self, DbErr> {
        let (write, read) = if is_sqlite(url) {
            pools::secure_file(url)?;
            let write = Pool { purpose, size: 1, writes: true }.open(url).await?;
            (write, Reads::new(Pool { purpose, size, writes: false }.open(url).await?))
        } else {
            let both = Pool { purpose, size, writes: true }.open(url).await?;
            (both.clone(), Reads::new(both))
        };
        let sign_in = match sign_in {
            Some(size) => Reads::new(Pool { purpose, size, writes: false }.open(url).await?),
            None => read.clone(),
        };
        Ok(Self {
            url: url.into(),
            write,
            read,
            sign_in,
            purpose,
            cache: Cache::default(),
            clock_watch: Arc::default(),
            last_pause: Arc::new(Mutex::new(Instant::now())),
            request: None,
            claim: None,
            is_dry_run: false,
            observer: None,
        })
    }

    /// Returns a handle to the same database for the workers, with pools of their own and without the
    /// time limits of requests. On SQLite they share the one write connection with requests.
    ///
    /// # Errors
    /// If the server does not answer or the file cannot be opened.
    pub async fn for_workers(&self) -> Result<Self, DbErr> {
        let purpose = Purpose::Work;
        let shares_writer = is_sqlite(&self.url);
        let pool = Pool { purpose, size: WORK_POOL_SIZE, writes: !shares_writer };
        let read = pool.open(&self.url).await?;
        let write = if shares_writer { self.write.clone() } else { read.clone() };
        let (read, request, claim) = (Reads::new(read), None, None);
        Ok(Self { write, sign_in: read.clone(), read, request, claim, ..self.clone() })
    }

    /// Returns a handle to the same database for one request. `clock` gives the time at which the request
    /// acquired its locks.
    #[must_use]
    pub fn for_request(&self, clock: Clock) -> Self {
        Self { request: Some(Arc::new(RequestUse::new(clock))), ..self.clone() }
    }

    /// Returns a handle to the same database for a request with a claimed idempotency key: the first
    /// transaction that commits records in the key's row that the request made its change.
    #[must_use]
    pub fn with_claim(&self, claim: Arc<Claim>) -> Self {
        Self { claim: Some(claim), ..self.clone() }
    }

    /// Returns a handle to the same database whose transactions are rolled back where a use case commits
    /// them: it decides as if it wrote, and nothing is written. Only for use cases of one transaction,
    /// because a second one would not see the first.
    #[must_use]
    pub fn for_dry_run(&self) -> Self {
        Self { is_dry_run: true, ..self.clone() }
    }

    /// Returns the use of the pools of this handle, for metrics. On PostgreSQL reads and writes share one
    /// pool, `requests`.
    #[must_use]
    pub fn pool_usage(&self) -> Vec<PoolUsage> {
        let sign_in = self.sign_in.usage("sign_in");
        if self.is_sqlite() {
            vec![pools::usage("write", &self.write), self.read.usage("read"), sign_in]
        } else {
            vec![self.read.usage("requests"), sign_in]
        }
    }

    /// Returns whether the database is SQLite, which has one writer.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        is_sqlite(&self.url)
    }

    /// Returns the changes that the request has committed so far, in order; none outside a request.
    #[must_use]
    pub fn saved_changes(&self) -> Vec<SavedChange> {
        self.request.as_ref().map(|request| request.saved()).unwrap_or_default()
    }

    /// Takes the re-evaluations that the request has queued since the last call; none outside a request.
    #[must_use]
    pub fn take_queued(&self) -> Vec<Uuid> {
        self.request.as_ref().map(|request| request.take_queued()).unwrap_or_default()
    }

    /// Returns the value of type `T` cached with this database, such as an in-memory index. All
    /// clones of this handle share it; it starts as the default.
    #[must_use]
    pub fn cached<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let value = cache.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(T::default()));
        Arc::clone(value).downcast::<T>().unwrap_or_default()
    }

    /// Compares the clock with the latest time seen. While it is behind by more than [`CLOCK_TOLERANCE`],
    /// [`Self::begin`] refuses transactions.
    pub fn observe_clock(&self, now: DateTime<Utc>) {
        self.clock_watch.observe(now);
    }

    /// Records a time that the database stores, without judging this machine's clock.
    pub fn remember_time(&self, time: DateTime<Utc>) {
        self.clock_watch.remember(time);
    }

    /// Accepts `now` as correct although a later time was seen.
    pub fn accept_clock(&self, now: DateTime<Utc>) {
        self.clock_watch.accept(now);
    }

    /// Returns whether the clock is behind the latest time seen, so that nothing can be written.
    #[must_use]
    pub fn is_clock_behind(&self) -> bool {
        self.clock_watch.is_behind()
    }

    /// Begins a write transaction. On SQLite it holds the write lock; on PostgreSQL, lock the rows that a
    /// decision depends on before you read them.
    ///
    /// # Errors
    /// `Unavailable` if no connection becomes free in time, the database does not begin a transaction,
    /// the request has taken too long, or the clock went back.
    pub async fn begin(&self) -> Result<Tx> {
        if self.clock_watch.is_behind() {
            return Err(Fault::Unavailable(Outage::ClockWentBack));
        }
        self.begin_at_any_time().await
    }

    /// Begins a write transaction even while the clock is behind; only for storing the latest time.
    ///
    /// # Errors
    /// Same as [`Self::begin`], except that the clock is not checked.
    pub async fn begin_at_any_time(&self) -> Result<Tx> {
        if self.request.as_ref().is_some_and(|request| request.is_over()) {
            return Err(Fault::Unavailable(Outage::Busy));
        }
        self.pause_if_due().await;
        let sqlite_transaction_mode = Some(Immediate);
        let options = TransactionOptions { sqlite_transaction_mode, ..Default::default() };
        // On PostgreSQL the connections for reads are those for writes.
        let transaction = self.read.while_waiting(self.write.begin_with_options(options)).await?;
        Ok(Tx {
            transaction,
            begun: Instant::now(),
            request: self.request.clone(),
            claim: self.claim.clone(),
            is_dry_run: self.is_dry_run,
            effects: Mutex::default(),
            images: Mutex::default(),
        })
    }

    /// Pauses a command once a second so that other processes can write to SQLite, which a command that
    /// begins one transaction after another would prevent.
    async fn pause_if_due(&self) {
        if self.purpose == Purpose::Requests || !is_sqlite(&self.url) {
            return;
        }
        let is_due = {
            let mut last = self.last_pause.lock().unwrap_or_else(PoisonError::into_inner);
            let is_due = last.elapsed() > MAX_WRITE_STRETCH;
            if is_due {
                *last = Instant::now() + WRITE_PAUSE;
            }
            is_due
        };
        if is_due {
            tokio::time::sleep(WRITE_PAUSE).await;
        }
    }

    /// Begins a read transaction that sees one state of the database despite concurrent writes, for
    /// comparing tables.
    ///
    /// # Errors
    /// If no connection becomes free in time.
    pub async fn snapshot(&self) -> Result<DatabaseTransaction, DbErr> {
        // On SQLite every transaction has a snapshot, and requesting an isolation level logs a warning.
        if self.read.get_database_backend() == DbBackend::Sqlite {
            return self.read.begin(None, None).await;
        }
        let (level, mode) = (IsolationLevel::RepeatableRead, AccessMode::ReadOnly);
        self.read.begin(Some(level), Some(mode)).await
    }

    /// Returns the connection for migrations, which begin transactions of their own.
    #[must_use]
    pub fn migration_connection(&self) -> &DatabaseConnection {
        &self.write
    }

    /// Adds an observer: `observe` is called with each statement that ends in this handle or a later
    /// clone of it. Earlier observers are still called.
    pub fn observe(&mut self, observe: impl Fn(&Statement) + Send + Sync + 'static) {
        let observer = Observer::new(self.observer.take(), observe);
        for connections in [&mut self.read, &mut self.sign_in] {
            connections.observe(observer.clone());
        }
        let called = observer.clone();
        self.write.set_metric_callback(move |info| called.call(info.statement));
        self.observer = Some(observer);
    }

    /// Adds the statements of this handle, and of its later clones, to `count`.
    #[must_use]
    pub fn with_statement_count(mut self, count: &StatementCount) -> Self {
        let count = count.clone();
        self.observe(move |_| count.increment());
        self
    }

    /// Closes the pools of this handle, also for its clones.
    pub async fn close(&self) -> Result<(), DbErr> {
        self.read.close().await?;
        self.sign_in.close().await?;
        self.write.close_by_ref().await
    }
}

/// An open write transaction, rolled back when dropped. Every function that writes takes one.
#[derive(Debug)]
pub struct Tx {
    transaction: DatabaseTransaction,
    begun: Instant,
    request: Option<Arc<RequestUse>>,
    claim: Option<Arc<Claim>>,
    is_dry_run: bool,
    effects: Mutex<Effects>,
    images: Mutex<Images>,
}

impl Tx {
    /// Commits the transaction. One of a dry run is rolled back.
    ///
    /// # Errors
    /// `Conflict` or `Unavailable` if the database refuses; nothing was saved then, except that after a
    /// lost connection it is unknown ([`Outage::CommitUnknown`]). `Internal` if a recorded row was written
    /// without a ledger entry.
    pub async fn commit(self) -> Result<()> {
        let now = self.request_time();
        let Self { transaction, begun, request, claim, is_dry_run, effects, images } = self;
        images.into_inner().unwrap_or_else(PoisonError::into_inner).require_empty()?;
        if is_dry_run {
            transaction.rollback().await?;
            return Ok(());
        }
        let effects = effects.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(claim) = &claim {
            claim.record_change(&transaction, now, &effects.saved).await?;
        }
        if request.is_some() && begun.elapsed() > MAX_REQUEST_HOLD {
            // Deadlines depend on it: a request's changes are visible within this time after its lock.
            return Err(Fault::Unavailable(Outage::Busy));
        }
        transaction.commit().await.map_err(errors::commit_fault)?;
        if let Some(claim) = &claim {
            claim.set_changed(&effects.saved);
        }
        if let Some(request) = request {
            request.committed(effects);
        }
        Ok(())
    }

    /// Returns the time at which the work under the locks of this transaction counts as done: when the
    /// complete request was `received`, or [`deadline::LOCK_GRACE`] before now, whichever is later.
    #[must_use]
    pub fn effective_time(&self, received: DateTime<Utc>) -> DateTime<Utc> {
        self.request_time().map_or(received, |now| deadline::effective_time(received, now))
    }

    /// Records a change. If the request's outcome is unknown, its answer lists the changes.
    pub fn record_change(&self, subject: &str, action: &str) {
        if self.request.is_some() {
            let change = SavedChange { subject: subject.to_owned(), action: action.to_owned() };
            self.effects.lock().unwrap_or_else(PoisonError::into_inner).saved.push(change);
        }
    }

    /// Notes that the request's answer has a secret that is shown once: it is not stored for a duplicate.
    pub fn withhold_answer(&self) {
        if let Some(claim) = &self.claim {
            claim.withhold_answer();
        }
    }

    fn images(&self) -> MutexGuard<'_, Images> {
        self.images.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the current time if a request writes; other work passes its own time.
    #[must_use]
    pub fn request_time(&self) -> Option<DateTime<Utc>> {
        self.request.as_ref().map(|request| request.clock.now())
    }

    /// Records a queued, due re-evaluation; the request processes it after its commit.
    pub fn record_queued(&self, reevaluation: Uuid) {
        self.effects.lock().unwrap_or_else(PoisonError::into_inner).queued.push(reevaluation);
    }
}

impl std::ops::Deref for Tx {
    type Target = DatabaseTransaction;
    fn deref(&self) -> &DatabaseTransaction {
        &self.transaction
    }
}

/// Locks the selected rows against changes until the transaction ends; rows that reference them may
/// still be written. On SQLite the transaction is exclusive anyway.
#[must_use]
pub fn lock_for_change<E: EntityTrait>(select: Select<E>) -> Select<E> {
    select.lock(LockType::NoKeyUpdate)
}

/// Locks the selected rows in share mode: nobody may [`lock_for_change`] them until the transaction
/// ends, others may share the lock.
#[must_use]
pub fn lock_for_share<E: EntityTrait>(select: Select<E>) -> Select<E> {
    select.lock(LockType::Share)
}

/// Loads up to `size` rows after an id, in id order, for reading a whole table in batches.
pub async fn load_batch<E: EntityTrait>(
    db: &impl ConnectionTrait,
    id: E::Column,
    after: Option<Uuid>,
    size: u64,
) -> Result<Vec<E::Model>, DbErr> {
    batch_of(E::find(), id, after, size).all(db).await
}

/// Restricts a query to up to `size` rows after an id, in id order.
pub fn batch_of<E: EntityTrait>(
    select: Select<E>,
    id: E::Column,
    after: Option<Uuid>,
    size: u64,
) -> Select<E> {
    let select = select.order_by_asc(id).limit(size);
    match after {
        Some(after) => select.filter(id.gt(after)),
        None => select,
    }
}

/// Locks a number that stands for something without a row to lock until `tx` ends. On `SQLite` the
/// transaction is exclusive anyway.
pub async fn lock_key(tx: &Tx, key: i64) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let lock = "SELECT pg_advisory_xact_lock($1)";
        let lock = Statement::from_sql_and_values(DbBackend::Postgres, lock, [key.into()]);
        tx.query_one_raw(lock).await?;
    }
    Ok(())
}

/// Inserts rows, as many per statement as the variable limit allows.
pub async fn insert_all<E, A>(tx: &Tx, rows: Vec<E::Model>) -> Result<(), DbErr>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<A>,
    A: ActiveModelTrait<Entity = E>,
{
    let max_rows = MAX_VARIABLES / E::Column::iter().count().max(1);
    let mut rows = rows.into_iter().map(|row| row.into_active_model().reset_all()).peekable();
    while rows.peek().is_some() {
        let batch = rows.by_ref().take(max_rows).collect::<Vec<_>>();
        E::insert_many(batch).exec_without_returning(&**tx).await?;
    }
    Ok(())
}

/// The condition that a column has one of some values; `None` without values.
#[must_use]
pub fn is_one_of<C: ColumnTrait, T: Clone + Into<sea_orm::Value>>(
    column: C,
    values: &[T],
) -> Option<Expr> {
    (!values.is_empty()).then(|| column.is_in(values.to_vec()))
}

/// The condition that a column equals a text without regard to case, as the database folds both. An
/// index on `upper(column)` serves it.
pub fn equals_ignoring_case(column: impl ColumnTrait, text: &str) -> SimpleExpr {
    let column = Expr::col(column.as_column_ref());
    Expr::expr(Func::upper(column)).eq(Func::upper(Expr::val(text)))
}

/// Returns the condition that `column` is one of `ids`, with one prepared statement for any number of
/// ids: `IN (?, ?, …)` would be another statement for each number.
pub fn in_ids(db: &impl ConnectionTrait, column: impl ColumnTrait, ids: Vec<Uuid>) -> SimpleExpr {
    let column = Expr::col(column.as_column_ref());
    if db.get_database_backend() == DbBackend::Postgres {
        return column.eq(PgFunc::any(Expr::val(ids)));
    }
    let ids = ids.iter().map(|id| id.simple().to_string()).collect::<Vec<_>>();
    let json = serde_json::Value::from(ids).to_string();
    let mut values = Query::select();
    values.expr(Expr::cust("unhex(value)"));
    values.from_function(Func::cust("json_each").arg(json), "ids");
    column.in_subquery(values)
}
