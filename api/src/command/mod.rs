//! The subcommands, one file each. Results go to stdout, progress and logs to stderr.
pub(crate) mod award_file;
mod backup;
pub mod demo;
pub mod export;
pub mod import;
pub mod migrate;
mod openapi;
pub mod policy;
mod schema;
mod screen;
pub mod serve;
pub(crate) mod table;
mod token;
#[cfg(test)]
mod upgrade_tests;
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
  CANDOR_DATA_DIR       directory of the SQLite file, the development key and the files of imports
                        over HTTP [default: .candor]
  CANDOR_AUTH_ISSUER    issuer (iss) of the tokens; set it with the next two, or none of the three
  CANDOR_AUTH_AUDIENCE  audience (aud) of the tokens
  CANDOR_AUTH_JWKS      https address or file of the issuer's key set (RFC 7517)
  CANDOR_AUTH_ISSUERS   file of several issuers (TOML), instead of the three
  CANDOR_CONNECTIONS_PER_ADDRESS
                        most open connections from one address; leave it unset behind a proxy,
                        which is one address [default: no limit]
  CANDOR_DATABASE_CONNECTIONS
                        most database connections for requests, 1 to 200; on SQLite these read
                        [default: 10 on PostgreSQL, 4 on SQLite]
  CANDOR_METRICS_LISTEN loopback address and port that serves /metrics [default: not served]
  CANDOR_LOG            log filter, such as info or candor=debug,sqlx=warn [default: info]
  OTEL_EXPORTER_OTLP_ENDPOINT
                        collector of traces, such as http://127.0.0.1:4318 [default: none sent]

Without an issuer, the service accepts tokens of a local development key, and listens on loopback
addresses only (see --allow-development-key of candor serve).
Exit: 0 success, 1 failure, 2 invalid arguments or settings.

Examples:
  candor serve
  candor screen vendors.csv --against awards.csv
  candor token --role bca_reviewer
  CANDOR_DATABASE_URL=postgres://owner@localhost/candor candor migrate --runtime-role candor";

/// Contractor disclosure and bid screening for a city.
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
    Policy(policy::Arguments),
    Import(import::Arguments),
    Screen(screen::Arguments),
    Export(export::Arguments),
    Token(token::Arguments),
    Verify(verify::Arguments),
    Backup(backup::BackupArguments),
    Restore(backup::RestoreArguments),
    Schema(schema::Arguments),
    Openapi(openapi::Arguments),
}

impl Arguments {
    /// Whether the command runs the service, which answers requests on threads of its own.
    #[must_use]
    pub const fn answers_requests(&self) -> bool {
        matches!(self.command, Command::Demo(_) | Command::Serve(_))
    }
}

/// Runs a subcommand.
///
/// # Errors
/// If the command fails, with a message for the operator.
pub async fn run(arguments: Arguments, config: &Config) -> Result<()> {
    match arguments.command {
        // Boxed because these futures contain the whole service, and would enlarge this one.
        Command::Demo(arguments) => Box::pin(demo::run(arguments, config)).await,
        Command::Serve(arguments) => Box::pin(serve::run(arguments, config)).await,
        Command::Migrate(arguments) => migrate::run(arguments, config).await,
        Command::Policy(arguments) => policy::run(arguments, config).await,
        Command::Import(arguments) => import::run(arguments, config).await,
        Command::Screen(arguments) => screen::run(&arguments),
        Command::Export(arguments) => export::run(arguments, config).await,
        Command::Token(arguments) => token::run(arguments, config).await,
        Command::Verify(arguments) => verify::run(arguments, config).await,
        Command::Backup(arguments) => backup::back_up(arguments, config).await,
        Command::Restore(arguments) => backup::restore(arguments, config).await,
        Command::Schema(arguments) => schema::run(arguments),
        Command::Openapi(arguments) => openapi::run(arguments),
    }
}

/// Opens the configured database for a command, without the time limits of requests.
///
/// # Errors
/// If the database does not answer.
pub async fn open_database(config: &Config) -> Result<Database> {
    let database = Database::open_for_work(&config.database_url()?).await;
    let database = database.context("cannot open the database")?;
    match service_clock::compare(&database, config.clock.now()).await {
        // The clock's table does not exist before the first migration.
        Ok(()) | Err(Fault::Internal(_)) => Ok(database),
        Err(fault) => Err(fault_message(fault)),
    }
}

/// Converts a fault to an error with the message that a client gets. The cause is only logged.
#[must_use]
pub fn fault_message(fault: Fault) -> anyhow::Error {
    anyhow::Error::msg(async_graphql::Error::from(fault).message)
}
