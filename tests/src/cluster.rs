//! A PostgreSQL server for one test run, from the binaries of this machine.
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{run, threads};

pub use crate::postgres_binaries::binaries;

/// Nobody else sees its socket; what is lost in a crash is thrown away anyway. Nothing connects
/// to the template but the tests: autovacuum would stand in the way of its copies.
const SETTINGS: &str = "
listen_addresses = ''
port = 5432
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
";

/// As production has it: what is acknowledged is on the disk.
const DURABLE_SETTINGS: &str = "
listen_addresses = ''
port = 5432
max_connections = 50
fsync = on
synchronous_commit = on
full_page_writes = on
";

/// The most connections that one test holds: those of a service and its workers (17), twice, since
/// some tests run a second service on the same database, and a few of the test's own.
const CONNECTIONS_PER_TEST: usize = 40;
/// For making and dropping databases.
const OTHER_CONNECTIONS: usize = 20;

/// Said where there are none.
pub const MISSING: &str = "no story is told on PostgreSQL: its server's binaries (initdb, pg_ctl, \
    postgres) are neither on the path nor where pg_config says nor in /usr/lib/postgresql/*/bin";

/// The address of one of the databases of the run's server.
#[must_use]
pub fn address(database: &str) -> String {
    address_in(&directory(), database)
}

fn address_in(data: &Path, database: &str) -> String {
    format!("postgres://candor@localhost:5432/{database}?host={}", data.display())
}

fn directory() -> PathBuf {
    run::directory().join("cluster")
}

/// Makes the run's cluster and starts it.
///
/// # Panics
/// With the server's words, if it does not start.
pub fn start(binaries: &Path) {
    let connections = CONNECTIONS_PER_TEST * threads::test_threads() + OTHER_CONNECTIONS;
    let settings = format!("{SETTINGS}max_connections = {connections}\n");
    Server::make(binaries, directory(), &settings).start();
}

/// A server of a test's own that keeps what it acknowledges, for the test to stop and start.
/// It is stopped when it is dropped.
#[derive(Debug)]
pub struct DurableServer(Server);

impl DurableServer {
    /// Makes its cluster and starts it.
    ///
    /// # Panics
    /// With the server's words, if it does not start.
    #[must_use]
    pub fn start(binaries: &Path) -> Self {
        let name = format!("durable-{}", uuid::Uuid::now_v7().simple());
        // The socket's path has no more than about a hundred bytes.
        let data = run::directory().join(&name[..24]);
        let server = Server::make(binaries, data, DURABLE_SETTINGS);
        server.start();
        Self(server)
    }

    /// The address of one of its databases.
    #[must_use]
    pub fn address(&self, database: &str) -> String {
        address_in(&self.0.data, database)
    }

    /// Stops it as a crash would: at once, without writing back what it holds in memory.
    ///
    /// # Panics
    /// If it does not stop.
    pub fn stop_immediately(&self) {
        self.0.run("pg_ctl", &["stop", "-w", "-t", "60", "-m", "immediate"]);
    }

    /// Starts it again; it recovers from its log first.
    ///
    /// # Panics
    /// With the server's words, if it does not start.
    pub fn start_again(&self) {
        self.0.start();
    }
}

impl Drop for DurableServer {
    fn drop(&mut self) {
        // A test that failed may have stopped it already.
        let mut stop = self.0.command("pg_ctl");
        let _ = stop.args(["stop", "-m", "immediate"]).stdout(Stdio::null()).status();
    }
}

/// A cluster's directory, and how its programs are run.
#[derive(Debug)]
struct Server {
    binaries: PathBuf,
    data: PathBuf,
    user: Option<(u32, u32)>,
}

impl Server {
    fn make(binaries: &Path, data: PathBuf, settings: &str) -> Self {
        fs::create_dir(&data).expect("a directory for the cluster");
        let user = unprivileged(&data);
        if let Some((uid, gid)) = user {
            chown(&data, Some(uid), Some(gid)).expect("a directory that the server owns");
        }
        let server = Self { binaries: binaries.to_owned(), data, user };
        let trust = ["-U", "candor", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];
        server.run("initdb", &trust);
        let path = server.data.join("postgresql.conf");
        let mut file = OpenOptions::new().append(true).open(path).expect("the server's settings");
        let socket = server.data.display().to_string().replace('\'', "''");
        writeln!(file, "{settings}unix_socket_directories = '{socket}'").expect("a disk with room");
        server
    }

    fn start(&self) {
        let log = self.data.join("server.log");
        self.run("pg_ctl", &["start", "-w", "-t", "60", "-l", &log.to_string_lossy()]);
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.binaries.join(program));
        command.arg("-D").arg(&self.data).current_dir("/").env("LC_ALL", "C");
        if let Some((uid, gid)) = self.user {
            command.uid(uid).gid(gid);
        }
        command.stdin(Stdio::null());
        command
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let ended = self.command(program).args(arguments).output().expect("a program that runs");
        let log = fs::read_to_string(self.data.join("server.log")).unwrap_or_default();
        assert!(ended.status.success(), "{program}: {ended:?} {log}");
    }
}

/// Whom the server runs as where the tests run as root, which it refuses.
fn unprivileged(ours: &Path) -> Option<(u32, u32)> {
    let root = fs::metadata(ours).expect("a directory of ours").uid() == 0;
    root.then(|| {
        let users = fs::read_to_string("/etc/passwd").expect("a list of users");
        let ids = |name: &str| {
            let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
            let mut ids = line.split(':').skip(2).map(str::parse);
            Some((ids.next()?.ok()?, ids.next()?.ok()?))
        };
        ids("postgres").or_else(|| ids("nobody")).expect("an unprivileged user for the server")
    })
}
