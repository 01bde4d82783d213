//! Cost of `verify` over a ledger of a million entries: entries per second compared with a tenth of
//! them in the same run, and peak memory above that before.
//!
//! `cargo bench -p candor-tests --bench verify_ledger`
use std::process::id;
use std::time::Instant;

use candor_schema::verify::verify;
use candor_tests::many_entries::write_entries;
use candor_tests::memory::{peak_bytes, reset_peak};
use candor_tests::{Engine, STORY_START, parse_instant, run_on_database};

const ENTRIES: usize = if cfg!(debug_assertions) { 20_000 } else { 1_000_000 };
/// Maximum peak memory during verification, in bytes.
const MAX_PEAK_BYTES: usize = 256 << 20;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut speeds = Vec::new();
    for entries in [ENTRIES / 10, ENTRIES] {
        runtime.block_on(run_on_database(Engine::Sqlite, async |database| {
            let now = parse_instant(STORY_START);
            write_entries(&database, now, entries).await;
            reset_peak(id());
            let start = Instant::now();
            let report = verify(&database, now, |_| ()).await.expect("a report");
            let seconds = start.elapsed().as_secs_f64();
            assert_eq!(report.wrong, None);
            #[expect(clippy::cast_precision_loss, reason = "a few millions")]
            let speed = entries as f64 / seconds;
            let peak = peak_bytes(id());
            println!("{entries:>9} entries: {speed:>9.0} a second, peak {} MiB", peak >> 20);
            let reached = if peak < MAX_PEAK_BYTES { "reached" } else { "MISSED" };
            println!("          the goal of {} MiB is {reached}", MAX_PEAK_BYTES >> 20);
            speeds.push(speed);
        }));
    }
    println!("a ledger ten times as long is verified at {:.2} of the speed", speeds[1] / speeds[0]);
}
