//! `candor demo`
mod city;
mod contracts;
mod desk;
mod seed;
mod seeding;
mod statements;
mod timeline;
mod welcome;

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use candor_schema::database::{Database, ServiceDatabase};
use clap::Args;
use tokio::net::TcpListener;

use super::migrate;
use super::serve::{connection_limits, request_threads, shutdown_signal};
use crate::auth::create_data_directory;
use crate::config::Config;
use crate::http::{App, routers, serve_on_threads};

pub use seed::{Seeded, seed};

/// The demonstration's database file, apart from the service's own.
const DATABASE_FILE: &str = "demo.db";
/// The file with the tokens and identifiers of the demonstration, to be sourced by a shell.
const ENVIRONMENT_FILE: &str = "demo.env";

/// Creates a demonstration city and serves it: departments, 48 firms with disclosures in every state,
/// open and closed solicitations, contracts. Prints a token for each role and example requests.
///
/// The city is stored in demo.db in the data directory, which each start replaces; the service's own
/// database is not changed. The tokens and identifiers are also written to demo.env there, for a
/// shell to source.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  candor demo\n  CANDOR_LISTEN=127.0.0.1:9000 candor demo\n  \
                        candor demo --seed-only && . .candor/demo.env && \
                        CANDOR_DATABASE_URL=$DEMO_DATABASE candor verify")]
pub struct Arguments {
    /// Create the city and exit, without serving it.
    #[arg(long)]
    seed_only: bool,
    /// Serve it even if other machines can reach it. Anyone with one of the printed tokens can change
    /// its data.
    #[arg(long)]
    allow_development_key: bool,
}

pub(super) async fn run(arguments: Arguments, config: &Config) -> Result<()> {
    ensure!(
        config.database_url.is_none(),
        "the demonstration has a database of its own: unset CANDOR_DATABASE_URL"
    );
    let address = config.address()?;
    config.check_development_key(address, arguments.allow_development_key)?;
    let limits = connection_limits(config);
    // Bind the port before replacing the file, which another demonstration may be serving.
    let listener = TcpListener::bind(address).await;
    let listener = listener.with_context(|| {
        format!("cannot listen on {address}; set CANDOR_LISTEN to another, as 127.0.0.1:8081")
    })?;
    let demonstration = Box::pin(make(config, listener.local_addr()?)).await?;
    if arguments.seed_only {
        println!("{}", demonstration.database_file.display());
        println!("{}", demonstration.environment_file.display());
        return Ok(());
    }
    print!("{}{}", demonstration.environment, welcome::EXAMPLES);
    let databases = ServiceDatabase::open(&demonstration.url(), None, request_threads()).await?;
    let for_workers = databases.service.for_workers().await?;
    let app = App::new(databases, config.clock.clone(), config.authenticator()?);
    let app = match config.imports() {
        Some(imports) => app.with_imports(imports),
        None => app,
    };
    app.check_health().await;
    tokio::spawn(app.clone().run_workers(for_workers));
    serve_on_threads(listener, routers(&app), limits, shutdown_signal()?)
        .await
        .context("cannot go on listening")
}

/// A demonstration city on disk.
#[derive(Clone, Debug)]
pub struct Demonstration {
    /// The SQLite file, as an absolute path.
    pub database_file: PathBuf,
    /// The file that holds [`Self::environment`].
    pub environment_file: PathBuf,
    /// `export` lines with a token for each role and the identifiers that the tours use, and the
    /// shell function `ask`.
    pub environment: String,
}

impl Demonstration {
    /// The database, as `CANDOR_DATABASE_URL` has it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("sqlite://{}", self.database_file.display())
    }
}

/// Creates the demonstration city in the data directory, as of the configured clock's time, and
/// replaces an existing one. Its tokens are valid for twelve hours.
///
/// # Errors
/// If a token issuer is configured, since only it could sign the tokens, or the files cannot be
/// written.
pub async fn make(config: &Config, address: SocketAddr) -> Result<Demonstration> {
    let key = config.development_key()?;
    create_data_directory(&config.data_directory)?;
    let directory = config.data_directory.canonicalize()?;
    let database_file = directory.join(DATABASE_FILE);
    for suffix in ["", "-wal", "-shm"] {
        remove(&directory.join(format!("{DATABASE_FILE}{suffix}")))?;
    }
    let mut demonstration = Demonstration {
        database_file,
        environment_file: directory.join(ENVIRONMENT_FILE),
        environment: String::new(),
    };
    let url = demonstration.url();
    let seeding = Database::open_for_work(&url).await?;
    migrate::up(&seeding).await?;
    let now = config.clock.now();
    let city = seed(&seeding, now).await?;
    seeding.close().await?;
    demonstration.environment = welcome::environment(&city, address, &key, now, &url)?;
    write_secret(&demonstration.environment_file, &demonstration.environment)?;
    Ok(demonstration)
}

fn remove(file: &Path) -> Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", file.display()))
        }
        _ => Ok(()),
    }
}

/// Writes a file that only its owner may read, because it contains tokens.
fn write_secret(file: &Path, text: &str) -> Result<()> {
    remove(file)?;
    let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    let written = written.and_then(|mut open| open.write_all(text.as_bytes()));
    written.with_context(|| format!("cannot write {}", file.display()))
}
