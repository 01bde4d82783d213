//! `candor schema`: prints the GraphQL schema.
use anyhow::Result;
use candor_schema::graphql::sdl;
use clap::Args;

/// Prints the GraphQL schema, in the schema definition language.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  candor schema > schema/schema.graphql")]
pub struct Arguments {}

#[expect(clippy::unnecessary_wraps, reason = "every subcommand has this signature")]
pub(super) fn run(Arguments {}: Arguments) -> Result<()> {
    print!("{}", sdl());
    Ok(())
}
