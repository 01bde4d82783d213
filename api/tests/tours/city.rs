//! The demonstration city in which a document is followed, and how it is asked.
use std::collections::BTreeMap;
use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, exit};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use candor::command::{Arguments, demo, run};
use candor::config::Config;
use candor::http::{App, router, serve};
use candor::import::{ImportLimits, Spool};
use candor_schema::clock::Clock;
use candor_schema::contracting::service::{ReevaluationBudget, process_pending};
use candor_schema::database::Database;
use chrono::{DateTime, TimeDelta, Utc};
use clap::Parser;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::OnceCell;
use tower::ServiceExt;
use uuid::Uuid;

/// Noon in Los Angeles on a Monday, far from holidays and from the change to or from summer time.
const MONDAY: &str = "2026-08-03T19:00:00Z";
/// The input of [`run_command`]: the time, in microseconds, and the arguments, each ended by
/// [`END`].
const TIME: &str = "CANDOR_TOURS_TIME";
const ARGUMENTS: &str = "CANDOR_TOURS_ARGUMENTS";
const END: char = '\u{1f}';
/// The line after which a command's own output begins; the test runner prints before it.
const BEGIN: &str = "the command prints:";
/// The commands that need no database are run by the built binary, the others at the city's time.
const WRAPPER: &str = r#"#!/bin/sh
case "$1" in
    backup | demo | import | migrate | restore | serve | token | verify) ;;
    *) exec "$CANDOR_TOURS_BINARY" "$@" ;;
esac
CANDOR_TOURS_ARGUMENTS=$(printf '%s\037' "$@")
export CANDOR_TOURS_ARGUMENTS
at_time() { "$CANDOR_TOURS_TEST" command_at_the_citys_time --exact --ignored --nocapture; }
# Through one pipe, what is printed on both outputs keeps its order.
if [ "$CANDOR_TOURS_MERGE" = yes ]; then at_time 2>&1; else at_time; fi |
    sed '1,/^the command prints:$/d'
"#;

/// `curl` in a document sends to the address of `candor demo`; the city's service has another port.
const CURL: &str = r#"#!/bin/sh
PATH=${PATH#*:}
exec curl --connect-to "127.0.0.1:8080:127.0.0.1:$CANDOR_TOURS_PORT" "$@"
"#;

/// A city, the service over it, and what has been kept so far.
pub struct City {
    directory: Directory,
    /// What `demo.env` and earlier blocks export.
    values: BTreeMap<String, String>,
    /// The city's time, in microseconds since 1970.
    time: Arc<AtomicI64>,
    database: Database,
    router: Router,
    /// The port on which the service answers commands.
    port: u16,
}

/// A temporary directory that is removed when it is dropped.
struct Directory(PathBuf);

impl Directory {
    fn make() -> Self {
        let name = format!("candor-tours-{}", Uuid::now_v7().simple());
        let path = env::temp_dir().join(name);
        fs::create_dir(&path).expect("a temporary directory");
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // What is left behind is in the machine's directory for temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The files of a demonstration city that nobody has changed: of `.candor`, by their names.
struct Template {
    files: Vec<(String, Vec<u8>)>,
    environment: String,
}

fn monday() -> DateTime<Utc> {
    MONDAY.parse().expect("a time")
}

fn clock(time: &Arc<AtomicI64>) -> Clock {
    let time = Arc::clone(time);
    Clock::new(move || DateTime::from_timestamp_micros(time.load(SeqCst)).expect("a time"))
}

/// The configuration of a city in a directory, as the commands there would read it.
fn config(directory: &Path, clock: Clock) -> Config {
    let data = directory.join(".candor").into_os_string();
    let read = |name: &str| match name {
        "CANDOR_DATA_DIR" => Some(data.clone()),
        "CANDOR_LISTEN" => Some("127.0.0.1:0".into()),
        _ => None,
    };
    Config { clock, ..Config::from_variables(read).expect("a configuration") }
}

impl Template {
    async fn make() -> Self {
        let directory = Directory::make();
        let time = Arc::new(AtomicI64::new(monday().timestamp_micros()));
        let config = config(&directory.0, clock(&time));
        let address = "127.0.0.1:8080".parse().expect("an address");
        let demonstration = Box::pin(demo::make(&config, address)).await.expect("a city");
        let mut files = Vec::new();
        for entry in fs::read_dir(directory.0.join(".candor")).expect("the data directory") {
            let path = entry.expect("a file").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            files.push((name, fs::read(&path).expect("a file's bytes")));
        }
        Self { files, environment: demonstration.environment }
    }
}

impl City {
    /// A city as `candor demo` made it on Monday, with the service over it.
    pub async fn copy() -> Self {
        // Under plain `cargo test` all documents share it.
        static TEMPLATE: OnceCell<Template> = OnceCell::const_new();
        let template = TEMPLATE.get_or_init(|| Box::pin(Template::make())).await;
        let directory = Directory::make();
        let data = directory.0.join(".candor");
        fs::create_dir(&data).expect("a data directory");
        fs::set_permissions(&data, Permissions::from_mode(0o700)).expect("its permissions");
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for (name, bytes) in &template.files {
            let file = data.join(name);
            fs::write(&file, bytes).expect("a copy of a file");
            fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("its permissions");
        }
        let samples = repository.join("samples").canonicalize().expect("the samples");
        symlink(samples, directory.0.join("samples")).expect("a link to the samples");
        for (name, script) in [("candor", WRAPPER), ("curl", CURL)] {
            let wrapper = directory.0.join(name);
            fs::write(&wrapper, script).expect("a script");
            fs::set_permissions(&wrapper, Permissions::from_mode(0o700)).expect("its permissions");
        }

        let exports = template.environment.lines().filter_map(|line| line.strip_prefix("export "));
        let exports = exports.filter_map(|line| line.split(" #").next()?.split_once('='));
        let exports = exports.map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
        let mut values: BTreeMap<_, _> = exports.collect();
        let url = format!("sqlite://{}", data.join("demo.db").display());
        values.insert("DEMO_DATABASE".to_owned(), url.clone());

        let time = Arc::new(AtomicI64::new(monday().timestamp_micros()));
        let clock = clock(&time);
        let database = Database::open(&url).await.expect("the city's database");
        let authenticator = config(&directory.0, clock.clone()).authenticator().expect("its key");
        // What a change sets off is done when it is looked at, however busy the machine is.
        let budget = ReevaluationBudget { dependents: 200, time: Duration::from_mins(1) };
        let imports = Spool::create(&data, ImportLimits::default()).expect("a folder for imports");
        let app = App::new(database.clone(), clock, authenticator)
            .with_imports(imports)
            .with_reevaluation_budget(budget);
        app.check_health().await;
        let for_imports = database.for_workers().await.expect("connections for imports");
        tokio::spawn(app.clone().run_imports(for_imports));
        let router = router(app);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        tokio::spawn(serve(listener, router.clone(), std::future::pending()));
        Self { directory, values, time, database, router, port }
    }

    /// Where its data directory is.
    pub fn directory(&self) -> &Path {
        &self.directory.0
    }

    /// What a name stands for.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Keeps a value under a name.
    pub fn keep(&mut self, name: &str, value: &str) {
        self.values.insert(name.to_owned(), value.to_owned());
    }

    /// Sets the city's clock forward.
    pub fn advance(&self, by: TimeDelta) {
        let micros = by.num_microseconds().expect("a short time");
        self.time.fetch_add(micros, SeqCst);
    }

    /// Does what the service's workers do by themselves: processes what is due or queued.
    pub async fn work(&self) {
        let now = clock(&self.time).now();
        Box::pin(process_pending(&self.database, now)).await.expect("the queue is processed");
    }

    /// Sends a document with a token, and returns the text of the answer.
    pub async fn ask(&self, token: &str, document: &str) -> String {
        self.work().await;
        let body = json!({ "query": document }).to_string();
        let request = Request::post("/graphql")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body))
            .expect("a request");
        let answer = self.router.clone().oneshot(request).await.expect("an answer");
        let bytes = to_bytes(answer.into_body(), usize::MAX).await.expect("a whole answer");
        String::from_utf8(bytes.into()).expect("UTF-8")
    }

    /// Runs a shell command in the city's directory, and returns what it prints.
    pub fn sh(&self, command: &str, outputs: Outputs) -> String {
        let file = self.directory.0.join("printed");
        let merge = if outputs == Outputs::Both { "2>&1" } else { "" };
        let script = format!("{{ {command}\n}} >'{}' {merge}", file.display());
        let path = env::var("PATH").unwrap_or_default();
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).current_dir(&self.directory.0).envs(&self.values);
        shell.env("PATH", format!("{}:{path}", self.directory.0.display()));
        shell.env("CANDOR_TOURS_BINARY", env!("CARGO_BIN_EXE_candor"));
        shell.env("CANDOR_TOURS_TEST", env::current_exe().expect("this test's binary"));
        shell.env("CANDOR_TOURS_MERGE", if outputs == Outputs::Both { "yes" } else { "no" });
        shell.env("CANDOR_TOURS_PORT", self.port.to_string());
        shell.env(TIME, self.time.load(SeqCst).to_string()).env("CANDOR_LOG", "error");
        shell.env_remove("CANDOR_DATABASE_URL").env_remove("CANDOR_DATA_DIR");
        shell.status().expect("a shell");
        String::from_utf8_lossy(&fs::read(&file).expect("what it printed")).into_owned()
    }
}

/// Which of a command's outputs are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outputs {
    /// Both, in the order in which it prints, as a terminal shows them.
    Both,
    /// The standard output alone, as `$(…)` takes it.
    Standard,
}

/// Runs the command that the environment holds, and ends the process.
pub async fn run_command() {
    let (Ok(time), Ok(arguments)) = (env::var(TIME), env::var(ARGUMENTS)) else { return };
    let time = DateTime::from_timestamp_micros(time.parse().expect("a number")).expect("a time");
    let arguments = arguments.trim_end_matches(END).split(END);
    println!("\n{BEGIN}");
    let arguments = Arguments::try_parse_from(["candor"].into_iter().chain(arguments));
    let arguments = arguments.unwrap_or_else(|error| error.exit());
    let config = Config::from_environment().expect("a configuration");
    let config = Config { clock: Clock::new(move || time), ..config };
    if let Err(error) = run(arguments, &config).await {
        eprintln!("candor: {error:#}");
        exit(1);
    }
    exit(0);
}
