//! Accepting and rejecting a disclosure, taking either back, and being on it.
use serde_json::json;

use super::reviewing::{changed, lock_for_review, shown, taken};
use super::{Filed, store};
use crate::database::{Database, Tx};
use crate::deadline::has_settled;
use crate::disclosure::entity::{disclosure, review};
use crate::disclosure::model::{DisclosureId, Parts, Reasons, RejectionInput, ReviewId, Verdict};
use crate::disclosure::rules;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::{RejectionReason, ReviewState};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::append;
use crate::organization::model::{Role, Viewer};
use crate::policy;
use crate::principal::Principal;
use crate::reevaluation::model::LiftedRules;
use crate::text::{MAX_PROSE_CHARS, validate_optional, validate_required};

/// The most parts that a rejection names.
const PARTS: usize = 100;

/// Who decided what and when, for the one who comes second.
async fn decided(tx: &Tx, reader: &Principal, row: &disclosure::Model) -> Result<Fault> {
    if row.review == ReviewState::ClarificationRequested {
        let open = store::reviews::open_clarifications(&**tx, vec![row.id.uuid()]).await?;
        let told = open.get(&row.id).map(|open| {
            format!(
                "a question is with the firm: {} asked it at {}, to be answered by {}; wait for \
                the answer, or reopen the review to take the question back",
                open.asked_by.name_for(reader),
                open.asked_at,
                open.due_at
            )
        });
        return Ok(Fault::conflict(told.unwrap_or_else(|| "a question is with the firm".into())));
    }
    let standing = store::reviews::standing_review(&**tx, row.id).await?;
    let told = standing.map_or_else(
        || "it is not under review any more; reload".to_owned(),
        |it| {
            let verdict = it.verdict.word().to_lowercase();
            format!(
                "{} {verdict} it at {} already; reload, or reopen the review with a reason",
                it.decided_by.name_for(reader),
                it.decided_at
            )
        },
    );
    Ok(Fault::conflict(told))
}

/// Accepts a disclosure: it stands as it is.
///
/// # Errors
/// As for every act of a reviewer: `NotFound`, `Forbidden`; `Conflict` if somebody decided first,
/// with who, what and when, or while a question is with the firm.
pub async fn accept(
    db: &Database,
    viewer: &Viewer,
    id: DisclosureId,
    remark: Option<&str>,
) -> Result<Filed> {
    let mut problems = InputErrors::default();
    let at = FieldPath::argument("remark");
    let explanation = validate_optional(remark.unwrap_or_default(), MAX_PROSE_CHARS, &at, &mut problems);
    let tx = db.begin().await?;
    let Filed { row, filing } = lock_for_review(&tx, viewer, id).await?;
    problems.finish()?;
    let Ok(review) = row.review.accept() else {
        return Err(decided(&tx, &viewer.subject, &row).await?);
    };
    let verdict = review::Model {
        id: ReviewId::generate(),
        disclosure_id: id,
        filed_by: filing.filed_by,
        verdict: Verdict::Accepted,
        reasons: Reasons::default(),
        paths: Parts::default(),
        explanation,
        decided_by: viewer.subject.clone(),
        decided_at: viewer.now,
        appeal_by: None,
        reopened_by: None,
        reopened_at: None,
        reopening: None,
    };
    let verdict = store::reviews::insert_review(&tx, verdict).await?;
    let row = disclosure::Model { review, ..taken(row, viewer) };
    let row = store::update(&tx, row).await?;
    let data = json!({ "review": verdict.id, "remark": verdict.explanation });
    let actor = viewer.actor();
    append(&tx, actor, id, LedgerAction::DisclosureAccepted, &data).await?;
    changed(&tx, viewer, &row, LiftedRules::none()).await?;
    shown(tx, viewer, id).await
}

/// Rejects a disclosure for a reason of form, never for what it discloses.
///
/// # Errors
/// As [`accept`]; `Invalid` without a reason that the policy knows, for `CONTRADICTORY` without the
/// parts that contradict each other, for `UNANSWERED` where no question was left unanswered.
pub async fn reject(db: &Database, viewer: &Viewer, input: &RejectionInput) -> Result<Filed> {
    let id = input.disclosure_id;
    let tx = db.begin().await?;
    let Filed { row, filing } = lock_for_review(&tx, viewer, id).await?;
    let open = store::reviews::open_clarifications(&*tx, vec![id.uuid()]).await?.remove(&id);
    let is_overdue = open.as_ref().is_some_and(|open| has_settled(open.due_at, viewer.now));
    let unanswered = is_overdue && input.reasons.contains(&RejectionReason::Unanswered);
    let Ok(review) = row.review.reject(unanswered) else {
        return Err(decided(&tx, &viewer.subject, &row).await?);
    };
    let enacted = policy::service::current(&*tx, viewer.now).await?;
    let known = &enacted.policy.parameters().rejection_reasons.value;
    let (path, mut problems) = (FieldPath::argument("input"), InputErrors::default());
    let mut reasons = input.reasons.clone();
    reasons.sort_unstable();
    reasons.dedup();
    if reasons.is_empty() {
        let told = "Give a reason of form; what is disclosed is none.";
        problems.add(&path.at("reasons"), "required", told);
    }
    for reason in reasons.iter().filter(|reason| !known.contains(reason)) {
        let told = format!("{} is no reason that the policy knows.", reason.word());
        problems.add(&path.at("reasons"), "invalid", told);
    }
    if reasons.contains(&RejectionReason::Unanswered) && !is_overdue {
        let told = "No question was left unanswered past its time; ask one first.";
        problems.add(&path.at("reasons"), "invalid", told);
    }
    let at = path.at("paths");
    if reasons.contains(&RejectionReason::Contradictory) && input.paths.is_empty() {
        let told = "Name the parts that contradict each other.";
        problems.add(&at, "required", told);
    }
    if input.paths.len() > PARTS {
        problems.add(&at, "too_long", format!("Name {PARTS} parts at the most."));
    } else {
        for (index, part) in input.paths.iter().enumerate() {
            rules::names_a_part(&filing.statement, part, &at.at(index), &mut problems);
        }
    }
    let at = path.at("explanation");
    let explanation = validate_required(&input.explanation, MAX_PROSE_CHARS, &at, &mut problems);
    problems.finish()?;
    let days = enacted.policy.parameters().appeal_days.value;
    let appeal_by = enacted.policy.calendar().end_of_business_day(viewer.now, days);
    let verdict = review::Model {
        id: ReviewId::generate(),
        disclosure_id: id,
        filed_by: filing.filed_by,
        verdict: Verdict::Rejected,
        reasons: Reasons(reasons),
        paths: Parts(input.paths.clone()),
        explanation,
        decided_by: viewer.subject.clone(),
        decided_at: viewer.now,
        appeal_by,
        reopened_by: None,
        reopened_at: None,
        reopening: None,
    };
    if let Some(open) = open {
        let why = "the disclosure was rejected, since it was not answered";
        super::clarification::close(&tx, viewer, open, why).await?;
    }
    let verdict = store::reviews::insert_review(&tx, verdict).await?;
    let row = disclosure::Model { review, ..taken(row, viewer) };
    let row = store::update(&tx, row).await?;
    let data = json!({
        "review": verdict.id,
        "reasons": verdict.reasons,
        "paths": verdict.paths,
        "explanation": verdict.explanation,
        "appealBy": verdict.appeal_by.map(crate::ledger::model::written),
    });
    let actor = viewer.actor();
    append(&tx, actor, id, LedgerAction::DisclosureRejected, &data).await?;
    changed(&tx, viewer, &row, LiftedRules::none()).await?;
    shown(tx, viewer, id).await
}

/// Takes a mistaken acceptance or rejection back, or a question, on the record.
///
/// # Errors
/// As for every act of a reviewer; `Conflict` if there is nothing to take back, or while an appeal
/// is open, `Forbidden` to all but supervisors once an appeal was decided, `Invalid` without a
/// reason.
pub async fn reopen(
    db: &Database,
    viewer: &Viewer,
    id: DisclosureId,
    reason: &str,
) -> Result<Filed> {
    let mut problems = InputErrors::default();
    let reason = validate_required(reason, MAX_PROSE_CHARS, &FieldPath::argument("reason"), &mut problems);
    let tx = db.begin().await?;
    let Filed { row, .. } = lock_for_review(&tx, viewer, id).await?;
    problems.finish()?;
    let (review, revives) = if row.review == ReviewState::ClarificationRequested {
        let open = store::reviews::open_clarifications(&*tx, vec![id.uuid()]).await?.remove(&id);
        if let Some(open) = open {
            super::clarification::close(&tx, viewer, open, &reason).await?;
        }
        (row.review.settle(), LiftedRules::none())
    } else {
        (row.review.reopen(), LiftedRules::rejection_rules())
    };
    let nothing = "there is nothing to take back: nobody has accepted or rejected it, and no \
        question is open";
    let review = review.map_err(|_| Fault::conflict(nothing))?;
    if let Some(verdict) = store::reviews::standing_review(&*tx, id).await? {
        if !store::reviews::under_appeal(&*tx, vec![id.uuid()]).await?.is_empty() {
            return Err(Fault::conflict(
                "the firm's appeal is open; a supervisor who took no part decides it",
            ));
        }
        if store::reviews::upheld(&*tx, &verdict).await? {
            viewer.requires(
                &[Role::BcaSupervisor],
                "the rejection was upheld on appeal; only a supervisor reopens it",
            )?;
        }
        take_back(&tx, viewer, verdict, &reason).await?;
    }
    let row = store::update(&tx, disclosure::Model { review, ..taken(row, viewer) }).await?;
    let actor = viewer.actor();
    append(&tx, actor, id, LedgerAction::ReviewReopened, &json!({ "reason": reason })).await?;
    changed(&tx, viewer, &row, revives).await?;
    shown(tx, viewer, id).await
}

/// Ends the standing of a verdict, for a reason.
pub(super) async fn take_back(
    tx: &Tx,
    viewer: &Viewer,
    verdict: review::Model,
    reason: &str,
) -> Result<()> {
    let verdict = review::Model {
        reopened_by: Some(viewer.subject.clone()),
        reopened_at: Some(viewer.now),
        reopening: Some(reason.to_owned()),
        ..verdict
    };
    store::reviews::update_review(tx, verdict).await?;
    Ok(())
}

/// Puts the viewer on a disclosure: others see that, and leave it.
///
/// # Errors
/// As for every act of a reviewer; `Conflict` if somebody else is on it, with who and since when,
/// unless `from` names who it is taken over from.
pub async fn take(
    db: &Database,
    viewer: &Viewer,
    id: DisclosureId,
    from: Option<&str>,
) -> Result<Filed> {
    let tx = db.begin().await?;
    let Filed { row, .. } = lock_for_review(&tx, viewer, id).await?;
    let named = from.map(|name| viewer.subject.named(name)).unwrap_or_default();
    match &row.reviewer {
        Some(reviewer) if *reviewer == viewer.subject => return shown(tx, viewer, id).await,
        Some(reviewer) if !named.contains(reviewer) => {
            let reviewer = reviewer.name_for(&viewer.subject);
            let since = row.taken_at.map(|at| format!(" since {at}")).unwrap_or_default();
            return Err(Fault::conflict(format!(
                "{reviewer} is on it{since}; to take it over, send from: \"{reviewer}\""
            )));
        }
        _ => {}
    }
    let before = row.reviewer.clone();
    let row = disclosure::Model {
        reviewer: Some(viewer.subject.clone()),
        taken_at: Some(viewer.now),
        ..row
    };
    store::update(&tx, row).await?;
    let actor = viewer.actor();
    append(&tx, actor, id, LedgerAction::ReviewTaken, &json!({ "from": before })).await?;
    shown(tx, viewer, id).await
}
