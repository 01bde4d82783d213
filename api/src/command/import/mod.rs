//! `candor import`: imports lists of contracts, of federal awards and of vendors.
mod contracts;
mod federal_awards;
mod vendors;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::config::Config;

pub use contracts::import_contracts;
pub use federal_awards::{import_award_files, import_federal_awards};
pub use vendors::import_vendors;

/// Imports contracts, federal awards or vendors from files.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    source: ImportSource,
}

#[derive(Debug, Subcommand)]
enum ImportSource {
    Contracts(contracts::Arguments),
    FederalAwards(federal_awards::Arguments),
    Vendors(vendors::Arguments),
}

pub(super) async fn run(arguments: Arguments, config: &Config) -> Result<()> {
    match arguments.source {
        ImportSource::Contracts(arguments) => contracts::run(arguments, config).await,
        ImportSource::FederalAwards(arguments) => federal_awards::run(arguments, config).await,
        ImportSource::Vendors(arguments) => vendors::run(arguments, config).await,
    }
}
