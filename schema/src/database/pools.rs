//! Opens connection pools: their limits, and the connections that must be closed instead of reused.
use std::fs::{OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::str::FromStr;
use std::time::{Duration, Instant};

use sea_orm::{ConnectOptions, DatabaseConnection, DbBackend, DbErr, RuntimeErr};
use sqlx::Connection;
use sqlx::sqlite::SqliteJournalMode::Wal;
use sqlx::sqlite::SqliteSynchronous::Full;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

/// How long a request may hold a connection. Also PostgreSQL's statement timeout, because a request that
/// ends does not cancel its statement.
pub(super) const MAX_REQUEST_HOLD: Duration = Duration::from_secs(10);
/// How long a request waits for a free connection, or for a server that is down.
const MAX_REQUEST_WAIT: Duration = Duration::from_secs(5);
/// How long a command or a worker waits for a connection.
const MAX_WORK_WAIT: Duration = Duration::from_mins(1);
/// How long a statement of a request waits for a row lock on PostgreSQL, in milliseconds.
const LOCK_TIMEOUT_MILLIS: &str = "2000";
/// A connection that was idle for this long is tested before use: the server may have restarted.
pub(super) const IDLE_BEFORE_PING: Duration = Duration::from_secs(5);
/// The number of SQLite instructions between two checks of the time limit.
const INSTRUCTIONS_BETWEEN_CHECKS: i32 = 10_000;

/// The users of a pool, which determine its time limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Requests: waits, statements and transactions have a time limit.
    Requests,
    /// Commands and workers: no time limit; they commit at least once a second.
    Work,
}

/// The settings of a pool.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pool {
    pub(super) purpose: Purpose,
    /// The maximum number of connections.
    pub(super) size: u32,
    /// Whether it may write on SQLite. Such a pool has one connection, so that writers queue in order
    /// instead of failing with `database is locked`.
    pub(super) writes: bool,
}

/// The use of one pool, or of several of one name, at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolUsage {
    /// The pool: `write`, `read`, `requests`, `sign_in` or `service`.
    pub name: &'static str,
    /// The number of open connections, idle or in use.
    pub open: u32,
    /// The number of open connections that nothing uses.
    pub idle: u32,
    /// The most connections that it may open.
    pub max: u32,
}

impl PoolUsage {
    /// Adds the use of another pool of the same name.
    pub(super) const fn add(&mut self, other: Self) {
        let Self { name: _, open, idle, max } = other;
        self.open += open;
        self.idle += idle;
        self.max += max;
    }
}

/// Returns the use of a pool.
pub(super) fn usage(name: &'static str, pool: &DatabaseConnection) -> PoolUsage {
    let (open, idle, max) = if pool.get_database_backend() == DbBackend::Postgres {
        let pool = pool.get_postgres_connection_pool();
        (pool.size(), pool.num_idle(), pool.options().get_max_connections())
    } else {
        let pool = pool.get_sqlite_connection_pool();
        (pool.size(), pool.num_idle(), pool.options().get_max_connections())
    };
    let idle = u32::try_from(idle).unwrap_or(u32::MAX).min(open);
    PoolUsage { name, open, idle, max }
}

pub(super) fn is_sqlite(url: &str) -> bool {
    url.starts_with("sqlite:")
}

impl Pool {
    /// Opens the pool.
    ///
    /// # Errors
    /// If the server does not answer or the file cannot be opened.
    pub(super) async fn open(self, url: &str) -> Result<DatabaseConnection, DbErr> {
        let wait = match self.purpose {
            Purpose::Requests => MAX_REQUEST_WAIT,
            Purpose::Work => MAX_WORK_WAIT,
        };
        let mut options = ConnectOptions::new(url);
        options.record_stmt_in_spans(false).sqlx_logging(false).max_connections(self.size);
        options.acquire_timeout(wait).test_before_acquire_if_idle_for(IDLE_BEFORE_PING);
        if is_sqlite(url) {
            self.set_sqlite_options(&mut options, wait);
        } else {
            self.set_postgres_options(&mut options);
        }
        sea_orm::Database::connect(options).await
    }

    fn set_postgres_options(self, options: &mut ConnectOptions) {
        // Opens connections on demand, because the server's number is limited.
        options.connect_lazy(true);
        let is_limited = self.purpose == Purpose::Requests;
        if is_limited {
            options.statement_timeout(MAX_REQUEST_HOLD);
        }
        options.map_sqlx_postgres_opts(move |server| {
            // Every statement is short. Before the tables are analyzed the planner overestimates the
            // views of many SELECTs, and compiling those takes seconds where running them takes
            // milliseconds.
            let server = server.options([("jit", "off")]);
            if !is_limited {
                return server;
            }
            let hold = MAX_REQUEST_HOLD.as_millis().to_string();
            server.options([
                ("lock_timeout", LOCK_TIMEOUT_MILLIS),
                ("idle_in_transaction_session_timeout", &hold),
            ])
        });
        options.map_sqlx_postgres_before_acquire(|connection, _| {
            Box::pin(async move { Ok(!connection.is_in_transaction()) })
        });
    }

    fn set_sqlite_options(self, options: &mut ConnectOptions, wait: Duration) {
        let limit = (self.purpose == Purpose::Requests).then_some(MAX_REQUEST_HOLD);
        let writes = self.writes;
        options.map_sqlx_sqlite_opts(move |file| {
            let file = file.busy_timeout(wait);
            if !writes {
                return file.read_only(true);
            }
            file.create_if_missing(true).journal_mode(Wal).synchronous(Full).foreign_keys(true)
        });
        options.map_sqlx_sqlite_pool_opts(move |pool| {
            pool.after_connect(move |connection, _| {
                Box::pin(async move { limit_hold(connection, limit).await })
            })
        });
        options.map_sqlx_sqlite_before_acquire(move |connection, _| {
            Box::pin(async move {
                // Locking the connection waits for a rollback in progress.
                limit_hold(connection, limit).await?;
                // After SQLite has rolled back by itself (full disk, I/O error, interrupted write),
                // the driver's ROLLBACK fails and the driver assumes an open transaction from then on:
                // every later commit on the connection would be lost.
                let is_lost = connection.is_in_transaction();
                if is_lost {
                    tracing::warn!("closed a connection whose transaction SQLite had rolled back");
                }
                Ok(!is_lost)
            })
        });
    }
}

/// Sets the time limit of a connection's use, which starts now. SQLite has no statement timeout.
async fn limit_hold(
    connection: &mut SqliteConnection,
    limit: Option<Duration>,
) -> Result<(), sqlx::Error> {
    let start = Instant::now();
    let mut handle = connection.lock_handle().await?;
    if let Some(limit) = limit {
        handle.set_progress_handler(INSTRUCTIONS_BETWEEN_CHECKS, move || start.elapsed() < limit);
    }
    Ok(())
}

/// Creates the file of an SQLite database if it is missing, and removes every permission of other users
/// from it. SQLite creates its `-wal` and `-shm` files with the same permissions.
///
/// # Errors
/// If the URL is not a valid SQLite URL.
pub(super) fn secure_file(url: &str) -> Result<(), DbErr> {
    let failed = |error: sqlx::Error| DbErr::Conn(RuntimeErr::SqlxError(error.into()));
    let options = SqliteConnectOptions::from_str(url).map_err(failed)?;
    let file = options.get_filename();
    if file.to_str().is_some_and(|name| name.contains(":memory:") || name.starts_with("file:")) {
        return Ok(());
    }
    let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    if created.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::AlreadyExists) {
        // Opening the database reports a better error.
        return Ok(());
    }
    for suffix in ["", "-wal", "-shm"] {
        let mut name = file.as_os_str().to_owned();
        name.push(suffix);
        if let Err(error) = restrict_to_owner(Path::new(&name)) {
            tracing::warn!(file = %Path::new(&name).display(), %error,
                "cannot remove other users' permissions from the database file");
        }
    }
    Ok(())
}

/// The permission bits of the group and of other users.
const GROUP_AND_OTHER_BITS: u32 = 0o077;

fn restrict_to_owner(file: &Path) -> io::Result<()> {
    let mode = match file.metadata() {
        Ok(metadata) => metadata.permissions().mode(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let restricted = mode & !GROUP_AND_OTHER_BITS;
    if restricted == mode {
        return Ok(());
    }
    std::fs::set_permissions(file, Permissions::from_mode(restricted))
}
