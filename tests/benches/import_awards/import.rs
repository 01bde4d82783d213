//! The import in a process of its own, so that its peak memory is its own.
use std::env;
use std::io::stderr;
use std::path::PathBuf;
use std::process::{Command, id};
use std::time::Instant;

use candor::command::import::import_federal_awards;
use candor_schema::database::Database;
use candor_tests::memory::peak_bytes;
use candor_tests::{STORY_START, parse_instant};
use serde_json::{Value, json};

/// The first argument of the child process; its others are the database and the files.
pub const CHILD: &str = "import";

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// An import of files.
pub struct Imported {
    /// The number of rows.
    pub rows: f64,
    pub seconds: f64,
    /// The peak memory of the process, in bytes.
    pub peak_bytes: u64,
}

/// Imports files in a child process.
pub fn run(database: &str, files: &[PathBuf]) -> Imported {
    let mut command = Command::new(env::current_exe().expect("this benchmark's binary"));
    command.args([CHILD, database]).args(files);
    let output = command.output().expect("a process of its own");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let result: Value = serde_json::from_slice(&output.stdout).expect("a result");
    Imported {
        rows: result["rows"].as_f64().expect("rows"),
        seconds: result["seconds"].as_f64().expect("seconds"),
        peak_bytes: result["peakBytes"].as_u64().expect("bytes"),
    }
}

/// Imports files and prints the result as JSON.
pub async fn run_child(arguments: &[String]) {
    let (database, files) = arguments.split_first().expect("a database");
    let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
    let start = Instant::now();
    let database = Database::open_for_work(database).await.expect("the database");
    let now = parse_instant(STORY_START);
    let summary = import_federal_awards(&database, &files, false, now, &mut stderr()).await;
    let summary = summary.expect("an import");
    let rows = summary.new
        + summary.changed
        + summary.unchanged
        + summary.other_agencies
        + summary.rejected;
    assert_eq!(summary.rejected, 0);
    let seconds = start.elapsed().as_secs_f64();
    let peak = peak_bytes(id());
    println!("{}", json!({ "rows": rows, "seconds": seconds, "peakBytes": peak }));
}
