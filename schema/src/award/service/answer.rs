//! What a firm does when an award is put to it: it answers, or appeals.
use serde_json::json;

use super::review::changed;
use super::show::{Found, Include, shown};
use super::store;
use crate::award::entity::appeal::Model as AppealRow;
use crate::award::entity::found::Model as MatchRow;
use crate::award::model::{AnswerMatchInput, AppealMatchInput, MatchId, MatchStatus};
use crate::database::{Database, Tx};
use crate::disclosure::model::AppealId;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::append;
use crate::organization;
use crate::organization::model::Viewer;
use crate::text::{MAX_PROSE_CHARS, validate_required};

/// The match under the lock on the viewer's own organization, which it was put to.
///
/// # Errors
/// `NotFound` if it is not the viewer's to see, `Forbidden` to all but the firm's members,
/// `Conflict` unless it stands confirmed.
async fn lock_own(tx: &Tx, viewer: &Viewer, id: MatchId) -> Result<MatchRow> {
    let seen = store::matches::find(&**tx, viewer, id).await?.ok_or(Fault::NotFound)?;
    if viewer.member_of(seen.organization_id).is_err() {
        return Err(Fault::Forbidden("only the firm answers and appeals"));
    }
    organization::service::lock_one(tx, seen.organization_id).await?;
    let row = store::matches::lock(tx, id).await?.ok_or(Fault::NotFound)?;
    match row.status {
        MatchStatus::Confirmed => Ok(row),
        MatchStatus::Covered => {
            Err(Fault::conflict("your disclosure covers this award now; nothing is open"))
        }
        MatchStatus::Dismissed | MatchStatus::Open => {
            Err(Fault::conflict("it was taken back; nothing is asked of you"))
        }
    }
}

/// Answers a match that was put to the firm: why the award is not its own, or need not be
/// disclosed.
///
/// # Errors
/// `NotFound` if it is not the viewer's to see, `Forbidden` to all but the firm's members,
/// `Invalid` without an answer, `Conflict` if the time is over, it was answered already, or it does
/// not stand confirmed.
pub async fn answer(
    db: &Database,
    viewer: &Viewer,
    input: &AnswerMatchInput,
    include: Include,
) -> Result<Found> {
    let tx = db.begin().await?;
    let row = lock_own(&tx, viewer, input.match_id).await?;
    let viewer = &viewer.at_lock(&tx);
    let mut problems = InputErrors::default();
    let at = FieldPath::argument("input").at("answer");
    let answer = validate_required(&input.answer, MAX_PROSE_CHARS, &at, &mut problems);
    problems.finish()?;
    if let Some(answered) = row.answered_at {
        return Err(Fault::conflict(format!(
            "it was answered at {answered} already; amend your disclosure, or appeal"
        )));
    }
    if let Some(ended) = row.respond_by.filter(|ended| viewer.now >= *ended) {
        return Err(Fault::conflict(format!(
            "the time to answer ended at {ended}; amend your disclosure, or appeal"
        )));
    }
    let row = MatchRow {
        answer: Some(answer.clone()),
        answered_by: Some(viewer.subject.clone()),
        answered_at: Some(viewer.now),
        ..row
    };
    let row = store::matches::update(&tx, row).await?;
    let data = json!({ "organization": row.organization_id, "answer": answer });
    append(&tx, viewer.actor(), row.id, LedgerAction::MatchAnswered, &data).await?;
    shown(tx, viewer, row.id, include).await
}

/// Appeals against the confirmation of a match: until a supervisor who did not confirm it decides,
/// nothing is refused for the award.
///
/// # Errors
/// `NotFound` if it is not the viewer's to see, `Forbidden` to all but a signatory, `Invalid`
/// without a statement, `Conflict` if the time is over, it was appealed already, or it does not
/// stand confirmed.
pub async fn appeal(
    db: &Database,
    viewer: &Viewer,
    input: &AppealMatchInput,
    include: Include,
) -> Result<Found> {
    let tx = db.begin().await?;
    let row = lock_own(&tx, viewer, input.match_id).await?;
    let viewer = &viewer.at_lock(&tx);
    viewer.signs_for(row.organization_id, "only a signatory appeals; ask one of yours")?;
    let mut problems = InputErrors::default();
    let at = FieldPath::argument("input").at("statement");
    let statement = validate_required(&input.statement, MAX_PROSE_CHARS, &at, &mut problems);
    problems.finish()?;
    let (Some(against), Some(confirmed_at)) = (row.confirmed_by.clone(), row.confirmed_at) else {
        return Err(Fault::conflict("it was taken back; nothing is asked of you"));
    };
    let earlier = store::matches::list_appeals(&*tx, vec![row.id.uuid()]).await?.remove(&row.id);
    let earlier = earlier.unwrap_or_default();
    if let Some(same) = earlier.iter().find(|appeal| appeal.filed_at >= confirmed_at) {
        return Err(Fault::conflict(match same.outcome {
            None => format!("it was appealed at {} already; wait for the decision", same.filed_at),
            Some(_) => "the appeal was decided already; a confirmation is appealed once".to_owned(),
        }));
    }
    if let Some(ended) = row.appeal_by.filter(|ended| viewer.now >= *ended) {
        return Err(Fault::conflict(format!(
            "the time to appeal ended at {ended}; amend your disclosure"
        )));
    }
    let filed = AppealRow {
        id: AppealId::generate(),
        match_id: row.id,
        against,
        statement,
        filed_by: viewer.subject.clone(),
        filed_at: viewer.now,
        outcome: None,
        explanation: None,
        decided_by: None,
        decided_at: None,
    };
    let filed = store::matches::insert_appeal(&tx, filed).await?;
    let data = json!({
        "organization": row.organization_id,
        "appeal": filed.id,
        "statement": filed.statement,
    });
    append(&tx, viewer.actor(), row.id, LedgerAction::MatchAppealed, &data).await?;
    changed(&tx, row.organization_id, viewer.now).await?;
    shown(tx, viewer, row.id, include).await
}
