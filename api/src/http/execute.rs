//! Execution of an admitted document: a query with a timeout, a mutation to its end.
//!
//! A mutation is never aborted: its changes could be saved although the client got an error. It runs
//! in its own task, so that a disconnecting client does not abort it either. Its time is limited by
//! the limits on beginning transactions and on waiting inside them.
use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Request, Response as Answer, ServerError, Value};
use candor_schema::budget::AnswerBudget;
use candor_schema::database::SavedChange;
use candor_schema::graphql::guard::Admitted;
use candor_schema::graphql::{execute, reevaluate_after, with_request_data};
use candor_schema::organization::model::Viewer;
use candor_schema::turns::Turn;
use tokio::time::Instant;
use tracing::Instrument;

use super::App;

/// The longest time of a query, from the end of its request's body.
pub(super) const MAX_QUERY_TIME: Duration = Duration::from_secs(30);

/// The most concurrent mutations of one person.
pub(super) const MAX_CONCURRENT_MUTATIONS: usize = 4;
/// The longest time that a mutation waits for the same person's earlier ones.
const MAX_TURN_WAIT: Duration = Duration::from_secs(10);

/// Why a document was not executed to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExecutionError {
    /// The query took longer than [`MAX_QUERY_TIME`].
    QueryTimeout,
    /// The person's earlier mutations did not end in time; nothing was executed.
    TooManyMutations,
    /// It panicked before it saved anything.
    Panicked,
}

/// A GraphQL response, and the changes that its execution saved, in order.
#[derive(Debug)]
pub(super) struct Execution {
    pub(super) answer: Answer,
    pub(super) saved: Vec<SavedChange>,
}

/// Executes a query.
pub(super) async fn execute_query(
    app: &App,
    admitted: &Admitted,
    request: Request,
    viewer: Viewer,
    budget: Arc<AnswerBudget>,
) -> Result<Execution, ExecutionError> {
    let database = app.database.for_request(app.clock.clone());
    let request = with_request_data(request, viewer, budget, &database);
    let executed = execute(&app.schema, admitted, request);
    let answer = tokio::time::timeout(MAX_QUERY_TIME, executed).await;
    let answer = answer.map_err(|_| ExecutionError::QueryTimeout)?;
    Ok(Execution { answer, saved: Vec::new() })
}

/// Executes a mutation, then re-evaluates dependent bids and contracts within the budget.
pub(super) async fn execute_mutation(
    app: &App,
    admitted: &Admitted,
    request: Request,
    viewer: Viewer,
    budget: Arc<AnswerBudget>,
) -> Result<Execution, ExecutionError> {
    let turn = wait_for_turn(app, &viewer).await?;
    let database = app.database.for_request(app.clock.clone());
    let request = with_request_data(request, viewer, budget, &database);
    let executed = execute(&app.schema, admitted, request);
    let (task_app, task_database) = (app.clone(), database.clone());
    let task = async move {
        let _turn = turn;
        let answer = executed.await;
        // Dependent bids and contracts are decided at the time of the commit.
        let now = task_app.clock.now();
        if reevaluate_after(&task_database, now, task_app.reevaluation_budget).await {
            task_app.wake_workers();
        }
        answer
    };
    let executed = tokio::spawn(task.in_current_span()).await;
    let saved = database.saved_changes();
    match executed {
        Ok(mut answer) => {
            let is_all_lost = answer.data == Value::Null;
            add_saved_changes(&mut answer.errors, &saved, is_all_lost);
            Ok(Execution { answer, saved })
        }
        Err(error) => {
            tracing::error!(%error, "a mutation panicked");
            if saved.is_empty() {
                return Err(ExecutionError::Panicked);
            }
            app.wake_workers();
            let mut error = ServerError::new("Something failed on our side.", None);
            error.extensions.get_or_insert_default().set("code", "INTERNAL");
            add_saved_changes(std::slice::from_mut(&mut error), &saved, true);
            Ok(Execution { answer: Answer::from_errors(vec![error]), saved })
        }
    }
}

/// Waits for the person's turn, so that one person's many mutations wait for each other and delay no
/// one else. Service accounts need no turn, because they act for many people.
async fn wait_for_turn(app: &App, viewer: &Viewer) -> Result<Option<Turn>, ExecutionError> {
    if viewer.is_service_account() {
        return Ok(None);
    }
    let until = Instant::now() + MAX_TURN_WAIT;
    let turn = app.mutations.take(&viewer.subject, until).await;
    turn.map(Some).ok_or(ExecutionError::TooManyMutations)
}

/// The codes of errors that do not show whether the change was saved.
const AMBIGUOUS_CODES: [&str; 3] = ["INTERNAL", "LIMIT_EXCEEDED", "UNAVAILABLE"];

/// Adds the saved changes to errors that occurred after a commit, so that the client does not repeat
/// them: to errors with an ambiguous code, or to all errors if `is_all_lost`, that is, if the response
/// has no data that shows the change.
pub(super) fn add_saved_changes(
    errors: &mut [ServerError],
    saved: &[SavedChange],
    is_all_lost: bool,
) {
    if saved.is_empty() {
        return;
    }
    let list = saved.iter().map(|change| format!("{} ({})", change.subject, change.action));
    let list = list.collect::<Vec<_>>().join(", ");
    for error in errors {
        let extensions = error.extensions.get_or_insert_default();
        let code = match extensions.get("code") {
            Some(Value::String(code)) => code.as_str(),
            _ => continue,
        };
        if !is_all_lost && !AMBIGUOUS_CODES.contains(&code) {
            continue;
        }
        error.message = format!(
            "{} This request saved: {list}. Check it before you send the request again.",
            error.message
        );
        let saved = saved.iter().map(|change| {
            async_graphql::value!({ "id": change.subject.clone(), "action": change.action.clone() })
        });
        extensions.set("saved", Value::List(saved.collect()));
    }
}
