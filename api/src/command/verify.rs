//! `candor verify`
use anyhow::{Result, bail};
use clap::Args;

use super::{open, told};
use crate::config::Config;

/// Recomputes every stored digest and chain, and names the first wrong one.
#[derive(Debug, Args)]
#[command(after_help = "Exit: 0 all is as it was written, 1 something is not.\n\n\
                        Example:\n  candor verify && echo untouched")]
pub struct Arguments {}

pub(super) async fn run(Arguments {}: Arguments, config: &Config) -> Result<()> {
    let database = open(config).await?;
    let report = candor_schema::verify::verify(&database).await.map_err(told)?;
    for (what, checked) in &report.checked {
        println!("{what}: {checked} checked");
    }
    if let Some(wrong) = report.wrong {
        println!("WRONG: {wrong}");
        bail!(
            "what is stored is not what was written; nothing after the first wrong thing was checked"
        );
    }
    println!("all is as it was written");
    Ok(())
}
