//! Runs use cases for REST handlers: a read with a timeout, a change to its end.
use std::future::Future;

use axum::http::StatusCode;
use candor_schema::database::Database;
use candor_schema::fault::Result as FaultResult;
use candor_schema::graphql::reevaluate_after;
use tracing::Instrument;

use crate::http::App;
use crate::http::execute::MAX_QUERY_TIME;
use crate::http::problem::Problem;

/// Runs a read.
pub(super) async fn run_query<T>(read: impl Future<Output = FaultResult<T>>) -> Result<T, Problem> {
    if let Ok(result) = tokio::time::timeout(MAX_QUERY_TIME, read).await {
        return result.map_err(|fault| Problem::of_fault(fault, &[]));
    }
    let detail = "This took longer than 30 seconds and was stopped. Try again later.";
    Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail))
}

/// Runs a change to its end, even if the client disconnects, then re-evaluates dependent bids and contracts
/// within the budget. `database` is the one of the request.
pub(super) async fn run_change<T: Send + 'static>(
    app: &App,
    database: &Database,
    change: impl Future<Output = T> + Send + 'static,
) -> Result<T, Problem> {
    let (task_app, task_database) = (app.clone(), database.clone());
    let task = async move {
        let changed = Box::pin(change).await;
        // Dependent bids and contracts are decided at the time of the commit.
        let now = task_app.clock.now();
        if reevaluate_after(&task_database, now, task_app.reevaluation_budget).await {
            task_app.wake_workers();
        }
        changed
    };
    tokio::spawn(task.in_current_span()).await.map_err(|error| {
        tracing::error!(%error, "a change panicked");
        app.wake_workers();
        let saved = database.saved_changes();
        let detail = if saved.is_empty() {
            "Something failed on our side; nothing was saved. Report the x-request-id of this response."
        } else {
            "Something failed on our side after changes were saved. Check them before you send the \
            request again, and report the x-request-id of this response."
        };
        let problem = Problem::new(StatusCode::INTERNAL_SERVER_ERROR, detail);
        problem.with_code("INTERNAL").with_saved(saved)
    })
}
