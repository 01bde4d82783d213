//! Asking a firm about its disclosure, and answering.
use chrono::NaiveDate;
use serde_json::json;

use super::reviewing::{changed, lock_for_review, shown, taken};
use super::{Filed, store, visible_by_ids};
use crate::database::{Database, Tx};
use crate::deadline::settles_at;
use crate::disclosure::entity::{clarification, disclosure};
use crate::disclosure::model::{
    AnswerInput, ClarificationId, ClarificationInput, ClarificationStatus, Part,
};
use crate::disclosure::rules;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::{Policy, ReviewState};
use crate::ledger::model::{LedgerAction, written};
use crate::ledger::service::append;
use crate::organization;
use crate::organization::model::Viewer;
use crate::policy;
use crate::reevaluation::model::{ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;
use crate::text::{MAX_PROSE_CHARS, validate_date, validate_required};

/// The longest time to answer, in days: beyond it a year was mistyped.
const LONGEST: i64 = 366;

/// Asks the firm a question, to be answered by the end of a local day. One at a time.
///
/// # Errors
/// As for every act of a reviewer; `Conflict` while a question is open or once somebody decided,
/// `Invalid` for an empty question, a part that there is not, a day that has passed.
pub async fn ask(db: &Database, viewer: &Viewer, input: &ClarificationInput) -> Result<Filed> {
    let id = input.disclosure_id;
    let tx = db.begin().await?;
    let Filed { row, .. } = lock_for_review(&tx, viewer, id).await?;
    let review = row.review.ask().map_err(|wrong| {
        Fault::conflict(match wrong.from {
            ReviewState::ClarificationRequested => {
                "a question is with the firm already; wait for its answer, or reopen the review to \
                take the question back"
            }
            _ => "it was accepted or rejected already; reopen the review first",
        })
    })?;
    let policy = policy::service::current(&*tx, viewer.now).await?.policy;
    let (path, mut problems) = (FieldPath::argument("input"), InputErrors::default());
    let question = validate_required(&input.question, MAX_PROSE_CHARS, &path.at("question"), &mut problems);
    let filed = visible_by_ids(&*tx, viewer, vec![id.uuid()]).await?.remove(&id);
    let filed = filed.ok_or(Fault::NotFound)?;
    let at = path.at("path");
    rules::names_a_part(&filed.filing.statement, &input.path, &at, &mut problems);
    let at = path.at("dueOn");
    let due_on = validate_date(&input.due_on, &at, &mut problems);
    due_in_time(due_on, &policy, viewer, &at, &mut problems);
    problems.finish()?;
    let ends = due_on.and_then(|day| day.succ_opt()).ok_or(Fault::NotFound)?;
    let asked = clarification::Model {
        id: ClarificationId::generate(),
        disclosure_id: id,
        path: Part(input.path.clone()),
        question,
        asked_by: viewer.subject.clone(),
        asked_at: viewer.now,
        due_at: policy.calendar().midnight(ends),
        status: ClarificationStatus::Open,
        answer: None,
        answered_by: None,
        answered_at: None,
        closed_at: None,
        closing: None,
    };
    let asked = store::reviews::insert_clarification(&tx, asked).await?;
    let row = store::update(&tx, disclosure::Model { review, ..taken(row, viewer) }).await?;
    let data = json!({
        "clarification": asked.id,
        "path": asked.path,
        "question": asked.question,
        "dueAt": written(asked.due_at),
    });
    let actor = viewer.actor();
    append(&tx, actor, id, LedgerAction::ClarificationRequested, &data).await?;
    changed(&tx, viewer, &row, LiftedRules::none()).await?;
    // Unanswered, it weighs more once its time is over.
    let organization = (ChangeSource::Organization, row.organization_id.uuid());
    enqueue(&tx, organization, LiftedRules::none(), settles_at(asked.due_at)).await?;
    shown(tx, viewer, id).await
}

fn due_in_time(
    due_on: Option<NaiveDate>,
    policy: &Policy,
    viewer: &Viewer,
    path: &FieldPath,
    problems: &mut InputErrors,
) {
    let Some(due_on) = due_on else { return };
    let today = policy.calendar().local_date(viewer.now);
    let days = (due_on - today).num_days();
    if days < 0 {
        let told = format!("{due_on} has passed; give the firm until {today} at the earliest.");
        problems.add(path, "invalid", told);
    } else if days > LONGEST {
        let told = "The day is more than a year away; check the year.";
        problems.add(path, "invalid", told);
    }
}

/// Answers a reviewer's question. An answer after its time is taken too, while the question is
/// open.
///
/// # Errors
/// `NotFound` if it is not the viewer's to see, `Forbidden` to who is no member of the firm,
/// `Conflict` if it was answered or needs no answer any more, `Invalid` without an answer.
pub async fn answer(db: &Database, viewer: &Viewer, input: &AnswerInput) -> Result<Filed> {
    let question = store::reviews::clarification(&db.read, input.clarification_id).await?;
    let question = question.ok_or(Fault::NotFound)?;
    let id = question.disclosure_id;
    let seen = store::find(&db.read, viewer, id).await?.ok_or(Fault::NotFound)?;
    let organization = seen.row.organization_id;
    if viewer.member_of(organization).is_err() {
        return Err(Fault::Forbidden("only a member of the firm answers"));
    }
    let mut problems = InputErrors::default();
    let at = FieldPath::argument("input").at("answer");
    let answer = validate_required(&input.answer, MAX_PROSE_CHARS, &at, &mut problems);
    problems.finish()?;
    let tx = db.begin().await?;
    organization::service::lock_one(&tx, organization).await?;
    let row = store::reviews::lock(&tx, id).await?.ok_or(Fault::NotFound)?;
    let viewer = &viewer.at_lock(&tx);
    let question =
        store::reviews::clarification(&*tx, question.id).await?.ok_or(Fault::NotFound)?;
    match question.status {
        ClarificationStatus::Open => {}
        ClarificationStatus::Answered => {
            return Err(Fault::conflict("it was answered already; reload to see the answer"));
        }
        ClarificationStatus::Closed => {
            return Err(Fault::conflict("it needs no answer any more; reload to see why"));
        }
    }
    let answered = clarification::Model {
        status: ClarificationStatus::Answered,
        answer: Some(answer),
        answered_by: Some(viewer.subject.clone()),
        answered_at: Some(viewer.now),
        ..question
    };
    let answered = store::reviews::update_clarification(&tx, answered).await?;
    let review = row.review.settle().map_err(|_| Fault::conflict("reload: it changed"))?;
    let row = store::update(&tx, disclosure::Model { review, ..row }).await?;
    let data = json!({ "clarification": answered.id, "answer": answered.answer });
    let actor = viewer.actor();
    append(&tx, actor, id, LedgerAction::ClarificationAnswered, &data).await?;
    changed(&tx, viewer, &row, LiftedRules::none()).await?;
    shown(tx, viewer, id).await
}

/// Closes a question that needs no answer any more. The disclosure's state is for the caller.
pub(super) async fn close(
    tx: &Tx,
    viewer: &Viewer,
    question: clarification::Model,
    why: &str,
) -> Result<()> {
    let (id, about) = (question.id, question.disclosure_id);
    let closed = clarification::Model {
        status: ClarificationStatus::Closed,
        closed_at: Some(viewer.now),
        closing: Some(why.to_owned()),
        ..question
    };
    store::reviews::update_clarification(tx, closed).await?;
    let data = json!({ "clarification": id, "why": why });
    let actor = viewer.actor();
    append(tx, actor, about, LedgerAction::ClarificationClosed, &data).await
}
