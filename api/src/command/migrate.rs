//! `candor migrate`
use anyhow::{Context, Result};
use candor_migrations::Migrator;
use candor_schema::database::{Database, Tx};
use clap::{Args, Subcommand};
use sea_orm::{ConnectionTrait, DbBackend};
use sea_orm_migration::{MigrationStatus, MigratorTrait};

use super::{open, told};
use crate::config::Config;

/// The advisory lock that one migrating process holds on PostgreSQL: "candor" in ASCII.
const LOCK: i64 = 0x6361_6e64_6f72;

/// Brings the database's tables to this version, or back.
#[derive(Debug, Args)]
#[command(after_help = "`candor serve` migrates up by itself.\n\n\
                        Examples:\n  candor migrate status\n  candor migrate down --steps 1")]
pub struct Arguments {
    #[command(subcommand)]
    direction: Direction,
}

#[derive(Debug, Subcommand)]
enum Direction {
    /// Applies what is pending, all or nothing.
    Up,
    /// Takes back the latest changes, WITH WHAT THEIR TABLES HOLD.
    Down {
        /// How many changes.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,
    },
    /// Lists every change, and whether it is applied.
    Status,
}

pub(super) async fn run(arguments: Arguments, config: &Config) -> Result<()> {
    let database = open(config).await?;
    match arguments.direction {
        Direction::Up => {
            let applied = up(&database).await?;
            println!("{} applied", changes(applied));
        }
        Direction::Down { steps } => {
            let tx = locked(&database).await?;
            let before = applied(&tx).await?;
            Migrator::down(&*tx, Some(steps)).await.context("cannot migrate down")?;
            let taken_back = before - applied(&tx).await?;
            tx.commit().await.map_err(told)?;
            println!("{} taken back", changes(taken_back));
        }
        Direction::Status => {
            for change in Migrator::get_migration_with_status_read_only(&database.read).await? {
                println!("{:<8} {}", change.status().to_string().to_lowercase(), change.name());
            }
        }
    }
    Ok(())
}

/// Applies what is pending, all or nothing, and answers how many changes that were.
///
/// # Errors
/// If a change fails, or the database was migrated by a newer version.
pub async fn up(database: &Database) -> Result<usize> {
    let tx = locked(database).await?;
    let before = applied(&tx).await?;
    Migrator::up(&*tx, None).await.context("cannot migrate up")?;
    let after = applied(&tx).await?;
    tx.commit().await.map_err(told)?;
    Ok(after - before)
}

/// A transaction that no other process migrates beside: it holds SQLite's write lock by itself,
/// and on PostgreSQL an advisory one that ends with it.
async fn locked(database: &Database) -> Result<Tx> {
    let tx = database.begin_at_any_time().await.map_err(told)?;
    if tx.get_database_backend() == DbBackend::Postgres {
        let lock = format!("SELECT pg_advisory_xact_lock({LOCK})");
        tx.execute_unprepared(&lock).await.context("another candor is migrating; try again")?;
    }
    Ok(tx)
}

async fn applied(tx: &Tx) -> Result<usize> {
    let all = Migrator::get_migration_with_status(&**tx)
        .await
        .context("the database was migrated by a newer version")?;
    Ok(all.iter().filter(|change| change.status() == MigrationStatus::Applied).count())
}

fn changes(count: usize) -> String {
    if count == 1 { "1 change".to_owned() } else { format!("{count} changes") }
}
