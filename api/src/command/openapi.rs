//! `candor openapi`: prints the OpenAPI document.
use anyhow::Result;
use clap::Args;

/// Prints the OpenAPI 3.1 document of the HTTP interface.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  candor openapi > openapi/candor.json")]
pub struct Arguments {}

#[expect(clippy::unnecessary_wraps, reason = "every subcommand has this signature")]
pub(super) fn run(Arguments {}: Arguments) -> Result<()> {
    print!("{}", crate::http::openapi());
    Ok(())
}
