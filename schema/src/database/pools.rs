//! How connections are opened, what each is allowed, and which is never handed out again.
use std::fs::{OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::str::FromStr;
use std::time::{Duration, Instant};

use sea_orm::{ConnectOptions, DatabaseConnection, DbErr, RuntimeErr};
use sqlx::Connection;
use sqlx::sqlite::SqliteJournalMode::Wal;
use sqlx::sqlite::SqliteSynchronous::Full;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

/// How long a request may hold a connection, and how long PostgreSQL works on one of its
/// statements: a request that gives up does not stop its statement.
pub(super) const REQUEST_HOLD: Duration = Duration::from_secs(10);
/// How long a request waits for a connection, in the queue or while the server is away: whoever
/// asks gets an answer while still looking at the screen, and may try again.
const REQUEST_WAIT: Duration = Duration::from_secs(5);
/// How long a command or a worker waits for one.
const WORK_WAIT: Duration = Duration::from_mins(1);
/// How long a statement of a request waits for a row's lock on PostgreSQL, in milliseconds.
const LOCK_TIMEOUT_MILLIS: &str = "2000";
/// A connection unused for this long is tried before it is handed out: the server may be new.
const IDLE_BEFORE_PING: Duration = Duration::from_secs(5);
/// How many of SQLite's instructions pass between two looks at the clock.
const INSTRUCTIONS_BETWEEN_CHECKS: i32 = 10_000;

/// Who uses a pool, which decides how long it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Requests: bounded in everything.
    Requests,
    /// Commands and workers: they may read for long, and commit at least once a second.
    Work,
}

/// The connections of one pool.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pool {
    pub(super) purpose: Purpose,
    /// The largest number of connections.
    pub(super) size: u32,
    /// On SQLite, whether it may write; a pool that writes has one connection, so that writers
    /// queue in order rather than fail with `database is locked`.
    pub(super) writes: bool,
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
            Purpose::Requests => REQUEST_WAIT,
            Purpose::Work => WORK_WAIT,
        };
        let mut options = ConnectOptions::new(url);
        options.record_stmt_in_spans(false).sqlx_logging(false).max_connections(self.size);
        options.acquire_timeout(wait).test_before_acquire_if_idle_for(IDLE_BEFORE_PING);
        if is_sqlite(url) {
            self.sqlite(&mut options, wait);
        } else {
            self.postgres(&mut options);
        }
        sea_orm::Database::connect(options).await
    }

    fn postgres(self, options: &mut ConnectOptions) {
        // Connections are opened when they are needed: a server has few to give.
        options.connect_lazy(true);
        if self.purpose == Purpose::Requests {
            options.statement_timeout(REQUEST_HOLD);
            options.map_sqlx_postgres_opts(|server| {
                let hold = REQUEST_HOLD.as_millis().to_string();
                server.options([
                    ("lock_timeout", LOCK_TIMEOUT_MILLIS),
                    ("idle_in_transaction_session_timeout", &hold),
                ])
            });
        }
        options.map_sqlx_postgres_before_acquire(|connection, _| {
            Box::pin(async move { Ok(!connection.is_in_transaction()) })
        });
    }

    fn sqlite(self, options: &mut ConnectOptions, wait: Duration) {
        let limit = (self.purpose == Purpose::Requests).then_some(REQUEST_HOLD);
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
                // Waits until a rollback that is under way is done.
                limit_hold(connection, limit).await?;
                // After SQLite has rolled back by itself (full disk, I/O error, interrupted write)
                // the driver's ROLLBACK fails and it believes to be in a transaction for good:
                // whatever is committed on such a connection is lost.
                let is_lost = connection.is_in_transaction();
                if is_lost {
                    tracing::warn!("closed a connection whose transaction SQLite had ended");
                }
                Ok(!is_lost)
            })
        });
    }
}

/// Gives the use of a connection that begins now its time: SQLite has no statement timeout.
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

/// Makes the file of an SQLite database unless it is there, and closes it to everybody but its
/// owner, whoever made its directory. SQLite gives the files beside it the same permissions.
///
/// # Errors
/// If the URL is none of SQLite's, or the file cannot be made.
pub(super) fn secure_file(url: &str) -> Result<(), DbErr> {
    let failed = |error: sqlx::Error| DbErr::Conn(RuntimeErr::SqlxError(error.into()));
    let options = SqliteConnectOptions::from_str(url).map_err(failed)?;
    let file = options.get_filename();
    if file.to_str().is_some_and(|name| name.contains(":memory:") || name.starts_with("file:")) {
        return Ok(());
    }
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    if made.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::AlreadyExists) {
        // Opening it says better what is wrong.
        return Ok(());
    }
    for end in ["", "-wal", "-shm"] {
        let mut name = file.as_os_str().to_owned();
        name.push(end);
        if let Err(error) = close_to_others(Path::new(&name)) {
            tracing::warn!(file = %Path::new(&name).display(), %error,
                "the database file cannot be closed to other users");
        }
    }
    Ok(())
}

/// The permissions of everybody but the owner.
const OF_OTHERS: u32 = 0o077;

fn close_to_others(file: &Path) -> io::Result<()> {
    let mode = match file.metadata() {
        Ok(metadata) => metadata.permissions().mode(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let closed = mode & !OF_OTHERS;
    if closed == mode {
        return Ok(());
    }
    std::fs::set_permissions(file, Permissions::from_mode(closed))
}
