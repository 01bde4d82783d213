//! Reviewers' questions about a disclosure, and the firm's answers.
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

use super::review_transaction::{commit_and_load, enqueue_reevaluation, lock_for_review};
use super::{FiledDisclosure, load_visible_by_ids, store};
use crate::database::{Database, Tx};
use crate::deadline::settles_at;
use crate::disclosure::entity::clarification;
use crate::disclosure::model::{
    AnswerInput, ClarificationId, ClarificationInput, ClarificationStatus, DisclosureRecord,
    PartPath, ReviewTransitions,
};
use crate::disclosure::rules;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::{Policy, ReviewState};
use crate::ledger::model::{LedgerAction, format_time};
use crate::ledger::service::append;
use crate::organization;
use crate::organization::model::Viewer;
use crate::policy;
use crate::reevaluation::model::{Change, ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;
use crate::scalar::Date;
use crate::text::{MAX_PROSE_CHARS, validate_date, validate_required};
use crate::user_message::UserMessage;

/// The longest time to answer, in days; a later date is probably a mistyped year.
const MAX_ANSWER_DAYS: i64 = 366;

/// Asks the firm a question, to answer by the end of a local day: the given business day, or else the
/// last of the policy's `clarificationDays`. One question may be open at a time.
///
/// # Errors
/// As [`lock_for_review`]; `Conflict` if a question is open or the disclosure is accepted or
/// rejected, `Invalid` for an empty question, a path that is not in the statement, or a due date that is
/// not a business day after today.
#[tracing::instrument(skip_all, fields(id = %input.disclosure_id))]
pub async fn request_clarification(
    db: &Database,
    viewer: &Viewer,
    input: &ClarificationInput,
) -> Result<FiledDisclosure> {
    let id = input.disclosure_id;
    let tx = db.begin().await?;
    let FiledDisclosure { record, .. } = lock_for_review(&tx, viewer, id).await?;
    let review = record.review.request_clarification().map_err(|invalid| {
        Fault::conflict(match invalid.from {
            ReviewState::ClarificationRequested => {
                "another question is open; wait for the firm's answer, or reopen the review to \
                withdraw the question"
            }
            _ => "the disclosure was accepted or rejected; reopen the review first",
        })
    })?;
    let policy = policy::service::require_in_force(&*tx, viewer.now).await?.policy;
    let (path, mut errors) = (FieldPath::argument("input"), InputErrors::default());
    let question =
        validate_required(&input.question, MAX_PROSE_CHARS, &path.at("question"), &mut errors);
    let filed = load_visible_by_ids(&*tx, viewer, vec![id.uuid()]).await?.remove(&id);
    let filed = filed.ok_or(Fault::NotFound)?;
    let at = path.at("path");
    rules::validate_part_path(filed.filing.statement.get()?, &input.path, &at, &mut errors);
    let at = path.at("dueOn");
    let due_at = if let Some(due_on) = &input.due_on {
        validate_due_date(due_on, &policy, viewer, &at, &mut errors)
    } else {
        let days = policy.parameters().clarification_days();
        if days.is_none() {
            errors.add(&at, UserMessage::TextRequired);
        }
        days.and_then(|days| policy.calendar().end_of_business_day(viewer.now, days))
    };
    errors.finish()?;
    let due_at = due_at.ok_or_else(|| Fault::Internal("a valid question is never due".into()))?;
    let question = clarification::Model {
        id: ClarificationId::generate(),
        disclosure_id: id,
        path: PartPath(input.path.clone()),
        question,
        asked_by: viewer.subject.clone(),
        asked_at: viewer.now,
        due_at,
        status: ClarificationStatus::Open,
        answer: None,
        answered_by: None,
        answered_at: None,
        closed_at: None,
        close_reason: None,
    };
    let question = store::reviews::insert_clarification(&tx, question).await?;
    let record =
        store::update(&tx, DisclosureRecord { review, ..record.assign_if_unassigned(viewer) })
            .await?;
    let data = json!({
        "clarification": question.id,
        "path": question.path,
        "question": question.question,
        "dueAt": format_time(question.due_at),
    });
    let actor = viewer.actor();
    append(&tx, actor, id, LedgerAction::ClarificationRequested, &data).await?;
    enqueue_reevaluation(&tx, viewer, &record, LiftedRules::none()).await?;
    // An overdue question has a stricter rule than an open one.
    let change = Change {
        source: ChangeSource::Organization,
        subject_id: record.organization_id.uuid(),
        lifted_rules: LiftedRules::none(),
        not_before: settles_at(question.due_at),
    };
    enqueue(&tx, change).await?;
    commit_and_load(tx, viewer, id).await
}

/// Returns the local midnight that ends the due date; records an error unless it is a business day
/// after today and at most [`MAX_ANSWER_DAYS`] away.
fn validate_due_date(
    due_on: &Date,
    policy: &Policy,
    viewer: &Viewer,
    path: &FieldPath,
    errors: &mut InputErrors,
) -> Option<DateTime<Utc>> {
    let due_on = validate_date(due_on, path, errors)?;
    let calendar = policy.calendar();
    let today = calendar.local_date(viewer.now);
    let days = (due_on - today).num_days();
    let next_business_day = |after: NaiveDate| {
        after.iter_days().skip(1).find(|day| calendar.is_business_day(*day)).unwrap_or(after)
    };
    let message = if days < 0 {
        UserMessage::ResponseDatePassed { date: due_on, next: next_business_day(today) }
    } else if days == 0 {
        UserMessage::ResponseDateToday { next: next_business_day(today) }
    } else if days > MAX_ANSWER_DAYS {
        UserMessage::ResponseDateTooLate
    } else if !calendar.is_business_day(due_on) {
        let next = next_business_day(due_on);
        UserMessage::ResponseDateNotBusinessDay { date: due_on, next }
    } else {
        return due_on.succ_opt().map(|next_day| calendar.midnight(next_day));
    };
    errors.add(path, message);
    None
}

/// Answers a reviewer's question. A late answer is accepted while the question is open.
///
/// # Errors
/// `NotFound` if the viewer may not see the disclosure, `Forbidden` unless it is a member of the
/// firm, `Conflict` if the question was answered or closed, `Invalid` without an answer.
#[tracing::instrument(skip_all, fields(id = %input.clarification_id))]
pub async fn answer_clarification(
    db: &Database,
    viewer: &Viewer,
    input: &AnswerInput,
) -> Result<FiledDisclosure> {
    let question = store::reviews::find_clarification(&db.read, input.clarification_id).await?;
    let question = question.ok_or(Fault::NotFound)?;
    let id = question.disclosure_id;
    let visible = store::find(&db.read, viewer, id).await?.ok_or(Fault::NotFound)?;
    let organization = visible.record.organization_id;
    if viewer.require_member(organization).is_err() {
        return Err(Fault::Forbidden("only a member of the firm may answer"));
    }
    let mut errors = InputErrors::default();
    let at = FieldPath::argument("input").at("answer");
    let answer = validate_required(&input.answer, MAX_PROSE_CHARS, &at, &mut errors);
    errors.finish()?;
    let tx = db.begin().await?;
    organization::service::lock_organization(&tx, organization).await?;
    let record = store::reviews::lock_disclosure(&tx, id).await?.ok_or(Fault::NotFound)?;
    let viewer = &viewer.with_effective_time(&tx);
    let question =
        store::reviews::find_clarification(&*tx, question.id).await?.ok_or(Fault::NotFound)?;
    match question.status {
        ClarificationStatus::Open => {}
        ClarificationStatus::Answered => {
            return Err(Fault::conflict("the question was answered; reload to see the answer"));
        }
        ClarificationStatus::Closed => {
            return Err(Fault::conflict("the question was closed; reload to see the reason"));
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
    let review = record
        .review
        .close_clarification()
        .map_err(|_| Fault::conflict("the disclosure changed; reload"))?;
    let record = store::update(&tx, DisclosureRecord { review, ..record }).await?;
    let data = json!({ "clarification": answered.id, "answer": answered.answer });
    let actor = viewer.actor();
    append(&tx, actor, id, LedgerAction::ClarificationAnswered, &data).await?;
    enqueue_reevaluation(&tx, viewer, &record, LiftedRules::none()).await?;
    commit_and_load(tx, viewer, id).await
}

/// Closes an open question without an answer. The caller updates the disclosure's review state.
pub(super) async fn close_clarification(
    tx: &Tx,
    viewer: &Viewer,
    question: clarification::Model,
    reason: &str,
) -> Result<()> {
    let (id, disclosure) = (question.id, question.disclosure_id);
    let closed = clarification::Model {
        status: ClarificationStatus::Closed,
        closed_at: Some(viewer.now),
        close_reason: Some(reason.to_owned()),
        ..question
    };
    store::reviews::update_clarification(tx, closed).await?;
    let data = json!({ "clarification": id, "why": reason });
    let actor = viewer.actor();
    append(tx, actor, disclosure, LedgerAction::ClarificationClosed, &data).await
}
