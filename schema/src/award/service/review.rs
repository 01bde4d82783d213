//! What reviewers make of matches: confirming, dismissing, linking.
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::matching::{said, told};
use super::show::{Found, Include, shown};
use super::{Recipients, store};
use crate::award::entity::found::Model as MatchRow;
use crate::award::model::{
    ConfirmMatchInput, DismissMatchInput, LinkMatchInput, MatchId, MatchStatus,
};
use crate::award::rules::agreement_sha256;
use crate::database::{Database, Tx};
use crate::deadline::settles_at;
use crate::disclosure;
use crate::disclosure::model::AppealOutcome;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::{EntityScope, MatchBand, RuleCode};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::{append, begin};
use crate::organization;
use crate::organization::model::{OrganizationId, Role, Viewer};
use crate::policy;
use crate::principal::Principal;
use crate::reevaluation::model::{ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;
use crate::text::{MAX_PROSE_CHARS, validate_required};

const WHO: &str = "only a reviewer of the Bureau of Contract Administration does this";

/// The match under the lock on its organization, for a reviewer.
///
/// # Errors
/// `NotFound` if it is not the viewer's to see, `Forbidden` to all but reviewers and supervisors.
async fn lock_for_review(tx: &Tx, viewer: &Viewer, id: MatchId) -> Result<MatchRow> {
    let seen = store::matches::find(&**tx, viewer, id).await?.ok_or(Fault::NotFound)?;
    viewer.reviews(WHO)?;
    organization::service::lock_one(tx, seen.organization_id).await?;
    store::matches::lock(tx, id).await?.ok_or(Fault::NotFound)
}

/// Notes that whatever hangs on the organization is looked at again: now, and again from a time on.
pub(super) async fn changed(
    tx: &Tx,
    organization: OrganizationId,
    at: DateTime<Utc>,
) -> Result<()> {
    let revives = LiftedRules::rules_or_all(
        &[
            RuleCode::AwardProbablyUndisclosed,
            RuleCode::AwardResponseOpen,
            RuleCode::AwardConfirmedUndisclosed,
            RuleCode::AwardUnderAppeal,
        ]
        .into(),
    );
    enqueue(tx, (ChangeSource::Organization, organization.uuid()), revives, at).await
}

/// Who did what with it and when, for the one who comes second.
fn where_it_is(row: &MatchRow) -> Fault {
    let told = match row.status {
        MatchStatus::Dismissed => row
            .dismissed_by
            .as_ref()
            .zip(row.dismissed_at)
            .map(|(by, at)| format!("{} dismissed it at {at} already; reload", by.subject())),
        MatchStatus::Confirmed => row
            .confirmed_by
            .as_ref()
            .zip(row.confirmed_at)
            .map(|(by, at)| format!("{} confirmed it at {at} already; reload", by.subject())),
        MatchStatus::Covered => Some("a disclosed agreement covers the award; reload".to_owned()),
        MatchStatus::Open => None,
    };
    Fault::conflict(told.unwrap_or_else(|| "it changed meanwhile; reload".to_owned()))
}

/// Whether the firm's appeal about a match is not decided.
async fn is_under_appeal(db: &impl ConnectionTrait, id: MatchId) -> Result<bool> {
    let appeals = store::matches::list_appeals(db, vec![id.uuid()]).await?;
    Ok(appeals.into_values().flatten().any(|appeal| appeal.outcome.is_none()))
}

/// Confirms that an award is the organization's, and puts it to the firm: until its time to answer
/// is over, nothing is held against it for the award. Of one that the firm has answered, says that
/// the answer was considered and the confirmation stands; its times stay as they are.
///
/// # Errors
/// `NotFound` if it is not the viewer's to see, `Forbidden` to all but reviewers and supervisors,
/// `Invalid` without a notice, `Conflict` if it was confirmed already or is covered.
pub async fn confirm(
    db: &Database,
    viewer: &Viewer,
    input: &ConfirmMatchInput,
    include: Include,
) -> Result<Found> {
    let tx = db.begin().await?;
    let row = lock_for_review(&tx, viewer, input.match_id).await?;
    let mut problems = InputErrors::default();
    let at = FieldPath::argument("input").at("notice");
    let notice = validate_required(&input.notice, MAX_PROSE_CHARS, &at, &mut problems);
    problems.finish()?;
    if row.status == MatchStatus::Confirmed && row.answered_at.is_some() {
        return stand_by(tx, viewer, row, &notice, include).await;
    }
    let status = row.status.confirm().map_err(|_| where_it_is(&row))?;
    let policy = policy::service::require_in_force(&*tx, viewer.now).await?.policy;
    let parameters = policy.parameters();
    let ends = |days| policy.calendar().end_of_business_day(viewer.now, days).unwrap_or(viewer.now);
    let respond_by = ends(parameters.response_days.value);
    let row = MatchRow {
        status,
        confirmed_by: Some(viewer.subject.clone()),
        confirmed_at: Some(viewer.now),
        confirmation: Some(notice.clone()),
        respond_by: Some(respond_by),
        appeal_by: Some(ends(parameters.appeal_days.value)),
        ..row
    };
    let row = store::matches::update(&tx, row).await?;
    let data = json!({
        "organization": row.organization_id,
        "status": row.status,
        "notice": notice,
        "respondBy": row.respond_by,
        "appealBy": row.appeal_by,
    });
    append(&tx, viewer.actor(), row.id, LedgerAction::MatchConfirmed, &data).await?;
    changed(&tx, row.organization_id, viewer.now).await?;
    // What was open until then weighs from then on.
    changed(&tx, row.organization_id, settles_at(respond_by)).await?;
    shown(tx, viewer, row.id, include).await
}

/// Keeps that a reviewer considered the firm's answer and stands by the confirmation.
async fn stand_by(
    tx: Tx,
    viewer: &Viewer,
    row: MatchRow,
    notice: &str,
    include: Include,
) -> Result<Found> {
    if let (Some(by), Some(at)) = (&row.considered_by, row.considered_at) {
        let by = by.subject();
        let told = format!("{by} considered the answer at {at} already; reload");
        return Err(Fault::conflict(told));
    }
    let row = MatchRow {
        considered_by: Some(viewer.subject.clone()),
        considered_at: Some(viewer.now),
        ..row
    };
    let row = store::matches::update(&tx, row).await?;
    let data = json!({
        "organization": row.organization_id, "status": row.status, "notice": notice,
    });
    append(&tx, viewer.actor(), row.id, LedgerAction::MatchStoodBy, &data).await?;
    shown(tx, viewer, row.id, include).await
}

/// Dismisses a match: it holds until something changes on either side.
///
/// # Errors
/// `NotFound` if it is not the viewer's to see, `Forbidden` to all but reviewers and supervisors,
/// `Invalid` without a reason, `Conflict` if it was dismissed already or the firm's appeal is open.
pub async fn dismiss(
    db: &Database,
    viewer: &Viewer,
    input: &DismissMatchInput,
    include: Include,
) -> Result<Found> {
    let recipients = Recipients::current(db).await?;
    let tx = db.begin().await?;
    let row = lock_for_review(&tx, viewer, input.match_id).await?;
    let mut problems = InputErrors::default();
    let at = FieldPath::argument("input").at("reason");
    let reason = validate_required(&input.reason, MAX_PROSE_CHARS, &at, &mut problems);
    problems.finish()?;
    if is_under_appeal(&*tx, row.id).await? {
        return Err(Fault::conflict("the firm's appeal is open; a supervisor decides it"));
    }
    let mut dismissed = vec![row.clone()];
    if input.whole_recipient {
        let same = recipients.identity(row.recipient_id);
        let others = vec![row.organization_id.uuid()];
        let others = store::matches::list_by_organizations(&*tx, others).await?.into_iter();
        dismissed.extend(others.filter(|other| {
            let is_open = other.status == MatchStatus::Open;
            other.id != row.id && is_open && same.contains(&other.recipient_id)
        }));
    }
    for row in dismissed {
        let status = row.status.dismiss().map_err(|_| where_it_is(&row))?;
        let row = MatchRow { status, dismissed_with_recipient: input.whole_recipient, ..row };
        let row = dismissal(row, &viewer.subject, viewer.now, &reason);
        let row = store::matches::update(&tx, row).await?;
        let data = json!({
            "organization": row.organization_id,
            "notified": row.confirmed_at.is_some(),
            "status": row.status,
            "reason": reason,
        });
        append(&tx, viewer.actor(), row.id, LedgerAction::MatchDismissed, &data).await?;
    }
    changed(&tx, row.organization_id, viewer.now).await?;
    shown(tx, viewer, row.id, include).await
}

/// The match with who dismissed it and why; no agreement covers it any more.
pub(super) fn dismissal(
    row: MatchRow,
    by: &Principal,
    at: DateTime<Utc>,
    reason: &str,
) -> MatchRow {
    MatchRow {
        dismissed_by: Some(by.clone()),
        dismissed_at: Some(at),
        dismissal: Some(reason.to_owned()),
        linked_by: None,
        linked_agreement_sha256: None,
        covered_by: None,
        covered_agreement: None,
        coverage: None,
        ..row
    }
}

/// Holds an award to be an organization's that was not found to be, or was dismissed for it; with
/// an agreement, says which of the disclosed ones covers it, and without, that none was linked.
///
/// # Errors
/// `Forbidden` to all but reviewers and supervisors, and to all but supervisors where the firm's
/// appeal was granted, `NotFound` without such an organization or
/// award, `Invalid` without a reason, for an agreement that is not on file, or an award that is not
/// with the department.
pub async fn link(
    db: &Database,
    viewer: &Viewer,
    input: &LinkMatchInput,
    include: Include,
) -> Result<Found> {
    viewer.reviews(WHO)?;
    let path = FieldPath::argument("input");
    let mut problems = InputErrors::default();
    let reason = validate_required(&input.reason, MAX_PROSE_CHARS, &path.at("reason"), &mut problems);
    let award = store::awards::find(&db.read, input.award_id).await?.ok_or(Fault::NotFound)?;
    if award.component.is_none() {
        let told = "This award is not with the Department of Homeland Security; nothing is asked \
            of it.";
        problems.add(&path.at("awardId"), "invalid", told);
    }
    let tx = db.begin().await?;
    let organization = input.organization_id;
    organization::service::lock_one(&tx, organization).await?;
    let uuids = vec![organization.uuid()];
    let on_file = disclosure::service::agreements_on_file(&*tx, uuids.clone()).await?;
    let on_file = on_file.get(&organization);
    let mut agreement = None;
    if let Some(index) = input.agreement {
        let chosen = usize::try_from(index).ok().and_then(|it| on_file?.1.get(it));
        agreement = chosen.and_then(agreement_sha256);
        if agreement.is_none() {
            let count = on_file.map_or(0, |it| it.1.len());
            let told = format!("The organization has {count} agreements on file; count from 0.");
            problems.add(&path.at("agreement"), "invalid", told);
        }
    }
    problems.finish()?;
    let known = store::matches::list_by_organizations(&*tx, uuids).await?;
    let known = known.into_iter().find(|row| row.award_id == award.id);
    if let Some(known) = &known {
        let appeals = store::matches::list_appeals(&*tx, vec![known.id.uuid()]).await?;
        let mut appeals = appeals.into_values().flatten();
        if appeals.any(|appeal| appeal.outcome == Some(AppealOutcome::Reopened)) {
            let why = "a supervisor granted the firm's appeal; only a supervisor takes it up again";
            viewer.requires(&[Role::BcaSupervisor], why)?;
        }
    }
    let parties = (award.id, award.recipient_id);
    let base = match known.clone() {
        None => MatchRow::open(organization, parties, EntityScope::Own, viewer.now),
        Some(dismissed) if dismissed.status == MatchStatus::Dismissed => dismissed.reset_review(),
        Some(known) => known,
    };
    let row = MatchRow {
        relation: EntityScope::Own.word().to_owned(),
        band: MatchBand::Exact,
        linked_by: Some(viewer.subject.clone()),
        linked_agreement_sha256: agreement,
        ..base
    };
    let row = told(row, &award, on_file);
    let data = |row: &MatchRow| {
        let mut data = said(row);
        data["reason"] = Value::from(reason.clone());
        data
    };
    let row = if known.is_some() {
        let row = store::matches::update(&tx, row).await?;
        append(&tx, viewer.actor(), row.id, LedgerAction::MatchLinked, &data(&row)).await?;
        row
    } else {
        store::matches::insert_all(&tx, vec![row.clone()]).await?;
        let actor = viewer.actor();
        begin(&tx, actor, row.id, organization, LedgerAction::MatchFound, &data(&row)).await?;
        row
    };
    changed(&tx, organization, viewer.now).await?;
    shown(tx, viewer, row.id, include).await
}
