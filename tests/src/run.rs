//! What a test run leaves nothing of: its directory, and whoever clears it away.
use std::fs::{self, File};
use std::os::unix::process::{CommandExt, parent_id};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio, id};
use std::sync::LazyLock;

use candor::http::raise_open_file_limit;
use uuid::Uuid;

/// Waits until the run (`$1`) is over, however it ended, then stops its server and removes its
/// directory (`$2`).
///
/// A process of its own, since no test knows that it is the last, and one that crashes clears
/// nothing away. It holds none of the run's pipes and is in none of its process groups, so that
/// nothing waits for it and nothing stops it.
const KEEPER: &str = r#"
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

/// The directory of this run, made by the first test that asks; short, since a socket's path has
/// no more than about a hundred bytes.
///
/// # Panics
/// If the machine's temporary directory cannot be written.
#[must_use]
pub fn directory() -> &'static Path {
    static DIRECTORY: LazyLock<PathBuf> = LazyLock::new(|| {
        // nextest runs each test in a process of its own; they share its run's id and parent.
        let (run, process) = match std::env::var("NEXTEST_RUN_ID") {
            Ok(run) => (run, parent_id()),
            Err(_) => (Uuid::now_v7().to_string(), id()),
        };
        let name = run.rsplit('-').next().unwrap_or(&run);
        let directory = std::env::temp_dir().join(format!("candor-tests-{name}"));
        fs::create_dir_all(&directory).expect("a directory for the run");
        // Under plain `cargo test` all tests that run at once share this process's open files.
        raise_open_file_limit();
        if File::create_new(directory.join("kept")).is_ok() {
            keep(&directory, process);
        }
        directory
    });
    &DIRECTORY
}

#[expect(clippy::zombie_processes, reason = "it is there to outlive whoever starts it")]
fn keep(directory: &Path, process: u32) {
    let mut keeper = Command::new("sh");
    keeper.args(["-c", KEEPER, "keeper"]).arg(process.to_string()).arg(directory);
    keeper.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    keeper.current_dir("/").process_group(0).spawn().expect("a shell to clear away after the run");
}

/// Lets the first of the run's tests `make` what they share, while the others wait for it.
///
/// # Panics
/// If making it failed, for this test or for an earlier one.
pub async fn once(what: &str, make: impl AsyncFnOnce()) {
    let [lock, begun, done] =
        ["lock", "begun", "done"].map(|end| directory().join(format!("{what}.{end}")));
    let lock = File::create(lock).expect("a lock to write");
    lock.lock().expect("the lock of what the run shares");
    if done.exists() {
        return;
    }
    // A second attempt would only hide what the first one died of.
    File::create_new(begun).unwrap_or_else(|_| panic!("{what} failed in an earlier test"));
    make().await;
    File::create(done).expect("a mark to leave");
}
