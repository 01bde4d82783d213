//! Checking everything that is stored against its own digests and against the ledger.
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement};

use crate::award::service::CheckedAwards;
use crate::contracting::service::CheckedStandings;
use crate::database::{Database, RecordedTable};
use crate::fault::{Fault, Result};
use crate::ledger::service::Folded;
use crate::{
    award, bidding, contracting, decision, disclosure, ledger, organization, policy, waiver,
};

/// What was checked, and what is wrong with the first wrong thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What was checked, and how many of each.
    pub checked: Vec<(&'static str, u64)>,
    /// What could not be compared yet, and how many of each; none of it is wrong.
    pub uncompared: Vec<(&'static str, u64)>,
    /// In words, with its identifier.
    pub wrong: Option<String>,
}

/// How far a check has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is checked now.
    pub checking: &'static str,
    /// How many of those are done.
    pub done: u64,
}

/// In this order: what is compared with the ledger last, since it takes longest.
const CHECKS: [&str; 8] = [
    "policies",
    "filings",
    "decisions",
    "foreign keys",
    "searched words",
    "contract statuses",
    "rows of federal awards",
    LEDGER,
];
const LEDGER: &str = "ledger entries";

/// Recomputes every stored digest and chain, decides every decision again, computes again what is
/// kept for lists and searches, folds each chain of the ledger into its rows and compares them
/// both ways, and has SQLite check its foreign keys, which a hand on the file can switch off.
/// `now` (UTC) is the time at which contracts are looked at. Stops after the first check that
/// finds something wrong.
///
/// # Errors
/// `Unavailable` or `Internal` if the database fails.
pub async fn verify(
    database: &Database,
    now: DateTime<Utc>,
    progress: impl Fn(Progress),
) -> Result<Report> {
    // What is compared must be of one moment: the service may be writing.
    let db = &database.snapshot().await?;
    let mut report = Report::default();
    for checking in CHECKS {
        progress(Progress { checking, done: 0 });
        let checked = check(db, checking, now, &mut report, &progress).await;
        let (checked, wrong) = match checked {
            Err(Fault::Internal(cause)) => (0, Some(format!("{checking}: unreadable ({cause})"))),
            Ok(None) => continue,
            Ok(Some(done)) => done,
            Err(Fault::Unavailable(outage)) => return Err(Fault::Unavailable(outage)),
            Err(_) => (0, Some(format!("{checking}: a row that one refers to is not there"))),
        };
        report.checked.push((checking, checked));
        report.wrong = wrong;
        if report.wrong.is_some() {
            break;
        }
    }
    Ok(report)
}

/// One check: how many of what it names were checked, and what is wrong first; none if it has no
/// sense on this engine.
async fn check(
    db: &DatabaseTransaction,
    checking: &'static str,
    now: DateTime<Utc>,
    report: &mut Report,
    progress: &impl Fn(Progress),
) -> Result<Option<(u64, Option<String>)>> {
    let advance = |done| progress(Progress { checking, done });
    Ok(Some(match checking {
        "policies" => policy::service::verify(db).await?,
        "filings" => disclosure::service::verify(db).await?,
        "decisions" => decision::service::verify(db).await?,
        "searched words" => searched_words(db).await?,
        "contract statuses" => {
            let CheckedStandings { checked, waiting, wrong } =
                contracting::service::verify_standings(db, now, advance).await?;
            report.leave("contracts that wait for their re-evaluation", waiting);
            (checked, wrong)
        }
        "rows of federal awards" => {
            let CheckedAwards { rows, is_waiting, wrong } =
                award::service::verify_awards(db).await?;
            let left = if is_waiting { rows } else { 0 };
            report.leave("rows of federal awards while an import is unfinished", left);
            (rows - left, wrong)
        }
        LEDGER => {
            let tables = recorded_tables();
            let Folded { entries, rows, removed, wrong } =
                ledger::service::verify_rows(db, &tables, advance).await?;
            report.checked.push(("rows that the ledger keeps", rows));
            report.leave("values of personal data that were removed", removed);
            (entries, wrong)
        }
        _ if db.get_database_backend() == DbBackend::Sqlite => foreign_keys(db).await?,
        _ => return Ok(None),
    }))
}

impl Report {
    fn leave(&mut self, what: &'static str, count: u64) {
        if count > 0 {
            self.uncompared.push((what, count));
        }
    }
}

/// What filings and organizations are searched and screened by.
async fn searched_words(db: &DatabaseTransaction) -> Result<(u64, Option<String>)> {
    let (filings, wrong) = disclosure::service::verify_index(db).await?;
    if wrong.is_some() {
        return Ok((filings, wrong));
    }
    let (organizations, wrong) = organization::service::verify_index(db).await?;
    Ok((filings + organizations, wrong))
}

/// Every table whose rows the ledger keeps.
fn recorded_tables() -> Vec<RecordedTable> {
    [
        organization::service::recorded_tables(),
        policy::service::recorded_tables(),
        disclosure::service::recorded_tables(),
        award::service::recorded_tables(),
        waiver::service::recorded_tables(),
        decision::service::recorded_tables(),
        bidding::service::recorded_tables(),
        contracting::service::recorded_tables(),
    ]
    .concat()
}

/// The number of tables whose rows refer to others, and the first row that refers to none.
async fn foreign_keys(db: &DatabaseTransaction) -> Result<(u64, Option<String>)> {
    let ask = |sql: &str| Statement::from_string(DbBackend::Sqlite, sql);
    let tables = ask("SELECT count(DISTINCT m.name) AS number FROM sqlite_master m
        JOIN pragma_foreign_key_list(m.name)");
    let tables = db.query_one_raw(tables).await?;
    let tables: i64 = tables.map_or(Ok(0), |row| row.try_get("", "number"))?;
    let wrong = db.query_one_raw(ask("SELECT \"table\", parent FROM pragma_foreign_key_check()"));
    let wrong = match wrong.await? {
        None => None,
        Some(row) => {
            let table: String = row.try_get("", "table")?;
            let parent: String = row.try_get("", "parent")?;
            Some(format!("a row of {table} refers to a row of {parent} that is not there"))
        }
    };
    Ok((tables.unsigned_abs(), wrong))
}
