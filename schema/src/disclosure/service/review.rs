//! Reviewers' decisions: accepting, rejecting, reopening, and assigning the reviewer.
use serde_json::json;

use super::review_transaction::{commit_and_load, enqueue_reevaluation, lock_for_review};
use super::{FiledDisclosure, store};
use crate::database::{Database, Tx};
use crate::deadline::has_settled;
use crate::disclosure::entity::review;
use crate::disclosure::model::{
    Assignment, DisclosureId, DisclosureRecord, PartPaths, RejectionInput, RejectionReasons,
    ReviewId, ReviewTransitions, Verdict,
};
use crate::disclosure::rules;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::wording::format_date;
use crate::gate::{RejectionReason, ReviewState};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::append;
use crate::organization::model::Viewer;
use crate::policy;
use crate::principal::Principal;
use crate::reevaluation::model::LiftedRules;
use crate::text::{MAX_LINE_CHARS, MAX_PROSE_CHARS, validate_optional, validate_required};
use crate::user_message::{Kinds, UserMessage};

/// The most parts that a rejection may name.
const MAX_REJECTION_PARTS: usize = 100;

/// The conflict for a reviewer who comes second: who decided or asked what, and when.
async fn already_decided(tx: &Tx, reader: &Principal, record: &DisclosureRecord) -> Result<Fault> {
    if record.review == ReviewState::ClarificationRequested {
        let timeline = policy::service::load_timeline(&**tx).await?;
        let open = store::reviews::find_open_clarifications(&**tx, vec![record.id.uuid()]).await?;
        let message = open.get(&record.id).map(|open| {
            format!(
                "a question is open: {} asked it on {}, and the answer is due by {}; wait for the firm's \
                answer, or reopen the review to withdraw the question",
                open.asked_by.name_for(reader),
                format_date(timeline.local_date(open.asked_at)),
                timeline.format_last_day(open.due_at)
            )
        });
        return Ok(Fault::conflict(message.unwrap_or_else(|| "a question is open".into())));
    }
    let in_effect = store::reviews::find_review_in_effect(&**tx, record.id).await?;
    let message = in_effect.map_or_else(
        || "the disclosure is no longer under review; reload".to_owned(),
        |it| {
            let verdict = it.verdict.as_str().to_lowercase();
            format!(
                "{} {verdict} it at {}; reload, or reopen the review with a reason",
                it.decided_by.name_for(reader),
                it.decided_at
            )
        },
    );
    Ok(Fault::conflict(message))
}

/// Accepts a disclosure as filed.
///
/// # Errors
/// As [`lock_for_review`]; `Conflict` if another reviewer decided first, with who, what and when, or
/// if a question is open.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn accept(
    db: &Database,
    viewer: &Viewer,
    id: DisclosureId,
    remark: Option<&str>,
) -> Result<FiledDisclosure> {
    let remark = validate_remark(remark);
    let tx = db.begin().await?;
    accept_in_tx(&tx, viewer, id, remark).await?;
    commit_and_load(tx, viewer, id).await
}

/// Validates the remark of an acceptance.
pub(super) fn validate_remark(remark: Option<&str>) -> Result<String> {
    let (at, mut errors) = (FieldPath::argument("remark"), InputErrors::default());
    let remark = validate_optional(remark.unwrap_or_default(), MAX_PROSE_CHARS, &at, &mut errors);
    errors.finish()?;
    Ok(remark)
}

/// Accepts a disclosure within a transaction. An invalid `remark` is reported only to whoever may
/// review the disclosure.
///
/// # Errors
/// As [`accept`].
pub(super) async fn accept_in_tx(
    tx: &Tx,
    viewer: &Viewer,
    id: DisclosureId,
    remark: Result<String>,
) -> Result<()> {
    let FiledDisclosure { record, filing } = lock_for_review(tx, viewer, id).await?;
    let explanation = remark?;
    let Ok(review) = record.review.accept() else {
        return Err(already_decided(tx, &viewer.subject, &record).await?);
    };
    let verdict = review::Model {
        id: ReviewId::generate(),
        disclosure_id: id,
        filed_by: filing.filed_by,
        verdict: Verdict::Accepted,
        reasons: RejectionReasons::default(),
        paths: PartPaths::default(),
        explanation,
        decided_by: viewer.subject.clone(),
        decided_at: viewer.now,
        appeal_by: None,
        reopened_by: None,
        reopened_at: None,
        reopen_reason: None,
    };
    let verdict = store::reviews::insert_review(tx, verdict).await?;
    let record = DisclosureRecord { review, ..record.assign_if_unassigned(viewer) };
    let record = store::update(tx, record).await?;
    let data = json!({ "review": verdict.id, "remark": verdict.explanation });
    let actor = viewer.actor();
    append(tx, actor, id, LedgerAction::DisclosureAccepted, &data).await?;
    enqueue_reevaluation(tx, viewer, &record, LiftedRules::none()).await
}

/// Rejects a disclosure for a formal reason, never for what it discloses.
///
/// # Errors
/// As [`accept`]; `Invalid` without a reason that the policy allows, for `CONTRADICTORY` without the
/// parts that contradict each other, for `UNANSWERED` without an overdue question.
#[tracing::instrument(skip_all, fields(id = %input.disclosure_id))]
pub async fn reject(
    db: &Database,
    viewer: &Viewer,
    input: &RejectionInput,
) -> Result<FiledDisclosure> {
    let id = input.disclosure_id;
    let tx = db.begin().await?;
    let FiledDisclosure { record, filing } = lock_for_review(&tx, viewer, id).await?;
    let open = store::reviews::find_open_clarifications(&*tx, vec![id.uuid()]).await?.remove(&id);
    let is_overdue = open.as_ref().is_some_and(|open| has_settled(open.due_at, viewer.now));
    let for_no_answer = is_overdue && input.reasons.contains(&RejectionReason::Unanswered);
    let Ok(review) = record.review.reject(for_no_answer) else {
        return Err(already_decided(&tx, &viewer.subject, &record).await?);
    };
    let published = policy::service::require_in_force(&*tx, viewer.now).await?;
    let allowed = &published.policy.parameters().rejection_reasons.value;
    let (path, mut errors) = (FieldPath::argument("input"), InputErrors::default());
    let mut reasons = input.reasons.clone();
    reasons.sort_unstable();
    reasons.dedup();
    if reasons.is_empty() {
        errors.add(&path.at("reasons"), UserMessage::RejectionReasonRequired);
    }
    for reason in reasons.iter().filter(|reason| !allowed.contains(reason)) {
        let reason = Kinds::of(reason.as_str());
        let message = UserMessage::RejectionReasonUnknown { reason };
        errors.add(&path.at("reasons"), message);
    }
    if reasons.contains(&RejectionReason::Unanswered) && !is_overdue {
        errors.add(&path.at("reasons"), UserMessage::NoOverdueQuestion);
    }
    let at = path.at("paths");
    if reasons.contains(&RejectionReason::Contradictory) && input.paths.is_empty() {
        errors.add(&at, UserMessage::ContradictingPartsRequired);
    }
    if input.paths.len() > MAX_REJECTION_PARTS {
        errors.add(&at, UserMessage::RejectionPartsTooMany { max: MAX_REJECTION_PARTS });
    } else {
        for (index, part) in input.paths.iter().enumerate() {
            rules::validate_part_path(filing.statement.get()?, part, &at.at(index), &mut errors);
        }
    }
    let at = path.at("explanation");
    let explanation = validate_required(&input.explanation, MAX_PROSE_CHARS, &at, &mut errors);
    errors.finish()?;
    let days = published.policy.parameters().appeal_days.value;
    let appeal_by = published.policy.calendar().end_of_business_day(viewer.now, days);
    let verdict = review::Model {
        id: ReviewId::generate(),
        disclosure_id: id,
        filed_by: filing.filed_by,
        verdict: Verdict::Rejected,
        reasons: RejectionReasons(reasons),
        paths: PartPaths(input.paths.clone()),
        explanation,
        decided_by: viewer.subject.clone(),
        decided_at: viewer.now,
        appeal_by,
        reopened_by: None,
        reopened_at: None,
        reopen_reason: None,
    };
    if let Some(open) = open {
        let reason = "the disclosure was rejected because the question was not answered";
        super::clarification::close_clarification(&tx, viewer, open, reason).await?;
    }
    let verdict = store::reviews::insert_review(&tx, verdict).await?;
    let record = DisclosureRecord { review, ..record.assign_if_unassigned(viewer) };
    let record = store::update(&tx, record).await?;
    let data = json!({
        "review": verdict.id,
        "reasons": verdict.reasons,
        "paths": verdict.paths,
        "explanation": verdict.explanation,
        "appealBy": verdict.appeal_by.map(crate::ledger::model::format_time),
    });
    let actor = viewer.actor();
    append(&tx, actor, id, LedgerAction::DisclosureRejected, &data).await?;
    enqueue_reevaluation(&tx, viewer, &record, LiftedRules::none()).await?;
    commit_and_load(tx, viewer, id).await
}

/// Reopens a review: retracts a mistaken acceptance or rejection, or withdraws a question, on the
/// record.
///
/// # Errors
/// As [`lock_for_review`]; `Conflict` if there is nothing to reopen or an appeal is open, `Forbidden`
/// unless the viewer is a supervisor once a rejection was upheld on appeal, `Invalid` without a
/// reason.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn reopen_review(
    db: &Database,
    viewer: &Viewer,
    id: DisclosureId,
    reason: &str,
) -> Result<FiledDisclosure> {
    let mut errors = InputErrors::default();
    let reason =
        validate_required(reason, MAX_PROSE_CHARS, &FieldPath::argument("reason"), &mut errors);
    let tx = db.begin().await?;
    let FiledDisclosure { record, .. } = lock_for_review(&tx, viewer, id).await?;
    errors.finish()?;
    let (review, lifted_rules) = if record.review == ReviewState::ClarificationRequested {
        let open =
            store::reviews::find_open_clarifications(&*tx, vec![id.uuid()]).await?.remove(&id);
        if let Some(open) = open {
            super::clarification::close_clarification(&tx, viewer, open, &reason).await?;
        }
        (record.review.close_clarification(), LiftedRules::none())
    } else {
        (record.review.reopen(), LiftedRules::rejection_rules())
    };
    let nothing = "there is nothing to reopen: the disclosure is neither accepted nor rejected, and \
        no question is open";
    let review = review.map_err(|_| Fault::conflict(nothing))?;
    if let Some(verdict) = store::reviews::find_review_in_effect(&*tx, id).await? {
        if !store::reviews::list_under_appeal(&*tx, vec![id.uuid()]).await?.is_empty() {
            return Err(Fault::conflict(
                "the firm's appeal is open; a supervisor who took no part must decide it",
            ));
        }
        if store::reviews::is_upheld_on_appeal(&*tx, &verdict).await? {
            viewer.require_supervisor(
                "the rejection was upheld on appeal; only a supervisor may reopen it",
            )?;
        }
        retract_verdict(&tx, viewer, verdict, &reason).await?;
    }
    let record =
        store::update(&tx, DisclosureRecord { review, ..record.assign_if_unassigned(viewer) })
            .await?;
    let actor = viewer.actor();
    append(&tx, actor, id, LedgerAction::ReviewReopened, &json!({ "reason": reason })).await?;
    enqueue_reevaluation(&tx, viewer, &record, lifted_rules).await?;
    commit_and_load(tx, viewer, id).await
}

/// Marks an acceptance or rejection as reopened, with a reason.
pub(super) async fn retract_verdict(
    tx: &Tx,
    viewer: &Viewer,
    verdict: review::Model,
    reason: &str,
) -> Result<()> {
    let verdict = review::Model {
        reopened_by: Some(viewer.subject.clone()),
        reopened_at: Some(viewer.now),
        reopen_reason: Some(reason.to_owned()),
        ..verdict
    };
    store::reviews::update_review(tx, verdict).await?;
    Ok(())
}

/// Assigns the viewer as the reviewer of a disclosure. `from` is the current reviewer's name, to take
/// the review over.
///
/// # Errors
/// As [`lock_for_review`]; `Conflict` if another reviewer is assigned whom `from` does not name, with
/// who and since when.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn take_review(
    db: &Database,
    viewer: &Viewer,
    id: DisclosureId,
    from: Option<&str>,
) -> Result<FiledDisclosure> {
    let tx = db.begin().await?;
    let FiledDisclosure { record, .. } = lock_for_review(&tx, viewer, id).await?;
    let named = from.map(|name| viewer.subject.named(name)).unwrap_or_default();
    match &record.assignment {
        Some(Assignment { reviewer, .. }) if *reviewer == viewer.subject => {
            return commit_and_load(tx, viewer, id).await;
        }
        Some(Assignment { reviewer, .. }) if !named.contains(reviewer) => {
            let reviewer = reviewer.name_for(&viewer.subject);
            return Err(Fault::conflict(format!(
                "{reviewer} is reviewing it; to take it over, send from: \"{reviewer}\""
            )));
        }
        _ => {}
    }
    let previous = record.reviewer().cloned();
    let assignment = Assignment { reviewer: viewer.subject.clone(), at: viewer.now };
    let record = DisclosureRecord { assignment: Some(assignment), ..record };
    store::update(&tx, record).await?;
    let actor = viewer.actor();
    append(&tx, actor, id, LedgerAction::ReviewTaken, &json!({ "from": previous })).await?;
    commit_and_load(tx, viewer, id).await
}

/// Assigns another person as the reviewer of a disclosure. `to` is the subject of the person's token,
/// or `<issuer> <subject>` for another issuer. There is no list of staff: whoever receives the review
/// needs a reviewer's token to act on it.
///
/// # Errors
/// As [`lock_for_review`]; `Forbidden` unless the viewer is its reviewer or a supervisor, `Invalid`
/// for a name with which no one can sign in, or of the person who filed the disclosure or entered its
/// paper form.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn assign_review(
    db: &Database,
    viewer: &Viewer,
    id: DisclosureId,
    to: &str,
) -> Result<FiledDisclosure> {
    let tx = db.begin().await?;
    let FiledDisclosure { record, filing } = lock_for_review(&tx, viewer, id).await?;
    if record.reviewer() != Some(&viewer.subject) {
        viewer.require_supervisor("only its reviewer or a supervisor may hand a review over")?;
    }
    let (path, mut errors) = (FieldPath::argument("to"), InputErrors::default());
    let to = validate_required(to, MAX_LINE_CHARS, &path, &mut errors);
    errors.finish()?;
    let invalid = |message| Fault::invalid(&path, message);
    let reviewer =
        viewer.subject.find_person(&to).ok_or_else(|| invalid(UserMessage::ReviewerInvalid))?;
    if reviewer == filing.filed_by {
        return Err(invalid(UserMessage::ReviewerIsFiler));
    }
    if record.reviewer() == Some(&reviewer) {
        return commit_and_load(tx, viewer, id).await;
    }
    let data = json!({ "from": record.reviewer(), "to": reviewer });
    let assignment = Assignment { reviewer, at: viewer.now };
    store::update(&tx, DisclosureRecord { assignment: Some(assignment), ..record }).await?;
    append(&tx, viewer.actor(), id, LedgerAction::ReviewAssigned, &data).await?;
    commit_and_load(tx, viewer, id).await
}
