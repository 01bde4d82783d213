//! Reviewers confirm, dismiss and link matches.
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::matching::{apply_coverage, ledger_data};
use super::queries::{LoadedMatch, MatchInclude, commit_and_load};
use super::{RecipientIndex, store};
use crate::award::entity::award_match::Model as MatchRow;
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
use crate::organization::model::{OrganizationId, Viewer};
use crate::policy;
use crate::principal::Principal;
use crate::reevaluation::model::{ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;
use crate::text::{MAX_PROSE_CHARS, validate_required};
use crate::user_message::UserMessage;

const REVIEWERS_ONLY: &str = "only a reviewer of the Bureau of Contract Administration may do this";

/// Locks a match and its organization for a reviewer or supervisor.
async fn lock_for_review(tx: &Tx, viewer: &Viewer, id: MatchId) -> Result<MatchRow> {
    let visible = store::matches::find(&**tx, viewer, id).await?.ok_or(Fault::NotFound)?;
    viewer.require_reviewer(REVIEWERS_ONLY)?;
    organization::service::lock_organization(tx, visible.organization_id).await?;
    store::matches::lock(tx, id).await?.ok_or(Fault::NotFound)
}

/// Queues re-evaluation of the bids and contracts that depend on the organization, due at `at`.
pub(super) async fn enqueue_reevaluation(
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

/// The conflict of a reviewer who acts on a match that someone else has already decided.
fn state_conflict(row: &MatchRow) -> Fault {
    let message = match row.status {
        MatchStatus::Dismissed => {
            row.dismissed_by.as_ref().zip(row.dismissed_at).map(|(by, at)| {
                format!("{} dismissed this match at {at}; reload the page", by.subject())
            })
        }
        MatchStatus::Confirmed => {
            row.confirmed_by.as_ref().zip(row.confirmed_at).map(|(by, at)| {
                format!("{} confirmed this match at {at}; reload the page", by.subject())
            })
        }
        MatchStatus::Covered => {
            Some("a disclosed agreement covers this award; reload the page".to_owned())
        }
        MatchStatus::Open => None,
    };
    Fault::conflict(message.unwrap_or_else(|| "this match has changed; reload the page".to_owned()))
}

/// Whether the firm's appeal against the match is undecided.
async fn is_under_appeal(db: &impl ConnectionTrait, id: MatchId) -> Result<bool> {
    let appeals = store::matches::list_appeals(db, vec![id.uuid()]).await?;
    Ok(appeals.into_values().flatten().any(|appeal| appeal.outcome.is_none()))
}

/// Confirms that an award is the organization's and gives the firm notice. The award blocks nothing
/// before the firm's time to respond ends. If the firm has answered a confirmed match, upholds the
/// confirmation and leaves its deadlines unchanged.
///
/// # Errors
/// `NotFound` if the viewer may not see the match, `Forbidden` unless the viewer is a reviewer or
/// supervisor, `Invalid` without a notice, `Conflict` if the match is already confirmed or covered.
#[tracing::instrument(skip_all)]
pub async fn confirm_match(
    db: &Database,
    viewer: &Viewer,
    input: &ConfirmMatchInput,
    include: MatchInclude,
) -> Result<LoadedMatch> {
    let tx = db.begin().await?;
    let row = lock_for_review(&tx, viewer, input.match_id).await?;
    let mut errors = InputErrors::default();
    let path = FieldPath::argument("input").at("notice");
    let notice = validate_required(&input.notice, MAX_PROSE_CHARS, &path, &mut errors);
    errors.finish()?;
    if row.status == MatchStatus::Confirmed && row.answered_at.is_some() {
        return uphold_confirmation(tx, viewer, row, &notice, include).await;
    }
    let status = row.status.confirm().map_err(|_| state_conflict(&row))?;
    let policy = policy::service::require_in_force(&*tx, viewer.now).await?.policy;
    let parameters = policy.parameters();
    let deadline_after =
        |days| policy.calendar().end_of_business_day(viewer.now, days).unwrap_or(viewer.now);
    let respond_by = deadline_after(parameters.response_days.value);
    let row = MatchRow {
        status,
        confirmed_by: Some(viewer.subject.clone()),
        confirmed_at: Some(viewer.now),
        confirmation: Some(notice.clone()),
        respond_by: Some(respond_by),
        appeal_by: Some(deadline_after(parameters.appeal_days.value)),
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
    enqueue_reevaluation(&tx, row.organization_id, viewer.now).await?;
    // When the time to respond ends, the award may begin to block.
    enqueue_reevaluation(&tx, row.organization_id, settles_at(respond_by)).await?;
    commit_and_load(tx, viewer, row.id, include).await
}

/// Records that a reviewer considered the firm's answer and upheld the confirmation.
async fn uphold_confirmation(
    tx: Tx,
    viewer: &Viewer,
    row: MatchRow,
    notice: &str,
    include: MatchInclude,
) -> Result<LoadedMatch> {
    if let (Some(by), Some(at)) = (&row.considered_by, row.considered_at) {
        let by = by.subject();
        let message = format!("{by} considered the answer at {at}; reload the page");
        return Err(Fault::conflict(message));
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
    commit_and_load(tx, viewer, row.id, include).await
}

/// Dismisses a match until the data of the firm or of the recipient changes; on request, also every
/// other open match with the same recipient.
///
/// # Errors
/// `NotFound` if the viewer may not see the match, `Forbidden` unless the viewer is a reviewer or
/// supervisor, `Invalid` without a reason, `Conflict` if the match is already dismissed or the firm's
/// appeal is open.
#[tracing::instrument(skip_all)]
pub async fn dismiss_match(
    db: &Database,
    viewer: &Viewer,
    input: &DismissMatchInput,
    include: MatchInclude,
) -> Result<LoadedMatch> {
    let recipients = RecipientIndex::refreshed(db).await?;
    let tx = db.begin().await?;
    let row = lock_for_review(&tx, viewer, input.match_id).await?;
    let mut errors = InputErrors::default();
    let path = FieldPath::argument("input").at("reason");
    let reason = validate_required(&input.reason, MAX_PROSE_CHARS, &path, &mut errors);
    errors.finish()?;
    if is_under_appeal(&*tx, row.id).await? {
        return Err(Fault::conflict("the firm's appeal is open; a supervisor must decide it"));
    }
    let mut dismissed = vec![row.clone()];
    if input.whole_recipient {
        let same = recipients.same_firm(row.recipient_id);
        let others = vec![row.organization_id.uuid()];
        let others = store::matches::list_by_organizations(&*tx, others).await?.into_iter();
        dismissed.extend(others.filter(|other| {
            let is_open = other.status == MatchStatus::Open;
            other.id != row.id && is_open && same.contains(&other.recipient_id)
        }));
    }
    for row in dismissed {
        let status = row.status.dismiss().map_err(|_| state_conflict(&row))?;
        let row = MatchRow { status, dismissed_with_recipient: input.whole_recipient, ..row };
        let row = with_dismissal(row, &viewer.subject, viewer.now, &reason);
        let row = store::matches::update(&tx, row).await?;
        let data = json!({
            "organization": row.organization_id,
            "notified": row.confirmed_at.is_some(),
            "status": row.status,
            "reason": reason,
        });
        append(&tx, viewer.actor(), row.id, LedgerAction::MatchDismissed, &data).await?;
    }
    enqueue_reevaluation(&tx, row.organization_id, viewer.now).await?;
    commit_and_load(tx, viewer, row.id, include).await
}

/// The match with its dismissal, without link and coverage.
pub(super) fn with_dismissal(
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

/// Links an award to an organization, also one that the matcher did not find or that was dismissed.
/// With an agreement, links that agreement as the award's coverage; without, removes such a link.
///
/// # Errors
/// `Forbidden` unless the viewer is a reviewer or supervisor (only a supervisor after a granted
/// appeal), `NotFound` for an unknown organization or award, `Invalid` without a reason, for an
/// agreement that is not on file, or an award that is not with the department.
#[tracing::instrument(skip_all)]
pub async fn link_match(
    db: &Database,
    viewer: &Viewer,
    input: &LinkMatchInput,
    include: MatchInclude,
) -> Result<LoadedMatch> {
    viewer.require_reviewer(REVIEWERS_ONLY)?;
    let path = FieldPath::argument("input");
    let mut errors = InputErrors::default();
    let reason = validate_required(&input.reason, MAX_PROSE_CHARS, &path.at("reason"), &mut errors);
    let award = store::awards::find(&db.read, input.award_id).await?.ok_or(Fault::NotFound)?;
    if award.component.is_none() {
        errors.add(&path.at("awardId"), UserMessage::AwardNotDhs);
    }
    let tx = db.begin().await?;
    let organization = input.organization_id;
    organization::service::lock_organization(&tx, organization).await?;
    let uuids = vec![organization.uuid()];
    let on_file = disclosure::service::load_agreements_on_file(&*tx, uuids.clone()).await?;
    let on_file = on_file.get(&organization);
    let mut agreement = None;
    if let Some(index) = input.agreement {
        let chosen = usize::try_from(index).ok().and_then(|it| on_file?.1.get(it));
        agreement = chosen.and_then(agreement_sha256);
        if agreement.is_none() {
            let count = on_file.map_or(0, |it| it.1.len());
            errors.add(&path.at("agreement"), UserMessage::AgreementIndexInvalid { count });
        }
    }
    errors.finish()?;
    let stored = store::matches::list_by_organizations(&*tx, uuids).await?;
    let stored = stored.into_iter().find(|row| row.award_id == award.id);
    if let Some(stored) = &stored {
        let appeals = store::matches::list_appeals(&*tx, vec![stored.id.uuid()]).await?;
        let mut appeals = appeals.into_values().flatten();
        if appeals.any(|appeal| appeal.outcome == Some(AppealOutcome::Reopened)) {
            let message = "a supervisor granted the firm's appeal; only a supervisor may link this award again";
            viewer.require_supervisor(message)?;
        }
    }
    let parties = (award.id, award.recipient_id);
    let base = match stored.clone() {
        None => MatchRow::new_open(organization, parties, EntityScope::Own, viewer.now),
        Some(dismissed) if dismissed.status == MatchStatus::Dismissed => dismissed.reset_review(),
        Some(stored) => stored,
    };
    let row = MatchRow {
        relation: EntityScope::Own.as_str().to_owned(),
        band: MatchBand::Exact,
        linked_by: Some(viewer.subject.clone()),
        linked_agreement_sha256: agreement,
        ..base
    };
    let row = apply_coverage(row, &award, on_file);
    let data = |row: &MatchRow| {
        let mut data = ledger_data(row);
        data["reason"] = Value::from(reason.clone());
        data
    };
    let row = if stored.is_some() {
        let row = store::matches::update(&tx, row).await?;
        append(&tx, viewer.actor(), row.id, LedgerAction::MatchLinked, &data(&row)).await?;
        row
    } else {
        store::matches::insert_all(&tx, vec![row.clone()]).await?;
        let actor = viewer.actor();
        begin(&tx, actor, row.id, organization, LedgerAction::MatchFound, &data(&row)).await?;
        row
    };
    enqueue_reevaluation(&tx, organization, viewer.now).await?;
    commit_and_load(tx, viewer, row.id, include).await
}
