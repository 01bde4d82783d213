//! Deciding an appeal: about a confirmed match, or about a rejected disclosure.
use serde_json::json;

use super::review::{changed, dismissal};
use super::show::{Found, Include, shown};
use super::store;
use crate::award::entity::appeal::Model as AppealRow;
use crate::award::entity::found::Model as MatchRow;
use crate::database::Database;
use crate::disclosure;
use crate::disclosure::model::{AppealDecisionInput, AppealOutcome};
use crate::disclosure::service::FiledDisclosure;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::append;
use crate::organization;
use crate::organization::model::{Role, Viewer};
use crate::text::{MAX_PROSE_CHARS, validate_required};

/// What was appealed about, as it is after the decision.
#[derive(Clone, Debug)]
pub enum Decided {
    Disclosure(Box<FiledDisclosure>),
    Match(Box<Found>),
}

/// Decides an appeal. About a match: the confirmation stands, or is lifted and the match dismissed.
/// About a rejection: as the disclosure's own service decides it.
///
/// # Errors
/// `NotFound` if it is not the viewer's to see, `Forbidden` to all but a supervisor who did not
/// confirm the match, `Conflict` if it was decided already, `Invalid` without an explanation.
pub async fn decide_appeal(
    db: &Database,
    viewer: &Viewer,
    input: &AppealDecisionInput,
    include: Include,
) -> Result<Decided> {
    let Some(seen) = store::matches::find_appeal(&db.read, input.appeal_id).await? else {
        let filed = disclosure::service::decide_appeal(db, viewer, input).await?;
        return Ok(Decided::Disclosure(Box::new(filed)));
    };
    let tx = db.begin().await?;
    let row = store::matches::find(&*tx, viewer, seen.match_id).await?.ok_or(Fault::NotFound)?;
    viewer.requires(&[Role::BcaSupervisor], "only a supervisor decides an appeal")?;
    let mut problems = InputErrors::default();
    let at = FieldPath::argument("input").at("explanation");
    let explanation = validate_required(&input.explanation, MAX_PROSE_CHARS, &at, &mut problems);
    problems.finish()?;
    organization::service::lock_one(&tx, row.organization_id).await?;
    let row = store::matches::lock(&tx, row.id).await?.ok_or(Fault::NotFound)?;
    let open = store::matches::find_appeal(&*tx, seen.id).await?.ok_or(Fault::NotFound)?;
    if open.against == viewer.subject {
        return Err(Fault::Forbidden(
            "you confirmed what is appealed against; a supervisor who did not decides",
        ));
    }
    if let (Some(by), Some(at)) = (&open.decided_by, open.decided_at) {
        return Err(Fault::conflict(format!(
            "{} decided it at {at} already; reload",
            by.name_for(&viewer.subject)
        )));
    }
    let decided = AppealRow {
        outcome: Some(input.outcome),
        explanation: Some(explanation.clone()),
        decided_by: Some(viewer.subject.clone()),
        decided_at: Some(viewer.now),
        ..open
    };
    let decided = store::matches::update_appeal(&tx, decided).await?;
    let row = match input.outcome {
        AppealOutcome::Upheld => row,
        AppealOutcome::Reopened => match row.status.dismiss() {
            Ok(status) => {
                let row = MatchRow { status, ..row };
                let row = dismissal(row, &viewer.subject, viewer.now, &explanation);
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
    changed(&tx, row.organization_id, viewer.now).await?;
    Ok(Decided::Match(Box::new(shown(tx, viewer, row.id, include).await?)))
}
