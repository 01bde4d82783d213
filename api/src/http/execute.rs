//! Executing an admitted document: a query within its time, a mutation to its end.
//!
//! A mutation is never cut off: what it has saved would stay saved while its client is told that it
//! failed. It runs in a task of its own, so that a client that hangs up cuts nothing off either,
//! and it is bounded by how long it may begin transactions and wait inside them.
use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Request, Response as Answer, ServerError, Value};
use candor_schema::budget::AnswerBudget;
use candor_schema::database::SavedChange;
use candor_schema::graphql::{with_request_data, reevaluate_after};
use candor_schema::organization::model::{Role, Viewer};
use candor_schema::turns::Turn;
use tokio::time::Instant;
use tracing::Instrument;

use super::App;

/// How long a query may take, once it was received whole.
pub(super) const MAX_QUERY_TIME: Duration = Duration::from_secs(30);

/// How many changes one person may have under way at once.
pub(super) const MUTATIONS_AT_ONCE: usize = 4;
/// How long a change waits for the same person's earlier ones.
const MAX_TURN_WAIT: Duration = Duration::from_secs(10);

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unanswered {
    /// The query took longer than [`MAX_QUERY_TIME`].
    TooLong,
    /// The person's earlier changes took too long; nothing was run.
    NoTurn,
    /// It panicked, and had saved nothing.
    Panicked,
}

/// An answer, and what was saved on the way to it, in order.
#[derive(Debug)]
pub(super) struct Executed {
    pub(super) answer: Answer,
    pub(super) saved: Vec<SavedChange>,
}

/// Executes a query.
pub(super) async fn query(
    app: &App,
    request: Request,
    viewer: Viewer,
    budget: Arc<AnswerBudget>,
) -> Result<Executed, Unanswered> {
    let database = app.database.for_request(app.clock.clone());
    let executed = app.schema.execute(with_request_data(request, viewer, budget, &database));
    let answer = tokio::time::timeout(MAX_QUERY_TIME, executed).await;
    let answer = answer.map_err(|_| Unanswered::TooLong)?;
    Ok(Executed { answer, saved: Vec::new() })
}

/// Executes a mutation, then re-evaluates what depends on it, as far as the budget goes.
pub(super) async fn mutation(
    app: &App,
    request: Request,
    viewer: Viewer,
    budget: Arc<AnswerBudget>,
) -> Result<Executed, Unanswered> {
    let turn = turn_of(app, &viewer).await?;
    let database = app.database.for_request(app.clock.clone());
    let (of_task, task_database) = (app.clone(), database.clone());
    let task = async move {
        let _turn = turn;
        let answer =
            of_task.schema.execute(with_request_data(request, viewer, budget, &task_database)).await;
        // What depends on the change is decided at the time of the change's commit.
        let now = of_task.clock.now();
        if reevaluate_after(&task_database, now, of_task.reevaluation_budget).await {
            of_task.wake_workers();
        }
        answer
    };
    let executed = tokio::spawn(task.in_current_span()).await;
    let saved = database.saved_changes();
    match executed {
        Ok(mut answer) => {
            let is_all_lost = answer.data == Value::Null;
            tell_saved(&mut answer.errors, &saved, is_all_lost);
            Ok(Executed { answer, saved })
        }
        Err(error) => {
            tracing::error!(%error, "a mutation panicked");
            if saved.is_empty() {
                return Err(Unanswered::Panicked);
            }
            app.wake_workers();
            let mut error = ServerError::new("Something failed on our side.", None);
            error.extensions.get_or_insert_default().set("code", "INTERNAL");
            tell_saved(std::slice::from_mut(&mut error), &saved, true);
            Ok(Executed { answer: Answer::from_errors(vec![error]), saved })
        }
    }
}

/// A person's turn to change something: whoever sends many changes at once has them wait for each
/// other, and not everybody else for all of them. Service accounts work for many.
async fn turn_of(app: &App, viewer: &Viewer) -> Result<Option<Turn>, Unanswered> {
    if viewer.is(Role::ProcurementSystem) {
        return Ok(None);
    }
    let until = Instant::now() + MAX_TURN_WAIT;
    let turn = app.mutations.take(&viewer.subject, until).await;
    turn.map(Some).ok_or(Unanswered::NoTurn)
}

/// The codes of errors that say nothing of whether the change was made.
const UNTOLD: [&str; 3] = ["INTERNAL", "LIMIT_EXCEEDED", "UNAVAILABLE"];

/// Adds to errors that came after a change was saved that it was, so that nobody sends it again:
/// to those that say nothing of it, and to all if no data is answered that would show it.
pub(super) fn tell_saved(errors: &mut [ServerError], saved: &[SavedChange], is_all_lost: bool) {
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
        if !is_all_lost && !UNTOLD.contains(&code) {
            continue;
        }
        error.message = format!(
            "{} This request has saved: {list}. Look at it before you send anything again.",
            error.message
        );
        let saved = saved.iter().map(|change| {
            async_graphql::value!({ "id": change.subject.clone(), "action": change.action.clone() })
        });
        extensions.set("saved", Value::List(saved.collect()));
    }
}
