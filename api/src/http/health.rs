//! Whether the service lives, and whether it can work.
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use candor_migrations::Migrator;
use candor_schema::database::Database;
use sea_orm::{DbErr, EntityTrait};
use sea_orm_migration::{MigratorTrait, seaql_migrations};
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::problem::Problem;

/// How long the database may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(2);

/// How the service is.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(super) struct Health {
    /// `alive` or `ready`.
    status: &'static str,
}

/// Whether the process answers at all.
///
/// Says nothing of the database: a restart would not mend it.
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "health",
    tag = "operation",
    responses((status = OK, description = "The process answers.", body = Health)),
)]
pub(super) async fn alive() -> Json<Health> {
    Json(Health { status: "alive" })
}

/// Whether requests can be answered.
///
/// That is, whether the database is there, and its tables are those of this version.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "readiness",
    tag = "operation",
    responses(
        (status = OK, description = "Requests can be answered.", body = Health),
        (
            status = SERVICE_UNAVAILABLE,
            description = "The database is away, or not migrated.",
            body = Problem,
            content_type = "application/problem+json",
        ),
    ),
)]
pub(super) async fn ready(State(app): State<App>) -> Result<Json<Health>, Problem> {
    let unready = |detail| Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail));
    match tokio::time::timeout(PATIENCE, is_migrated(&app.database)).await {
        Ok(Ok(true)) => Ok(Json(Health { status: "ready" })),
        Ok(Ok(false)) => unready("The database is not migrated; run `candor migrate up`."),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the database does not answer");
            unready("The database does not answer, or is not migrated; see the log.")
        }
        Err(_) => unready("The database does not answer in time."),
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
