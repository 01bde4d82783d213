//! Appeals against a rejection, and their decision.
use serde_json::json;

use super::review::retract_verdict;
use super::review_transaction::{commit_and_load, enqueue_reevaluation, lock_for_review};
use super::{FiledDisclosure, store};
use crate::database::Database;
use crate::disclosure::model::{
    Appeal, AppealDecision, AppealDecisionInput, AppealInput, AppealOutcome, AppealedRejection,
    DisclosureRecord, DisclosureStatus, RejectionAppeal, ReviewTransitions, Verdict,
};
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::append;
use crate::organization;
use crate::organization::model::Viewer;
use crate::policy;
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
    let organization = visible.record.organization_id;
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
    let record = store::reviews::lock_disclosure(&tx, id).await?.ok_or(Fault::NotFound)?;
    let viewer = &viewer.with_effective_time(&tx);
    if record.status() == DisclosureStatus::Withdrawn {
        return Err(Fault::conflict("the disclosure was withdrawn and cannot be appealed"));
    }
    let in_effect = store::reviews::find_review_in_effect(&*tx, id).await?;
    let rejection = in_effect.filter(|review| review.verdict == Verdict::Rejected);
    let rejection = rejection
        .ok_or(Fault::conflict("the disclosure is not rejected; there is nothing to appeal"))?;
    let earlier = store::reviews::list_appeals(&*tx, vec![id.uuid()]).await?.remove(&id);
    let earlier = earlier.unwrap_or_default();
    let earlier = earlier.iter().find(|earlier| earlier.against.review_id == rejection.id);
    let timeline = policy::service::load_timeline(&*tx).await?;
    RejectionAppeal::require_in_time(earlier, rejection.appeal_by, viewer.now, |deadline| {
        timeline.format_last_day(deadline)
    })?;
    let against = AppealedRejection {
        disclosure_id: id,
        review_id: rejection.id,
        disclosure_filed_by: rejection.filed_by,
        rejected_by: rejection.decided_by,
    };
    let filed = Appeal::file(viewer, against, grounds);
    let filed = store::reviews::insert_appeal(&tx, filed).await?;
    let data = json!({
        "appeal": filed.id,
        "review": filed.against.review_id,
        "grounds": filed.statement,
    });
    let actor = viewer.actor();
    append(&tx, actor, id, LedgerAction::AppealFiled, &data).await?;
    enqueue_reevaluation(&tx, viewer, &record, LiftedRules::rejection_rules()).await?;
    commit_and_load(tx, viewer, id).await
}

/// Validates a supervisor's decision on an appeal against a rejection or a confirmed match.
///
/// # Errors
/// `Forbidden` unless the viewer is a supervisor, `Invalid` without an explanation.
pub fn validate_appeal_decision(
    viewer: &Viewer,
    input: &AppealDecisionInput,
) -> Result<AppealDecision> {
    viewer.require_supervisor("only a supervisor may decide an appeal")?;
    let mut errors = InputErrors::default();
    let at = FieldPath::argument("input").at("explanation");
    let explanation = validate_required(&input.explanation, MAX_PROSE_CHARS, &at, &mut errors);
    errors.finish()?;
    let (outcome, by, at) = (input.outcome, viewer.subject.clone(), viewer.now);
    Ok(AppealDecision { outcome, explanation, by, at })
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
    let id = visible.against.disclosure_id;
    store::find(&db.read, viewer, id).await?.ok_or(Fault::NotFound)?;
    let decision = validate_appeal_decision(viewer, input)?;
    let tx = db.begin().await?;
    let FiledDisclosure { record, .. } = lock_for_review(&tx, viewer, id).await?;
    if has_taken_part(&tx, viewer, &record).await? {
        return Err(Fault::Forbidden(
            "you took part in this review; another supervisor must decide the appeal",
        ));
    }
    let open = store::reviews::find_appeal(&*tx, visible.id).await?.ok_or(Fault::NotFound)?;
    let AppealDecision { outcome, explanation, .. } = decision.clone();
    let decided = store::reviews::update_appeal(&tx, open.decide(decision)?).await?;
    let record = match outcome {
        AppealOutcome::Upheld => record,
        AppealOutcome::Reopened => {
            if let Some(rejection) = store::reviews::find_review_in_effect(&*tx, id).await? {
                retract_verdict(&tx, viewer, rejection, &explanation).await?;
            }
            let review = record
                .review
                .reopen()
                .map_err(|_| Fault::conflict("the disclosure changed; reload"))?;
            store::update(&tx, DisclosureRecord { review, ..record }).await?
        }
    };
    let data = json!({
        "appeal": decided.id,
        "outcome": outcome,
        "explanation": explanation,
    });
    let actor = viewer.actor();
    append(&tx, actor, id, LedgerAction::AppealDecided, &data).await?;
    enqueue_reevaluation(&tx, viewer, &record, LiftedRules::rejection_rules()).await?;
    commit_and_load(tx, viewer, id).await
}

/// Whether the viewer asked, accepted, rejected or reopened, or is the assigned reviewer. Whoever
/// entered the paper form is refused by `lock_for_review`.
async fn has_taken_part(
    tx: &crate::database::Tx,
    viewer: &Viewer,
    record: &DisclosureRecord,
) -> Result<bool> {
    let id = record.id;
    if record.reviewer() == Some(&viewer.subject) {
        return Ok(true);
    }
    Ok(store::reviews::has_taken_part(&**tx, id, &viewer.subject).await?)
}
