//! Decides appeals against confirmed matches and rejected disclosures.
use serde_json::json;

use super::queries::{LoadedMatch, MatchInclude, commit_and_load};
use super::review::enqueue_reevaluation;
use super::store;
use crate::award::model::Dismissal;
use crate::database::Database;
use crate::disclosure;
use crate::disclosure::model::{AppealDecision, AppealDecisionInput, AppealOutcome};
use crate::disclosure::service::FiledDisclosure;
use crate::fault::{Fault, Result};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::append;
use crate::organization;
use crate::organization::model::Viewer;

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
    let id = appeal.against.match_id;
    let visible = store::matches::find(&*tx, viewer, id).await?.ok_or(Fault::NotFound)?;
    let decision = disclosure::service::validate_appeal_decision(viewer, input)?;
    let AppealDecision { outcome, explanation, .. } = decision.clone();
    let organization = visible.organization_id;
    organization::service::lock_organization(&tx, organization).await?;
    let found = store::matches::lock(&tx, id).await?.ok_or(Fault::NotFound)?;
    let open_appeal = store::matches::find_appeal(&*tx, appeal.id).await?.ok_or(Fault::NotFound)?;
    if open_appeal.against.confirmed_by == viewer.subject {
        return Err(Fault::Forbidden(
            "you confirmed this match; another supervisor must decide the appeal",
        ));
    }
    let decided = store::matches::update_appeal(&tx, open_appeal.decide(decision)?).await?;
    let mut status = found.status();
    if outcome == AppealOutcome::Reopened {
        let dismissal = Dismissal {
            by: viewer.subject.clone(),
            at: viewer.now,
            reason: explanation.clone(),
            with_recipient: false,
        };
        // A match that is already dismissed stays as it is.
        if let Ok(dismissed) = found.dismiss(dismissal) {
            status = store::matches::update(&tx, dismissed).await?.status();
        }
    }
    let data = json!({
        "organization": organization,
        "appeal": decided.id,
        "outcome": outcome,
        "explanation": explanation,
        "status": status,
    });
    append(&tx, viewer.actor(), id, LedgerAction::MatchAppealDecided, &data).await?;
    enqueue_reevaluation(&tx, organization, viewer.now).await?;
    Ok(DecidedAppeal::Match(Box::new(commit_and_load(tx, viewer, id, include).await?)))
}
