//! `candor verify`
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use candor_migrations::Migrator;
use candor_schema::verify::{Progress, Report, verify};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use sea_orm_migration::MigratorTrait;

use super::{open, told};
use crate::config::Config;

/// Compares everything that is stored with its digests and with the ledger, and names the first
/// thing that is wrong.
#[derive(Debug, Args)]
#[command(after_help = "\
What rests on other rows is computed again: decisions, what lists and searches read, how contracts \
stand. What waits for its re-evaluation, or for an import to end, is counted and not compared.
Somebody who rewrites whole chains of the ledger together with the rows is not found out.

Exit: 0 no inconsistencies, 1 something is wrong or there is no database.

Example:
  candor verify && echo consistent")]
pub struct Arguments {}

pub(super) async fn run(Arguments {}: Arguments, config: &Config) -> Result<()> {
    let url = config.database_url()?;
    // Opening it would make the file.
    if let Some(file) = sqlite_file(&url) {
        ensure!(
            Path::new(file).exists(),
            "there is no database: the file {file} does not exist. CANDOR_DATABASE_URL or \
             CANDOR_DATA_DIR says where it is"
        );
    }
    let database = open(config).await?;
    let applied = Migrator::get_applied_migrations_read_only(&database.read).await;
    ensure!(
        applied.is_ok_and(|applied| !applied.is_empty()),
        "the database is empty: {} has none of Candor's tables. CANDOR_DATABASE_URL or \
         CANDOR_DATA_DIR says where it is",
        sqlite_file(&url).unwrap_or("the one of CANDOR_DATABASE_URL")
    );
    let bar = ProgressBar::new_spinner();
    bar.set_style(ProgressStyle::with_template("{spinner} {msg}  {elapsed_precise}")?);
    bar.enable_steady_tick(Duration::from_millis(200));
    let progress = |Progress { checking, done }: Progress| {
        bar.set_message(format!("{checking}: {done} done"));
    };
    let report = verify(&database, config.clock.now(), progress).await.map_err(told)?;
    bar.finish_and_clear();
    show(&report)
}

fn show(report: &Report) -> Result<()> {
    for (what, checked) in &report.checked {
        println!("{what}: {checked} checked");
    }
    for (what, count) in &report.uncompared {
        println!("{what}: {count} not compared");
    }
    if let Some(wrong) = &report.wrong {
        println!("WRONG: {wrong}");
        bail!("the database is inconsistent; what follows the check that found it was not checked");
    }
    println!("OK: no inconsistencies found");
    Ok(())
}

/// The file of an SQLite database.
fn sqlite_file(url: &str) -> Option<&str> {
    let file = url.strip_prefix("sqlite:")?;
    let file = file.strip_prefix("//").unwrap_or(file);
    Some(file.split(['?', '#']).next().unwrap_or(file))
}
