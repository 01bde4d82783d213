//! The directory of a test run, and the process that removes it afterwards.
use std::fs::{self, File};
use std::os::unix::process::{CommandExt, parent_id};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio, id};
use std::sync::LazyLock;

use candor::http::raise_open_file_limit;
use uuid::Uuid;

/// Waits until the run (`$1`) ends in any way, then stops its server and removes its directory
/// (`$2`).
///
/// It is a separate process because no test knows that it is the last, and a crashed test cleans up
/// nothing. It holds none of the run's pipes and belongs to none of its process groups, so that
/// nothing waits for it or stops it.
const CLEANUP_SCRIPT: &str = r#"
trap '' HUP INT
while kill -0 "$1" 2>/dev/null; do sleep 0.2; done
if read -r server <"$2/cluster/postmaster.pid"; then
    kill -INT "$server"
    turns=0
    while [ -e "$2/cluster/postmaster.pid" ] && [ "$turns" -lt 100 ]; do
        turns=$((turns + 1))
        sleep 0.1
    done
fi
rm -rf "$2"
"#;

/// Returns the directory of this run, created on first use. The path is short because a socket path
/// is limited to about a hundred bytes.
///
/// # Panics
/// If the machine's temporary directory cannot be written.
#[must_use]
pub fn directory() -> &'static Path {
    static DIRECTORY: LazyLock<PathBuf> = LazyLock::new(|| {
        // nextest runs each test in its own process; they share the run's id and parent.
        let (run, process) = match std::env::var("NEXTEST_RUN_ID") {
            Ok(run) => (run, parent_id()),
            Err(_) => (Uuid::now_v7().to_string(), id()),
        };
        let name = run.rsplit('-').next().unwrap_or(&run);
        let directory = std::env::temp_dir().join(format!("candor-tests-{name}"));
        fs::create_dir_all(&directory).expect("a directory for the run");
        // Under plain `cargo test` all tests that run at once share this process's open files.
        raise_open_file_limit();
        if File::create_new(directory.join("cleanup")).is_ok() {
            spawn_cleanup(&directory, process);
        }
        directory
    });
    &DIRECTORY
}

/// Writes a CSV file that is removed after the run; returns its path.
///
/// # Panics
/// If the machine's temporary directory cannot be written.
#[must_use]
pub fn write_csv(text: &str) -> PathBuf {
    let path = directory().join(format!("{}.csv", Uuid::now_v7().simple()));
    fs::write(&path, text).expect("a file to write");
    path
}

#[expect(clippy::zombie_processes, reason = "it must outlive the process that starts it")]
fn spawn_cleanup(directory: &Path, process: u32) {
    let mut cleanup = Command::new("sh");
    cleanup.args(["-c", CLEANUP_SCRIPT, "cleanup"]).arg(process.to_string()).arg(directory);
    cleanup.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    cleanup
        .current_dir("/")
        .process_group(0)
        .spawn()
        .expect("a shell that cleans up after the run");
}

/// Runs `make` once for each test run, to create shared resources; other tests wait for it.
///
/// If `make` failed, in this test or an earlier one.
pub async fn once(what: &str, make: impl AsyncFnOnce()) {
    let [lock, begun, done] =
        ["lock", "begun", "done"].map(|end| directory().join(format!("{what}.{end}")));
    let lock = File::create(lock).expect("a lock to write");
    lock.lock().expect("the lock of what the run shares");
    if done.exists() {
        return;
    }
    // A second attempt would hide why the first one failed.
    File::create_new(begun).unwrap_or_else(|_| panic!("{what} failed in an earlier test"));
    make().await;
    File::create(done).expect("a mark to leave");
}
