//! A firm's answers to and appeals against confirmed matches.
use serde_json::json;

use super::queries::{LoadedMatch, MatchInclude, commit_and_load};
use super::review::enqueue_reevaluation;
use super::store;
use crate::award::model::{
    AnswerMatchInput, AppealMatchInput, AppealedConfirmation, AwardMatch, Confirmation,
    ConfirmationAppeal, FirmAnswer, MatchId, MatchState,
};
use crate::database::{Database, Tx};
use crate::disclosure::model::Appeal;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::append;
use crate::organization;
use crate::organization::model::Viewer;
use crate::policy;
use crate::text::{MAX_PROSE_CHARS, validate_required};

/// Locks the viewer's own organization and its match, which must be confirmed. Returns the match and
/// its confirmation.
async fn lock_confirmed_match(
    tx: &Tx,
    viewer: &Viewer,
    id: MatchId,
) -> Result<(AwardMatch, Confirmation)> {
    let visible = store::matches::find(&**tx, viewer, id).await?.ok_or(Fault::NotFound)?;
    if viewer.require_member(visible.organization_id).is_err() {
        return Err(Fault::Forbidden("only members of the firm may answer or appeal"));
    }
    organization::service::lock_organization(tx, visible.organization_id).await?;
    let found = store::matches::lock(tx, id).await?.ok_or(Fault::NotFound)?;
    match &found.state {
        MatchState::Confirmed(confirmation) => {
            let confirmation = confirmation.clone();
            Ok((found, confirmation))
        }
        MatchState::Covered { .. } => {
            Err(Fault::conflict("your disclosure covers this award; no answer is needed"))
        }
        MatchState::Dismissed { .. } | MatchState::Open => Err(notice_withdrawn()),
    }
}

fn notice_withdrawn() -> Fault {
    Fault::conflict("the notice was withdrawn; no answer is needed")
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
    let (found, confirmation) = lock_confirmed_match(&tx, viewer, input.match_id).await?;
    let viewer = &viewer.with_effective_time(&tx);
    let mut errors = InputErrors::default();
    let path = FieldPath::argument("input").at("answer");
    let answer = validate_required(&input.answer, MAX_PROSE_CHARS, &path, &mut errors);
    errors.finish()?;
    if confirmation.answer.is_some() {
        return Err(Fault::conflict(
            "the firm has answered already; a new disclosure that lists the award still counts",
        ));
    }
    let ended = confirmation.respond_by;
    if viewer.now >= ended {
        let last_day = policy::service::load_timeline(&*tx).await?.format_last_day(ended);
        return Err(Fault::conflict(format!(
            "the time to answer ended on {last_day}; a new disclosure that lists the award still counts"
        )));
    }
    let data = json!({ "organization": found.organization_id, "answer": answer });
    let (by, at) = (viewer.subject.clone(), viewer.now);
    let answer = FirmAnswer { text: answer, by, at, consideration: None };
    let answered = found.answer(answer).map_err(|_| notice_withdrawn())?;
    let answered = store::matches::update(&tx, answered).await?;
    append(&tx, viewer.actor(), answered.id, LedgerAction::MatchAnswered, &data).await?;
    // What holds a bid says whether the firm has answered.
    enqueue_reevaluation(&tx, answered.organization_id, viewer.now).await?;
    commit_and_load(tx, viewer, answered.id, include).await
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
    let (found, confirmation) = lock_confirmed_match(&tx, viewer, input.match_id).await?;
    let viewer = &viewer.with_effective_time(&tx);
    viewer.require_signatory(found.organization_id, "only a signatory of the firm may appeal")?;
    let mut errors = InputErrors::default();
    let path = FieldPath::argument("input").at("statement");
    let statement = validate_required(&input.statement, MAX_PROSE_CHARS, &path, &mut errors);
    errors.finish()?;
    let (id, organization) = (found.id, found.organization_id);
    let earlier = store::matches::list_appeals(&*tx, vec![id.uuid()]).await?.remove(&id);
    let earlier = earlier.unwrap_or_default();
    let earlier = earlier.iter().find(|appeal| appeal.filed_at >= confirmation.at);
    let timeline = policy::service::load_timeline(&*tx).await?;
    let appeal_by = Some(confirmation.appeal_by);
    ConfirmationAppeal::require_in_time(earlier, appeal_by, viewer.now, |deadline| {
        timeline.format_last_day(deadline)
    })?;
    let against = AppealedConfirmation { match_id: id, confirmed_by: confirmation.by };
    let filed = Appeal::file(viewer, against, statement);
    let filed = store::matches::insert_appeal(&tx, filed).await?;
    let data = json!({
        "organization": organization,
        "appeal": filed.id,
        "statement": filed.statement,
    });
    append(&tx, viewer.actor(), id, LedgerAction::MatchAppealed, &data).await?;
    enqueue_reevaluation(&tx, organization, viewer.now).await?;
    commit_and_load(tx, viewer, id, include).await
}
