//! `candor import`: imports lists of contracts and of federal awards.
mod contracts;
mod federal_awards;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::config::Config;

pub use contracts::{ContractImportSummary, import_contracts};
pub use federal_awards::{AwardImportSummary, import_federal_awards};

/// Imports contracts or federal awards from files.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    source: ImportSource,
}

#[derive(Debug, Subcommand)]
enum ImportSource {
    Contracts(contracts::Arguments),
    FederalAwards(federal_awards::Arguments),
}

pub(super) async fn run(arguments: Arguments, config: &Config) -> Result<()> {
    match arguments.source {
        ImportSource::Contracts(arguments) => contracts::run(arguments, config).await,
        ImportSource::FederalAwards(arguments) => federal_awards::run(arguments, config).await,
    }
}
