//! `candor backup` and `candor restore`: copies of an SQLite database that are verified before they count.
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use candor_schema::clock::Clock;
use candor_schema::database::Database;
use clap::Args;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use uuid::Uuid;

use super::serve::fill_derived_rows;
use super::verify::{report_of, sqlite_file};
use super::{fault_message, migrate, open_database};
use crate::config::Config;

/// Copies the SQLite database to a new file while the service runs, and verifies the copy.
///
/// The copy is one state of the database: what was committed when the backup began. PostgreSQL has its
/// own tools: pg_dump, or continuous archiving.
#[derive(Debug, Args)]
#[command(
    name = "backup",
    after_help = "Exit: 0 the file is there and consistent, 1 it is not there.\n\n\
                  Example:\n  candor backup /var/backups/candor-2026-11-29.db"
)]
pub struct BackupArguments {
    /// The file to create; it must not exist.
    file: PathBuf,
}

/// Copies a backup to the place of the SQLite database, after verifying it.
///
/// It never overwrites a database: stop the service and move the files of the old one away first. A
/// backup of an earlier version is migrated; the backup itself stays as it is.
#[derive(Debug, Args)]
#[command(
    name = "restore",
    after_help = "Exit: 0 the database is there and consistent, 1 nothing was changed.\n\n\
                  Example:\n  mv .candor/candor.db* /var/backups/broken/\n  \
                  candor restore /var/backups/candor-2026-11-29.db"
)]
pub struct RestoreArguments {
    /// The file that `candor backup` created.
    file: PathBuf,
}

/// The suffixes of the files of one SQLite database.
const SUFFIXES: [&str; 3] = ["", "-wal", "-shm"];

pub(super) async fn back_up(arguments: BackupArguments, config: &Config) -> Result<()> {
    let url = config.database_url()?;
    let source = sqlite_file(&url).context(
        "candor backup copies a database of SQLite; use pg_dump, or the continuous archiving of \
         PostgreSQL",
    )?;
    ensure!(
        Path::new(source).exists(),
        "there is no database: the file {source} does not exist; check CANDOR_DATABASE_URL or \
         CANDOR_DATA_DIR"
    );
    let target = arguments.file;
    require_absent(&target)?;
    let copy = NewFile::beside(&target)?;
    let database = open_database(config).await?;
    let path = copy.0.to_str().context("the name of the file is not UTF-8")?;
    let vacuum = Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO ?", [path.into()]);
    let copied = database.migration_connection().execute_raw(vacuum).await;
    database.close().await?;
    copied.with_context(|| format!("cannot write {}", target.display()))?;
    check(&copy, &config.clock, false).await?;
    copy.move_to(&target)?;
    println!("{}: written and verified", target.display());
    Ok(())
}

pub(super) async fn restore(arguments: RestoreArguments, config: &Config) -> Result<()> {
    let url = config.database_url()?;
    let target = sqlite_file(&url)
        .context("candor restore writes a database of SQLite; use the tools of PostgreSQL")?;
    for suffix in SUFFIXES {
        let file = PathBuf::from(format!("{target}{suffix}"));
        ensure!(
            !file.exists(),
            "{} exists, and a database is never overwritten. Stop the service, move {target}, \
             {target}-wal and {target}-shm away, and try again",
            file.display()
        );
    }
    restore_to(target, &arguments.file, &config.clock).await
}

/// Copies a backup to `target`, where nothing is yet.
pub(super) async fn restore_to(target: &str, backup: &Path, clock: &Clock) -> Result<()> {
    let log = PathBuf::from(format!("{}-wal", backup.display()));
    ensure!(
        !log.exists(),
        "{} exists, so {} is the file of a database and not a backup: what is in the log would be \
         lost. Make a backup of it with `candor backup`",
        log.display(),
        backup.display()
    );
    let copy = NewFile::beside(Path::new(target))?;
    copy_file(backup, &copy.0).with_context(|| format!("cannot copy {}", backup.display()))?;
    check(&copy, clock, true)
        .await
        .with_context(|| format!("{} was not restored", backup.display()))?;
    copy.move_to(Path::new(target))?;
    println!("{target}: restored from {} and verified", backup.display());
    Ok(())
}

/// Verifies a copy, after migrating it and filling what is derived if `migrates`, and writes it to the disk.
async fn check(copy: &NewFile, clock: &Clock, migrates: bool) -> Result<()> {
    let path = copy.0.to_str().context("the name of the file is not UTF-8")?;
    let database = Database::open_for_work(&format!("sqlite://{path}")).await;
    let database = database.context("it is not a database of SQLite")?;
    let checked = async {
        if migrates {
            migrate::require_tables(&database).await?;
            migrate::up(&database).await?;
            fill_derived_rows(&database).await.map_err(fault_message)?;
        }
        report_of(&database, clock.now()).await
    };
    let checked = checked.await;
    database.close().await?;
    checked?;
    File::open(&copy.0)?.sync_all().context("cannot write to the disk")
}

fn require_absent(file: &Path) -> Result<()> {
    ensure!(!file.exists(), "{} exists, and is not overwritten; name a new file", file.display());
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    let mut from = File::open(from)?;
    let mut to = OpenOptions::new().write(true).truncate(true).open(to)?;
    io::copy(&mut from, &mut to)?;
    to.sync_all()
}

/// A file under a name of its own that only its owner may read, which is removed with SQLite's files
/// beside it when dropped.
struct NewFile(PathBuf);

impl NewFile {
    /// Creates an empty file in the directory of `target`.
    fn beside(target: &Path) -> Result<Self> {
        let mut name = target.file_name().context("name a file, not a directory")?.to_owned();
        name.push(format!(".{}.partial", Uuid::now_v7().simple()));
        let file = target.with_file_name(name);
        let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file);
        created
            .with_context(|| format!("cannot write to the directory of {}", target.display()))?;
        Ok(Self(file))
    }

    /// Moves the file to its place, unless something is there.
    fn move_to(&self, target: &Path) -> Result<()> {
        // Unlike a renaming, it does not replace a file that somebody created meanwhile.
        fs::hard_link(&self.0, target)
            .with_context(|| format!("cannot create {}", target.display()))?;
        let directory = target.parent().filter(|it| !it.as_os_str().is_empty());
        File::open(directory.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(())
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        for suffix in SUFFIXES {
            let mut file = self.0.as_os_str().to_owned();
            file.push(suffix);
            // Those beside it exist only after a failure.
            let _ = fs::remove_file(file);
        }
    }
}
