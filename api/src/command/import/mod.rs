//! `candor import`
mod contracts;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::config::Config;

pub use contracts::{Count, import_contracts};

/// Takes up lists that were made elsewhere.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Contracts(contracts::Arguments),
}

pub(super) async fn run(arguments: Arguments, config: &Config) -> Result<()> {
    match arguments.what {
        What::Contracts(arguments) => contracts::run(arguments, config).await,
    }
}
