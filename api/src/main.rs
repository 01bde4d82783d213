//! The command line: parses the arguments, runs the command and reports its result.
use std::process::ExitCode;

use anyhow::Result;
use candor::command::{Arguments, run};
use candor::config::Config;
use candor::log;
use candor::traces::Traces;
use clap::Parser;
use tokio::runtime::Builder;

/// Measured as answering two thirds more nested lists per second than the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let (config, _traces) = match configure() {
        Ok(configured) => configured,
        Err(error) => {
            eprintln!("candor: {error:#}");
            return ExitCode::from(2);
        }
    };
    let mut runtime = Builder::new_multi_thread();
    runtime.enable_all();
    if arguments.answers_requests() {
        // Requests have threads of their own, and each thread keeps megabytes of what it has freed.
        runtime.worker_threads(1);
    }
    let result = runtime
        .build()
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(run(arguments, &config)));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("candor: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Reads the environment, and starts logging and traces.
fn configure() -> Result<(Config, Option<Traces>)> {
    let config = Config::from_environment()?;
    let traces = log::start(&config.log, config.operations.traces.as_ref())?;
    Ok((config, traces))
}
