//! `candor migrate`: migrates the database.
use anyhow::{Context, Error, Result, anyhow, bail, ensure};
use candor_migrations::Migrator;
use candor_schema::database::{Database, Tx, lock_key};
use clap::{Args, Subcommand};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};
use sea_orm_migration::{Migration, MigrationStatus, MigratorTrait};

use super::{fault_message, open_database};
use crate::config::Config;

/// The advisory lock that a migrating process holds on PostgreSQL: "candor" in ASCII.
const ADVISORY_LOCK_ID: i64 = 0x6361_6e64_6f72;
/// The advisory lock that a process holds on PostgreSQL while it prepares the database.
const PREPARATION_LOCK_ID: i64 = ADVISORY_LOCK_ID + 1;

/// Migrates the database's tables to this version, or back. Without a subcommand it migrates up.
///
/// On PostgreSQL it runs as the owner of the tables, and `candor serve` as another role, which
/// `--runtime-role` permits to read and write rows and nothing else.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "`candor serve` migrates a database of SQLite when it starts, and none of PostgreSQL.\n\n\
                  Examples:\n  candor migrate\n  candor migrate --runtime-role candor\n  \
                  candor migrate status\n  candor migrate down --steps 1"
)]
pub struct Arguments {
    #[command(subcommand)]
    direction: Option<Direction>,
    #[command(flatten)]
    up: UpArguments,
}

#[derive(Debug, Args)]
struct UpArguments {
    /// The role of PostgreSQL that `candor serve` connects as. It gets SELECT, INSERT, UPDATE and DELETE
    /// on these tables and on those of later migrations, and loses every other privilege on them.
    #[arg(long, value_name = "ROLE")]
    runtime_role: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Direction {
    /// Applies all pending migrations in one transaction.
    Up(UpArguments),
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
    match arguments.direction.unwrap_or(Direction::Up(arguments.up)) {
        Direction::Up(UpArguments { runtime_role }) => {
            let applied = up_for(&database, runtime_role.as_deref()).await?;
            println!("{} applied", migrations(applied));
            if let Some(role) = runtime_role {
                println!("{role} may read and write rows, and nothing else");
            }
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
    up_for(database, None).await
}

/// Applies all pending migrations in one transaction, permits a role of PostgreSQL to read and write rows
/// if one is named, and returns the number of migrations.
///
/// # Errors
/// Same as [`up`]; if the role does not exist or could do more than that.
pub async fn up_for(database: &Database, runtime_role: Option<&str>) -> Result<usize> {
    let tx = begin_exclusive(database).await?;
    let before = count_applied(&tx).await?;
    Migrator::up(&*tx, None).await.context(
        "cannot migrate up; on PostgreSQL, run `candor migrate` as the owner of the tables",
    )?;
    let after = count_applied(&tx).await?;
    if let Some(role) = runtime_role {
        grant_runtime_role(&tx, role).await?;
    }
    tx.commit().await.map_err(fault_message)?;
    Ok(after - before)
}

/// Prepares the tables for a process that is not `candor migrate`: migrates a database of SQLite, and
/// requires that one of PostgreSQL is migrated. Returns the number of applied migrations.
///
/// # Errors
/// If a migration fails or, on PostgreSQL, is pending, with its name.
pub async fn prepare(database: &Database) -> Result<usize> {
    if database.is_sqlite() {
        return up(database).await;
    }
    require_migrated(database).await?;
    Ok(0)
}

/// Requires that a database has any of Candor's tables, without writing.
///
/// # Errors
/// If it has none, or a newer version has migrated it.
pub(super) async fn require_tables(database: &Database) -> Result<()> {
    let applied = Migrator::get_applied_migrations_read_only(&database.read).await;
    let applied = applied.context("it cannot be read, or is of a newer version of candor")?;
    ensure!(!applied.is_empty(), "it has none of Candor's tables");
    Ok(())
}

/// Requires that every migration is applied, without writing: a role without other privileges may ask.
///
/// # Errors
/// If a migration is pending, with its name, or a newer version has migrated the database.
async fn require_migrated(database: &Database) -> Result<()> {
    let all = Migrator::get_migration_with_status_read_only(&database.read).await;
    let all = all.map_err(|error| match error {
        DbErr::Custom(_) => anyhow!("a newer version of candor has migrated the database"),
        error => Error::new(error).context("cannot read which migrations are applied"),
    })?;
    let pending = all.iter().filter(|it| it.status() == MigrationStatus::Pending);
    let pending = pending.map(Migration::name).collect::<Vec<_>>();
    let hint = "Run `candor migrate` as the owner of the tables (--runtime-role ROLE permits this role \
                to use them), and start again";
    match pending.as_slice() {
        [] => Ok(()),
        _ if pending.len() == all.len() => {
            bail!("the database has no tables of Candor, or this role may not read them. {hint}")
        }
        [only] => bail!("the migration {only} is pending. {hint}"),
        several => bail!("the migrations {} are pending. {hint}", several.join(", ")),
    }
}

/// Logs a warning if this process connects to PostgreSQL as a role that could drop a table or one of the
/// triggers that keep records unchanged.
///
/// # Errors
/// If the database does not answer.
pub async fn warn_about_owner(database: &Database) -> Result<()> {
    const OWNS_TABLES: &str = "SELECT rolsuper OR EXISTS (SELECT 1 FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
            AND pg_has_role(current_user, relowner, 'MEMBER'))
        FROM pg_roles WHERE rolname = current_user";
    if database.is_sqlite() {
        return Ok(());
    }
    let row = database.read.query_one_raw(postgres(OWNS_TABLES, [])).await?;
    if row.is_some_and(|row| row.try_get_by_index(0).unwrap_or(false)) {
        tracing::warn!(
            "this role of PostgreSQL could drop tables and the triggers that keep records unchanged; \
             connect as a role that `candor migrate --runtime-role` permits to use them"
        );
    }
    Ok(())
}

/// Waits until no other process prepares the database on PostgreSQL, and keeps others waiting until the
/// returned transaction is dropped. On SQLite the write lock decides.
///
/// # Errors
/// If the database does not answer.
pub async fn wait_for_turn(database: &Database) -> Result<Option<Tx>> {
    if database.is_sqlite() {
        return Ok(None);
    }
    let tx = database.begin_at_any_time().await.map_err(fault_message)?;
    lock_key(&tx, PREPARATION_LOCK_ID).await?;
    Ok(Some(tx))
}

/// Permits a role to read and write rows of the tables in the current schema and of those that later
/// migrations create, and revokes everything else from it. The applied migrations are read-only.
async fn grant_runtime_role(tx: &Tx, role: &str) -> Result<()> {
    ensure!(
        tx.get_database_backend() == DbBackend::Postgres,
        "SQLite has no roles: leave out --runtime-role"
    );
    require_unprivileged(tx, role).await?;
    let name = quote_identifier(role);
    let schema = "SELECT quote_ident(current_schema())";
    let schema = tx.query_one_raw(postgres(schema, [])).await?;
    let schema = schema.context("the connection has no current schema")?;
    let schema: String = schema.try_get_by_index(0)?;
    let applied = Migrator::migration_table_name().to_string();
    let rows = "SELECT, INSERT, UPDATE, DELETE";
    for statement in [
        format!("REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {name}"),
        format!("REVOKE ALL ON SCHEMA {schema} FROM {name}"),
        format!("GRANT USAGE ON SCHEMA {schema} TO {name}"),
        format!("GRANT {rows} ON ALL TABLES IN SCHEMA {schema} TO {name}"),
        format!("REVOKE INSERT, UPDATE, DELETE ON {schema}.{applied} FROM {name}"),
        format!("ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT {rows} ON TABLES TO {name}"),
    ] {
        let context = || format!("cannot permit {role} to use the tables: {statement}");
        tx.execute_unprepared(&statement).await.with_context(context)?;
    }
    let may_create = "SELECT has_schema_privilege($1, current_schema(), 'CREATE')";
    let row = tx.query_one_raw(postgres(may_create, [role.into()])).await?;
    let may_create = row.is_some_and(|row| row.try_get_by_index(0).unwrap_or(true));
    ensure!(
        !may_create,
        "{role} could create tables, because every role may. As the owner of the database, run \
         REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, and try again"
    );
    Ok(())
}

/// Requires that a role exists and is neither a superuser nor the owner of the tables, nor can become
/// one.
async fn require_unprivileged(tx: &Tx, role: &str) -> Result<()> {
    const PRIVILEGES: &str = "SELECT rolsuper OR rolcreaterole OR rolbypassrls OR rolreplication,
            pg_has_role(rolname, current_user, 'MEMBER') OR EXISTS (SELECT 1 FROM pg_class
                WHERE relnamespace = current_schema()::regnamespace
                    AND pg_has_role(rolname, relowner, 'MEMBER'))
        FROM pg_roles WHERE rolname = $1";
    let row = tx.query_one_raw(postgres(PRIVILEGES, [role.into()])).await?;
    let row = row.with_context(|| {
        format!(
            "there is no role {role}; create it first: CREATE ROLE {} LOGIN",
            quote_identifier(role)
        )
    })?;
    ensure!(
        !row.try_get_by_index::<bool>(0)?,
        "{role} is a superuser or may create roles, replicate or bypass row security; name a role \
         without these attributes"
    );
    ensure!(
        !row.try_get_by_index::<bool>(1)?,
        "{role} owns the tables or is a member of their owner, so it could drop the triggers that keep \
         records unchanged; name another role"
    );
    Ok(())
}

fn postgres(sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}

/// Quotes an identifier of SQL.
fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
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
