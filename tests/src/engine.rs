//! The two databases that every story is told on, and a fresh one for each.
use std::fs;
use std::io::Write;
use std::path::PathBuf;

use candor_migrations::Migrator;
use candor_schema::database::Database;
use sea_orm::{ConnectOptions, ConnectionTrait};
use sea_orm_migration::MigratorTrait;
use uuid::Uuid;

use crate::city::City;
use crate::cluster::DurableServer;
use crate::threads::ALONE;
use crate::{cluster, run};

/// Every story holds on both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A migrated database of one story's own: a copy of a template that the run migrates once.
#[derive(Debug)]
pub(crate) struct Fresh {
    /// What `CANDOR_DATABASE_URL` would say.
    pub(crate) address: String,
    place: Place,
}

#[derive(Debug)]
enum Place {
    File(PathBuf),
    Server(String),
}

/// The template's name on both engines.
const TEMPLATE: &str = "template_city";

impl Fresh {
    /// None, said loudly, if this machine has no PostgreSQL and nobody promised one.
    pub(crate) async fn on(engine: Engine) -> Option<Self> {
        let name = format!("city_{}", Uuid::now_v7().simple());
        if engine == Engine::Sqlite {
            return Some(Self::file(&name).await);
        }
        let Some(binaries) = cluster::binaries() else {
            skip();
            return None;
        };
        Some(Self::database(&name, &binaries).await)
    }

    async fn file(name: &str) -> Self {
        let template = run::directory().join(TEMPLATE);
        run::once("sqlite", async || migrate(&format!("sqlite://{}", template.display())).await)
            .await;
        let directory = run::directory().join(name);
        fs::create_dir(&directory).expect("a directory for the story");
        let file = directory.join("candor.db");
        fs::copy(template, &file).expect("a copy of the template");
        Self { address: format!("sqlite://{}", file.display()), place: Place::File(directory) }
    }

    async fn database(name: &str, binaries: &std::path::Path) -> Self {
        run::once("postgres", async || {
            cluster::start(binaries);
            administer(&format!("CREATE DATABASE {TEMPLATE}")).await;
            migrate(&cluster::address(TEMPLATE)).await;
        })
        .await;
        administer(&format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}")).await;
        Self { address: cluster::address(name), place: Place::Server(name.to_owned()) }
    }

    /// Drops what [`Drop`] cannot: a database on the server. One whose story failed stays until
    /// the run is over.
    pub(crate) async fn discard(self) {
        if let Place::Server(name) = &self.place {
            administer(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if let Place::File(directory) = &self.place {
            // What stays goes with the run's directory.
            let _ = fs::remove_dir_all(directory);
        }
    }
}

/// Runs `story` in a city on a PostgreSQL server of its own that keeps what it acknowledges.
///
/// # Panics
/// As [`tell`].
pub async fn run_on_durable_postgres<F: Future<Output = ()>>(
    story: impl FnOnce(City, DurableServer) -> F,
) {
    let Some(binaries) = cluster::binaries() else { return skip() };
    let _beside_others = ALONE.read().await;
    let server = DurableServer::start(&binaries);
    let address = server.address("postgres");
    migrate(&address).await;
    story(City::open(Engine::Postgres, &address).await, server).await;
}

/// Leaves no connection behind: a template with one cannot be copied, and a file's last changes
/// would lie beside it.
async fn migrate(address: &str) {
    let database = Database::open(address).await.expect("a database for the template");
    Migrator::up(database.migrating(), None).await.expect("migrations that apply");
    database.close().await.expect("connections that end");
}

async fn administer(statement: &str) {
    let mut options = ConnectOptions::new(cluster::address("postgres"));
    options.max_connections(1).sqlx_logging(false);
    let server = sea_orm::Database::connect(options).await.expect("the run's server");
    server.execute_unprepared(statement).await.expect(statement);
    server.close_by_ref().await.expect("a connection that ends");
}

/// Tells a story in a city of its own, on that database.
///
/// # Panics
/// If the story fails, or where `CI` is set and this machine has no PostgreSQL.
pub async fn tell<F: Future<Output = ()>>(engine: Engine, story: impl FnOnce(City) -> F) {
    let _beside_others = ALONE.read().await;
    tell_now(engine, story).await;
}

/// As [`tell`], while no other story runs in this process: for a story that measures.
///
/// # Panics
/// As [`tell`].
pub async fn tell_alone<F: Future<Output = ()>>(engine: Engine, story: impl FnOnce(City) -> F) {
    let _alone = ALONE.write().await;
    tell_now(engine, story).await;
}

async fn tell_now<F: Future<Output = ()>>(engine: Engine, story: impl FnOnce(City) -> F) {
    let Some(fresh) = Fresh::on(engine).await else { return };
    story(City::open(engine, &fresh.address).await).await;
    fresh.discard().await;
}

/// Runs `story` on a migrated, empty database of its own, without a service beside it.
///
/// # Panics
/// As [`tell`].
pub async fn run_on_database<F: Future<Output = ()>>(
    engine: Engine,
    story: impl FnOnce(Database) -> F,
) {
    let _beside_others = ALONE.read().await;
    let Some(fresh) = Fresh::on(engine).await else { return };
    story(Database::open_for_work(&fresh.address).await.expect("the story's database")).await;
    fresh.discard().await;
}

/// Whether a missing PostgreSQL is a failure: where nobody reads what passed.
#[must_use]
pub fn is_promised() -> bool {
    std::env::var("CI").is_ok_and(|ci| !ci.is_empty() && ci != "false")
}

/// Says what is not measured or, where somebody asks for an ignored test, not tested: past the
/// capture of the test runner.
fn skip() {
    assert!(!is_promised(), "{}", cluster::MISSING);
    let _ = writeln!(std::io::stderr(), "\nLEFT OUT: {}\n", cluster::MISSING);
}
