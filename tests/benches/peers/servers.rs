//! The measured servers: Candor in a process of its own, and the peers in Node.
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use candor::auth::Claims;
use candor_tests::process::ServiceProcess;
use candor_tests::{AUDIENCE, ISSUER, Role, TestApp, run};
use serde_json::json;
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::candor_data::reader_token;

/// The folder of the peers' sources.
const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/node");
/// The processes of each peer: as many as the machine of the benchmark has processors.
const WORKERS: usize = 2;
/// Ticks of a processor a second in `/proc` (Linux shows hundredths on every machine).
const TICKS_PER_SECOND: f64 = 100.0;

/// A server that answers GraphQL requests.
pub struct Server {
    pub name: String,
    /// The URL of its GraphQL endpoint.
    pub address: String,
    process: Process,
}

enum Process {
    /// This benchmark's own build of Candor.
    Candor(ServiceProcess),
    /// Another program, perhaps with workers.
    Program(Child),
}

impl Server {
    /// Starts Candor on the database of the app, with the limits of production: the program that
    /// `CANDOR_BENCH_PROGRAM` names, such as the one that is shipped, or this benchmark's own build. It
    /// logs warnings alone, because the peers log nothing.
    pub async fn start_candor(app: &TestApp) -> Self {
        if let Some(program) = std::env::var_os("CANDOR_BENCH_PROGRAM") {
            return Self::start_program(app, Command::new(program)).await;
        }
        let service = ServiceProcess::start_in_benchmark(app).await;
        let address = service.address().to_owned();
        Self { name: "Candor".to_owned(), address, process: Process::Candor(service) }
    }

    async fn start_program(app: &TestApp, mut program: Command) -> Self {
        let (port, folder) = (free_port(), run::directory().join("candor"));
        fs::create_dir(&folder).expect("a folder");
        let keys = folder.join("keys.json");
        fs::write(&keys, serde_json::to_vec(&app.key.jwks()).expect("keys")).expect("a file");
        program.arg("serve").stdin(Stdio::null()).env("CANDOR_LOG", "warn");
        program.env("CANDOR_DATABASE_URL", &app.url).env("CANDOR_DATA_DIR", &folder);
        let issuers = folder.join("issuers.toml");
        fs::write(&issuers, issuer_of_stories()).expect("a file");
        program.env("CANDOR_AUTH_ISSUERS", &issuers);
        program.env("CANDOR_LISTEN", format!("127.0.0.1:{port}"));
        let child = program.spawn().expect("the program in CANDOR_BENCH_PROGRAM");
        wait_for(port).await;
        let address = format!("http://127.0.0.1:{port}/graphql");
        // Before anything is measured: does it accept the tokens?
        let question = json!({ "query": "{ __typename }" });
        let request = reqwest::Client::new().post(&address).json(&question);
        let answer = request.bearer_auth(reader_token(app, 0)).send().await.expect("an answer");
        let (status, text) = (answer.status(), answer.text().await.expect("an answer's text"));
        assert!(status.is_success(), "{status} {text}");
        Self { name: "Candor".to_owned(), address, process: Process::Program(child) }
    }

    fn process_ids(&self) -> Vec<u32> {
        match &self.process {
            Process::Candor(service) => vec![service.id()],
            Process::Program(child) => {
                let workers = processes().into_iter().filter(|it| it.parent == child.id());
                std::iter::once(child.id()).chain(workers.map(|it| it.id)).collect()
            }
        }
    }

    /// The processor time that the server has used, in seconds.
    pub fn cpu_seconds(&self) -> f64 {
        let ids = self.process_ids();
        processes().iter().filter(|it| ids.contains(&it.id)).map(|it| it.cpu_seconds).sum()
    }

    /// The memory of the server's processes as `bytes` reads it, in MiB.
    pub fn mebibytes(&self, bytes: fn(u32) -> usize) -> f64 {
        let bytes: usize = self.process_ids().into_iter().map(bytes).sum();
        f64::from(u32::try_from(bytes >> 20).expect("a few gigabytes"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Process::Program(child) = &mut self.process {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A peer, and how it is asked.
pub struct Peer {
    pub server: Server,
    pub kind: PeerKind,
}

/// The tables and the schema of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerKind {
    /// Tables of its own, with the schema that the peers share.
    OwnTables,
    /// Candor's tables, with the same schema.
    TablesOfCandor,
    /// Tables of its own, with a schema that the peer makes from them.
    GeneratedSchema,
}

/// Node with the peers' packages.
pub struct Node {
    folder: PathBuf,
}

impl Node {
    /// Installs the peers' packages. Returns none, with a message, without Node, npm or wrk.
    pub fn install() -> Option<Self> {
        for program in ["node", "npm", "wrk"] {
            let has_it = Command::new(program).arg("--version").output().is_ok();
            if !has_it {
                println!("LEFT OUT: {program} is missing; install Debian's nodejs, npm and wrk");
                return None;
            }
        }
        let folder = run::directory().join("peers");
        fs::create_dir(&folder).expect("a folder");
        for entry in fs::read_dir(SOURCES).expect("the peers' sources") {
            let entry = entry.expect("a file");
            fs::copy(entry.path(), folder.join(entry.file_name())).expect("a copy");
        }
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--silent"]).current_dir(&folder);
        assert!(npm.status().expect("npm").success(), "the peers' packages are installed");
        Some(Self { folder })
    }

    /// Starts the peers: each without sign-in, one also with a token verified for each request and a
    /// membership read, and one also on Candor's tables.
    pub async fn start_peers(&self, app: &TestApp) -> Vec<Peer> {
        let public_key = public_key(app);
        let mut peers = Vec::new();
        for (name, source, key, kind) in [
            ("Mercurius", "mercurius.mjs", "", PeerKind::OwnTables),
            ("Yoga", "yoga.mjs", "", PeerKind::OwnTables),
            ("PostGraphile", "postgraphile.mjs", "", PeerKind::GeneratedSchema),
            ("Mercurius with sign-in", "mercurius.mjs", &*public_key, PeerKind::OwnTables),
            ("Mercurius on Candor's tables", "mercurius.mjs", "", PeerKind::TablesOfCandor),
        ] {
            let server = self.start(name, source, app, key, kind).await;
            peers.push(Peer { server, kind });
        }
        peers
    }

    async fn start(
        &self,
        name: &str,
        source: &str,
        app: &TestApp,
        key: &str,
        kind: PeerKind,
    ) -> Server {
        let port = free_port();
        let mut node = Command::new("node");
        node.args(["workers.mjs", &format!("./{source}"), &WORKERS.to_string()]);
        node.current_dir(&self.folder).env("PORT", port.to_string());
        node.env("DATABASE", app.owner_url()).env("PUBLIC_KEY", key);
        node.env("TABLES", if kind == PeerKind::TablesOfCandor { "candor" } else { "" });
        node.env("NODE_ENV", "production").stdin(Stdio::null());
        let child = node.spawn().expect("node");
        wait_for(port).await;
        let address = format!("http://127.0.0.1:{port}/graphql");
        Server { name: name.to_owned(), address, process: Process::Program(child) }
    }
}

/// The issuer of the stories' tokens, which have not all claims of RFC 9068, as `CANDOR_AUTH_ISSUERS` names it.
fn issuer_of_stories() -> String {
    let roles = [Role::Bidder, Role::CaoAnalyst].map(Claims::role);
    format!(
        "[[issuer]]\nissuer = \"{ISSUER}\"\naudience = \"{AUDIENCE}\"\njwks = \"keys.json\"\n\
         profile = \"relaxed\"\nroles = {roles:?}\n"
    )
}

/// Returns the public key of the app's tokens in PEM (RFC 8410, for Ed25519), as the peers read it.
fn public_key(app: &TestApp) -> String {
    /// SubjectPublicKeyInfo of Ed25519, before the 32 bytes of the key.
    const PREFIX: [u8; 12] =
        [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    let keys = serde_json::to_value(app.key.jwks()).expect("keys");
    let key = keys["keys"][0]["x"].as_str().expect("an Ed25519 key");
    let mut bytes = PREFIX.to_vec();
    bytes.extend(URL_SAFE_NO_PAD.decode(key).expect("Base64url"));
    let text = STANDARD.encode(bytes);
    format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n")
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("a port").port()
}

async fn wait_for(port: u16) {
    for _ in 0..300 {
        if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return;
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("nothing listens on port {port} after 30 seconds");
}

/// The processor time of all processes of PostgreSQL, in seconds.
pub fn cpu_seconds_of_postgres() -> f64 {
    processes().iter().filter(|it| it.name == "postgres").map(|it| it.cpu_seconds).sum()
}

/// A process, as `/proc/PID/stat` shows it.
struct ProcessUse {
    id: u32,
    parent: u32,
    name: String,
    cpu_seconds: f64,
}

fn processes() -> Vec<ProcessUse> {
    let entries = fs::read_dir("/proc").expect("Linux");
    entries.filter_map(|entry| read_process(&entry.ok()?.path())).collect()
}

/// Reads a process; none for a file of another kind, or if it has ended.
fn read_process(folder: &Path) -> Option<ProcessUse> {
    let id = folder.file_name()?.to_str()?.parse().ok()?;
    let text = fs::read_to_string(folder.join("stat")).ok()?;
    // The name is in parentheses and may contain blanks.
    let (start, rest) = text.rsplit_once(')')?;
    let name = start.split_once('(')?.1.to_owned();
    let fields: Vec<&str> = rest.split_whitespace().collect();
    // Fields 4 (parent) and 14 to 17 (user and system time, and those of the children that have ended, such as
    // connections of PostgreSQL), counted from 1 with id and name.
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    let all = ticks(11)? + ticks(12)? + ticks(13)? + ticks(14)?;
    Some(ProcessUse {
        id,
        parent: fields.get(1)?.parse().ok()?,
        name,
        cpu_seconds: all / TICKS_PER_SECOND,
    })
}
