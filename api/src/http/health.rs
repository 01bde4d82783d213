//! Liveness and readiness of the service.
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use candor_migrations::Migrator;
use candor_schema::database::Database;
use candor_schema::fault::{Fault, Outage};
use candor_schema::policy::service::find_in_force;
use candor_schema::service_clock;
use sea_orm::{DbErr, EntityTrait};
use sea_orm_migration::{MigratorTrait, seaql_migrations};
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::problem::Problem;

/// The longest time for one check of the database.
const MAX_CHECK_TIME: Duration = Duration::from_secs(8);
/// The age after which the last check no longer counts.
const MAX_CHECK_AGE: Duration = Duration::from_secs(15);

/// The result of the last check of the database. `/readyz` reports it without querying the database,
/// because anyone may call it.
#[derive(Debug, Default)]
pub(super) struct Health(Mutex<Option<Check>>);

#[derive(Clone, Debug)]
struct Check {
    at: Instant,
    /// The policy in force, or what is wrong, as a message for the operator.
    result: Result<String, &'static str>,
}

impl Health {
    fn set(&self, result: Result<String, &'static str>) {
        let problem = result.as_ref().err().copied();
        let check = Check { at: Instant::now(), result };
        let before = self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(check);
        let before = before.and_then(|before| before.result.err());
        if before != problem {
            if let Some(problem) = problem {
                tracing::error!(problem, "not ready");
            } else {
                tracing::info!("ready again");
            }
        }
    }

    /// Returns the policy in force.
    ///
    /// # Errors
    /// What is wrong, if the service is not ready.
    fn policy(&self) -> Result<String, &'static str> {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            None => Err("The database has not been checked yet; try again in a second."),
            Some(check) if check.at.elapsed() > MAX_CHECK_AGE => {
                Err("The database does not answer in time.")
            }
            Some(check) => check.result.clone(),
        }
    }
}

impl App {
    /// Checks that the database has this version's tables and is writable, and stores the time in
    /// it. The workers call this once a second.
    pub async fn check_health(&self) {
        let check = tokio::time::timeout(MAX_CHECK_TIME, self.check_database()).await;
        self.health.set(check.unwrap_or(Err("The database does not answer in time.")));
    }

    /// Returns the name of the policy in force, or `none`.
    async fn check_database(&self) -> Result<String, &'static str> {
        match is_migrated(&self.database).await {
            Ok(true) => {}
            Ok(false) => return Err("The database is not migrated; run `candor migrate up`."),
            Err(error) => {
                tracing::warn!(%error, "the database does not answer");
                return Err("The database does not answer, or is not migrated; see the log.");
            }
        }
        match service_clock::store_latest(&self.database, &self.clock).await {
            Ok(()) if self.database.is_clock_behind() => return Err(Outage::ClockWentBack.words()),
            Ok(()) => {}
            Err(Fault::Unavailable(outage)) => return Err(outage.words()),
            Err(fault) => {
                tracing::warn!(?fault, "the database cannot be written");
                return Err("The database cannot be written; see the log.");
            }
        }
        match find_in_force(&self.database.read, self.clock.now()).await {
            Ok(None) => Ok("none".to_owned()),
            Ok(Some(in_force)) => Ok(in_force.policy.version_name()),
            Err(Fault::Unavailable(outage)) => Err(outage.words()),
            Err(_) => Err("The policy in force cannot be read; run `candor verify`."),
        }
    }
}

/// The status of the service.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub(super) struct Status {
    /// `alive` or `ready`.
    status: &'static str,
    /// Of a ready service: the policy in force, such as `version 1` or `version 1 (draft)`, or `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<String>,
}

/// Reports that the process answers.
///
/// It does not check the database, because a restart would not repair it.
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "health",
    tag = "operation",
    responses((status = OK, description = "The process answers.", body = Status)),
    security(()),
)]
pub(super) async fn healthz() -> Json<Status> {
    Json(Status { status: "alive", policy: None })
}

/// Reports whether the service can answer requests.
///
/// It is ready if the database has this version's tables and is writable, as of the last check. The
/// service checks once a second. It is ready without a policy too, and says so.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "readiness",
    tag = "operation",
    responses(
        (status = OK, description = "The service can answer requests.", body = Status),
        (
            status = SERVICE_UNAVAILABLE,
            description = "The database is unreachable, not migrated or not writable, the policy in \
                           force cannot be read, or the clock went back.",
            body = Problem,
            content_type = "application/problem+json",
        ),
    ),
    security(()),
)]
pub(super) async fn readyz(State(app): State<App>) -> Result<Json<Status>, Problem> {
    match app.health.policy() {
        Ok(policy) => Ok(Json(Status { status: "ready", policy: Some(policy) })),
        Err(problem) => Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, problem)),
    }
}

/// Returns whether every migration of this version is applied. Unknown ones are ignored, because a
/// newer version may be starting at the same time.
async fn is_migrated(database: &Database) -> Result<bool, DbErr> {
    let applied = seaql_migrations::Entity::find().all(&database.read).await?;
    let known = Migrator::migrations();
    let is_applied = |name: &str| applied.iter().any(|row| row.version == name);
    Ok(known.iter().all(|migration| is_applied(migration.name())))
}
