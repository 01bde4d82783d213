//! The service as a child process, for a story to kill.
use std::io::{BufRead, BufReader, Read};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio, exit};
use std::sync::{LazyLock, Mutex, PoisonError, mpsc};
use std::time::Duration;
use std::{env, io, thread};

use candor::auth::Authenticator;
use candor::config::TraceSettings;
use candor::http::{App, ConnectionLimits, raise_open_file_limit, routers, serve_on_threads};
use candor::import::{ImportLimits, Spool};
use candor::traces::Traces;
use candor_schema::clock::Clock;
use candor_schema::database::ServiceDatabase;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::collector::Collector;
use crate::test_app::{AUDIENCE, ISSUER, TestApp};

/// Environment variables of the child process: its database and the keys that verify tokens (RFC
/// 7517).
const DATABASE_VARIABLE: &str = "CANDOR_TEST_DATABASE";
const KEYS_VARIABLE: &str = "CANDOR_TEST_KEYS";
/// Environment variable of the child process: its data directory, for the files of imports.
const DATA_VARIABLE: &str = "CANDOR_TEST_DATA";
/// Environment variable of a child process that writes its log to standard error: the log filter,
/// as in `CANDOR_LOG`.
const LOG_VARIABLE: &str = "CANDOR_TEST_LOG";
/// Environment variables of OpenTelemetry, for a child process that sends its traces: the address of a
/// collector, and the milliseconds between two batches.
const COLLECTOR_VARIABLE: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const BATCH_VARIABLE: &str = "OTEL_BSP_SCHEDULE_DELAY";
/// Prefix of the lines in which a child with a log prints what its stories send, as JSON.
const SENT_PREFIX: &str = "candor was sent ";
/// Prefix of the line that the child prints, followed by its address.
const LISTENING_PREFIX: &str = "candor listens at ";
/// The ignored test that runs the service.
const SERVICE_TEST: &str = "service_process::runs_until_it_is_killed";
/// Time limit for the service to start on a busy machine.
const STARTUP_TIMEOUT: Duration = Duration::from_secs(30);

/// The service as a child process over a test app's database, on the system clock. It is killed
/// when dropped.
#[derive(Debug)]
pub struct ServiceProcess {
    child: Mutex<Child>,
    address: String,
    client: Client,
    /// The lines of its log, if it was started with one.
    log: Option<Mutex<mpsc::Receiver<String>>>,
}

impl ServiceProcess {
    /// Starts this test binary again to run only [`SERVICE_TEST`], which calls
    /// [`serve_until_killed`].
    pub async fn start(app: &TestApp) -> Self {
        Self::start_command(test_command(SERVICE_TEST), app).await
    }

    /// Starts the running benchmark again, whose `main` calls [`serve_until_killed`].
    ///
    /// # Panics
    /// If the process does not start.
    pub async fn start_in_benchmark(app: &TestApp) -> Self {
        let benchmark = Command::new(env::current_exe().expect("this benchmark's binary"));
        Self::start_command(benchmark, app).await
    }

    /// Starts a service that may open at most `files` files.
    pub async fn start_with_files(app: &TestApp, files: usize) -> Self {
        Self::start_command(shell_with_limits(&format!("ulimit -n {files}")), app).await
    }

    /// Starts a service whose files may not exceed `bytes`, as on a failing disk.
    pub async fn start_with_file_size(app: &TestApp, bytes: u64) -> Self {
        // The shell counts blocks of 512 bytes (POSIX). Without the signal, writing fails instead.
        let limits = format!("trap '' XFSZ; ulimit -f {}", bytes / 512);
        Self::start_command(shell_with_limits(&limits), app).await
    }

    /// Lowers the file-size limit of the running service, so that each write beyond it fails.
    ///
    /// # Panics
    /// If the limit cannot be set (`prlimit` of util-linux).
    pub fn limit_file_size(&self, bytes: u64) {
        let process = self.child.lock().expect("the child").id();
        let mut command = Command::new("prlimit");
        command.arg(format!("--pid={process}")).arg(format!("--fsize={bytes}"));
        assert!(command.status().expect("prlimit").success(), "the limit is set");
    }

    /// Starts a service that writes its log, filtered as by `CANDOR_LOG`.
    pub async fn start_with_log(app: &TestApp, filter: &str) -> Self {
        let mut command = test_command(SERVICE_TEST);
        command.env(LOG_VARIABLE, filter).stderr(Stdio::piped());
        Self::start_command(command, app).await
    }

    /// Starts a service that writes its log, and sends its traces to a collector.
    pub async fn start_with_traces(app: &TestApp, collector: &Collector) -> Self {
        let mut command = test_command(SERVICE_TEST);
        command.env(LOG_VARIABLE, "info").stderr(Stdio::piped());
        send_traces(&mut command, collector);
        Self::start_command(command, app).await
    }

    async fn start_command(mut command: Command, app: &TestApp) -> Self {
        let keys = serde_json::to_string(&app.key.jwks()).expect("keys");
        command.env(DATABASE_VARIABLE, &app.url).env(KEYS_VARIABLE, keys);
        command.env(DATA_VARIABLE, &app.data_directory);
        let mut child = spawn_piped(command);
        let output = child.stdout.take().expect("what it prints");
        let log = child.stderr.take().map(|log| Mutex::new(log_lines(log)));
        // From here on, dropping it kills the child, and reading its output ends.
        let mut started =
            Self { child: Mutex::new(child), address: String::new(), client: Client::new(), log };
        let address = timeout(STARTUP_TIMEOUT, spawn_blocking(|| address(output))).await;
        started.address = address.expect("a service that begins in time").expect("a line");
        started
    }

    /// Sends a GraphQL request and returns the whole response; none if there is none.
    pub async fn execute(&self, token: &str, document: &str, variables: &Value) -> Option<Value> {
        let question = json!({ "query": document, "variables": variables });
        let request = self.client.post(&self.address).bearer_auth(token).json(&question);
        serde_json::from_str(&request.send().await.ok()?.text().await.ok()?).ok()
    }

    /// Returns the status and text of `/readyz`.
    pub async fn readiness(&self) -> (u16, String) {
        let address = self.address.replace("/graphql", "/readyz");
        let answer = self.client.get(address).send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("an answer's text"))
    }

    /// Sends a mutation and returns its payload; none if the response is missing or incomplete.
    /// Fails if the response has errors.
    pub async fn mutate(&self, token: &str, document: &str, variables: &Value) -> Option<Value> {
        let question = json!({ "query": document, "variables": variables });
        let request = self.client.post(&self.address).bearer_auth(token).json(&question);
        let text = request.send().await.ok()?.text().await.ok()?;
        let mut answer: Value = serde_json::from_str(&text).ok()?;
        assert!(answer.get("errors").is_none(), "{document}\n{answer:#}");
        let payload = answer["data"].as_object_mut()?.values_mut().next()?;
        Some(payload.take())
    }

    /// Waits for the line that the service logs at the end of a request, and returns it. Lines
    /// before it are skipped, so ask for requests in the order of their end.
    pub fn wait_for_request_line(&self, request_id: &str) -> Value {
        let log = self.log.as_ref().expect("a service with a log").lock();
        let log = log.expect("an unpoisoned lock");
        loop {
            let line = log.recv_timeout(STARTUP_TIMEOUT);
            let line = line.unwrap_or_else(|error| panic!("no line of {request_id}: {error}"));
            let line: Value = serde_json::from_str(&line).expect(&line);
            if line["message"] == "request ended" && line["span"]["id"] == request_id {
                return line;
            }
        }
    }

    /// Returns the process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.lock().expect("an unpoisoned lock").id()
    }

    /// Returns the URL of the GraphQL endpoint.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Kills the service (SIGKILL) and waits until it has exited.
    pub fn kill(&self) {
        let mut child = self.child.lock().expect("an unpoisoned lock");
        child.kill().expect("a process to kill");
        let ended = child.wait().expect("its end");
        assert!(ended.code().is_none(), "it ended by itself: {ended}");
    }
}

impl Drop for ServiceProcess {
    fn drop(&mut self) {
        // Killing fails only if it has exited already.
        let child = self.child.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// What a child process logged while it ran stories, and what the stories sent to the service.
#[derive(Debug)]
pub struct LoggedStories {
    /// The lines of the log.
    pub log: Vec<String>,
    /// The token and the variables of each request.
    pub sent: Vec<Value>,
}

/// Runs tests of this binary, given by their whole names, in a child process with a log and traces.
pub async fn run_with_log(tests: &[String], filter: &str, collector: &Collector) -> LoggedStories {
    let mut command = Command::new(env::current_exe().expect("this test's binary"));
    command.args(tests).args(["--exact", "--include-ignored", "--nocapture"]);
    command.env(LOG_VARIABLE, filter);
    send_traces(&mut command, collector);
    let ended = spawn_blocking(move || command.output()).await.expect("a task");
    let ended = ended.expect("a process of its own");
    let (output, log) = (String::from_utf8(ended.stdout), String::from_utf8(ended.stderr));
    let (output, log) = (output.expect("UTF-8"), log.expect("UTF-8"));
    let passed = format!("{} passed; 0 failed", tests.len());
    assert!(ended.status.success() && output.contains(&passed), "{output}\n{log}");
    // The test runner may have begun a line already.
    let sent = output.lines().filter_map(|line| line.split_once(SENT_PREFIX));
    let sent = sent.map(|(_, sent)| serde_json::from_str(sent).expect(sent)).collect();
    LoggedStories { log: log.lines().map(str::to_owned).collect(), sent }
}

/// Lets a child process send its traces, in short batches.
fn send_traces(command: &mut Command, collector: &Collector) {
    command.env(COLLECTOR_VARIABLE, &collector.address).env(BATCH_VARIABLE, "50");
}

/// The log of this process, and its traces if a collector is configured. It lives as long as the process.
struct StartedLog {
    _traces: Option<Traces>,
}

/// Starts the log and the traces of a child process that has a log; returns whether it has.
pub(crate) fn start_log() -> bool {
    static LOG: LazyLock<Option<StartedLog>> = LazyLock::new(|| {
        let filter = env::var(LOG_VARIABLE).ok()?;
        let has_collector = env::var_os(COLLECTOR_VARIABLE).is_some();
        let traces = has_collector.then(|| TraceSettings { service_name: "candor".to_owned() });
        let traces = candor::log::start(&filter, traces.as_ref()).expect("a log");
        Some(StartedLog { _traces: traces })
    });
    LOG.is_some()
}

/// Prints what a story sends, in a child process that [`run_with_log`] started.
pub(crate) fn print_sent(token: &str, variables: &Value) {
    if start_log() {
        println!("{SENT_PREFIX}{}", json!({ "token": token, "variables": variables }));
    }
}

/// Returns a command that runs only one ignored test of this binary.
pub(crate) fn test_command(test: &str) -> Command {
    let mut command = Command::new(env::current_exe().expect("this test's binary"));
    command.args([test, "--exact", "--ignored", "--nocapture"]);
    command
}

/// Starts a process whose standard input stays open as long as this process lives.
pub(crate) fn spawn_piped(mut command: Command) -> Child {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a process of its own")
}

/// Exits this process when its parent is gone, which may happen without notice.
pub(crate) fn exit_with_parent() {
    thread::spawn(|| {
        let _ = io::stdin().read(&mut [0]);
        exit(1)
    });
}

/// Returns the service's command, started by a shell that sets limits first.
fn shell_with_limits(limits: &str) -> Command {
    let itself = test_command(SERVICE_TEST);
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{limits} && exec \"$@\""), "sh"]);
    shell.arg(itself.get_program()).args(itself.get_args());
    shell
}

/// Reads the address from the service's output.
fn address(output: ChildStdout) -> String {
    let mut lines = BufReader::new(output).lines();
    while let Some(line) = lines.next() {
        let line = line.expect("a line of text");
        if let Some(address) = line.strip_prefix(LISTENING_PREFIX) {
            // Keep reading: the test runner prints a warning after a minute, and printing to a
            // closed pipe would kill the process.
            thread::spawn(move || lines.for_each(drop));
            return address.to_owned();
        }
    }
    panic!("the service exited before it listened")
}

/// Returns the lines of a log as they are written.
fn log_lines(log: ChildStderr) -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(log).lines() {
            // Reads on without a receiver, because writing to a closed pipe would fail.
            let _ = sender.send(line.expect("a line of text"));
        }
    });
    lines
}

/// Serves and sweeps as `candor serve` does, in a process that [`ServiceProcess::start`] started;
/// in any other process it does nothing.
pub async fn serve_until_killed() {
    let (Ok(database), Ok(keys)) = (env::var(DATABASE_VARIABLE), env::var(KEYS_VARIABLE)) else {
        return;
    };
    exit_with_parent();
    start_log();
    raise_open_file_limit();
    let threads = NonZeroU32::new(2).expect("not zero");
    let databases = ServiceDatabase::open(&database, None, threads).await;
    let databases = databases.expect("the story's database");
    let keys = serde_json::from_str(&keys).expect("keys");
    let authenticator = Authenticator::new(ISSUER.to_owned(), AUDIENCE.to_owned(), keys);
    let for_workers = databases.service.for_workers().await.expect("connections for the workers");
    let app = App::new(databases, Clock::system(), authenticator.expect("keys that verify"));
    let data = PathBuf::from(env::var_os(DATA_VARIABLE).expect("a data directory"));
    let imports = Spool::create(&data, ImportLimits::default()).expect("a folder for imports");
    let app = app.with_imports(imports);
    tokio::spawn(app.clone().run_workers(for_workers));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a port");
    // The test runner has begun a line already.
    println!("\n{LISTENING_PREFIX}http://{address}/graphql");
    let limits = ConnectionLimits::default();
    let served = serve_on_threads(listener, routers(&app), limits, std::future::pending());
    served.await.expect("a service");
}
