//! The load generator: wrk, with requests from files.
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use candor_tests::{memory, run};
use serde::Deserialize;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::servers::{Server, cpu_seconds_of_postgres};

/// The script of wrk.
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/node/requests.lua");

/// The requests of a load: one body is chosen at random, and the tokens take turns.
pub struct Requests {
    bodies: PathBuf,
    tokens: PathBuf,
    /// Whether each body has its own token.
    is_paired: bool,
}

impl Requests {
    pub fn new(bodies: Vec<String>, tokens: Vec<String>) -> Self {
        let write = |lines: Vec<String>| {
            let path = run::directory().join(Uuid::now_v7().simple().to_string());
            fs::write(&path, lines.join("\n")).expect("room on the disk");
            path
        };
        Self { bodies: write(bodies), tokens: write(tokens), is_paired: false }
    }

    /// Requests of which each is sent with the token of its own position.
    pub fn paired(bodies: Vec<String>, tokens: Vec<String>) -> Self {
        Self { is_paired: true, ..Self::new(bodies, tokens) }
    }
}

/// One kind of request to one server.
pub struct Load<'a> {
    pub what: &'static str,
    pub server: &'a Server,
    pub requests: Requests,
}

/// What one round showed.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    pub requests_per_second: f64,
    pub p50_milliseconds: f64,
    pub p99_milliseconds: f64,
    /// The processor time of the server for each request, in microseconds.
    pub server_microseconds: f64,
    /// The processor time of PostgreSQL for each request, in microseconds.
    pub postgres_microseconds: f64,
    pub resident_mebibytes: f64,
    /// The part of the resident memory that is no mapped file.
    pub anonymous_mebibytes: f64,
    pub bytes_per_answer: f64,
}

/// What the script prints.
#[derive(Debug, Deserialize)]
struct Printed {
    requests: f64,
    seconds: f64,
    p50: f64,
    p99: f64,
    bytes: f64,
    failed: u64,
}

impl Load<'_> {
    /// Sends requests over some connections for some seconds.
    pub async fn run(&self, connections: usize, seconds: usize, seed: usize) -> Sample {
        let server = self.server;
        let (server_before, postgres_before) = (server.cpu_seconds(), cpu_seconds_of_postgres());
        let printed = self.send(connections, seconds, seed).await;
        let each = |before: f64, after: f64| (after - before) * 1e6 / printed.requests;
        Sample {
            requests_per_second: printed.requests / printed.seconds,
            p50_milliseconds: printed.p50,
            p99_milliseconds: printed.p99,
            server_microseconds: each(server_before, server.cpu_seconds()),
            postgres_microseconds: each(postgres_before, cpu_seconds_of_postgres()),
            resident_mebibytes: server.mebibytes(memory::resident_bytes),
            anonymous_mebibytes: server.mebibytes(memory::anonymous_bytes),
            bytes_per_answer: printed.bytes / printed.requests,
        }
    }

    async fn send(&self, connections: usize, seconds: usize, seed: usize) -> Printed {
        let mut wrk = Command::new("wrk");
        wrk.args(["-t1", "--latency", "--timeout", "10s", &format!("-c{connections}")]);
        wrk.args([&format!("-d{seconds}"), "-s", SCRIPT, &self.server.address]);
        let path = |path: &Path| path.display().to_string();
        wrk.env("BODIES", path(&self.requests.bodies));
        wrk.env("TOKENS", path(&self.requests.tokens)).env("SEED", seed.to_string());
        wrk.env("PAIRED", if self.requests.is_paired { "yes" } else { "no" });
        let output = spawn_blocking(move || wrk.output()).await.expect("a task");
        let output = output.expect("wrk (Debian's package wrk)");
        let text = String::from_utf8_lossy(&output.stdout);
        let line = text.lines().find(|line| line.starts_with('{'));
        let line =
            line.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)));
        let printed: Printed = serde_json::from_str(line).expect(line);
        assert_eq!(printed.failed, 0, "{} {}: {text}", self.server.name, self.what);
        printed
    }
}
