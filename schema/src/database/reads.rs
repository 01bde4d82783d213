//! The connections on which statements run outside a transaction.
//!
//! The driver's pool tests each connection that is given back to it, in a task of its own: on PostgreSQL that is
//! a second round trip for each statement, more than most of them take. A connection on which a statement has
//! ended well needs no test. It is kept here for the next statement, and given back only if somebody waits for
//! one, if it was not used for some seconds, or after a minute. SQLite's connections are given back at once,
//! because their time limit is set when they are taken.
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::sea_query::Values;
use sea_orm::{
    AccessMode, ConnAcquireErr, ConnectionTrait, DatabaseConnection, DatabaseTransaction,
    DbBackend, DbErr, ExecResult, IsolationLevel, QueryResult, RuntimeErr, Statement,
    TransactionTrait,
};
use sea_query_sqlx::SqlxValues;
use sqlx::pool::PoolConnection;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, PgPool, Postgres};

use super::observer::Observer;
use super::pools::{self, IDLE_BEFORE_PING, PoolUsage};

/// How long a connection is kept from the driver's pool, which ends old ones.
const MAX_KEPT: Duration = Duration::from_mins(1);

/// The connections for statements outside a transaction. Clones share them.
#[derive(Clone, Debug)]
pub struct Reads {
    connections: DatabaseConnection,
    /// The kept connections of PostgreSQL.
    kept: Option<Arc<Kept>>,
    observer: Option<Observer>,
}

impl Reads {
    pub(super) fn new(connections: DatabaseConnection) -> Self {
        let kept = (connections.get_database_backend() == DbBackend::Postgres).then(|| {
            let pool = connections.get_postgres_connection_pool().clone();
            Arc::new(Kept { pool, state: Mutex::default() })
        });
        Self { connections, kept, observer: None }
    }

    /// Calls `observer` with each statement that ends in this handle or a later clone of it.
    pub(super) fn observe(&mut self, observer: Observer) {
        let called = observer.clone();
        self.connections.set_metric_callback(move |info| called.call(info.statement));
        self.observer = Some(observer);
    }

    /// Returns the use of the connections. Kept ones are idle.
    pub(super) fn usage(&self, name: &'static str) -> PoolUsage {
        let usage = pools::usage(name, &self.connections);
        let kept = self.kept.as_ref().map_or(0, |kept| kept.lock().connections.len());
        let kept = u32::try_from(kept).unwrap_or(u32::MAX);
        PoolUsage { idle: usage.idle.saturating_add(kept).min(usage.open), ..usage }
    }

    /// Runs `take`, which waits for a connection of the driver's pool: kept ones are given back if the pool has
    /// none, and none is kept meanwhile.
    pub(super) async fn while_waiting<T>(&self, take: impl Future<Output = T>) -> T {
        let _waiting = self.kept.as_deref().map(Kept::give_back_for);
        take.await
    }

    /// Begins a read transaction.
    pub(super) async fn begin(
        &self,
        level: Option<IsolationLevel>,
        mode: Option<AccessMode>,
    ) -> Result<DatabaseTransaction, DbErr> {
        self.while_waiting(self.connections.begin_with_config(level, mode)).await
    }

    /// Closes all connections, also of clones.
    pub(super) async fn close(&self) -> Result<(), DbErr> {
        if let Some(kept) = &self.kept {
            kept.lock().connections.clear();
        }
        self.connections.close_by_ref().await
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Reads {
    fn get_database_backend(&self) -> DbBackend {
        self.connections.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.while_waiting(self.connections.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.while_waiting(self.connections.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let Some(kept) = &self.kept else {
            return self.connections.query_one_raw(statement).await;
        };
        let mut connection = kept.take().await?;
        let row = query(&statement).fetch_optional(&mut *connection.connection).await;
        self.ended(kept, connection, &statement, row.is_ok());
        Ok(row.map_err(query_error)?.map(Into::into))
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let Some(kept) = &self.kept else {
            return self.connections.query_all_raw(statement).await;
        };
        let mut connection = kept.take().await?;
        let rows = query(&statement).fetch_all(&mut *connection.connection).await;
        self.ended(kept, connection, &statement, rows.is_ok());
        Ok(rows.map_err(query_error)?.into_iter().map(Into::into).collect())
    }
}

impl Reads {
    /// Called when a statement has ended on a connection. One that was interrupted never comes here: the
    /// driver's pool tests its connection.
    fn ended(&self, kept: &Kept, connection: Taken, statement: &Statement, is_ok: bool) {
        if let Some(observer) = &self.observer {
            observer.call(statement);
        }
        if is_ok {
            kept.keep(connection);
        }
    }
}

/// A statement for the driver. It is prepared once on each connection.
fn query(statement: &Statement) -> Query<'_, Postgres, SqlxValues> {
    let values = statement.values.clone().unwrap_or(Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(statement.sql.as_str()), SqlxValues(values))
}

fn query_error(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

/// Connections that are not in use, kept from the driver's pool.
struct Kept {
    pool: PgPool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    connections: Vec<Taken>,
    /// How many wait for a connection of the driver's pool. While there are any, none is kept: so whoever waits
    /// gets the next that is free.
    waiting: usize,
}

/// A connection taken from the driver's pool.
struct Taken {
    connection: PoolConnection<Postgres>,
    /// When it left the driver's pool.
    since: Instant,
    /// When a statement last ended on it.
    used: Instant,
}

/// Counts somebody who waits for a connection of the driver's pool, until dropped.
struct Waiting<'a>(&'a Kept);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.lock().waiting -= 1;
    }
}

impl Kept {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a kept connection, or one of the driver's pool.
    async fn take(&self) -> Result<Taken, DbErr> {
        let _waiting = {
            let mut state = self.lock();
            while let Some(kept) = state.connections.pop() {
                if kept.used.elapsed() < IDLE_BEFORE_PING {
                    return Ok(kept);
                }
                // Dropped: the driver's pool tests it.
            }
            state.waiting += 1;
            Waiting(self)
        };
        let connection = self.pool.acquire().await.map_err(|error| match error {
            sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
            sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
            other => DbErr::Conn(RuntimeErr::SqlxError(other.into())),
        })?;
        let now = Instant::now();
        Ok(Taken { connection, since: now, used: now })
    }

    /// Keeps a connection, unless somebody waits or it was kept for long.
    fn keep(&self, connection: Taken) {
        let mut state = self.lock();
        if state.waiting == 0 && connection.since.elapsed() < MAX_KEPT && !self.pool.is_closed() {
            state.connections.push(Taken { used: Instant::now(), ..connection });
        }
    }

    /// Counts somebody who waits for the driver's pool, and gives it all kept connections if it has none.
    fn give_back_for(&self) -> Waiting<'_> {
        let mut state = self.lock();
        state.waiting += 1;
        let is_exhausted = self.pool.num_idle() == 0
            && self.pool.size() >= self.pool.options().get_max_connections();
        if is_exhausted {
            state.connections.clear();
        }
        Waiting(self)
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // The driver's pool would test them in a task, and there may be no runtime any more.
        for kept in self.lock().connections.drain(..) {
            drop(kept.connection.detach());
        }
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept")
    }
}
