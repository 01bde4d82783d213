//! A PostgreSQL server for one test run, started from the binaries on this machine.
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{run, threads};

pub use crate::postgres_binaries::binaries;

/// Settings of the run's server. Its data is discarded, so that durability is off. Autovacuum is
/// off because it would connect to the template and block copies of it.
const SETTINGS: &str = "
listen_addresses = ''
port = 5432
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
";

/// Settings with durable commits, as in production.
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
/// For making and dropping databases, and for the other servers that a benchmark measures.
const OTHER_CONNECTIONS: usize = 80;

/// Message when no binaries are found.
pub const MISSING_BINARIES: &str = "PostgreSQL stories are skipped: the server's binaries (initdb, pg_ctl, \
    postgres) were not found on the path, by pg_config, or in /usr/lib/postgresql/*/bin";

/// The role that owns the databases of the run's server.
const OWNER: &str = "candor";
/// The role that services connect as: it reads and writes rows, and nothing else.
pub const RUNTIME_ROLE: &str = "candor_runtime";
/// Creates [`RUNTIME_ROLE`].
pub const CREATE_RUNTIME_ROLE: &str = "CREATE ROLE candor_runtime LOGIN";

/// Returns the address of a database on the run's server for a service.
#[must_use]
pub fn address(database: &str) -> String {
    address_in(&directory(), RUNTIME_ROLE, database)
}

/// Returns the address of a database on the run's server for its owner.
#[must_use]
pub fn owner_address(database: &str) -> String {
    address_in(&directory(), OWNER, database)
}

fn address_in(data: &Path, role: &str, database: &str) -> String {
    format!("postgres://{role}@localhost:5432/{database}?host={}", data.display())
}

fn directory() -> PathBuf {
    run::directory().join("cluster")
}

/// Creates the run's cluster and starts its server.
///
/// # Panics
/// With the server's output, if it does not start.
pub fn start(binaries: &Path) {
    let connections = CONNECTIONS_PER_TEST * threads::test_threads() + OTHER_CONNECTIONS;
    let settings = format!("{SETTINGS}max_connections = {connections}\n");
    Server::create(binaries, directory(), &settings).start();
}

/// A server with durable commits for one test, which may stop and restart it. It is stopped when
/// dropped.
#[derive(Debug)]
pub struct DurableServer(Server);

impl DurableServer {
    /// Creates a cluster and starts its server.
    ///
    /// # Panics
    /// With the server's output, if it does not start.
    #[must_use]
    pub fn start(binaries: &Path) -> Self {
        let name = format!("durable-{}", uuid::Uuid::now_v7().simple());
        // A socket path is limited to about a hundred bytes.
        let data = run::directory().join(&name[..24]);
        let server = Server::create(binaries, data, DURABLE_SETTINGS);
        server.start();
        Self(server)
    }

    /// Returns the address of a database on this server for a service.
    #[must_use]
    pub fn address(&self, database: &str) -> String {
        self.address_of(RUNTIME_ROLE, database)
    }

    /// Returns the address of a database on this server for its owner.
    #[must_use]
    pub fn owner_address(&self, database: &str) -> String {
        self.address_of(OWNER, database)
    }

    /// Returns the address of a database on this server for a role.
    #[must_use]
    pub fn address_of(&self, role: &str, database: &str) -> String {
        address_in(&self.0.data, role, database)
    }

    /// Stops the server as a crash would: at once, without flushing memory.
    ///
    /// If the server does not stop.
    pub fn stop_immediately(&self) {
        self.0.run("pg_ctl", &["stop", "-w", "-t", "60", "-m", "immediate"]);
    }

    /// Restarts the server, which first recovers from its log.
    ///
    /// # Panics
    /// With the server's output, if it does not start.
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

/// A cluster's directory and the user and binaries that run it.
#[derive(Debug)]
struct Server {
    binaries: PathBuf,
    data: PathBuf,
    user: Option<(u32, u32)>,
}

impl Server {
    fn create(binaries: &Path, data: PathBuf, settings: &str) -> Self {
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
        let output = self.command(program).args(arguments).output().expect("a program that runs");
        let log = fs::read_to_string(self.data.join("server.log")).unwrap_or_default();
        assert!(output.status.success(), "{program}: {output:?} {log}");
    }
}

/// Returns an unprivileged user and group to run the server as where tests run as root, which
/// PostgreSQL refuses.
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
