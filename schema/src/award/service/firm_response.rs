//! A firm's answers to and appeals against confirmed matches.
use serde_json::json;

use super::queries::{LoadedMatch, MatchInclude, commit_and_load};
use super::review::enqueue_reevaluation;
use super::store;
use crate::award::entity::appeal::Model as AppealRow;
use crate::award::entity::award_match::Model as MatchRow;
use crate::award::model::{AnswerMatchInput, AppealMatchInput, MatchId, MatchStatus};
use crate::database::{Database, Tx};
use crate::disclosure::model::AppealId;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::append;
use crate::organization;
use crate::organization::model::Viewer;
use crate::text::{MAX_PROSE_CHARS, validate_required};

/// Locks the viewer's own organization and its match, which must be confirmed.
async fn lock_confirmed_match(tx: &Tx, viewer: &Viewer, id: MatchId) -> Result<MatchRow> {
    let visible = store::matches::find(&**tx, viewer, id).await?.ok_or(Fault::NotFound)?;
    if viewer.require_member(visible.organization_id).is_err() {
        return Err(Fault::Forbidden("only members of the firm may answer or appeal"));
    }
    organization::service::lock_organization(tx, visible.organization_id).await?;
    let row = store::matches::lock(tx, id).await?.ok_or(Fault::NotFound)?;
    match row.status {
        MatchStatus::Confirmed => Ok(row),
        MatchStatus::Covered => {
            Err(Fault::conflict("your disclosure covers this award; no answer is needed"))
        }
        MatchStatus::Dismissed | MatchStatus::Open => {
            Err(Fault::conflict("the notice was withdrawn; no answer is needed"))
        }
    }
}

/// Records the firm's answer to a confirmed match: why the award is not the firm's, or does not have
/// to be disclosed.
///
/// # Errors
/// `NotFound` if the viewer may not see the match, `Forbidden` unless the viewer is a member of the
/// firm, `Invalid` without an answer, `Conflict` after the time to respond, after an earlier answer,
/// or if the match is not confirmed.
#[tracing::instrument(skip_all)]
pub async fn answer_match(
    db: &Database,
    viewer: &Viewer,
    input: &AnswerMatchInput,
    include: MatchInclude,
) -> Result<LoadedMatch> {
    let tx = db.begin().await?;
    let row = lock_confirmed_match(&tx, viewer, input.match_id).await?;
    let viewer = &viewer.with_effective_time(&tx);
    let mut errors = InputErrors::default();
    let path = FieldPath::argument("input").at("answer");
    let answer = validate_required(&input.answer, MAX_PROSE_CHARS, &path, &mut errors);
    errors.finish()?;
    if let Some(answered) = row.answered_at {
        return Err(Fault::conflict(format!(
            "the firm answered at {answered}; to respond again, amend your disclosure or appeal"
        )));
    }
    if let Some(ended) = row.respond_by.filter(|ended| viewer.now >= *ended) {
        return Err(Fault::conflict(format!(
            "the time to answer ended at {ended}; amend your disclosure or appeal"
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
    commit_and_load(tx, viewer, row.id, include).await
}

/// Files an appeal against the confirmation of a match. Until a supervisor other than the confirming
/// reviewer decides it, the award blocks nothing.
///
/// # Errors
/// `NotFound` if the viewer may not see the match, `Forbidden` unless the viewer is a signatory,
/// `Invalid` without a statement, `Conflict` after the time to appeal, after an earlier appeal
/// against the same confirmation, or if the match is not confirmed.
#[tracing::instrument(skip_all)]
pub async fn appeal_match(
    db: &Database,
    viewer: &Viewer,
    input: &AppealMatchInput,
    include: MatchInclude,
) -> Result<LoadedMatch> {
    let tx = db.begin().await?;
    let row = lock_confirmed_match(&tx, viewer, input.match_id).await?;
    let viewer = &viewer.with_effective_time(&tx);
    viewer.require_signatory(row.organization_id, "only a signatory of the firm may appeal")?;
    let mut errors = InputErrors::default();
    let path = FieldPath::argument("input").at("statement");
    let statement = validate_required(&input.statement, MAX_PROSE_CHARS, &path, &mut errors);
    errors.finish()?;
    let (Some(against), Some(confirmed_at)) = (row.confirmed_by.clone(), row.confirmed_at) else {
        return Err(Fault::conflict("the notice was withdrawn; no answer is needed"));
    };
    let earlier = store::matches::list_appeals(&*tx, vec![row.id.uuid()]).await?.remove(&row.id);
    let earlier = earlier.unwrap_or_default();
    if let Some(same) = earlier.iter().find(|appeal| appeal.filed_at >= confirmed_at) {
        return Err(Fault::conflict(match same.outcome {
            None => format!("an appeal was filed at {}; wait for the decision", same.filed_at),
            Some(_) => "the appeal was decided; each confirmation may be appealed once".to_owned(),
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
    enqueue_reevaluation(&tx, row.organization_id, viewer.now).await?;
    commit_and_load(tx, viewer, row.id, include).await
}
