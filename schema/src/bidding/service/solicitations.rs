//! Drafts, amends, publishes and cancels solicitations.
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Solicitation, SolicitationInclude, include_solicitations, store};
use crate::bidding::model::{
    Addendum, Publication, SolicitationAmendment, SolicitationId, SolicitationInput,
    SolicitationRecord, SolicitationState,
};
use crate::bidding::rules;
use crate::database::{Database, Tx};
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::ledger::model::{LedgerAction, format_time};
use crate::ledger::service::{append, begin};
use crate::organization;
use crate::organization::model::Viewer;
use crate::policy;
use crate::reevaluation::model::{Change, ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;
use crate::text::{MAX_LINE_CHARS, MAX_PROSE_CHARS, validate_optional, validate_required};
use crate::user_message::UserMessage;

/// The refusal to publish a solicitation that is not a draft.
const ONLY_DRAFTS: &str = "only a draft can be published; reload";

/// Loads the requested related objects and commits.
async fn commit_and_load(
    tx: Tx,
    solicitation: SolicitationRecord,
    include: SolicitationInclude,
) -> Result<Solicitation> {
    let solicitation = include_solicitations(&*tx, vec![solicitation], include)
        .await?
        .pop()
        .ok_or(Fault::NotFound)?;
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
    let solicitation = create_in_tx(&tx, viewer, input).await?;
    commit_and_load(tx, solicitation, include).await
}

/// Drafts a validated solicitation: see [`create_solicitation`].
pub(super) async fn create_in_tx(
    tx: &Tx,
    viewer: &Viewer,
    input: SolicitationInput,
) -> Result<SolicitationRecord> {
    let departments = vec![input.department_id.uuid()];
    if organization::service::load_departments(&**tx, departments).await?.is_empty() {
        return Err(Fault::NotFound);
    }
    if store::find_by_number(tx, input.department_id, &input.number).await?.is_some() {
        return Err(Fault::invalid(
            &FieldPath::argument("input").at("number"),
            UserMessage::SolicitationNumberTaken,
        ));
    }
    let solicitation = SolicitationRecord {
        id: SolicitationId::generate(),
        department_id: input.department_id,
        number: input.number,
        title: input.title,
        description: input.description,
        method: input.method,
        public_works: input.public_works,
        due_at: input.due_at,
        created_at: viewer.now,
        state: SolicitationState::Draft,
    };
    let solicitation = store::insert(tx, solicitation).await?;
    let data = json!({
        "department": solicitation.department_id,
        "number": solicitation.number,
        "title": solicitation.title,
        "method": solicitation.method,
        "publicWorks": solicitation.public_works,
        "dueAt": format_time(solicitation.due_at),
    });
    let (actor, department) = (viewer.actor(), solicitation.department_id);
    begin(tx, actor, solicitation.id, department, LedgerAction::SolicitationDrafted, &data).await?;
    Ok(solicitation)
}

/// Locks a solicitation of one of the viewer's departments.
async fn lock_as_officer(
    tx: &Tx,
    viewer: &Viewer,
    id: SolicitationId,
) -> Result<SolicitationRecord> {
    // Read on the transaction: a second connection could exhaust the pool.
    let unlocked = store::find_visible(&**tx, viewer, id).await?.ok_or(Fault::NotFound)?;
    viewer.require_officer(unlocked.department_id)?;
    store::lock(tx, id).await?.ok_or(Fault::NotFound)
}

/// The refusal to move a published due time to the earlier `due_at`, if there is one.
async fn refuse_earlier(
    tx: &Tx,
    viewer: &Viewer,
    id: SolicitationId,
    publication: &Publication,
    due_at: DateTime<Utc>,
) -> Result<Option<UserMessage>> {
    let policy = policy::service::load_version(&**tx, publication.policy_version).await?;
    let rule = if publication.sealed {
        rules::EarlierDueTime::Sealed { published_at: publication.at }
    } else {
        rules::EarlierDueTime::Unsealed { has_bids: store::has_bids(tx, id).await? }
    };
    Ok(rule.refusal(due_at, viewer.now, policy.calendar()))
}

/// The change of a due time, for whatever depends on it.
fn due_time_change(id: SolicitationId, now: DateTime<Utc>) -> Change {
    Change {
        source: ChangeSource::Solicitation,
        subject_id: id.uuid(),
        lifted_rules: LiftedRules::none(),
        not_before: now,
    }
}

/// What the ledger says of an addendum.
fn addendum_data(addendum: &Addendum) -> Value {
    let mut data = json!({
        "number": addendum.number,
        "text": addendum.text,
        "dueAt": format_time(addendum.due_at),
    });
    if let Some(previous_due_at) = addendum.previous_due_at {
        data["previousDueAt"] = format_time(previous_due_at).into();
    }
    data
}

/// Changes a draft, or issues an addendum to a published solicitation.
///
/// # Errors
/// `Forbidden` except to contract officers of the department, `Conflict` after the due time or if it
/// is canceled, `Invalid` with every error: a published solicitation changes only by addendum, and
/// its due time to an earlier one only as [`rules::EarlierDueTime`] allows.
#[tracing::instrument(skip_all)]
pub async fn amend_solicitation(
    db: &Database,
    viewer: &Viewer,
    input: SolicitationAmendment,
    include: SolicitationInclude,
) -> Result<Solicitation> {
    let tx = db.begin().await?;
    let solicitation = lock_as_officer(&tx, viewer, input.id).await?;
    let viewer = &viewer.with_effective_time(&tx);
    let solicitation = amend_in_tx(&tx, viewer, solicitation, input).await?;
    commit_and_load(tx, solicitation, include).await
}

/// Changes a locked solicitation: see [`amend_solicitation`].
pub(super) async fn amend_in_tx(
    tx: &Tx,
    viewer: &Viewer,
    solicitation: SolicitationRecord,
    input: SolicitationAmendment,
) -> Result<SolicitationRecord> {
    let (path, mut errors) = (FieldPath::argument("input"), InputErrors::default());
    if let Some(due_at) = input.due_at {
        rules::validate_due_at(due_at, viewer.now, &path.at("dueAt"), &mut errors);
    }
    match solicitation.state {
        SolicitationState::Canceled { .. } => Err(Fault::conflict("the solicitation is canceled")),
        SolicitationState::Draft => {
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
            let is_renamed = title.as_ref().is_some_and(|title| *title != solicitation.title);
            let solicitation = SolicitationRecord {
                title: title.unwrap_or(solicitation.title),
                description: description.unwrap_or(solicitation.description),
                due_at: input.due_at.unwrap_or(solicitation.due_at),
                ..solicitation
            };
            let solicitation = if is_renamed {
                store::update_with_searched_words(tx, solicitation).await?
            } else {
                store::update(tx, solicitation).await?
            };
            let data =
                json!({ "title": solicitation.title, "dueAt": format_time(solicitation.due_at) });
            append(tx, viewer.actor(), solicitation.id, LedgerAction::SolicitationAmended, &data)
                .await?;
            Ok(solicitation)
        }
        SolicitationState::Published(ref publication) => {
            if viewer.now > solicitation.due_at {
                return Err(Fault::conflict(
                    "the due time has passed; cancel the solicitation and publish another",
                ));
            }
            for (field, name) in [(&input.title, "title"), (&input.description, "description")] {
                if field.is_some() {
                    errors.add(&path.at(name), UserMessage::PublishedTextFixed);
                }
            }
            if let Some(due_at) = input.due_at.filter(|due_at| *due_at < solicitation.due_at) {
                let refusal = refuse_earlier(tx, viewer, solicitation.id, publication, due_at);
                if let Some(refusal) = refusal.await? {
                    errors.add(&path.at("dueAt"), refusal);
                }
            }
            let text = input.addendum.as_deref().unwrap_or_default();
            let text = validate_required(text, MAX_PROSE_CHARS, &path.at("addendum"), &mut errors);
            errors.finish()?;
            let number = store::list_addenda(&**tx, vec![solicitation.id.uuid()]).await?.len() + 1;
            let due_at = input.due_at.unwrap_or(solicitation.due_at);
            let previous_due_at = Some(solicitation.due_at).filter(|previous| *previous != due_at);
            let addendum = Addendum {
                solicitation_id: solicitation.id,
                number: i64::try_from(number).unwrap_or(i64::MAX),
                text,
                due_at,
                previous_due_at,
                issued_at: viewer.now,
            };
            let data = addendum_data(&addendum);
            // The addendum first: the database refuses another due time without it.
            store::insert_addendum(tx, addendum).await?;
            let solicitation =
                store::update(tx, SolicitationRecord { due_at, ..solicitation }).await?;
            if previous_due_at.is_some() {
                // Freshness and the time to cure count from the new due time.
                enqueue(tx, due_time_change(solicitation.id, viewer.now)).await?;
            }
            append(
                tx,
                viewer.actor(),
                solicitation.id,
                LedgerAction::SolicitationAddendumIssued,
                &data,
            )
            .await?;
            Ok(solicitation)
        }
    }
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
    let solicitation = lock_as_officer(&tx, viewer, id).await?;
    let viewer = &viewer.with_effective_time(&tx);
    let solicitation = publish_in_tx(&tx, viewer, solicitation, &FieldPath::argument("id")).await?;
    commit_and_load(tx, solicitation, include).await
}

/// Publishes a locked solicitation: see [`publish_solicitation`]. `path` is that of a past due time.
pub(super) async fn publish_in_tx(
    tx: &Tx,
    viewer: &Viewer,
    solicitation: SolicitationRecord,
    path: &FieldPath,
) -> Result<SolicitationRecord> {
    if solicitation.state != SolicitationState::Draft {
        return Err(Fault::conflict(ONLY_DRAFTS));
    }
    let mut errors = InputErrors::default();
    rules::validate_due_at(solicitation.due_at, viewer.now, path, &mut errors);
    errors.finish()?;
    let policy = policy::service::require_in_force(&**tx, viewer.now).await?.policy;
    let publication = Publication {
        at: viewer.now,
        policy_version: i64::from(policy.version()),
        sealed: policy.parameters().sealed_until_due.value,
    };
    let policy_version = publication.policy_version;
    let state =
        solicitation.state.publish(publication).map_err(|_| Fault::conflict(ONLY_DRAFTS))?;
    let solicitation = store::update(tx, SolicitationRecord { state, ..solicitation }).await?;
    let data =
        json!({ "policyVersion": policy_version, "dueAt": format_time(solicitation.due_at) });
    append(tx, viewer.actor(), solicitation.id, LedgerAction::SolicitationPublished, &data).await?;
    Ok(solicitation)
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
    let solicitation = lock_as_officer(&tx, viewer, id).await?;
    errors.finish()?;
    let data = json!({ "reason": reason });
    let state = solicitation.state.cancel(viewer.now, reason);
    let state = state.map_err(|_| Fault::conflict("the solicitation is already canceled"))?;
    // The bids first: the database allows a live bid only on a published solicitation.
    for bid in store::close_live_bids(&tx, id).await? {
        append(&tx, viewer.actor(), bid, LedgerAction::BidClosed, &data).await?;
    }
    let solicitation = store::update(&tx, SolicitationRecord { state, ..solicitation }).await?;
    append(&tx, viewer.actor(), solicitation.id, LedgerAction::SolicitationCanceled, &data).await?;
    commit_and_load(tx, solicitation, include).await
}
