//! Decides appeals against confirmed matches and rejected disclosures.
use serde_json::json;

use super::queries::{LoadedMatch, MatchInclude, commit_and_load};
use super::review::{enqueue_reevaluation, with_dismissal};
use super::store;
use crate::award::entity::appeal::Model as AppealRow;
use crate::award::entity::award_match::Model as MatchRow;
use crate::database::Database;
use crate::disclosure;
use crate::disclosure::model::{AppealDecisionInput, AppealOutcome};
use crate::disclosure::service::FiledDisclosure;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::append;
use crate::organization;
use crate::organization::model::Viewer;
use crate::text::{MAX_PROSE_CHARS, validate_required};

/// The subject of a decided appeal, after the decision.
#[derive(Clone, Debug)]
pub enum DecidedAppeal {
    Disclosure(Box<FiledDisclosure>),
    Match(Box<LoadedMatch>),
}

/// Decides an appeal. An appeal against a match upholds the confirmation or dismisses the match. An
/// appeal against a rejected disclosure is decided by the disclosure service.
///
/// # Errors
/// `NotFound` if the viewer may not see the match, `Forbidden` unless the viewer is a supervisor who
/// did not confirm the match, `Conflict` if the appeal was decided, `Invalid` without an explanation.
#[tracing::instrument(skip_all)]
pub async fn decide_appeal(
    db: &Database,
    viewer: &Viewer,
    input: &AppealDecisionInput,
    include: MatchInclude,
) -> Result<DecidedAppeal> {
    let Some(appeal) = store::matches::find_appeal(&db.read, input.appeal_id).await? else {
        let filed = disclosure::service::decide_appeal(db, viewer, input).await?;
        return Ok(DecidedAppeal::Disclosure(Box::new(filed)));
    };
    let tx = db.begin().await?;
    let row = store::matches::find(&*tx, viewer, appeal.match_id).await?.ok_or(Fault::NotFound)?;
    viewer.require_supervisor("only a supervisor may decide an appeal")?;
    let mut errors = InputErrors::default();
    let path = FieldPath::argument("input").at("explanation");
    let explanation = validate_required(&input.explanation, MAX_PROSE_CHARS, &path, &mut errors);
    errors.finish()?;
    organization::service::lock_organization(&tx, row.organization_id).await?;
    let row = store::matches::lock(&tx, row.id).await?.ok_or(Fault::NotFound)?;
    let open_appeal = store::matches::find_appeal(&*tx, appeal.id).await?.ok_or(Fault::NotFound)?;
    if open_appeal.against == viewer.subject {
        return Err(Fault::Forbidden(
            "you confirmed this match; another supervisor must decide the appeal",
        ));
    }
    if let (Some(by), Some(at)) = (&open_appeal.decided_by, open_appeal.decided_at) {
        return Err(Fault::conflict(format!(
            "{} decided this appeal at {at}; reload the page",
            by.name_for(&viewer.subject)
        )));
    }
    let decided = AppealRow {
        outcome: Some(input.outcome),
        explanation: Some(explanation.clone()),
        decided_by: Some(viewer.subject.clone()),
        decided_at: Some(viewer.now),
        ..open_appeal
    };
    let decided = store::matches::update_appeal(&tx, decided).await?;
    let row = match input.outcome {
        AppealOutcome::Upheld => row,
        AppealOutcome::Reopened => match row.status.dismiss() {
            Ok(status) => {
                let row = MatchRow { status, ..row };
                let row = with_dismissal(row, &viewer.subject, viewer.now, &explanation);
                store::matches::update(&tx, row).await?
            }
            Err(_) => row,
        },
    };
    let data = json!({
        "organization": row.organization_id,
        "appeal": decided.id,
        "outcome": decided.outcome,
        "explanation": explanation,
        "status": row.status,
    });
    append(&tx, viewer.actor(), row.id, LedgerAction::MatchAppealDecided, &data).await?;
    enqueue_reevaluation(&tx, row.organization_id, viewer.now).await?;
    Ok(DecidedAppeal::Match(Box::new(commit_and_load(tx, viewer, row.id, include).await?)))
}
