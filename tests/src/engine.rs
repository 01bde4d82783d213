//! The two database engines that stories run on, and a new test database for each story.
use std::fs;
use std::io::Write;
use std::path::PathBuf;

use candor::command::migrate::up_for;
use candor_schema::database::Database;
use candor_schema::gate::Policy;
use sea_orm::{ConnectOptions, ConnectionTrait};
use uuid::Uuid;

use crate::cluster::{CREATE_RUNTIME_ROLE, DurableServer, RUNTIME_ROLE};
use crate::test_app::{TestApp, first_policy, new_york_policy};
use crate::threads::ALONE;
use crate::{cluster, run};

/// A database engine; every story must pass on both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A migrated database for one story, copied from a template that is migrated once for each test
/// run.
#[derive(Debug)]
pub(crate) struct TestDatabase {
    /// The database's address, in the form of `CANDOR_DATABASE_URL`; on PostgreSQL as the role that may
    /// only read and write rows.
    pub(crate) address: String,
    /// The database's address for the owner of its tables; on SQLite the same.
    owner_address: String,
    storage: Storage,
}

#[derive(Debug)]
enum Storage {
    File(PathBuf),
    Server(String),
}

/// Name of the template database on both engines.
const TEMPLATE: &str = "template_city";

impl TestDatabase {
    /// Creates a database. Returns none, with a message on stderr, if this machine has no
    /// PostgreSQL and none is required.
    pub(crate) async fn on(engine: Engine) -> Option<Self> {
        let name = format!("city_{}", Uuid::now_v7().simple());
        if engine == Engine::Sqlite {
            return Some(Self::file(&name).await);
        }
        let Some(binaries) = cluster::binaries() else {
            report_skipped();
            return None;
        };
        Some(Self::database(&name, &binaries).await)
    }

    async fn file(name: &str) -> Self {
        let template = run::directory().join(TEMPLATE);
        let template_address = format!("sqlite://{}", template.display());
        run::once("sqlite", async || migrate(&template_address, None).await).await;
        let directory = run::directory().join(name);
        fs::create_dir(&directory).expect("a directory for the story");
        let file = directory.join("candor.db");
        fs::copy(template, &file).expect("a copy of the template");
        let address = format!("sqlite://{}", file.display());
        Self { owner_address: address.clone(), address, storage: Storage::File(directory) }
    }

    async fn database(name: &str, binaries: &std::path::Path) -> Self {
        run::once("postgres", async || {
            cluster::start(binaries);
            administer(CREATE_RUNTIME_ROLE).await;
            administer(&format!("CREATE DATABASE {TEMPLATE}")).await;
            migrate(&cluster::owner_address(TEMPLATE), Some(RUNTIME_ROLE)).await;
        })
        .await;
        administer(&format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}")).await;
        Self {
            address: cluster::address(name),
            owner_address: cluster::owner_address(name),
            storage: Storage::Server(name.to_owned()),
        }
    }

    /// Drops a database on the server, which [`Drop`] cannot do. The database of a failed story
    /// remains until the run ends.
    pub(crate) async fn discard(self) {
        if let Storage::Server(name) = &self.storage {
            administer(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Storage::File(directory) = &self.storage {
            // The rest is removed with the run's directory.
            let _ = fs::remove_dir_all(directory);
        }
    }
}

/// Runs `story` on its own PostgreSQL server with durable writes.
///
/// # Panics
/// As [`run_story`].
pub async fn run_on_durable_postgres<F: Future<Output = ()>>(
    story: impl FnOnce(TestApp, DurableServer) -> F,
) {
    let Some(binaries) = cluster::binaries() else { return report_skipped() };
    let _beside_others = ALONE.read().await;
    let server = DurableServer::start(&binaries);
    let owner_address = server.owner_address("postgres");
    administer_on(&owner_address, CREATE_RUNTIME_ROLE).await;
    migrate(&owner_address, Some(RUNTIME_ROLE)).await;
    let address = server.address("postgres");
    let policy = first_policy();
    let app = TestApp::open(Engine::Postgres, &address, &owner_address, Some(&policy)).await;
    story(app, server).await;
}

/// Runs `story` on its own PostgreSQL server with durable writes, which has no database of Candor yet,
/// and the role [`RUNTIME_ROLE`].
///
/// # Panics
/// As [`run_story`].
pub async fn run_on_empty_postgres<F: Future<Output = ()>>(story: impl FnOnce(DurableServer) -> F) {
    let Some(binaries) = cluster::binaries() else { return report_skipped() };
    let _beside_others = ALONE.read().await;
    let server = DurableServer::start(&binaries);
    administer_on(&server.owner_address("postgres"), CREATE_RUNTIME_ROLE).await;
    story(server).await;
}

/// Migrates and closes every connection: a template with an open connection cannot be copied, and
/// SQLite's last changes would remain in the write-ahead log.
async fn migrate(address: &str, runtime_role: Option<&str>) {
    let database = Database::open_for_work(address).await.expect("a database for the template");
    up_for(&database, runtime_role).await.expect("migrations that apply");
    database.close().await.expect("connections that end");
}

async fn administer(statement: &str) {
    administer_on(&cluster::owner_address("postgres"), statement).await;
}

/// Runs a statement on its own connection.
///
/// # Panics
/// If the server refuses it.
pub async fn administer_on(address: &str, statement: &str) {
    let mut options = ConnectOptions::new(address);
    options.max_connections(1).sqlx_logging(false);
    let server = sea_orm::Database::connect(options).await.expect("the run's server");
    server.execute_unprepared(statement).await.expect(statement);
    server.close_by_ref().await.expect("a connection that ends");
}

/// Runs a story against its own service and database.
///
/// # Panics
/// If the story fails, or where `CI` is set and this machine has no PostgreSQL.
pub async fn run_story<F: Future<Output = ()>>(engine: Engine, story: impl FnOnce(TestApp) -> F) {
    let _beside_others = ALONE.read().await;
    run_now(engine, Some(&first_policy()), story).await;
}

/// Runs a story as [`run_story`] does, on a service without a policy.
///
/// # Panics
/// As [`run_story`].
pub async fn run_story_without_policy<F: Future<Output = ()>>(
    engine: Engine,
    story: impl FnOnce(TestApp) -> F,
) {
    let _beside_others = ALONE.read().await;
    run_now(engine, None, story).await;
}

/// Runs a story as [`run_story`] does, where two people publish, suspend and reinstate.
///
/// # Panics
/// As [`run_story`].
pub async fn run_story_of_two_people<F: Future<Output = ()>>(
    engine: Engine,
    story: impl FnOnce(TestApp) -> F,
) {
    let _beside_others = ALONE.read().await;
    let policy = first_policy().with_second_person_required(true);
    run_now(engine, Some(&policy), story).await;
}

/// Runs a story as [`run_story`] does, under a first policy with the words of New York.
///
/// # Panics
/// As [`run_story`].
pub async fn run_story_under_new_york<F: Future<Output = ()>>(
    engine: Engine,
    story: impl FnOnce(TestApp) -> F,
) {
    let _beside_others = ALONE.read().await;
    run_now(engine, Some(&new_york_policy()), story).await;
}

/// Runs a story as [`run_story`] does, while no other story runs in this process: for a story that
/// measures.
///
/// # Panics
/// As [`run_story`].
pub async fn run_story_alone<F: Future<Output = ()>>(
    engine: Engine,
    story: impl FnOnce(TestApp) -> F,
) {
    let _alone = ALONE.write().await;
    run_now(engine, Some(&first_policy()), story).await;
}

async fn run_now<F: Future<Output = ()>>(
    engine: Engine,
    policy: Option<&Policy>,
    story: impl FnOnce(TestApp) -> F,
) {
    let Some(test_database) = TestDatabase::on(engine).await else { return };
    let TestDatabase { address, owner_address, .. } = &test_database;
    story(TestApp::open(engine, address, owner_address, policy).await).await;
    test_database.discard().await;
}

/// Runs `story` on its own empty, migrated database, without a service.
///
/// # Panics
/// As [`run_story`].
pub async fn run_on_database<F: Future<Output = ()>>(
    engine: Engine,
    story: impl FnOnce(Database) -> F,
) {
    let _beside_others = ALONE.read().await;
    let Some(test_database) = TestDatabase::on(engine).await else { return };
    story(Database::open_for_work(&test_database.address).await.expect("the story's database"))
        .await;
    test_database.discard().await;
}

/// Returns whether a missing PostgreSQL fails the tests, as it does where `CI` is set.
#[must_use]
pub fn is_postgres_required() -> bool {
    std::env::var("CI").is_ok_and(|ci| !ci.is_empty() && ci != "false")
}

/// Reports on stderr, past the test runner's output capture, that a benchmark or a test that was
/// ignored and asked for by name skips PostgreSQL.
fn report_skipped() {
    assert!(!is_postgres_required(), "{}", cluster::MISSING_BINARIES);
    let _ = writeln!(std::io::stderr(), "\nSKIPPED: {}\n", cluster::MISSING_BINARIES);
}
