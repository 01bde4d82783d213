//! `candor openapi`
use anyhow::Result;
use clap::Args;

/// Prints the contract of what is not GraphQL, as OpenAPI 3.1.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  candor openapi > openapi/candor.json")]
pub struct Arguments {}

#[expect(clippy::unnecessary_wraps, reason = "every subcommand answers so")]
pub(super) fn run(Arguments {}: Arguments) -> Result<()> {
    print!("{}", crate::http::openapi());
    Ok(())
}
