//! `candor demo`
mod city;
mod contracts;
mod desk;
mod seed;
mod seeding;
mod statements;
mod timeline;
mod welcome;

use std::fs;

use anyhow::{Context, Result, ensure};
use candor_schema::clock::Clock;
use candor_schema::database::Database;
use clap::Args;
use tokio::net::TcpListener;

use super::migrate;
use super::serve::{connection_limits, shutdown_signal};
use crate::auth::create_data_directory;
use crate::config::Config;
use crate::http::{App, router, serve_with};

pub use seed::{Seeded, seed};

/// The file of the demonstration, apart from the service's own.
const FILE: &str = "demo.db";

/// Makes a demonstration city anew and serves it: departments, firms in every state that a
/// reviewer meets, solicitations open and closed. Prints a token for each role and what to ask.
///
/// The city is in a file of its own in the data directory, which is made anew at each start; the
/// service's own database is not touched.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  candor demo\n  CANDOR_LISTEN=127.0.0.1:9000 candor demo\n  \
                        candor demo --seed-only && CANDOR_DATABASE_URL=sqlite://.candor/demo.db candor verify")]
pub struct Arguments {
    /// Make the city and stop, without serving it.
    #[arg(long)]
    seed_only: bool,
    /// Serve it although other machines can reach it: whoever has one of the printed tokens can
    /// change what is in it.
    #[arg(long)]
    allow_development_key: bool,
}

pub(super) async fn run(arguments: Arguments, config: &Config) -> Result<()> {
    ensure!(
        config.database_url.is_none(),
        "the demonstration keeps its city in a file of its own: unset CANDOR_DATABASE_URL"
    );
    // First of all: with an external issuer the demonstration could sign nobody a token.
    let key = config.development_key()?;
    let directory = &config.data_directory;
    create_data_directory(directory)?;
    let file = directory.join(FILE);
    // The port before the file: another demonstration may be serving the city that is there.
    let address = config.address()?;
    config.check_development_key(address, arguments.allow_development_key)?;
    let limits = connection_limits(config);
    let listener = TcpListener::bind(address).await;
    let listener = listener.with_context(|| {
        format!("cannot listen on {address}; set CANDOR_LISTEN to another, as 127.0.0.1:8081")
    })?;
    for suffix in ["", "-wal", "-shm"] {
        let part = directory.join(format!("{FILE}{suffix}"));
        match fs::remove_file(&part) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("cannot remove {}", part.display()));
            }
            _ => {}
        }
    }
    let url = format!("sqlite://{}", file.display());
    let seeding = Database::open_for_work(&url).await?;
    migrate::up(&seeding).await?;
    let clock = Clock::system();
    let city = seed(&seeding, clock.now()).await?;
    seeding.close().await?;
    if arguments.seed_only {
        println!("{}", file.display());
        return Ok(());
    }
    print!("{}", welcome::text(&city, listener.local_addr()?, &key, clock.now())?);
    let database = Database::open(&url).await?;
    let for_workers = database.for_workers().await?;
    let app = App::new(database, clock, config.authenticator()?);
    app.check_health().await;
    tokio::spawn(app.clone().run_workers(for_workers));
    serve_with(listener, router(app), limits, shutdown_signal()?)
        .await
        .context("cannot go on listening")
}
