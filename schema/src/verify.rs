//! Verifies stored data against its digests and against the ledger.
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement};

use crate::award::service::AwardVerification;
use crate::contracting::service::StatusVerification;
use crate::database::{Database, RecordedTable};
use crate::fault::{Fault, Result};
use crate::ledger::service::RowVerification;
use crate::{
    award, bidding, contracting, decision, disclosure, ledger, organization, policy,
    service_account, waiver,
};

/// The result of a verification.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The checks that ran, each with the number of items checked.
    pub checked: Vec<(&'static str, u64)>,
    /// Items that could not be compared yet, by kind. They are not errors.
    pub uncompared: Vec<(&'static str, u64)>,
    /// The first inconsistency, in words with its identifier.
    pub wrong: Option<String>,
}

/// The progress of a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The current check.
    pub checking: &'static str,
    /// The number of items done in it.
    pub done: u64,
}

/// The checks, in the order in which they run; the ledger comes last because it takes longest. The
/// text names what a check counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::VariantArray)]
enum Check {
    #[strum(serialize = "policies")]
    Policies,
    #[strum(serialize = "filings")]
    Filings,
    #[strum(serialize = "decisions")]
    Decisions,
    #[strum(serialize = "foreign keys")]
    ForeignKeys,
    #[strum(serialize = "searched words")]
    SearchedWords,
    #[strum(serialize = "copies in bids")]
    SolicitationCopies,
    #[strum(serialize = "contract statuses")]
    ContractStatuses,
    #[strum(serialize = "rows of federal awards")]
    FederalAwards,
    #[strum(serialize = "ledger entries")]
    Ledger,
}

/// Recomputes every stored digest and hash chain, replays every decision, recomputes the cached and
/// indexed data, folds each ledger chain into rows and compares them with the tables in both
/// directions, and has SQLite check its foreign keys, which editing the file can bypass. `now` (UTC)
/// is the time for which contract statuses are recomputed. Stops after the first check that finds an
/// inconsistency.
pub async fn verify(
    database: &Database,
    now: DateTime<Utc>,
    progress: impl Fn(Progress),
) -> Result<Report> {
    // One snapshot, because the service may be writing.
    let db = &database.snapshot().await?;
    let mut report = Report::default();
    for check in <Check as strum::VariantArray>::VARIANTS {
        let checking: &'static str = check.into();
        progress(Progress { checking, done: 0 });
        let advance = |done| progress(Progress { checking, done });
        let checked = run_check(db, *check, now, &mut report, advance).await;
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

/// Runs one check: returns the number of items checked and the first inconsistency; none if the check
/// does not apply to this database engine.
async fn run_check(
    db: &DatabaseTransaction,
    check: Check,
    now: DateTime<Utc>,
    report: &mut Report,
    advance: impl Fn(u64),
) -> Result<Option<(u64, Option<String>)>> {
    Ok(Some(match check {
        Check::Policies => policy::service::verify_digests(db).await?,
        Check::Filings => disclosure::service::verify_digests(db).await?,
        Check::Decisions => decision::service::verify(db).await?,
        Check::SearchedWords => searched_words(db).await?,
        Check::SolicitationCopies => bidding::service::verify_solicitation_copies(db).await?,
        Check::ContractStatuses => {
            let StatusVerification { checked, queued: waiting, mismatch: wrong } =
                contracting::service::verify_contract_status(db, now, advance).await?;
            report.leave("contracts that wait for their re-evaluation", waiting);
            (checked, wrong)
        }
        Check::FederalAwards => {
            let AwardVerification { rows, is_import_pending, inconsistency } =
                award::service::verify_awards(db).await?;
            let left = if is_import_pending { rows } else { 0 };
            report.leave("rows of federal awards while an import is unfinished", left);
            (rows - left, inconsistency)
        }
        Check::Ledger => {
            let tables = recorded_tables();
            let RowVerification { entries, rows, removed, inconsistency } =
                ledger::service::verify_rows(db, &tables, advance).await?;
            report.checked.push(("rows that the ledger keeps", rows));
            report.leave("values of personal data that were removed", removed);
            (entries, inconsistency)
        }
        Check::ForeignKeys if db.get_database_backend() == DbBackend::Sqlite => {
            foreign_keys(db).await?
        }
        Check::ForeignKeys => return Ok(None),
    }))
}

impl Report {
    fn leave(&mut self, what: &'static str, count: u64) {
        if count > 0 {
            self.uncompared.push((what, count));
        }
    }
}

/// Verifies the search and screening indexes.
async fn searched_words(db: &DatabaseTransaction) -> Result<(u64, Option<String>)> {
    let (filings, wrong) = disclosure::service::verify_index(db).await?;
    if wrong.is_some() {
        return Ok((filings, wrong));
    }
    let mut checked = filings;
    macro_rules! verify {
        ($feature:ident) => {
            let (subjects, wrong) = $feature::service::verify_search_index(db).await?;
            checked += subjects;
            if wrong.is_some() {
                return Ok((checked, wrong));
            }
        };
    }
    verify!(organization);
    verify!(bidding);
    verify!(contracting);
    verify!(waiver);
    Ok((checked, None))
}

/// Every table whose rows the ledger records.
#[must_use]
pub fn recorded_tables() -> Vec<RecordedTable> {
    [
        organization::service::recorded_tables(),
        policy::service::recorded_tables(),
        disclosure::service::recorded_tables(),
        award::service::recorded_tables(),
        waiver::service::recorded_tables(),
        decision::service::recorded_tables(),
        bidding::service::recorded_tables(),
        contracting::service::recorded_tables(),
        service_account::service::recorded_tables(),
    ]
    .concat()
}

/// Checks the foreign keys: the number of tables with foreign keys, and the first dangling row.
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
            Some(format!("a row of {table} refers to a row of {parent} that does not exist"))
        }
    };
    Ok((tables.unsigned_abs(), wrong))
}
