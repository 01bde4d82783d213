//! Checking everything that is stored against its own digests and against the ledger.
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement};

use crate::database::{Database, RecordedTable};
use crate::fault::Result;
use crate::{
    award, bidding, contracting, decision, disclosure, ledger, organization, policy, waiver,
};

/// What was checked, and what is wrong with the first wrong thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What was checked, and how many of each.
    pub checked: Vec<(&'static str, u64)>,
    /// In words, with its identifier.
    pub wrong: Option<String>,
}

/// In this order.
const KINDS: [&str; 5] = ["policies", "filings", "decisions", "ledger entries", "foreign keys"];

/// Recomputes every stored digest and chain, decides every decision again, compares what is stored
/// with what the ledger says of it, and has SQLite check its foreign keys, which a hand on the
/// file can switch off. Stops at the first wrong thing.
///
/// # Errors
/// `Unavailable` or `Internal` if the database fails.
pub async fn verify(database: &Database) -> Result<Report> {
    // What is compared must be of one moment: the service may be writing.
    let db = &database.snapshot().await?;
    let mut report = Report { checked: Vec::new(), wrong: None };
    for kind in KINDS {
        let (checked, wrong) = match kind {
            "policies" => policy::service::verify(db).await?,
            "filings" => disclosure::service::verify(db).await?,
            "decisions" => decision::service::verify(db).await?,
            "ledger entries" => {
                let folded = ledger::service::verify_rows(db, &recorded_tables(), |_| ()).await?;
                report.checked.push(("records in the ledger", folded.rows));
                (folded.entries, folded.wrong)
            }
            _ if db.get_database_backend() == DbBackend::Sqlite => foreign_keys(db).await?,
            _ => continue,
        };
        report.checked.push((kind, checked));
        report.wrong = wrong;
        if report.wrong.is_some() {
            break;
        }
    }
    Ok(report)
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
