//! Where this machine's PostgreSQL server programs are. The build script includes this file, so
//! it uses the standard library alone.
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The directory of `initdb`, `pg_ctl` and `postgres`, if this machine has them: on the `PATH`,
/// where `pg_config` says, or the newest version in `/usr/lib/postgresql`, which Debian keeps off
/// the `PATH`.
#[must_use]
pub fn binaries() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut candidates: Vec<_> = std::env::split_paths(&path).collect();
    if let Ok(output) = Command::new("pg_config").arg("--bindir").stderr(Stdio::null()).output() {
        candidates.push(String::from_utf8_lossy(&output.stdout).trim().into());
    }
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<_> = versions.map(|version| version.path()).collect();
    versions.sort_by_key(|version| {
        let number = version.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
        std::cmp::Reverse(number)
    });
    candidates.extend(versions.iter().map(|version| version.join("bin")));
    // The path may hold links to some of the programs only.
    let found = candidates.iter().filter_map(|bin| bin.join("initdb").canonicalize().ok());
    let mut found = found.filter_map(|initdb| initdb.parent().map(Path::to_owned));
    found.find(|bin| bin.join("pg_ctl").exists() && bin.join("postgres").exists())
}
