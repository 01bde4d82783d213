//! The subcommands, one file each. Results go to stdout, the log to stderr.
mod award_file;
mod csv_output;
pub mod demo;
pub mod import;
pub mod migrate;
mod openapi;
mod schema;
mod screen;
pub mod serve;
mod table;
mod token;
mod verify;

use anyhow::{Context, Result};
use candor_schema::database::Database;
use candor_schema::fault::Fault;
use candor_schema::service_clock;
use clap::{Parser, Subcommand};

use crate::config::Config;

const ENVIRONMENT: &str = "\
Environment:
  CANDOR_DATABASE_URL   postgres://… or sqlite://… [default: candor.db in the data directory]
  CANDOR_LISTEN         address and port to listen on [default: 127.0.0.1:8080]
  CANDOR_DATA_DIR       where the SQLite file and the development key are [default: .candor]
  CANDOR_AUTH_ISSUER    who signs the tokens; with the next two, or none of the three
  CANDOR_AUTH_AUDIENCE  whom the tokens are for
  CANDOR_AUTH_JWKS      a file with the issuer's keys (RFC 7517)
  CANDOR_CONNECTIONS_PER_ADDRESS
                        the most open connections of one address; leave it unset behind a proxy,
                        which is one address [default: no limit]
  CANDOR_LOG            what is logged, as info or candor=debug,sqlx=warn [default: info]

Without an issuer, tokens are those of a local development key, and the service listens on a
loopback address only (see --allow-development-key of candor serve).
Exit: 0 done, 1 failed, 2 asked wrongly.

Examples:
  candor serve
  candor screen vendors.csv --against awards.csv
  candor token --role bca_reviewer
  CANDOR_DATABASE_URL=postgres://candor@localhost/candor candor migrate status";

/// Screens what contractors disclose to a city.
#[derive(Debug, Parser)]
#[command(name = "candor", version, after_help = ENVIRONMENT)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Arguments),
    Serve(serve::Arguments),
    Migrate(migrate::Arguments),
    Import(import::Arguments),
    Screen(screen::Arguments),
    Token(token::Arguments),
    Verify(verify::Arguments),
    Schema(schema::Arguments),
    Openapi(openapi::Arguments),
}

/// Runs a subcommand.
///
/// # Errors
/// If it failed, in words for whoever ran it.
pub async fn run(arguments: Arguments, config: &Config) -> Result<()> {
    match arguments.command {
        // On the heap: they hold the service, and would make what waits for any command as large.
        Command::Demo(arguments) => Box::pin(demo::run(arguments, config)).await,
        Command::Serve(arguments) => Box::pin(serve::run(arguments, config)).await,
        Command::Migrate(arguments) => migrate::run(arguments, config).await,
        Command::Import(arguments) => import::run(arguments, config).await,
        Command::Screen(arguments) => screen::run(&arguments),
        Command::Token(arguments) => token::run(arguments, config).await,
        Command::Verify(arguments) => verify::run(arguments, config).await,
        Command::Schema(arguments) => schema::run(arguments),
        Command::Openapi(arguments) => openapi::run(arguments),
    }
}

/// Opens the configured database for a command, which may take as long as it needs.
///
/// # Errors
/// If it does not answer.
pub async fn open(config: &Config) -> Result<Database> {
    let database = Database::open_for_work(&config.database_url()?).await;
    let database = database.context("cannot open the database")?;
    match service_clock::compare(&database, config.clock.now()).await {
        // Before the first migration there is no table to compare with.
        Ok(()) | Err(Fault::Internal(_)) => Ok(database),
        Err(fault) => Err(told(fault)),
    }
}

/// A fault in words for the terminal: the same that a client reads; the cause goes to the log.
#[must_use]
pub fn told(fault: Fault) -> anyhow::Error {
    anyhow::Error::msg(async_graphql::Error::from(fault).message)
}
