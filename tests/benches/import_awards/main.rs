//! Cost of importing federal awards on both databases: rows per second of `candor import
//! federal-awards` as a share of what the database itself does with the same rows, and peak memory.
//!
//! `cargo bench -p candor-tests --bench import_awards`
//!
//! With `CANDOR_PUBLIC_DATA` set to the folder of public data, which is not in the repository, it
//! imports all award files there and then a million rows made from them; otherwise rows made from a
//! small sample, which only show that the benchmark works.
//!
//! The database's own speed is that of the bare rows of the result, written into tables with the same
//! indexes, constraints and triggers, in one transaction: `COPY` on PostgreSQL; on SQLite prepared inserts
//! of one row each, and `INSERT … SELECT` from an attached file, which is faster than any client.
mod bare;
mod files;
mod import;

use std::env;
use std::path::{Path, PathBuf};

use candor_schema::database::Database;
use candor_tests::{Engine, run_on_database};

use crate::files::{make_rows, public_files};
use crate::import::Imported;

/// Number of rows of the made file.
const MADE_ROWS: usize = if cfg!(debug_assertions) { 20_000 } else { 1_000_000 };
/// The sample in this repository.
const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/federal_awards.csv");
/// The share of the speed of `COPY` to reach, and the share below which an import is too slow.
const GOAL_SHARE: f64 = 0.3;
const MIN_SHARE: f64 = 0.15;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let arguments: Vec<String> = env::args().skip(1).collect();
    if arguments.first().is_some_and(|it| it == import::CHILD) {
        runtime.block_on(import::run_child(&arguments[1..]));
        return;
    }
    let public = env::var_os("CANDOR_PUBLIC_DATA").map(|folder| public_files(Path::new(&folder)));
    let sources = public.clone().unwrap_or_else(|| vec![PathBuf::from(SAMPLE)]);
    let made = make_rows(&sources, MADE_ROWS);
    for engine in [Engine::Sqlite, Engine::Postgres] {
        println!("{engine:?}");
        if let Some(files) = &public {
            runtime.block_on(measure(engine, "all public files", files));
        }
        runtime.block_on(measure(engine, "rows made from them", std::slice::from_ref(&made)));
    }
}

/// Imports files into a new database, and writes the bare rows of the result into another one.
async fn measure(engine: Engine, what: &str, files: &[PathBuf]) {
    run_on_database(engine, async |database: Database| {
        let imported = import::run(&bare::address(&database).await, files);
        let Imported { rows, seconds, peak_bytes } = imported;
        println!(
            "  {what}: {rows} rows, {:.0} a second, peak memory {} MiB",
            rows / seconds,
            peak_bytes >> 20
        );
        let bare = match engine {
            Engine::Sqlite => bare::insert(&database).await,
            Engine::Postgres => bare::copy(&database).await,
        };
        for (what, bare_seconds) in bare {
            let share = bare_seconds / seconds;
            let reached = match share {
                _ if engine == Engine::Sqlite => "no goal",
                share if share >= GOAL_SHARE => "goal reached",
                share if share >= MIN_SHARE => "goal not reached",
                _ => "MISSED, too slow",
            };
            println!("    {share:.2} of {what} ({reached})");
        }
    })
    .await;
}
