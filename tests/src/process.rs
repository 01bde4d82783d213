//! The service in a process of its own, for a story to kill.
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio, exit};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use std::{env, io, thread};

use candor::auth::Authenticator;
use candor::http::{App, raise_open_file_limit, router, serve};
use candor_schema::clock::Clock;
use candor_schema::database::Database;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::test_app::{AUDIENCE, TestApp, ISSUER};

/// What such a process is told: where its database is, and whose tokens it takes (RFC 7517).
const DATABASE: &str = "CANDOR_TEST_DATABASE";
const KEYS: &str = "CANDOR_TEST_KEYS";
/// The line that it prints begins with this: its address follows.
const LISTENING: &str = "candor listens at ";
/// The ignored test that is the service.
const SERVICE: &str = "service_process::runs_until_it_is_killed";
/// The longest that it may take to begin, on a busy machine.
const BEGINS: Duration = Duration::from_secs(30);

/// The service in a process of its own, over a city's database, at the machine's own time. It is
/// killed when it is dropped.
#[derive(Debug)]
pub struct ServiceProcess {
    child: Mutex<Child>,
    address: String,
    client: Client,
}

impl ServiceProcess {
    /// Starts one: this test's binary once more, which runs nothing but [`SERVICE`] there, and that
    /// calls [`serve_until_killed`].
    pub async fn start(app: &TestApp) -> Self {
        Self::start_by(test_command(SERVICE), app).await
    }

    /// Starts one that may open no more than so many files.
    pub async fn start_with_files(app: &TestApp, files: usize) -> Self {
        Self::start_by(limited(&format!("ulimit -n {files}")), app).await
    }

    /// Starts one whose files may not grow beyond so many bytes, as on a disk that fails there.
    pub async fn start_with_file_size(app: &TestApp, bytes: u64) -> Self {
        // The shell counts blocks of 512 bytes (POSIX). Without the signal, writing fails instead.
        let limits = format!("trap '' XFSZ; ulimit -f {}", bytes / 512);
        Self::start_by(limited(&limits), app).await
    }

    async fn start_by(mut command: Command, app: &TestApp) -> Self {
        let keys = serde_json::to_string(&app.key.jwks()).expect("keys");
        command.env(DATABASE, &app.url).env(KEYS, keys);
        let mut child = spawn_piped(command);
        let told = child.stdout.take().expect("what it prints");
        // From here on dropping it kills it, and reading what it prints comes to an end.
        let mut started =
            Self { child: Mutex::new(child), address: String::new(), client: Client::new() };
        let address = timeout(BEGINS, spawn_blocking(|| address(told))).await;
        started.address = address.expect("a service that begins in time").expect("a line");
        started
    }

    /// Asks it, and returns the whole answer, whatever it is; nothing if none comes.
    pub async fn ask(&self, token: &str, document: &str, variables: &Value) -> Option<Value> {
        let question = json!({ "query": document, "variables": variables });
        let request = self.client.post(&self.address).bearer_auth(token).json(&question);
        serde_json::from_str(&request.send().await.ok()?.text().await.ok()?).ok()
    }

    /// The status and words of `/readyz`.
    pub async fn readiness(&self) -> (u16, String) {
        let address = self.address.replace("/graphql", "/readyz");
        let answer = self.client.get(address).send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("an answer's text"))
    }

    /// Asks it, and returns the payload of an answer that has no errors; nothing if no answer, or
    /// only a part of one, comes.
    pub async fn answers(&self, token: &str, document: &str, variables: &Value) -> Option<Value> {
        let question = json!({ "query": document, "variables": variables });
        let request = self.client.post(&self.address).bearer_auth(token).json(&question);
        let text = request.send().await.ok()?.text().await.ok()?;
        let mut answer: Value = serde_json::from_str(&text).ok()?;
        assert!(answer.get("errors").is_none(), "{document}\n{answer:#}");
        let payload = answer["data"].as_object_mut()?.values_mut().next()?;
        Some(payload.take())
    }

    /// Its number, as the system knows it.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.lock().expect("nobody fails with it").id()
    }

    /// Where it takes GraphQL requests.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Kills it (SIGKILL): it finishes nothing. Returns once it is gone.
    pub fn kill(&self) {
        let mut child = self.child.lock().expect("nobody fails with it");
        child.kill().expect("a process to kill");
        let ended = child.wait().expect("its end");
        assert!(ended.code().is_none(), "it ended by itself: {ended}");
    }
}

impl Drop for ServiceProcess {
    fn drop(&mut self) {
        // Killing fails only where it is gone already.
        let child = self.child.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// This test's binary once more, to run nothing but an ignored test.
pub(crate) fn test_command(test: &str) -> Command {
    let mut command = Command::new(env::current_exe().expect("this test's binary"));
    command.args([test, "--exact", "--ignored", "--nocapture"]);
    command
}

/// Starts a process whose input stays open as long as this one lives.
pub(crate) fn spawn_piped(mut command: Command) -> Child {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a process of its own")
}

/// Ends this process once the one that started it is gone, which may die without a word.
pub(crate) fn exit_with_parent() {
    thread::spawn(|| {
        let _ = io::stdin().read(&mut [0]);
        exit(1)
    });
}

/// The service's process, started by a shell that limits it first.
fn limited(limits: &str) -> Command {
    let itself = test_command(SERVICE);
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{limits} && exec \"$@\""), "sh"]);
    shell.arg(itself.get_program()).args(itself.get_args());
    shell
}

/// Where the service listens that prints this.
fn address(told: ChildStdout) -> String {
    let mut lines = BufReader::new(told).lines();
    while let Some(line) = lines.next() {
        let line = line.expect("a line of text");
        if let Some(address) = line.strip_prefix(LISTENING) {
            // Read to the end: after a minute the test's runner prints a warning, and whoever
            // prints into a closed pipe dies.
            thread::spawn(move || lines.for_each(drop));
            return address.to_owned();
        }
    }
    panic!("the service died before it listened")
}

/// Serves and sweeps as `candor serve` does, in a process that [`Process::start`] started; in any
/// other, does nothing.
pub async fn serve_until_killed() {
    let (Ok(database), Ok(keys)) = (env::var(DATABASE), env::var(KEYS)) else { return };
    exit_with_parent();
    raise_open_file_limit();
    let database = Database::open(&database).await.expect("the story's database");
    let keys = serde_json::from_str(&keys).expect("keys");
    let authenticator = Authenticator::new(ISSUER.to_owned(), AUDIENCE.to_owned(), keys);
    let for_workers = database.for_workers().await.expect("connections for the workers");
    let app = App::new(database, Clock::system(), authenticator.expect("keys that verify"));
    tokio::spawn(app.clone().work(for_workers));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a port");
    // On a line of its own: whoever runs the test has begun one.
    println!("\n{LISTENING}http://{address}/graphql");
    serve(listener, router(app), std::future::pending()).await.expect("a service");
}
