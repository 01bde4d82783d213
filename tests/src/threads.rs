//! How many tests run at once, and how a test runs alone.
use std::env;
use std::thread::available_parallelism;

use tokio::sync::RwLock;

/// Tests hold it shared, and one that must run alone holds it exclusively. It counts under plain
/// `cargo test`, where all tests of a binary share a process; nextest, which gives each test a
/// process, has a rule of its own for them in `.config/nextest.toml`.
pub(crate) static ALONE: RwLock<()> = RwLock::const_new(());

/// The largest number of tests that run at once: as the test runner was configured, or else one for
/// each processor.
#[must_use]
pub fn test_threads() -> usize {
    let count = env::var("NEXTEST_TEST_THREADS").ok();
    let count = count.or_else(|| test_threads_argument(env::args()));
    let count = count.or_else(|| env::var("RUST_TEST_THREADS").ok());
    let processors = || available_parallelism().map_or(1, usize::from);
    count.and_then(|count| count.parse().ok()).unwrap_or_else(processors).max(1)
}

/// The value of `--test-threads N` or `--test-threads=N`.
fn test_threads_argument(arguments: impl Iterator<Item = String>) -> Option<String> {
    let mut arguments = arguments.skip_while(|argument| !argument.starts_with("--test-threads"));
    let argument = arguments.next()?;
    match argument.split_once('=') {
        Some((_, count)) => Some(count.to_owned()),
        None => arguments.next(),
    }
}
