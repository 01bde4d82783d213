//! Appeals against a rejection, and their decision.
use serde_json::json;

use super::review::retract_verdict;
use super::review_transaction::{commit_and_load, enqueue_reevaluation, lock_for_review};
use super::{FiledDisclosure, store};
use crate::database::Database;
use crate::disclosure::entity::{appeal, disclosure};
use crate::disclosure::model::{
    AppealDecisionInput, AppealId, AppealInput, AppealOutcome, DisclosureStatus, ReviewTransitions,
    Verdict,
};
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::append;
use crate::organization;
use crate::organization::model::Viewer;
use crate::reevaluation::model::LiftedRules;
use crate::text::{MAX_PROSE_CHARS, validate_required};

/// Files the firm's appeal against the rejection of its disclosure. While the appeal is open, the
/// rejection blocks nothing.
///
/// # Errors
/// `NotFound` if the viewer may not see the disclosure, `Forbidden` unless it is a signatory,
/// `Conflict` if the disclosure is not rejected, was appealed before, or the time to appeal is over,
/// `Invalid` without grounds.
#[tracing::instrument(skip_all, fields(id = %input.disclosure_id))]
pub async fn appeal_rejection(
    db: &Database,
    viewer: &Viewer,
    input: &AppealInput,
) -> Result<FiledDisclosure> {
    let id = input.disclosure_id;
    let visible = store::find(&db.read, viewer, id).await?.ok_or(Fault::NotFound)?;
    let organization = visible.row.organization_id;
    if viewer.require_member(organization).is_err() {
        return Err(Fault::Forbidden("only the firm may appeal"));
    }
    viewer.require_signatory(
        organization,
        "only a signatory may appeal; ask one of your signatories",
    )?;
    let mut errors = InputErrors::default();
    let at = FieldPath::argument("input").at("grounds");
    let grounds = validate_required(&input.grounds, MAX_PROSE_CHARS, &at, &mut errors);
    errors.finish()?;
    let tx = db.begin().await?;
    organization::service::lock_organization(&tx, organization).await?;
    let row = store::reviews::lock_disclosure(&tx, id).await?.ok_or(Fault::NotFound)?;
    let viewer = &viewer.with_effective_time(&tx);
    if row.status == DisclosureStatus::Withdrawn {
        return Err(Fault::conflict("the disclosure was withdrawn and cannot be appealed"));
    }
    let in_effect = store::reviews::find_review_in_effect(&*tx, id).await?;
    let rejection = in_effect.filter(|review| review.verdict == Verdict::Rejected);
    let rejection = rejection
        .ok_or(Fault::conflict("the disclosure is not rejected; there is nothing to appeal"))?;
    let earlier = store::reviews::list_appeals(&*tx, vec![id.uuid()]).await?.remove(&id);
    let earlier = earlier.unwrap_or_default();
    if let Some(previous) = earlier.iter().find(|earlier| earlier.review_id == rejection.id) {
        return Err(Fault::conflict(match previous.outcome {
            None => format!("an appeal was filed at {}; wait for the decision", previous.filed_at),
            Some(_) => "the appeal was decided; a rejection can be appealed only once".to_owned(),
        }));
    }
    if let Some(deadline) = rejection.appeal_by.filter(|deadline| viewer.now >= *deadline) {
        return Err(Fault::conflict(format!(
            "the time to appeal ended at {deadline}; file a new disclosure that fixes what the \
            rejection names"
        )));
    }
    let filed = appeal::Model {
        id: AppealId::generate(),
        review_id: rejection.id,
        disclosure_id: id,
        disclosure_filed_by: rejection.filed_by,
        rejected_by: rejection.decided_by,
        grounds,
        filed_by: viewer.subject.clone(),
        filed_at: viewer.now,
        outcome: None,
        explanation: None,
        decided_by: None,
        decided_at: None,
    };
    let filed = store::reviews::insert_appeal(&tx, filed).await?;
    let data = json!({ "appeal": filed.id, "review": filed.review_id, "grounds": filed.grounds });
    let actor = viewer.actor();
    append(&tx, actor, id, LedgerAction::AppealFiled, &data).await?;
    enqueue_reevaluation(&tx, viewer, &row, LiftedRules::rejection_rules()).await?;
    commit_and_load(tx, viewer, id).await
}

/// Decides an appeal: upholds the rejection, or reverses it and returns the disclosure to review.
///
/// # Errors
/// `NotFound` if the viewer may not see the disclosure, `Forbidden` unless it is a supervisor who took
/// no part in the review, `Conflict` if the appeal was decided before, `Invalid` without an
/// explanation.
#[tracing::instrument(skip_all, fields(id = %input.appeal_id))]
pub async fn decide_appeal(
    db: &Database,
    viewer: &Viewer,
    input: &AppealDecisionInput,
) -> Result<FiledDisclosure> {
    let visible =
        store::reviews::find_appeal(&db.read, input.appeal_id).await?.ok_or(Fault::NotFound)?;
    let id = visible.disclosure_id;
    store::find(&db.read, viewer, id).await?.ok_or(Fault::NotFound)?;
    viewer.require_supervisor("only a supervisor may decide an appeal")?;
    let mut errors = InputErrors::default();
    let at = FieldPath::argument("input").at("explanation");
    let explanation = validate_required(&input.explanation, MAX_PROSE_CHARS, &at, &mut errors);
    errors.finish()?;
    let tx = db.begin().await?;
    let FiledDisclosure { row, .. } = lock_for_review(&tx, viewer, id).await?;
    if has_taken_part(&tx, viewer, &row).await? {
        return Err(Fault::Forbidden(
            "you took part in this review; another supervisor must decide the appeal",
        ));
    }
    let open = store::reviews::find_appeal(&*tx, visible.id).await?.ok_or(Fault::NotFound)?;
    if let (Some(by), Some(at)) = (&open.decided_by, open.decided_at) {
        return Err(Fault::conflict(format!(
            "{} decided this appeal at {at}; reload",
            by.name_for(&viewer.subject)
        )));
    }
    let decided = appeal::Model {
        outcome: Some(input.outcome),
        explanation: Some(explanation),
        decided_by: Some(viewer.subject.clone()),
        decided_at: Some(viewer.now),
        ..open
    };
    let decided = store::reviews::update_appeal(&tx, decided).await?;
    let row = match input.outcome {
        AppealOutcome::Upheld => row,
        AppealOutcome::Reopened => {
            if let Some(rejection) = store::reviews::find_review_in_effect(&*tx, id).await? {
                let reason = decided.explanation.as_deref().unwrap_or_default();
                retract_verdict(&tx, viewer, rejection, reason).await?;
            }
            let review = row
                .review
                .reopen()
                .map_err(|_| Fault::conflict("the disclosure changed; reload"))?;
            store::update(&tx, disclosure::Model { review, ..row }).await?
        }
    };
    let data = json!({
        "appeal": decided.id,
        "outcome": decided.outcome,
        "explanation": decided.explanation,
    });
    let actor = viewer.actor();
    append(&tx, actor, id, LedgerAction::AppealDecided, &data).await?;
    enqueue_reevaluation(&tx, viewer, &row, LiftedRules::rejection_rules()).await?;
    commit_and_load(tx, viewer, id).await
}

/// Whether the viewer asked, accepted, rejected or reopened, or is the assigned reviewer. Whoever
/// entered the paper form is refused by `lock_for_review`.
async fn has_taken_part(
    tx: &crate::database::Tx,
    viewer: &Viewer,
    row: &disclosure::Model,
) -> Result<bool> {
    let id = row.id;
    if row.reviewer.as_ref() == Some(&viewer.subject) {
        return Ok(true);
    }
    Ok(store::reviews::has_taken_part(&**tx, id, &viewer.subject).await?)
}
