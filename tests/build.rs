//! Sets `cfg(no_postgres)` where this machine has no PostgreSQL server programs, so that the tests
//! on PostgreSQL are ignored there and every test runner counts them.
#[path = "src/postgres_binaries.rs"]
mod postgres_binaries;

/// Debian's list of installed packages changes when PostgreSQL is installed. Elsewhere, touch this
/// file after installing it.
const PACKAGES: &str = "/var/lib/dpkg/status";

fn main() {
    println!("cargo::rustc-check-cfg=cfg(no_postgres)");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/postgres_binaries.rs");
    if let Some(binaries) = postgres_binaries::binaries() {
        println!("cargo::rerun-if-changed={}", binaries.join("initdb").display());
        return;
    }
    println!("cargo::rustc-cfg=no_postgres");
    if std::path::Path::new(PACKAGES).exists() {
        println!("cargo::rerun-if-changed={PACKAGES}");
    }
}
