//! Drafts, amends, publishes and cancels solicitations.
use serde_json::json;

use super::{Solicitation, SolicitationInclude, SolicitationRow, store};
use crate::bidding::entity::addendum;
use crate::bidding::model::{
    SolicitationAmendment, SolicitationId, SolicitationInput, SolicitationStatus,
};
use crate::bidding::rules;
use crate::database::{Database, Tx};
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::ledger::model::{LedgerAction, format_time};
use crate::ledger::service::{append, begin};
use crate::organization;
use crate::organization::model::Viewer;
use crate::policy;
use crate::reevaluation::model::{ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;
use crate::text::{MAX_LINE_CHARS, MAX_PROSE_CHARS, validate_optional, validate_required};
use crate::user_message::UserMessage;

/// Loads the requested related objects and commits.
async fn commit_and_load(
    tx: Tx,
    row: SolicitationRow,
    include: SolicitationInclude,
) -> Result<Solicitation> {
    let solicitation =
        store::include(&*tx, vec![row], include).await?.pop().ok_or(Fault::NotFound)?;
    tx.commit().await?;
    Ok(solicitation)
}

/// Drafts a solicitation.
///
/// # Errors
/// `Forbidden` except to contract officers of the department, `Invalid` with every error.
#[tracing::instrument(skip_all)]
pub async fn create_solicitation(
    db: &Database,
    viewer: &Viewer,
    input: SolicitationInput,
    include: SolicitationInclude,
) -> Result<Solicitation> {
    viewer.require_officer(input.department_id)?;
    let input = rules::validate_solicitation(&input, viewer.now)?;
    let tx = db.begin().await?;
    let departments = vec![input.department_id.uuid()];
    if organization::service::load_departments(&*tx, departments).await?.is_empty() {
        return Err(Fault::NotFound);
    }
    if store::find_by_number(&tx, input.department_id, &input.number).await?.is_some() {
        return Err(Fault::invalid(
            &FieldPath::argument("input").at("number"),
            UserMessage::SolicitationNumberTaken,
        ));
    }
    let row = SolicitationRow {
        id: SolicitationId::generate(),
        department_id: input.department_id,
        number: input.number,
        title: input.title,
        description: input.description,
        method: input.method,
        public_works: input.public_works,
        status: SolicitationStatus::Draft,
        due_at: input.due_at,
        policy_version: None,
        sealed: true,
        created_at: viewer.now,
        published_at: None,
        canceled_at: None,
        cancellation_reason: None,
    };
    let row = store::insert(&tx, row).await?;
    let data = json!({
        "department": row.department_id,
        "number": row.number,
        "title": row.title,
        "method": row.method,
        "publicWorks": row.public_works,
        "dueAt": format_time(row.due_at),
    });
    let (actor, department) = (viewer.actor(), row.department_id);
    begin(&tx, actor, row.id, department, LedgerAction::SolicitationDrafted, &data).await?;
    commit_and_load(tx, row, include).await
}

/// Locks a solicitation of one of the viewer's departments.
async fn lock_as_officer(tx: &Tx, viewer: &Viewer, id: SolicitationId) -> Result<SolicitationRow> {
    // Read on the transaction: a second connection could exhaust the pool.
    let unlocked = store::find_visible(&**tx, viewer, id).await?.ok_or(Fault::NotFound)?;
    viewer.require_officer(unlocked.department_id)?;
    store::lock(tx, id).await?.ok_or(Fault::NotFound)
}

/// Changes a draft, or issues an addendum to a published solicitation.
///
/// # Errors
/// `Forbidden` except to contract officers of the department, `Conflict` after the due time or if it
/// is canceled, `Invalid` with every error: a published solicitation changes only by addendum, and
/// its due time only to a later one.
#[tracing::instrument(skip_all)]
pub async fn amend_solicitation(
    db: &Database,
    viewer: &Viewer,
    input: SolicitationAmendment,
    include: SolicitationInclude,
) -> Result<Solicitation> {
    let tx = db.begin().await?;
    let row = lock_as_officer(&tx, viewer, input.id).await?;
    let viewer = &viewer.with_effective_time(&tx);
    let (path, mut errors) = (FieldPath::argument("input"), InputErrors::default());
    if let Some(due_at) = input.due_at {
        rules::validate_due_at(due_at, viewer.now, &path.at("dueAt"), &mut errors);
    }
    let row = match row.status {
        SolicitationStatus::Canceled => {
            return Err(Fault::conflict("the solicitation is canceled"));
        }
        SolicitationStatus::Draft => {
            if input.addendum.is_some() {
                errors.add(&path.at("addendum"), UserMessage::DraftHasNoAddenda);
            }
            let title = input.title.as_deref();
            let title = title
                .map(|it| validate_required(it, MAX_LINE_CHARS, &path.at("title"), &mut errors));
            let description = input.description.as_deref();
            let description = description.map(|it| {
                validate_optional(it, MAX_PROSE_CHARS, &path.at("description"), &mut errors)
            });
            errors.finish()?;
            let row = SolicitationRow {
                title: title.unwrap_or(row.title),
                description: description.unwrap_or(row.description),
                due_at: input.due_at.unwrap_or(row.due_at),
                ..row
            };
            let row = store::update(&tx, row).await?;
            let data = json!({ "title": row.title, "dueAt": format_time(row.due_at) });
            append(&tx, viewer.actor(), row.id, LedgerAction::SolicitationAmended, &data).await?;
            row
        }
        SolicitationStatus::Published => {
            if viewer.now > row.due_at {
                return Err(Fault::conflict(
                    "the due time has passed; cancel the solicitation and publish another",
                ));
            }
            for (field, name) in [(&input.title, "title"), (&input.description, "description")] {
                if field.is_some() {
                    errors.add(&path.at(name), UserMessage::PublishedTextFixed);
                }
            }
            if input.due_at.is_some_and(|due_at| due_at < row.due_at) {
                errors.add(&path.at("dueAt"), UserMessage::DueTimeOnlyLater);
            }
            let text = input.addendum.as_deref().unwrap_or_default();
            let text = validate_required(text, MAX_PROSE_CHARS, &path.at("addendum"), &mut errors);
            errors.finish()?;
            let number = store::list_addenda(&*tx, vec![row.id.uuid()]).await?.len() + 1;
            let due_at = input.due_at.unwrap_or(row.due_at);
            let is_later = due_at > row.due_at;
            let row = store::update(&tx, SolicitationRow { due_at, ..row }).await?;
            if is_later {
                // Freshness and the time to cure count from the new due time.
                let subject = (ChangeSource::Solicitation, row.id.uuid());
                enqueue(&tx, subject, LiftedRules::none(), viewer.now).await?;
            }
            let addendum = addendum::Model {
                solicitation_id: row.id,
                number: i64::try_from(number).unwrap_or(i64::MAX),
                text,
                due_at,
                issued_at: viewer.now,
            };
            let addendum = store::insert_addendum(&tx, addendum).await?;
            let data = json!({
                "number": addendum.number, "text": addendum.text, "dueAt": format_time(due_at)
            });
            append(&tx, viewer.actor(), row.id, LedgerAction::SolicitationAddendumIssued, &data)
                .await?;
            row
        }
    };
    commit_and_load(tx, row, include).await
}

/// Publishes a solicitation, which opens it to bids, and pins the policy in force now. The pinned
/// policy decides its bids and its award even if a later policy is published, and gives the notice.
///
/// # Errors
/// `Forbidden` except to contract officers of the department, `Conflict` unless it is a draft or if
/// no policy is in force, `Invalid` if its due time has passed.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn publish_solicitation(
    db: &Database,
    viewer: &Viewer,
    id: SolicitationId,
    include: SolicitationInclude,
) -> Result<Solicitation> {
    let tx = db.begin().await?;
    let row = lock_as_officer(&tx, viewer, id).await?;
    let viewer = &viewer.with_effective_time(&tx);
    let status = row.status.publish();
    let status = status.map_err(|_| Fault::conflict("only a draft can be published; reload"))?;
    let (path, mut errors) = (FieldPath::argument("id"), InputErrors::default());
    rules::validate_due_at(row.due_at, viewer.now, &path, &mut errors);
    errors.finish()?;
    let policy = policy::service::require_in_force(&*tx, viewer.now).await?.policy;
    let row = SolicitationRow {
        status,
        policy_version: Some(i64::from(policy.version())),
        sealed: policy.parameters().sealed_until_due.value,
        published_at: Some(viewer.now),
        ..row
    };
    let row = store::update(&tx, row).await?;
    let data = json!({ "policyVersion": row.policy_version, "dueAt": format_time(row.due_at) });
    append(&tx, viewer.actor(), row.id, LedgerAction::SolicitationPublished, &data).await?;
    commit_and_load(tx, row, include).await
}

/// Cancels a solicitation and closes its bids in the same transaction. Their number is not disclosed.
///
/// # Errors
/// `Forbidden` except to contract officers of the department, `Conflict` if it is already canceled,
/// `Invalid` without a reason.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn cancel_solicitation(
    db: &Database,
    viewer: &Viewer,
    id: SolicitationId,
    reason: &str,
    include: SolicitationInclude,
) -> Result<Solicitation> {
    let mut errors = InputErrors::default();
    let reason =
        validate_required(reason, MAX_PROSE_CHARS, &FieldPath::argument("reason"), &mut errors);
    let tx = db.begin().await?;
    let row = lock_as_officer(&tx, viewer, id).await?;
    errors.finish()?;
    let status =
        row.status.cancel().map_err(|_| Fault::conflict("the solicitation is already canceled"))?;
    // The bids first: the database allows a live bid only on a published solicitation.
    for bid in store::close_live_bids(&tx, id).await? {
        append(&tx, viewer.actor(), bid.id, LedgerAction::BidClosed, &json!({ "reason": reason }))
            .await?;
    }
    let row = SolicitationRow {
        status,
        canceled_at: Some(viewer.now),
        cancellation_reason: Some(reason.clone()),
        ..row
    };
    let row = store::update(&tx, row).await?;
    let data = json!({ "reason": reason });
    append(&tx, viewer.actor(), row.id, LedgerAction::SolicitationCanceled, &data).await?;
    commit_and_load(tx, row, include).await
}
