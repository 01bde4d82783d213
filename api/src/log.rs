//! The log of the process on standard error, and the traces of its requests.
use std::io::{IsTerminal, stderr};

use anyhow::{Result, anyhow};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use crate::config::TraceSettings;
use crate::traces::Traces;

/// Starts logging: as text if standard error is a terminal, otherwise as one JSON object a line; and
/// sending traces if there are settings for it. `filter` is the value of `CANDOR_LOG`. Call it once in a
/// process, and keep the result until its end.
///
/// # Errors
/// If `filter` is not a log filter, or the address of the collector is not a URL.
///
/// # Panics
/// If logging was started before.
pub fn start(filter: &str, traces: Option<&TraceSettings>) -> Result<Option<Traces>> {
    let directives = EnvFilter::try_new(filter);
    let directives = directives.map_err(|error| anyhow!("CANDOR_LOG is {filter:?}: {error}"))?;
    let traces = traces.map(Traces::start).transpose()?;
    let log = fmt::layer().with_writer(stderr);
    let log =
        if stderr().is_terminal() { log.boxed() } else { log.json().flatten_event(true).boxed() };
    tracing_subscriber::registry()
        .with(traces.as_ref().map(Traces::layer))
        .with(log.with_filter(directives))
        .init();
    Ok(traces)
}
