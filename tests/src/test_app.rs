//! A running service and the requests that a story sends to it.
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, LazyLock, Mutex};

use candor::auth::{Authenticator, Claims, DevelopmentKey};
use candor::http::{App, metrics_router, router, serve};
use candor::import::{ImportLimits, Spool};
use candor_schema::clock::Clock;
use candor_schema::contracting::service::{ReevaluationBudget, process_pending};
use candor_schema::database::Database;
use candor_schema::gate::Policy;
use candor_schema::organization::model::Role;
use candor_schema::policy::service::insert_version;
use chrono::{DateTime, NaiveDate, Utc};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use sea_orm::{ConnectionTrait, DbErr, Statement, TransactionTrait};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::OnceCell;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::engine::Engine;
use crate::process::{print_sent, start_log};
use crate::run;
use crate::steps::{ONE_PERSON, TWO_PEOPLE};

/// Start time of every story: noon in Los Angeles on a Monday, far from holidays and
/// daylight-saving changes.
pub const STORY_START: &str = "2026-02-02T20:00:00Z";
/// First local day of the policy: before anything that a story files, and after contracts that
/// predate it.
const POLICY_EFFECTIVE_FROM: NaiveDate = NaiveDate::from_ymd_opt(2025, 1, 1).expect("a date");
const VERSION_1: &str = include_str!("../../policies/version-1.toml");
/// Version 1 with the words of New York.
const NEW_YORK: &str = include_str!("../policies/new-york.toml");
/// The environment variable that names the first policy of the stories of a run: `new-york`, or unset for
/// the repository's.
const STORY_POLICY_VARIABLE: &str = "CANDOR_STORY_POLICY";
/// The issuer of the tokens, and their audience.
pub const ISSUER: &str = "https://tokens.city.example";
pub const AUDIENCE: &str = "candor";

/// Returns the text of the first policy of this run's stories: the repository's, or the one that
/// `CANDOR_STORY_POLICY` names.
#[must_use]
pub fn policy_text() -> &'static str {
    static TEXT: LazyLock<&str> = LazyLock::new(|| match std::env::var(STORY_POLICY_VARIABLE) {
        Ok(name) if name == "new-york" => NEW_YORK,
        Ok(name) => panic!("{STORY_POLICY_VARIABLE} names no policy of stories: {name}"),
        Err(_) => VERSION_1,
    });
    *TEXT
}

/// Returns the text of a version that follows the first policy: with its number, effective from the local
/// day `from`, with one person who publishes, and with text replaced as `words` says.
#[must_use]
pub fn amend_policy_text(version: u32, from: &str, words: &[(&str, &str)]) -> String {
    replace_header(policy_text(), (1, "2026-07-01"), (version, from), words)
}

/// Replaces number, effective day and other words of a policy's text, each of which must occur once, and
/// requires one person for publications.
pub(crate) fn replace_header(
    text: &str,
    (old_version, old_from): (u32, &str),
    (version, from): (u32, &str),
    words: &[(&str, &str)],
) -> String {
    let number = |version: u32| format!("\nversion = {version}\ntitle =");
    let effective = |day: &str| format!("[parameters.effectiveFrom]\nvalue = \"{day}\"");
    let header = [(number(old_version), number(version)), (effective(old_from), effective(from))];
    let header = header.iter().map(|(old, new)| (&**old, &**new));
    let text = text.replace(TWO_PEOPLE, ONE_PERSON);
    header.chain(words.iter().copied()).fold(text, |text, (old, new)| {
        assert_eq!(text.matches(old).count(), 1, "{old}");
        text.replace(old, new)
    })
}

/// Returns the first policy of most stories, in force, under which one person publishes and suspends.
#[must_use]
pub fn first_policy() -> Policy {
    parse_first_policy(policy_text())
}

/// Returns the policy with the words of New York as the first policy of a story.
pub(crate) fn new_york_policy() -> Policy {
    parse_first_policy(NEW_YORK)
}

fn parse_first_policy(text: &str) -> Policy {
    let policy = Policy::parse(text).expect("a policy");
    let policy = policy.with_effective_date(POLICY_EFFECTIVE_FROM).expect("a date");
    policy.with_second_person_required(false)
}

/// The service on its own port and database, with a clock that the story sets and the first policy
/// in force. It stops when dropped.
#[derive(Debug)]
pub struct TestApp {
    pub engine: Engine,
    /// Key that signs the tokens this service accepts; a story may sign unusual ones with it.
    pub key: DevelopmentKey,
    /// Issuer of accepted tokens.
    issuer: String,
    /// The database as the service connects to it, for what no client can do.
    pub database: Database,
    /// The database as its owner connects to it, once something asked for it.
    owner: OnceCell<Database>,
    owner_url: String,
    /// The database's address, in the form of `CANDOR_DATABASE_URL`.
    pub url: String,
    address: String,
    /// Services of the same database that are asked in turn instead of its own.
    others: Vec<String>,
    /// The number of requests to the others.
    asked: AtomicUsize,
    time: Arc<AtomicI64>,
    statements: Arc<AtomicUsize>,
    recorded_statements: Arc<Mutex<Option<Vec<Statement>>>>,
    client: Client,
    clock: Clock,
    observed: Database,
    app: App,
    /// The data directory of the service, for the files of imports.
    pub(crate) data_directory: PathBuf,
    server: JoinHandle<std::io::Result<()>>,
    workers: Option<JoinHandle<()>>,
}

impl TestApp {
    /// Opens the service on a migrated database, under a policy that is published at once, or none.
    /// The owner of the tables connects by `owner_url`, on SQLite the same.
    pub(crate) async fn open(
        engine: Engine,
        url: &str,
        owner_url: &str,
        policy: Option<&Policy>,
    ) -> Self {
        start_log();
        let database = Database::open(url).await.expect("the story's database");
        let time = Arc::new(AtomicI64::new(parse_instant(STORY_START).timestamp_micros()));
        let shared_time = Arc::clone(&time);
        let clock = Clock::new(move || read_time(&shared_time));
        if let Some(policy) = policy {
            insert_version(&database, policy, clock.now()).await.expect("a policy in force");
        }
        Box::pin(process_pending(&database, clock.now())).await.expect("the initial sweep");

        let statements = Arc::new(AtomicUsize::new(0));
        let recorded_statements = Arc::new(Mutex::new(None::<Vec<Statement>>));
        let mut observed = database.clone();
        let (counter, recorder) = (Arc::clone(&statements), Arc::clone(&recorded_statements));
        observed.observe(move |statement| {
            counter.fetch_add(1, SeqCst);
            if let Some(recorded_statements) = &mut *recorder.lock().expect("an unpoisoned lock") {
                recorded_statements.push(statement.clone());
            }
        });
        let key = DevelopmentKey::generate().expect("a key");
        let authenticator =
            Authenticator::new(ISSUER.to_owned(), AUDIENCE.to_owned(), key.jwks()).expect("keys");
        // A request processes all that it queued, however busy the machine is.
        let budget =
            ReevaluationBudget { dependents: 200, time: std::time::Duration::from_mins(1) };
        let data_directory = run::directory().join(format!("data_{}", Uuid::now_v7().simple()));
        std::fs::create_dir(&data_directory).expect("a data directory");
        let imports = Spool::create(&data_directory, ImportLimits::default());
        let app = App::new(observed.clone(), clock.clone(), authenticator)
            .with_imports(imports.expect("a folder for imports"))
            .with_reevaluation_budget(budget);
        app.check_health().await;
        let (address, server) = spawn_server(&app).await;
        let (url, client, workers) = (url.to_owned(), Client::new(), None);
        Self {
            engine,
            key,
            issuer: ISSUER.to_owned(),
            database,
            owner: OnceCell::new(),
            owner_url: owner_url.to_owned(),
            url,
            address,
            others: Vec::new(),
            asked: AtomicUsize::new(0),
            time,
            statements,
            recorded_statements,
            client,
            clock,
            observed,
            app,
            data_directory,
            server,
            workers,
        }
    }

    /// Runs the worker of imports beside the requests, and receives files within other limits.
    pub async fn with_imports(mut self, limits: ImportLimits) -> Self {
        self.server.abort();
        let imports = Spool::create(&self.data_directory, limits).expect("a folder for imports");
        self.app = self.app.clone().with_imports(imports);
        (self.address, self.server) = spawn_server(&self.app).await;
        let for_workers = self.database.for_workers().await.expect("connections for the worker");
        self.workers = Some(tokio::spawn(self.app.clone().run_imports(for_workers)));
        self
    }

    /// Returns the names of the files that the service holds for imports.
    #[must_use]
    pub fn list_import_files(&self) -> Vec<String> {
        let mut names = Vec::new();
        let mut folders = vec![self.data_directory.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let entry = entry.expect("an entry");
                let name = entry.file_name().to_string_lossy().into_owned();
                if entry.path().is_dir() {
                    folders.push(entry.path());
                } else if name != "lock" {
                    names.push(name);
                }
            }
        }
        names
    }

    /// Changes the issuer of accepted tokens, whose subjects are other people. Tokens made from now
    /// on are from this issuer.
    pub async fn with_issuer(mut self, issuer: &str) -> Self {
        self.server.abort();
        let authenticator =
            Authenticator::new(issuer.to_owned(), AUDIENCE.to_owned(), self.key.jwks());
        let authenticator = authenticator.expect("keys");
        self.issuer = issuer.to_owned();
        self.app = App::new(self.observed.clone(), self.clock.clone(), authenticator);
        self.app.check_health().await;
        (self.address, self.server) = spawn_server(&self.app).await;
        self
    }

    /// Runs the service as in production: with workers, and with the default re-evaluation budget
    /// for each request.
    pub async fn as_in_production(mut self) -> Self {
        self.server.abort();
        self.app = self.app.clone().with_reevaluation_budget(ReevaluationBudget::default());
        (self.address, self.server) = spawn_server(&self.app).await;
        let for_workers = self.database.for_workers().await.expect("connections for the workers");
        self.workers = Some(tokio::spawn(self.app.clone().run_workers(for_workers)));
        self
    }

    /// Runs the database health check that the service runs every second by itself.
    pub async fn check_health(&self) {
        self.app.check_health().await;
    }

    /// Returns what the service's listener for metrics answers.
    pub async fn metrics(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = format!("http://{}/metrics", listener.local_addr().expect("a port"));
        let router = metrics_router(self.app.clone());
        let server = tokio::spawn(serve(listener, router, std::future::pending()));
        let answer = self.client.get(address).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK);
        let text = answer.text().await.expect("a text");
        server.abort();
        text
    }

    /// Sets the clock as a machine's clock is set: the service notices if it goes back.
    pub fn set_clock(&self, time: DateTime<Utc>) {
        self.time.store(time.timestamp_micros(), SeqCst);
    }

    /// Returns the current time of the service's clock.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        read_time(&self.time)
    }

    /// Sets the clock (RFC 3339, to the microsecond). The clock does not advance by itself.
    pub fn advance_to(&self, time: &str) {
        self.time.store(parse_instant(time).timestamp_micros(), SeqCst);
        // A story may go back in time.
        self.database.accept_clock(parse_instant(time));
    }

    /// Returns a token of the accepted issuer, valid at any time that a story uses, for a person
    /// with the verified address [`subject_email`].
    #[must_use]
    pub fn token(&self, subject: &str, roles: &[Role]) -> String {
        self.key.sign(&self.issuer_claims(subject, roles)).expect("a token")
    }

    /// Returns the claims of such a token.
    pub(crate) fn issuer_claims(&self, subject: &str, roles: &[Role]) -> Claims {
        Claims { iss: self.issuer.clone(), ..Self::default_claims(subject, roles) }
    }

    /// Returns default claims, for a story to change before [`DevelopmentKey::sign`] signs them.
    #[must_use]
    pub fn default_claims(subject: &str, roles: &[Role]) -> Claims {
        Claims {
            sub: subject.to_owned(),
            iss: ISSUER.to_owned(),
            aud: vec![AUDIENCE.to_owned()],
            exp: parse_instant("2100-01-01T00:00:00Z").timestamp(),
            nbf: None,
            iat: None,
            email: Some(subject_email(subject)),
            email_verified: true,
            name: None,
            roles: roles.iter().map(|role| Claims::role(*role)).collect(),
        }
    }

    /// Sends a GraphQL request and returns the whole response.
    pub async fn execute(&self, token: &str, query: &str, variables: Value) -> Value {
        print_sent(token, &variables);
        let question = json!({ "query": query, "variables": variables });
        let request =
            self.http_request(Method::POST, "/graphql").bearer_auth(token).json(&question);
        let answer = request.send().await.expect("an answer");
        let status = answer.status();
        let text = answer.text().await.expect("an answer's text");
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status} {text}"))
    }

    /// Sends a GraphQL request and returns the data of a response without errors.
    pub async fn query(&self, token: &str, query: &str, variables: Value) -> Value {
        let mut answer = self.execute(token, query, variables).await;
        assert!(answer.get("errors").is_none(), "{query}\n{answer:#}");
        answer["data"].take()
    }

    /// Returns the database's address, in the form of `CANDOR_DATABASE_URL`.
    #[must_use]
    pub fn database_url(&self) -> &str {
        &self.url
    }

    /// Returns the service's base URL, `http://…`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.address
    }

    /// Sends requests to these services of the same database in turn, by their base URLs.
    #[must_use]
    pub fn asking(mut self, others: Vec<String>) -> Self {
        self.others = others;
        self
    }

    /// Builds an HTTP request to a path of the service.
    pub fn http_request(&self, method: Method, path: &str) -> RequestBuilder {
        let address = if self.others.is_empty() {
            &self.address
        } else {
            &self.others[self.asked.fetch_add(1, SeqCst) % self.others.len()]
        };
        self.client.request(method, format!("{address}{path}"))
    }

    /// Returns the database as its owner connects to it: on PostgreSQL, the service itself may not change
    /// tables or drop a trigger. On SQLite it is the service's.
    ///
    /// # Panics
    /// If the owner cannot connect.
    pub async fn owner(&self) -> &Database {
        if self.engine == Engine::Sqlite {
            return &self.database;
        }
        let open = async || Database::open_for_work(&self.owner_url).await;
        self.owner.get_or_try_init(open).await.expect("a connection of the owner")
    }

    /// Returns the URL of the database for the owner of the tables; on SQLite that of the service.
    #[must_use]
    pub fn owner_url(&self) -> &str {
        &self.owner_url
    }

    /// Runs SQL in a transaction as the owner of the tables, bypassing the service.
    ///
    /// # Errors
    /// The database's message if it refuses; nothing is written then.
    pub async fn run_sql(&self, statement: &str) -> Result<(), String> {
        let transaction = async {
            let tx = self.owner().await.migration_connection().begin().await?;
            tx.execute_unprepared(statement).await?;
            tx.commit().await
        };
        transaction.await.map_err(|refusal: DbErr| refusal.to_string())
    }

    /// Returns the single number that the SQL selects.
    pub async fn select_number(&self, select: &str) -> i64 {
        let engine = self.database.read.get_database_backend();
        let row = self.database.read.query_one_raw(Statement::from_string(engine, select)).await;
        let row = row.expect(select).expect("a row");
        row.try_get_by_index(0).expect("a number")
    }

    /// Returns the text that a statement selects.
    pub async fn select_text(&self, select: &str) -> String {
        let engine = self.database.read.get_database_backend();
        let row = self.database.read.query_one_raw(Statement::from_string(engine, select)).await;
        let row = row.expect(select).expect("a row");
        row.try_get_by_index(0).expect("a text")
    }

    /// Returns the number of SQL statements that the service has run; the story's own are not
    /// counted.
    #[must_use]
    pub fn count_statements(&self) -> usize {
        self.statements.load(SeqCst)
    }

    /// Starts recording the statements that the service runs.
    pub fn start_recording_statements(&self) {
        *self.recorded_statements.lock().expect("an unpoisoned lock") = Some(Vec::new());
    }

    /// Stops recording and returns the statements since [`Self::start_recording_statements`].
    #[must_use]
    pub fn take_recorded_statements(&self) -> Vec<Statement> {
        let recorded_statements =
            self.recorded_statements.lock().expect("an unpoisoned lock").take();
        recorded_statements.unwrap_or_default()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.server.abort();
        if let Some(workers) = &self.workers {
            workers.abort();
        }
    }
}

/// Starts the service on a free port; returns its base URL and task.
async fn spawn_server(app: &App) -> (String, JoinHandle<std::io::Result<()>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("a port"));
    (address, tokio::spawn(serve(listener, router(app.clone()), std::future::pending())))
}

/// Returns the e-mail address of a token's subject.
#[must_use]
pub fn subject_email(subject: &str) -> String {
    format!("{subject}@people.example")
}

/// Parses an RFC 3339 time.
///
/// If the text is not a time.
#[must_use]
pub fn parse_instant(text: &str) -> DateTime<Utc> {
    text.parse().expect(text)
}

fn read_time(time: &AtomicI64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(time.load(SeqCst)).expect("a time within the calendar")
}
