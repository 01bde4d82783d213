//! `candor migrate`: migrates the database.
use anyhow::{Context, Result};
use candor_migrations::Migrator;
use candor_schema::database::{Database, Tx};
use clap::{Args, Subcommand};
use sea_orm::{ConnectionTrait, DbBackend};
use sea_orm_migration::{MigrationStatus, MigratorTrait};

use super::{fault_message, open_database};
use crate::config::Config;

/// The advisory lock that a migrating process holds on PostgreSQL: "candor" in ASCII.
const ADVISORY_LOCK_ID: i64 = 0x6361_6e64_6f72;

/// Migrates the database's tables to this version, or back.
#[derive(Debug, Args)]
#[command(after_help = "`candor serve` migrates up when it starts.\n\n\
                        Examples:\n  candor migrate status\n  candor migrate down --steps 1")]
pub struct Arguments {
    #[command(subcommand)]
    direction: Direction,
}

#[derive(Debug, Subcommand)]
enum Direction {
    /// Applies all pending migrations in one transaction.
    Up,
    /// Reverts the latest migrations and DELETES THE DATA IN THEIR TABLES.
    Down {
        /// The number of migrations to revert.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,
    },
    /// Lists every migration and whether it is applied.
    Status,
}

pub(super) async fn run(arguments: Arguments, config: &Config) -> Result<()> {
    let database = open_database(config).await?;
    match arguments.direction {
        Direction::Up => {
            let applied = up(&database).await?;
            println!("{} applied", migrations(applied));
        }
        Direction::Down { steps } => {
            let tx = begin_exclusive(&database).await?;
            let before = count_applied(&tx).await?;
            Migrator::down(&*tx, Some(steps)).await.context("cannot migrate down")?;
            let reverted = before - count_applied(&tx).await?;
            tx.commit().await.map_err(fault_message)?;
            println!("{} reverted", migrations(reverted));
        }
        Direction::Status => {
            for migration in Migrator::get_migration_with_status_read_only(&database.read).await? {
                let status = migration.status().to_string().to_lowercase();
                println!("{status:<8} {}", migration.name());
            }
        }
    }
    Ok(())
}

/// Applies all pending migrations in one transaction, and returns their number.
///
/// # Errors
/// If a migration fails, or a newer version has migrated the database.
pub async fn up(database: &Database) -> Result<usize> {
    let tx = begin_exclusive(database).await?;
    let before = count_applied(&tx).await?;
    Migrator::up(&*tx, None).await.context("cannot migrate up")?;
    let after = count_applied(&tx).await?;
    tx.commit().await.map_err(fault_message)?;
    Ok(after - before)
}

/// Begins a transaction during which no other process can migrate. On SQLite it holds the write lock;
/// on PostgreSQL it takes an advisory lock that ends with it.
async fn begin_exclusive(database: &Database) -> Result<Tx> {
    let tx = database.begin_at_any_time().await.map_err(fault_message)?;
    if tx.get_database_backend() == DbBackend::Postgres {
        let lock = format!("SELECT pg_advisory_xact_lock({ADVISORY_LOCK_ID})");
        tx.execute_unprepared(&lock)
            .await
            .context("another candor process is migrating; try again")?;
    }
    Ok(tx)
}

async fn count_applied(tx: &Tx) -> Result<usize> {
    let all = Migrator::get_migration_with_status(&**tx)
        .await
        .context("a newer version of candor has migrated the database")?;
    Ok(all.iter().filter(|migration| migration.status() == MigrationStatus::Applied).count())
}

fn migrations(count: usize) -> String {
    if count == 1 { "1 migration".to_owned() } else { format!("{count} migrations") }
}
