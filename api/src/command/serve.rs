//! `candor serve`
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use candor_schema::clock::Clock;
use candor_schema::database::Database;
use candor_schema::decision::service as decision;
use candor_schema::disclosure::service as disclosure;
use candor_schema::fault::{Fault, Outage};
use candor_schema::organization::service as organization;
use candor_schema::policy::service::{PublicationError, insert_version_from_file};
use candor_schema::service_clock;
use clap::Args;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::{migrate, open, told};
use crate::config::Config;
use crate::http::{App, ConnectionLimits, raise_open_file_limit, router, serve_with};

/// The first policy, as it came with this version.
pub const FIRST_POLICY: &str = include_str!("../../../policies/version-1.toml");

/// Answers requests until it is told to stop (Ctrl-C, SIGTERM).
///
/// Migrates the database up first, and makes the policy law if it is not.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  candor serve\n  CANDOR_LISTEN=127.0.0.1:9000 candor serve\n  \
                        candor serve --policy policies/version-1.toml --policy policies/version-2.toml"
)]
pub struct Arguments {
    /// A policy to make law (TOML), in the order of their versions; without one, the first
    /// policy that came with this version.
    #[arg(long = "policy", value_name = "FILE")]
    policies: Vec<PathBuf>,
    /// Takes the machine's time for right although the database knows a later one, and records
    /// that in the ledger: for a clock that was ahead and was corrected. Without it, nothing is
    /// written until the clock has caught up.
    #[arg(long)]
    accept_clock: bool,
    /// Take tokens of the development key although other machines can reach the service. Never in
    /// production: whoever reads the data directory can sign a token for anybody.
    #[arg(long)]
    allow_development_key: bool,
}

/// The limits of connections: as many as the system lets this process open.
pub(super) fn connection_limits(config: &Config) -> ConnectionLimits {
    let files = raise_open_file_limit();
    let limits = ConnectionLimits {
        max_per_address: config.connections_per_address,
        ..ConnectionLimits::default()
    };
    tracing::info!(files, connections = limits.max_connections, "limits of open files");
    limits
}

pub(super) async fn run(arguments: Arguments, config: &Config) -> Result<()> {
    let address = config.address()?;
    config.check_development_key(address, arguments.allow_development_key)?;
    let limits = connection_limits(config);
    let authenticator = config.authenticator()?;
    let mut policies = Vec::new();
    for file in &arguments.policies {
        let text = fs::read_to_string(file);
        let text = text.with_context(|| format!("cannot read {}", file.display()))?;
        policies.push((file.display().to_string(), text));
    }
    if policies.is_empty() {
        policies.push(("policies/version-1.toml".to_owned(), FIRST_POLICY.to_owned()));
    }
    let clock = config.clock.clone();
    // Migrations and indexes may take longer than a request may.
    let preparing = open(config).await?;
    if arguments.accept_clock {
        accept_clock(&preparing, &clock).await?;
    }
    prepare(&preparing, &policies, &clock).await?;
    let is_unprepared = preparing.is_clock_behind();
    preparing.close().await?;
    let database = Database::open(&config.database_url()?).await?;
    let for_workers = database.for_workers().await?;
    let listener = TcpListener::bind(address).await;
    let listener = listener.with_context(|| format!("cannot listen on {address}"))?;
    let address = listener.local_addr()?;
    tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "listening");
    if is_unprepared {
        let (database, clock) = (for_workers.clone(), clock.clone());
        tokio::spawn(async move { prepare_once_caught_up(&database, &policies, &clock).await });
    }
    let app = App::new(database, clock, authenticator);
    app.check_health().await;
    tokio::spawn(app.clone().work(for_workers));
    serve_with(listener, router(app), limits, stopped()?).await.context("cannot go on listening")
}

/// Takes the clock for right, if the database has tables to know a later time from.
async fn accept_clock(database: &Database, clock: &Clock) -> Result<()> {
    migrate::up(database).await?;
    if service_clock::accept(database, clock.now()).await.map_err(told)? {
        tracing::warn!("the clock is accepted although the database knew a later time");
    } else {
        tracing::info!("the clock is not behind; there was nothing to accept");
    }
    Ok(())
}

/// Makes a database ready as soon as the clock has caught up.
async fn prepare_once_caught_up(database: &Database, policies: &[(String, String)], clock: &Clock) {
    while database.is_clock_behind() {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    if let Err(error) = prepare(database, policies, clock).await {
        tracing::error!(%error, "the database is not prepared; restart to try again");
    }
}

/// Makes a database ready: its tables those of this version, the policies (each behind the name of
/// its file) law.
///
/// # Errors
/// If a change fails, or a policy is refused: with every line that is wrong. While the clock is
/// behind, only the tables are made, and that is no error.
pub async fn prepare(
    database: &Database,
    policies: &[(String, String)],
    clock: &Clock,
) -> Result<()> {
    let applied = migrate::up(database).await?;
    if applied > 0 {
        tracing::info!(changes = applied, "the database was migrated");
    }
    service_clock::compare(database, clock.now()).await.map_err(told)?;
    if database.is_clock_behind() {
        // Nothing can be written; what is there can be read meanwhile.
        tracing::error!("{}", Outage::ClockWentBack.words());
        return Ok(());
    }
    let indexed = async {
        Ok::<_, Fault>(
            organization::index_missing(database).await?
                + disclosure::insert_missing_index_rows(database).await?
                + decision::index_missing(database).await?,
        )
    };
    let indexed = indexed.await.map_err(told)?;
    if indexed > 0 {
        tracing::info!(indexed, "what was written before can be screened");
    }
    for (file, text) in policies {
        match insert_version_from_file(database, text, clock.now()).await {
            Ok(enacted) => {
                tracing::info!(file, version = enacted.row.version, "the policy is law");
            }
            Err(PublicationError::Fault(fault)) => return Err(told(fault)),
            Err(PublicationError::Refused(problems)) => {
                bail!("{file} cannot be law:\n  {}", problems.join("\n  "))
            }
        }
    }
    Ok(())
}

/// Done once the process is asked to stop.
///
/// # Errors
/// If the system does not hand over its signals.
pub fn stopped() -> Result<impl Future<Output = ()> + Send + 'static> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping; requests under way are finished first");
    })
}
