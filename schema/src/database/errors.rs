//! Maps database errors to faults.
use sea_orm::{DbErr, RuntimeErr, SqlErr};
use sqlx::error::{DatabaseError, ErrorKind};

use crate::fault::{Fault, Outage};

/// The message when a constraint catches a race that the service's checks could not see.
const RACE: &str = "something changed meanwhile; reload and try again";

impl From<DbErr> for Fault {
    /// A constraint violation becomes a conflict: services check first, so it can only be a race.
    fn from(error: DbErr) -> Self {
        if let Some(
            SqlErr::UniqueConstraintViolation(_) | SqlErr::ForeignKeyConstraintViolation(_),
        ) = error.sql_err()
        {
            return Self::Conflict(RACE.into());
        }
        if let Some(outage) = outage(&error) {
            tracing::warn!(%error, ?outage, "a database statement failed");
            return Self::Unavailable(outage);
        }
        match cause(&error) {
            Some(sqlx::Error::Database(refusal)) if is_race(&**refusal) => {
                Self::Conflict(RACE.into())
            }
            _ => Self::Internal(error.to_string().into()),
        }
    }
}

/// Maps a failed COMMIT to a fault: the change was refused, or it is unknown whether it was stored.
pub(super) fn commit_fault(error: DbErr) -> Fault {
    let is_unknown = match cause(&error) {
        Some(sqlx::Error::Database(refusal)) => match refusal.code().as_deref() {
            // The server closed the connection, perhaps after the commit was durable.
            Some(code) if code.len() == 5 => code.starts_with("57P") || code.starts_with("08"),
            // SQLite writes the commit frame last: if that write failed, nothing was committed. If the
            // sync after it failed, the frame may be in the log.
            Some(code) => sqlite_primary(code) == Some(SQLITE_IOERR) && code != SQLITE_IOERR_WRITE,
            None => true,
        },
        // The connection or its thread is gone.
        Some(_) => true,
        None => matches!(error, DbErr::Conn(_) | DbErr::ConnectionAcquire(_)),
    };
    if is_unknown {
        tracing::error!(%error, "it is unknown whether a commit was done");
        return Fault::Unavailable(Outage::CommitUnknown);
    }
    error.into()
}

/// Returns the outage that caused an error; none if the statement itself was refused or invalid.
pub(super) fn outage(error: &DbErr) -> Option<Outage> {
    if let DbErr::ConnectionAcquire(_) = error {
        return Some(Outage::Busy);
    }
    match cause(error) {
        Some(sqlx::Error::Database(refusal)) => refusal.code().and_then(|code| outage_of(&code)),
        Some(
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed
            | sqlx::Error::InvalidSavePointStatement,
        ) => Some(Outage::Busy),
        Some(_) => None,
        None => matches!(error, DbErr::Conn(_)).then_some(Outage::Busy),
    }
}

/// Returns the error of the database driver.
fn cause(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause))
        | DbErr::Conn(RuntimeErr::SqlxError(cause)) => Some(cause),
        _ => None,
    }
}

const SQLITE_BUSY: u32 = 5;
const SQLITE_LOCKED: u32 = 6;
const SQLITE_NOMEM: u32 = 7;
const SQLITE_READONLY: u32 = 8;
const SQLITE_INTERRUPT: u32 = 9;
const SQLITE_IOERR: u32 = 10;
const SQLITE_FULL: u32 = 13;
const SQLITE_CANTOPEN: u32 = 14;

/// The extended result code of a write that failed.
const SQLITE_IOERR_WRITE: &str = "778";

/// SQLite's primary result code: the low byte of the extended one, <https://sqlite.org/rescode.html>.
fn sqlite_primary(code: &str) -> Option<u32> {
    code.parse::<u32>().ok().map(|code| code & 0xff)
}

/// Returns the outage of a database error code: a SQLSTATE has five characters (PostgreSQL, appendix A),
/// SQLite's extended result codes have at most four digits.
fn outage_of(code: &str) -> Option<Outage> {
    if code.len() == 5 {
        return match code {
            // disk_full
            "53100" => Some(Outage::DiskFull),
            // io_error, undefined_file, duplicate_file
            "58030" | "58P01" | "58P02" => Some(Outage::StorageFailed),
            // lock_not_available (after `lock_timeout`), idle_in_transaction_session_timeout,
            // query_canceled (statement timeout), the server stops, crashed or starts
            "55P03" | "25P03" | "25P04" | "57014" | "57P01" | "57P02" | "57P03" => {
                Some(Outage::Busy)
            }
            // Class 53, insufficient resources; class 08, connection exceptions.
            code if code.starts_with("53") || code.starts_with("08") => Some(Outage::Busy),
            _ => None,
        };
    }
    match sqlite_primary(code)? {
        SQLITE_BUSY | SQLITE_LOCKED | SQLITE_NOMEM | SQLITE_INTERRUPT => Some(Outage::Busy),
        SQLITE_FULL => Some(Outage::DiskFull),
        SQLITE_READONLY | SQLITE_IOERR | SQLITE_CANTOPEN => Some(Outage::StorageFailed),
        _ => None,
    }
}

/// Returns whether a constraint, trigger or lock refused a concurrent change.
fn is_race(refusal: &dyn DatabaseError) -> bool {
    let code = refusal.code();
    // PostgreSQL: restrict_violation (our triggers), serialization failure, deadlock. SQLite:
    // a trigger.
    refusal.kind() == ErrorKind::CheckViolation
        || matches!(code.as_deref(), Some("23001" | "40001" | "40P01" | "1811"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_code_has_its_outage() {
        for (code, expected) in [
            ("13", Some(Outage::DiskFull)),
            ("53100", Some(Outage::DiskFull)),
            ("10", Some(Outage::StorageFailed)),
            ("778", Some(Outage::StorageFailed)),
            ("1034", Some(Outage::StorageFailed)),
            ("4874", Some(Outage::StorageFailed)),
            ("14", Some(Outage::StorageFailed)),
            ("8", Some(Outage::StorageFailed)),
            ("1032", Some(Outage::StorageFailed)),
            ("58030", Some(Outage::StorageFailed)),
            ("5", Some(Outage::Busy)),
            ("517", Some(Outage::Busy)),
            ("6", Some(Outage::Busy)),
            ("7", Some(Outage::Busy)),
            ("9", Some(Outage::Busy)),
            ("55P03", Some(Outage::Busy)),
            ("57014", Some(Outage::Busy)),
            ("57P01", Some(Outage::Busy)),
            ("53200", Some(Outage::Busy)),
            ("53300", Some(Outage::Busy)),
            ("08006", Some(Outage::Busy)),
            ("1811", None),
            ("19", None),
            ("2067", None),
            ("1", None),
            ("11", None),
            ("23505", None),
            ("42601", None),
            ("XX001", None),
        ] {
            assert_eq!(outage_of(code), expected, "{code}");
        }
    }
}
