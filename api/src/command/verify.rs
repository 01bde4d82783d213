//! `candor verify`: checks the database against its digests and the ledger.
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use candor_schema::database::Database;
use candor_schema::verify::{Progress, Report, verify};
use chrono::{DateTime, Utc};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::{fault_message, migrate, open_database};
use crate::config::Config;

/// Checks all stored data against its digests and the ledger, and reports the first inconsistency.
#[derive(Debug, Args)]
#[command(after_help = "\
Derived data is computed again and compared: decisions, index rows and the compliance of contracts. \
Rows that await re-evaluation or the end of an import are counted but not compared.
It does not detect a person who rewrites whole chains of the ledger together with the rows.

Exit: 0 no inconsistencies, 1 an inconsistency or no database.

Example:
  candor verify && echo consistent")]
pub struct Arguments {}

pub(super) async fn run(Arguments {}: Arguments, config: &Config) -> Result<()> {
    let url = config.database_url()?;
    // Opening an SQLite database would create its file.
    if let Some(file) = sqlite_file(&url) {
        ensure!(
            Path::new(file).exists(),
            "there is no database: the file {file} does not exist; check CANDOR_DATABASE_URL or \
             CANDOR_DATA_DIR"
        );
    }
    let database = open_database(config).await?;
    ensure!(
        migrate::require_tables(&database).await.is_ok(),
        "the database is empty: {} has none of Candor's tables; check CANDOR_DATABASE_URL or \
         CANDOR_DATA_DIR",
        sqlite_file(&url).unwrap_or("the database of CANDOR_DATABASE_URL")
    );
    report_of(&database, config.clock.now()).await
}

/// Verifies a database with a progress bar and prints the result.
///
/// # Errors
/// If the database is inconsistent or does not answer.
pub(super) async fn report_of(database: &Database, now: DateTime<Utc>) -> Result<()> {
    let bar = ProgressBar::new_spinner();
    bar.set_style(ProgressStyle::with_template("{spinner} {msg}  {elapsed_precise}")?);
    bar.enable_steady_tick(Duration::from_millis(200));
    let progress = |Progress { checking, done }: Progress| {
        bar.set_message(format!("{checking}: {done} checked"));
    };
    let report = verify(database, now, progress).await.map_err(fault_message)?;
    bar.finish_and_clear();
    print_report(&report)
}

/// Prints the result of each check; fails on an inconsistency.
fn print_report(report: &Report) -> Result<()> {
    for (what, checked) in &report.checked {
        println!("{what}: {checked} checked");
    }
    for (what, count) in &report.uncompared {
        println!("{what}: {count} not compared");
    }
    if let Some(wrong) = &report.wrong {
        println!("WRONG: {wrong}");
        bail!("the database is inconsistent; the remaining checks were skipped");
    }
    println!("OK: no inconsistencies found");
    Ok(())
}

/// Returns the file of an SQLite database's URL; `None` for PostgreSQL.
pub(super) fn sqlite_file(url: &str) -> Option<&str> {
    let file = url.strip_prefix("sqlite:")?;
    let file = file.strip_prefix("//").unwrap_or(file);
    Some(file.split(['?', '#']).next().unwrap_or(file))
}
