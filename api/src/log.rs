//! The log of the process, on standard error.
use std::io::{IsTerminal, stderr};

use anyhow::{Result, anyhow};
use tracing_subscriber::EnvFilter;

/// Starts logging: as text if standard error is a terminal, otherwise as one JSON object a line.
/// `filter` is the value of `CANDOR_LOG`. Call it once in a process.
///
/// # Errors
/// If `filter` is not a log filter.
///
/// # Panics
/// If logging was started before.
pub fn start(filter: &str) -> Result<()> {
    let directives = EnvFilter::try_new(filter);
    let directives = directives.map_err(|error| anyhow!("CANDOR_LOG is {filter:?}: {error}"))?;
    let log = tracing_subscriber::fmt().with_env_filter(directives).with_writer(stderr);
    if stderr().is_terminal() {
        log.init();
    } else {
        log.json().flatten_event(true).init();
    }
    Ok(())
}
