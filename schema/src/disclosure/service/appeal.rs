//! Appealing against a rejection, and deciding the appeal.
use serde_json::json;

use super::review::take_back;
use super::reviewing::{changed, lock_for_review, shown};
use super::{Filed, store};
use crate::database::Database;
use crate::disclosure::entity::{appeal, disclosure};
use crate::disclosure::model::{
    AppealDecisionInput, AppealId, AppealInput, AppealOutcome, DisclosureStatus, Verdict,
};
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::append;
use crate::organization;
use crate::organization::model::{Role, Viewer};
use crate::reevaluation::model::LiftedRules;
use crate::text::{MAX_PROSE_CHARS, validate_required};

/// Appeals against the rejection of a disclosure: until it is decided, nothing is refused for the
/// rejection.
///
/// # Errors
/// `NotFound` if it is not the viewer's to see, `Forbidden` to all but a signatory, `Conflict` if
/// it does not stand rejected, was appealed already, or its time to appeal is over, `Invalid`
/// without grounds.
pub async fn appeal(db: &Database, viewer: &Viewer, input: &AppealInput) -> Result<Filed> {
    let id = input.disclosure_id;
    let seen = store::find(&db.read, viewer, id).await?.ok_or(Fault::NotFound)?;
    let organization = seen.row.organization_id;
    if viewer.member_of(organization).is_err() {
        return Err(Fault::Forbidden("only the firm appeals"));
    }
    viewer.signs_for(organization, "only a signatory appeals; ask one of yours")?;
    let mut problems = InputErrors::default();
    let at = FieldPath::argument("input").at("grounds");
    let grounds = validate_required(&input.grounds, MAX_PROSE_CHARS, &at, &mut problems);
    problems.finish()?;
    let tx = db.begin().await?;
    organization::service::lock_one(&tx, organization).await?;
    let row = store::reviews::lock(&tx, id).await?.ok_or(Fault::NotFound)?;
    let viewer = &viewer.at_lock(&tx);
    if row.status == DisclosureStatus::Withdrawn {
        return Err(Fault::conflict("it was withdrawn; there is nothing left to appeal for"));
    }
    let standing = store::reviews::standing_review(&*tx, id).await?;
    let rejection = standing.filter(|standing| standing.verdict == Verdict::Rejected);
    let rejection = rejection
        .ok_or(Fault::conflict("it does not stand rejected; there is nothing to appeal"))?;
    let earlier = store::reviews::appeals(&*tx, vec![id.uuid()]).await?.remove(&id);
    let earlier = earlier.unwrap_or_default();
    if let Some(same) = earlier.iter().find(|earlier| earlier.review_id == rejection.id) {
        return Err(Fault::conflict(match same.outcome {
            None => format!("it was appealed at {} already; wait for the decision", same.filed_at),
            Some(_) => "the appeal was decided already; a rejection is appealed once".to_owned(),
        }));
    }
    if let Some(ended) = rejection.appeal_by.filter(|ended| viewer.now >= *ended) {
        return Err(Fault::conflict(format!(
            "the time to appeal ended at {ended}; file a new disclosure that mends what the notice \
            names"
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
    changed(&tx, viewer, &row, LiftedRules::rejection_rules()).await?;
    shown(tx, viewer, id).await
}

/// Decides an appeal: the rejection stands, or is lifted and the disclosure reviewed anew.
///
/// # Errors
/// `NotFound` if it is not the viewer's to see, `Forbidden` to all but a supervisor who took no
/// part, `Conflict` if it was decided already, `Invalid` without an explanation.
pub async fn decide(db: &Database, viewer: &Viewer, input: &AppealDecisionInput) -> Result<Filed> {
    let seen = store::reviews::appeal(&db.read, input.appeal_id).await?.ok_or(Fault::NotFound)?;
    let id = seen.disclosure_id;
    store::find(&db.read, viewer, id).await?.ok_or(Fault::NotFound)?;
    viewer.requires(&[Role::BcaSupervisor], "only a supervisor decides an appeal")?;
    let mut problems = InputErrors::default();
    let at = FieldPath::argument("input").at("explanation");
    let explanation = validate_required(&input.explanation, MAX_PROSE_CHARS, &at, &mut problems);
    problems.finish()?;
    let tx = db.begin().await?;
    let Filed { row, .. } = lock_for_review(&tx, viewer, id).await?;
    if took_part(&tx, viewer, &row).await? {
        return Err(Fault::Forbidden(
            "you took part in what is appealed against; a supervisor who did not decides",
        ));
    }
    let open = store::reviews::appeal(&*tx, seen.id).await?.ok_or(Fault::NotFound)?;
    if let (Some(by), Some(at)) = (&open.decided_by, open.decided_at) {
        return Err(Fault::conflict(format!(
            "{} decided it at {at} already; reload",
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
            if let Some(rejection) = store::reviews::standing_review(&*tx, id).await? {
                let why = decided.explanation.as_deref().unwrap_or_default();
                take_back(&tx, viewer, rejection, why).await?;
            }
            let review = row.review.reopen().map_err(|_| Fault::conflict("reload: it changed"))?;
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
    changed(&tx, viewer, &row, LiftedRules::rejection_rules()).await?;
    shown(tx, viewer, id).await
}

/// Whether the viewer asked, accepted, rejected or reopened, or is on it. Whoever entered the paper
/// form was refused with the lock.
async fn took_part(
    tx: &crate::database::Tx,
    viewer: &Viewer,
    row: &disclosure::Model,
) -> Result<bool> {
    let id = row.id;
    if row.reviewer.as_ref() == Some(&viewer.subject) {
        return Ok(true);
    }
    Ok(store::reviews::took_part(&**tx, id, &viewer.subject).await?)
}
