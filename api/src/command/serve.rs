//! `candor serve`: runs the service.
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::thread::available_parallelism;
use std::time::Duration;

use anyhow::{Context, Result};
use candor_schema::award::service as award;
use candor_schema::bidding::service as bidding;
use candor_schema::clock::Clock;
use candor_schema::contracting::service as contracting;
use candor_schema::database::{Database, ServiceDatabase};
use candor_schema::decision::service as decision;
use candor_schema::disclosure::service as disclosure;
use candor_schema::fault::{Fault, Outage};
use candor_schema::organization::service as organization;
use candor_schema::policy::service::{EarlierBeginning, FilePublication, load_timeline};
use candor_schema::service_clock;
use candor_schema::waiver::service as waiver;
use clap::Args;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::{fault_message, migrate, open_database, policy};
use crate::config::Config;
use crate::http::{
    App, ConnectionLimits, metrics_router, raise_open_file_limit, routers, serve_on_threads,
    serve_with,
};

/// The most connections to the listener for metrics.
const MAX_METRICS_CONNECTIONS: usize = 8;

/// Runs the service until it is stopped (Ctrl-C, SIGTERM).
///
/// It first publishes the policies that `--policy` names and that are not yet published. Without a policy
/// the service starts, and refuses what needs one. It migrates a database of SQLite; on PostgreSQL it
/// does not start while a migration is pending: run `candor migrate` as the owner of the tables.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  candor serve\n  CANDOR_LISTEN=127.0.0.1:9000 candor serve\n  \
                        candor serve --policy policies/version-1.toml --draft\n  \
                        candor serve --policy policies/version-1.toml --policy policies/version-2.toml"
)]
pub struct Arguments {
    /// A policy to publish (TOML); repeat it in the order of the versions. The first version may take
    /// effect earlier than now. Later ones take effect at a later local midnight, and an administrator
    /// confirms them where the policy in force says that two people publish.
    #[arg(long = "policy", value_name = "FILE")]
    policies: Vec<PathBuf>,
    /// Publish texts of the policies that are marked as drafts, as drafts.
    #[arg(long, requires = "policies")]
    draft: bool,
    /// Accept the machine's time although the database has a later one, and record that in the
    /// ledger. Use it after a clock that was ahead was corrected. Without it, nothing is written
    /// until the clock has caught up.
    #[arg(long)]
    accept_clock: bool,
    /// Accept tokens of the development key although other machines can reach the service. Never
    /// use it in production: anyone who can read the data directory can sign any token.
    #[arg(long)]
    allow_development_key: bool,
}

/// Returns the connection limits, after raising the limit of open files.
pub(super) fn connection_limits(config: &Config) -> ConnectionLimits {
    let files = raise_open_file_limit();
    let limits = ConnectionLimits {
        max_per_address: config.connections_per_address,
        ..ConnectionLimits::default()
    };
    tracing::info!(files, connections = limits.max_connections, "connection limits");
    limits
}

pub(super) async fn run(arguments: Arguments, config: &Config) -> Result<()> {
    let address = config.address()?;
    config.check_development_key(address, arguments.allow_development_key)?;
    let limits = connection_limits(config);
    let authenticator = config.authenticator()?;
    let files = arguments.policies.iter();
    let files = files.map(|file| Ok((file.display().to_string(), policy::read_text(file)?)));
    let policies = PolicyFiles { files: files.collect::<Result<_>>()?, as_draft: arguments.draft };
    let clock = config.clock.clone();
    // Migrations and indexing may exceed the time limits of requests.
    let preparation = open_database(config).await?;
    if arguments.accept_clock {
        accept_clock(&preparation, &clock).await?;
    }
    prepare_database(&preparation, &policies, &clock).await?;
    let is_unprepared = preparation.is_clock_behind();
    preparation.close().await?;
    let connections = config.operations.database_connections;
    let url = config.database_url()?;
    let databases = ServiceDatabase::open(&url, connections, request_threads()).await?;
    tracing::info!(threads = databases.requests.len(), "threads for requests");
    let for_workers = databases.service.for_workers().await?;
    let listener = TcpListener::bind(address).await;
    let listener = listener.with_context(|| format!("cannot listen on {address}"))?;
    let address = listener.local_addr()?;
    tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "listening");
    if is_unprepared {
        let (database, clock) = (for_workers.clone(), clock.clone());
        tokio::spawn(async move { prepare_once_caught_up(&database, &policies, &clock).await });
    }
    let app = App::new(databases, clock, authenticator);
    let app = match config.imports() {
        Some(imports) => app.with_imports(imports),
        None => app,
    };
    app.check_health().await;
    if let Some(address) = config.operations.metrics_listen {
        serve_metrics(address, app.clone()).await?;
    }
    tokio::spawn(app.clone().run_workers(for_workers));
    serve_on_threads(listener, routers(&app), limits, shutdown_signal()?)
        .await
        .context("cannot accept connections")
}

/// Returns the most threads that answer requests: as many as the process may use processors.
pub(super) fn request_threads() -> NonZeroU32 {
    let processors = available_parallelism().ok().and_then(|it| u32::try_from(it.get()).ok());
    processors.and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN)
}

/// Serves the metrics on a listener of their own, until the process ends.
async fn serve_metrics(address: SocketAddr, app: App) -> Result<()> {
    let listener = TcpListener::bind(address).await;
    let listener = listener.with_context(|| format!("CANDOR_METRICS_LISTEN: {address}"))?;
    tracing::info!(address = %listener.local_addr()?, "serving metrics");
    let limits = ConnectionLimits {
        max_connections: MAX_METRICS_CONNECTIONS,
        ..ConnectionLimits::default()
    };
    tokio::spawn(async move {
        let served = serve_with(listener, metrics_router(app), limits, std::future::pending());
        if let Err(error) = served.await {
            tracing::error!(%error, "metrics are no longer served");
        }
    });
    Ok(())
}

/// Accepts the machine's time, and records that in the ledger if the database has a later one.
async fn accept_clock(database: &Database, clock: &Clock) -> Result<()> {
    migrate::prepare(database).await?;
    if service_clock::accept(database, clock.now()).await.map_err(fault_message)? {
        tracing::warn!("accepted the clock although the database has a later time");
    } else {
        tracing::info!("the clock is not behind; --accept-clock had no effect");
    }
    Ok(())
}

/// Prepares the database once the clock has caught up.
async fn prepare_once_caught_up(database: &Database, policies: &PolicyFiles, clock: &Clock) {
    while database.is_clock_behind() {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    if let Err(error) = prepare_database(database, policies, clock).await {
        tracing::error!(%error, "cannot prepare the database; restart to try again");
    }
}

/// The policies that the operator names.
#[derive(Clone, Debug, Default)]
pub struct PolicyFiles {
    /// Pairs of file name and text.
    pub files: Vec<(String, String)>,
    /// Whether texts that are marked as drafts are published as drafts.
    pub as_draft: bool,
}

/// Prepares a database: migrates it if it is SQLite, indexes older rows, and publishes the policies.
/// Several processes may do so at once: on PostgreSQL they take turns. While the clock is behind it only
/// migrates, and returns `Ok`.
///
/// # Errors
/// If a migration fails or, on PostgreSQL, is pending; if a policy is invalid, with all errors of the policy, or a stored one cannot be
/// read.
pub async fn prepare_database(
    database: &Database,
    policies: &PolicyFiles,
    clock: &Clock,
) -> Result<()> {
    let applied = migrate::prepare(database).await?;
    if applied > 0 {
        tracing::info!(migrations = applied, "migrated the database");
    }
    migrate::warn_about_owner(database).await?;
    let _turn = migrate::wait_for_turn(database).await?;
    service_clock::compare(database, clock.now()).await.map_err(fault_message)?;
    if database.is_clock_behind() {
        // Nothing can be written until then, but reading works.
        tracing::error!("{}", Outage::ClockWentBack.words());
        return Ok(());
    }
    let indexed = fill_derived_rows(database).await.map_err(fault_message)?;
    if indexed > 0 {
        tracing::info!(indexed, "indexed rows of an earlier version for screening");
    }
    let how =
        FilePublication { as_draft: policies.as_draft, earlier_beginning: EarlierBeginning::First };
    for (file, text) in &policies.files {
        let result = policy::publish(database, file, text, how, clock.now()).await?;
        tracing::info!("{result}");
    }
    let timeline = load_timeline(&database.read).await.map_err(fault_message)?;
    if timeline.in_force_at(clock.now()).is_none() {
        let state = fault_message(timeline.none_in_force_fault());
        tracing::warn!("{state} Name the first policy with --policy.");
    }
    Ok(())
}

/// Adds what is derived from rows of an earlier version: names, words and index rows. Returns the number of rows.
///
/// # Errors
/// Database faults, or `Internal` if a stored row cannot be read.
pub async fn fill_derived_rows(database: &Database) -> Result<u64, Fault> {
    Ok(organization::insert_missing_names(database).await?
        + organization::fill_empty_search_index(database).await?
        + bidding::fill_search_index(database).await?
        + contracting::fill_search_index(database).await?
        + waiver::fill_empty_search_index(database).await?
        + disclosure::fill_empty_search_index(database).await?
        + disclosure::insert_missing_index_rows(database).await?
        + decision::insert_missing_findings(database).await?
        + award::fill_missing_digest(database).await?)
}

/// Returns a future that completes when the process gets SIGINT or SIGTERM.
///
/// # Errors
/// If the signal handlers cannot be installed.
pub fn shutdown_signal() -> Result<impl Future<Output = ()> + Send + 'static> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping after the requests in progress");
    })
}
