//! `candor import`
mod contracts;
mod federal_awards;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::config::Config;

pub use contracts::{Count, import_contracts};
pub use federal_awards::{AwardCount, import_federal_awards};

/// Takes up lists that were made elsewhere.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Contracts(contracts::Arguments),
    FederalAwards(federal_awards::Arguments),
}

pub(super) async fn run(arguments: Arguments, config: &Config) -> Result<()> {
    match arguments.what {
        What::Contracts(arguments) => contracts::run(arguments, config).await,
        What::FederalAwards(arguments) => federal_awards::run(arguments, config).await,
    }
}
