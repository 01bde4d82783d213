//! Whether the service lives, and whether it can work.
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use candor_migrations::Migrator;
use candor_schema::database::Database;
use candor_schema::fault::{Fault, Outage};
use candor_schema::service_clock;
use sea_orm::{DbErr, EntityTrait};
use sea_orm_migration::{MigratorTrait, seaql_migrations};
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::problem::Problem;

/// How long the database may take to be written.
const MAX_CHECK_TIME: Duration = Duration::from_secs(8);
/// After how long the last check says nothing any more.
const MAX_CHECK_AGE: Duration = Duration::from_secs(15);

/// What the last check of the database found, which `/readyz` reports: whoever asks, known or not,
/// costs the database nothing.
#[derive(Debug, Default)]
pub(super) struct Health(Mutex<Option<Check>>);

#[derive(Clone, Copy, Debug)]
struct Check {
    at: Instant,
    /// What is wrong, in words for the operator.
    problem: Option<&'static str>,
}

impl Health {
    fn set(&self, problem: Option<&'static str>) {
        let check = Check { at: Instant::now(), problem };
        let before = self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(check);
        let before = before.and_then(|before| before.problem);
        if before != problem {
            if let Some(problem) = problem {
                tracing::error!(problem, "not ready");
            } else {
                tracing::info!("ready again");
            }
        }
    }

    /// What is wrong, if anything is.
    fn problem(&self) -> Option<&'static str> {
        match *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            None => Some("The database is not checked yet; ask again in a moment."),
            Some(check) if check.at.elapsed() > MAX_CHECK_AGE => {
                Some("The database does not answer in time.")
            }
            Some(check) => check.problem,
        }
    }
}

impl App {
    /// Checks whether the database has this version's tables and can be written, and keeps the
    /// time in it. The workers do so once a second.
    pub async fn check_health(&self) {
        let check = tokio::time::timeout(MAX_CHECK_TIME, self.find_problem()).await;
        self.health.set(check.unwrap_or(Some("The database does not answer in time.")));
    }

    async fn find_problem(&self) -> Option<&'static str> {
        match is_migrated(&self.database).await {
            Ok(true) => {}
            Ok(false) => return Some("The database is not migrated; run `candor migrate up`."),
            Err(error) => {
                tracing::warn!(%error, "the database does not answer");
                return Some("The database does not answer, or is not migrated; see the log.");
            }
        }
        match service_clock::keep(&self.database, &self.clock).await {
            Ok(()) if self.database.is_clock_behind() => Some(Outage::ClockWentBack.words()),
            Ok(()) => None,
            Err(Fault::Unavailable(outage)) => Some(outage.words()),
            Err(fault) => {
                tracing::warn!(?fault, "the database cannot be written");
                Some("The database cannot be written; see the log.")
            }
        }
    }
}

/// How the service is.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub(super) struct Status {
    /// `alive` or `ready`.
    status: &'static str,
}

/// Whether the process answers at all.
///
/// Says nothing of the database: a restart would not repair it.
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "health",
    tag = "operation",
    responses((status = OK, description = "The process answers.", body = Status)),
)]
pub(super) async fn alive() -> Json<Status> {
    Json(Status { status: "alive" })
}

/// Whether requests can be answered.
///
/// That is, whether the tables are those of this version and a change could be saved, as of the
/// last check, which is made once a second.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "readiness",
    tag = "operation",
    responses(
        (status = OK, description = "Requests can be answered.", body = Status),
        (
            status = SERVICE_UNAVAILABLE,
            description = "The database is away, not migrated or cannot be written, or the clock \
                           went back.",
            body = Problem,
            content_type = "application/problem+json",
        ),
    ),
)]
pub(super) async fn ready(State(app): State<App>) -> Result<Json<Status>, Problem> {
    match app.health.problem() {
        None => Ok(Json(Status { status: "ready" })),
        Some(problem) => Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, problem)),
    }
}

/// Whether every change that this version knows is applied. One that it does not know is none of
/// its concern: a newer version may be starting beside it.
async fn is_migrated(database: &Database) -> Result<bool, DbErr> {
    let applied = seaql_migrations::Entity::find().all(&database.read).await?;
    let known = Migrator::migrations();
    let is_applied = |name: &str| applied.iter().any(|row| row.version == name);
    Ok(known.iter().all(|migration| is_applied(migration.name())))
}
