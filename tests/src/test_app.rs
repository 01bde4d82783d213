//! A running Candor, and how a story speaks to it.
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use candor::auth::{Authenticator, Claims, DevelopmentKey};
use candor::http::{App, router, serve};
use candor_schema::clock::Clock;
use candor_schema::contracting::service::{ReevaluationBudget, process_pending};
use candor_schema::database::Database;
use candor_schema::gate::Policy;
use candor_schema::organization::model::Role;
use candor_schema::policy::service::insert_version;
use chrono::{DateTime, NaiveDate, Utc};
use reqwest::{Client, Method, RequestBuilder};
use sea_orm::{ConnectionTrait, DbErr, Statement, TransactionTrait};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::engine::Engine;

/// When a story begins: noon in Los Angeles, on a Monday far from holidays and changed clocks.
pub const STORY_START: &str = "2026-02-02T20:00:00Z";
/// The first local day of the policy: before anything that a story files, and after what predates
/// it.
const LAW_BEGINS: NaiveDate = NaiveDate::from_ymd_opt(2025, 1, 1).expect("a date");
const LAW: &str = include_str!("../../policies/version-1.toml");
pub(crate) const ISSUER: &str = "https://tokens.city.example";
pub(crate) const AUDIENCE: &str = "candor";

/// The service on a port of its own, over a database of its own, at a time that the story sets,
/// with the first policy in force. It ends when it is dropped.
#[derive(Debug)]
pub struct TestApp {
    pub engine: Engine,
    /// What signs the tokens that this city takes; for a story to sign odd ones.
    pub key: DevelopmentKey,
    /// Whose tokens it takes now.
    issuer: String,
    /// The database itself, for what no client can do.
    pub database: Database,
    /// Where that database is, as `CANDOR_DATABASE_URL` would say.
    pub(crate) url: String,
    address: String,
    time: Arc<AtomicI64>,
    statements: Arc<AtomicUsize>,
    heard: Arc<Mutex<Option<Vec<Statement>>>>,
    client: Client,
    clock: Clock,
    observed: Database,
    app: App,
    server: JoinHandle<std::io::Result<()>>,
    workers: Option<JoinHandle<()>>,
}

impl TestApp {
    pub(crate) async fn open(engine: Engine, url: &str) -> Self {
        let database = Database::open(url).await.expect("the story's database");
        let time = Arc::new(AtomicI64::new(parse_instant(STORY_START).timestamp_micros()));
        let told = Arc::clone(&time);
        let clock = Clock::new(move || moment(&told));
        let law = Policy::parse(LAW).expect("a policy").with_effective_date(LAW_BEGINS).expect("a date");
        insert_version(&database, &law, clock.now()).await.expect("a policy in force");
        Box::pin(process_pending(&database, clock.now())).await.expect("the sweep at the start");

        let statements = Arc::new(AtomicUsize::new(0));
        let heard = Arc::new(Mutex::new(None::<Vec<Statement>>));
        let mut observed = database.clone();
        let (counter, hearing) = (Arc::clone(&statements), Arc::clone(&heard));
        observed.observe(move |statement| {
            counter.fetch_add(1, SeqCst);
            if let Some(heard) = &mut *hearing.lock().expect("nobody fails with the lock") {
                heard.push(statement.clone());
            }
        });
        let key = DevelopmentKey::generate().expect("a key");
        let authenticator =
            Authenticator::new(ISSUER.to_owned(), AUDIENCE.to_owned(), key.jwks()).expect("keys");
        // A story looks at once at what a change has set off, however busy the machine is.
        let budget =
            ReevaluationBudget { dependents: 200, time: std::time::Duration::from_mins(1) };
        let app = App::new(observed.clone(), clock.clone(), authenticator)
            .with_reevaluation_budget(budget);
        app.check_health().await;
        let (address, server) = served(&app).await;
        let (url, client, workers) = (url.to_owned(), Client::new(), None);
        Self {
            engine,
            key,
            issuer: ISSUER.to_owned(),
            database,
            url,
            address,
            time,
            statements,
            heard,
            client,
            clock,
            observed,
            app,
            server,
            workers,
        }
    }

    /// The same city after it has changed to another issuer of tokens, whose subjects are other
    /// people: from now on it makes and takes the tokens of this one alone.
    pub async fn with_issuer(mut self, issuer: &str) -> Self {
        self.server.abort();
        let authenticator =
            Authenticator::new(issuer.to_owned(), AUDIENCE.to_owned(), self.key.jwks());
        let authenticator = authenticator.expect("keys");
        self.issuer = issuer.to_owned();
        self.app = App::new(self.observed.clone(), self.clock.clone(), authenticator);
        self.app.check_health().await;
        (self.address, self.server) = served(&self.app).await;
        self
    }

    /// The same city with the service as it runs in production: workers beside it, and a request's
    /// usual budget for what it sets off.
    pub async fn as_in_production(mut self) -> Self {
        self.server.abort();
        self.app = self.app.clone().with_reevaluation_budget(ReevaluationBudget::default());
        (self.address, self.server) = served(&self.app).await;
        let for_workers = self.database.for_workers().await.expect("connections for the workers");
        self.workers = Some(tokio::spawn(self.app.clone().work(for_workers)));
        self
    }

    /// Has the service check its database, as it does once a second where it runs by itself.
    pub async fn check_health(&self) {
        self.app.check_health().await;
    }

    /// Sets the city's clock as a machine's clock is set: the service notices if it goes back.
    pub fn set_clock(&self, time: DateTime<Utc>) {
        self.time.store(time.timestamp_micros(), SeqCst);
    }

    /// What the city's clock tells.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        moment(&self.time)
    }

    /// Sets the city's clock (RFC 3339, to the microsecond). It stands still in between.
    pub fn advance_to(&self, time: &str) {
        self.time.store(parse_instant(time).timestamp_micros(), SeqCst);
        // A story goes back in time as it likes.
        self.database.accept_clock(parse_instant(time));
    }

    /// A token of the city's issuer, good at any time that a story tells, for a person with the
    /// verified address [`email`].
    #[must_use]
    pub fn token(&self, subject: &str, roles: &[Role]) -> String {
        self.key.sign(&self.issuer_claims(subject, roles)).expect("a token")
    }

    /// What such a token claims.
    pub(crate) fn issuer_claims(&self, subject: &str, roles: &[Role]) -> Claims {
        Claims { iss: self.issuer.clone(), ..Self::default_claims(subject, roles) }
    }

    /// What such a token claims; for a story to change before [`DevelopmentKey::sign`] signs it.
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

    /// Asks, and returns the whole answer, whatever it is.
    pub async fn execute(&self, token: &str, query: &str, variables: Value) -> Value {
        let question = json!({ "query": query, "variables": variables });
        let request = self.http_request(Method::POST, "/graphql").bearer_auth(token).json(&question);
        let answer = request.send().await.expect("an answer");
        let status = answer.status();
        let text = answer.text().await.expect("an answer's text");
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status} {text}"))
    }

    /// Asks, and returns the data of an answer that has no errors.
    pub async fn query(&self, token: &str, query: &str, variables: Value) -> Value {
        let mut answer = self.execute(token, query, variables).await;
        assert!(answer.get("errors").is_none(), "{query}\n{answer:#}");
        answer["data"].take()
    }

    /// Where its database is, as `CANDOR_DATABASE_URL` would say.
    #[must_use]
    pub fn database_url(&self) -> &str {
        &self.url
    }

    /// Where the service listens, as `http://…`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.address
    }

    /// A request to a path of this city, to be made as odd as the story needs.
    pub fn http_request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.address))
    }

    /// Runs hand-written SQL in a transaction, past the service.
    ///
    /// # Errors
    /// With the database's words, if it refuses; nothing was written then.
    pub async fn run_sql(&self, statement: &str) -> Result<(), String> {
        let by_hand = async {
            let tx = self.database.migrating().begin().await?;
            tx.execute_unprepared(statement).await?;
            tx.commit().await
        };
        by_hand.await.map_err(|refusal: DbErr| refusal.to_string())
    }

    /// The one number that hand-written SQL selects.
    pub async fn select_number(&self, select: &str) -> i64 {
        let engine = self.database.read.get_database_backend();
        let row = self.database.read.query_one_raw(Statement::from_string(engine, select)).await;
        let row = row.expect(select).expect("a row");
        row.try_get_by_index(0).expect("a number")
    }

    /// How many SQL statements the service has run so far; what the story runs is not counted.
    #[must_use]
    pub fn count_statements(&self) -> usize {
        self.statements.load(SeqCst)
    }

    /// Keeps, from now on, the statements that the service runs.
    pub fn start_recording_statements(&self) {
        *self.heard.lock().expect("nobody fails with the lock") = Some(Vec::new());
    }

    /// The statements that the service ran since [`Self::listen`].
    #[must_use]
    pub fn take_recorded_statements(&self) -> Vec<Statement> {
        let heard = self.heard.lock().expect("nobody fails with the lock").take();
        heard.unwrap_or_default()
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

/// Serves on a free port: the service's address, and what serves it.
async fn served(app: &App) -> (String, JoinHandle<std::io::Result<()>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("a port"));
    (address, tokio::spawn(serve(listener, router(app.clone()), std::future::pending())))
}

/// The address of a token's subject.
#[must_use]
pub fn subject_email(subject: &str) -> String {
    format!("{subject}@people.example")
}

/// A time as a story writes it (RFC 3339).
///
/// # Panics
/// If it is none.
#[must_use]
pub fn parse_instant(text: &str) -> DateTime<Utc> {
    text.parse().expect(text)
}

fn moment(time: &AtomicI64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(time.load(SeqCst)).expect("a time within the calendar")
}
