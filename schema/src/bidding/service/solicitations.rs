//! Drafting, amending, publishing and cancelling solicitations.
use serde_json::json;

use super::{Include, Solicitation, SolicitationRow, store};
use crate::bidding::entity::addendum;
use crate::bidding::model::{
    SolicitationAmendment, SolicitationId, SolicitationInput, SolicitationStatus,
};
use crate::bidding::rules;
use crate::database::{Database, Tx};
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::ledger::model::{LedgerAction, written};
use crate::ledger::service::{append, begin};
use crate::organization;
use crate::organization::model::Viewer;
use crate::policy;
use crate::reevaluation::model::{ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;
use crate::text::{MAX_LINE_CHARS, MAX_PROSE_CHARS, validate_optional, validate_required};

/// Commits, and answers with the children asked for.
async fn shown(tx: Tx, row: SolicitationRow, include: Include) -> Result<Solicitation> {
    let made = store::include(&*tx, vec![row], include).await?.pop().ok_or(Fault::NotFound)?;
    tx.commit().await?;
    Ok(made)
}

/// Drafts a solicitation.
///
/// # Errors
/// `Forbidden` to all but the department's contract officers, `Invalid` with all that is wrong.
pub async fn create(
    db: &Database,
    viewer: &Viewer,
    input: SolicitationInput,
    include: Include,
) -> Result<Solicitation> {
    viewer.officer_of(input.department_id)?;
    let input = rules::solicitation(&input, viewer.now)?;
    let tx = db.begin().await?;
    let departments = vec![input.department_id.uuid()];
    if organization::service::departments_by_ids(&*tx, departments).await?.is_empty() {
        return Err(Fault::NotFound);
    }
    if store::same_number(&tx, input.department_id, &input.number).await?.is_some() {
        let told = "The department has a solicitation of this number; choose another.";
        return Err(Fault::invalid(&FieldPath::argument("input").at("number"), "taken", told));
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
        cancelled_at: None,
        cancellation_reason: None,
    };
    let row = store::insert(&tx, row).await?;
    let data = json!({
        "department": row.department_id,
        "number": row.number,
        "title": row.title,
        "method": row.method,
        "publicWorks": row.public_works,
        "dueAt": written(row.due_at),
    });
    let (actor, department) = (viewer.actor(), row.department_id);
    begin(&tx, actor, row.id, department, LedgerAction::SolicitationDrafted, &data).await?;
    shown(tx, row, include).await
}

/// The solicitation under its lock, for one of its department's officers.
async fn lock_own(tx: &Tx, viewer: &Viewer, id: SolicitationId) -> Result<SolicitationRow> {
    // Through the transaction: a second connection held beside it could run the pool dry.
    let seen = store::find(&**tx, viewer, id).await?.ok_or(Fault::NotFound)?;
    viewer.officer_of(seen.department_id)?;
    store::lock(tx, id).await?.ok_or(Fault::NotFound)
}

/// Changes a draft, or adds an addendum to a published solicitation.
///
/// # Errors
/// `Forbidden` to all but the department's officers, `Conflict` once it is due or cancelled,
/// `Invalid` with all that is wrong: what was published changes by an addendum alone, and its due
/// time only to a later one.
pub async fn amend(
    db: &Database,
    viewer: &Viewer,
    input: SolicitationAmendment,
    include: Include,
) -> Result<Solicitation> {
    let tx = db.begin().await?;
    let row = lock_own(&tx, viewer, input.id).await?;
    let viewer = &viewer.at_lock(&tx);
    let (path, mut problems) = (FieldPath::argument("input"), InputErrors::default());
    if let Some(at) = input.due_at {
        rules::due_at(at, viewer.now, &path.at("dueAt"), &mut problems);
    }
    let row = match row.status {
        SolicitationStatus::Cancelled => return Err(Fault::conflict("it is cancelled")),
        SolicitationStatus::Draft => {
            if input.addendum.is_some() {
                let told = "A draft has no addenda; change its title, description or due time.";
                problems.add(&path.at("addendum"), "contradiction", told);
            }
            let title = input.title.as_deref();
            let title = title.map(|it| validate_required(it, MAX_LINE_CHARS, &path.at("title"), &mut problems));
            let description = input.description.as_deref();
            let description =
                description.map(|it| validate_optional(it, MAX_PROSE_CHARS, &path.at("description"), &mut problems));
            problems.finish()?;
            let row = SolicitationRow {
                title: title.unwrap_or(row.title),
                description: description.unwrap_or(row.description),
                due_at: input.due_at.unwrap_or(row.due_at),
                ..row
            };
            let row = store::update(&tx, row).await?;
            let data = json!({ "title": row.title, "dueAt": written(row.due_at) });
            append(&tx, viewer.actor(), row.id, LedgerAction::SolicitationAmended, &data).await?;
            row
        }
        SolicitationStatus::Published => {
            if viewer.now > row.due_at {
                return Err(Fault::conflict(
                    "bids were due and may be open; cancel it and publish another",
                ));
            }
            for (given, name) in [(&input.title, "title"), (&input.description, "description")] {
                if given.is_some() {
                    let told = "What was published does not change; say it in the addendum.";
                    problems.add(&path.at(name), "contradiction", told);
                }
            }
            if input.due_at.is_some_and(|at| at < row.due_at) {
                let told = "The due time of a published solicitation moves only to a later one.";
                problems.add(&path.at("dueAt"), "invalid", told);
            }
            let text = input.addendum.as_deref().unwrap_or_default();
            let text = validate_required(text, MAX_PROSE_CHARS, &path.at("addendum"), &mut problems);
            problems.finish()?;
            let number = store::addenda(&*tx, vec![row.id.uuid()]).await?.len() + 1;
            let due_at = input.due_at.unwrap_or(row.due_at);
            let is_later = due_at > row.due_at;
            let row = store::update(&tx, SolicitationRow { due_at, ..row }).await?;
            if is_later {
                // Freshness and the time to mend are counted from the new due time.
                let changed = (ChangeSource::Solicitation, row.id.uuid());
                enqueue(&tx, changed, LiftedRules::none(), viewer.now).await?;
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
                "number": addendum.number, "text": addendum.text, "dueAt": written(due_at)
            });
            append(&tx, viewer.actor(), row.id, LedgerAction::SolicitationAddendumIssued, &data)
                .await?;
            row
        }
    };
    shown(tx, row, include).await
}

/// Opens a solicitation to bids. It pins the policy in force now, which decides its bids and its
/// award whatever is enacted later, and carries that policy's notice.
///
/// # Errors
/// `Forbidden` to all but the department's officers, `Conflict` unless it is a draft or if no
/// policy is in force, `Invalid` if its due time has passed.
pub async fn publish(
    db: &Database,
    viewer: &Viewer,
    id: SolicitationId,
    include: Include,
) -> Result<Solicitation> {
    let tx = db.begin().await?;
    let row = lock_own(&tx, viewer, id).await?;
    let viewer = &viewer.at_lock(&tx);
    let status = row.status.publish();
    let status = status.map_err(|_| Fault::conflict("only a draft is published; reload"))?;
    let (path, mut problems) = (FieldPath::argument("id"), InputErrors::default());
    rules::due_at(row.due_at, viewer.now, &path, &mut problems);
    problems.finish()?;
    let policy = policy::service::current(&*tx, viewer.now).await?.policy;
    let row = SolicitationRow {
        status,
        policy_version: Some(i64::from(policy.version())),
        sealed: policy.parameters().sealed_until_due.value,
        published_at: Some(viewer.now),
        ..row
    };
    let row = store::update(&tx, row).await?;
    let data = json!({ "policyVersion": row.policy_version, "dueAt": written(row.due_at) });
    append(&tx, viewer.actor(), row.id, LedgerAction::SolicitationPublished, &data).await?;
    shown(tx, row, include).await
}

/// Calls a solicitation off. Its bids are closed in the same transaction; how many there were is
/// told to nobody.
///
/// # Errors
/// `Forbidden` to all but the department's officers, `Conflict` if it is cancelled, `Invalid`
/// without a reason.
pub async fn cancel(
    db: &Database,
    viewer: &Viewer,
    id: SolicitationId,
    reason: &str,
    include: Include,
) -> Result<Solicitation> {
    let mut problems = InputErrors::default();
    let reason = validate_required(reason, MAX_PROSE_CHARS, &FieldPath::argument("reason"), &mut problems);
    let tx = db.begin().await?;
    let row = lock_own(&tx, viewer, id).await?;
    problems.finish()?;
    let status = row.status.cancel().map_err(|_| Fault::conflict("it is cancelled already"))?;
    // The bids first: one that lives refers to a solicitation that takes bids.
    for bid in store::close_live(&tx, id).await? {
        append(&tx, viewer.actor(), bid.id, LedgerAction::BidClosed, &json!({ "reason": reason }))
            .await?;
    }
    let row = SolicitationRow {
        status,
        cancelled_at: Some(viewer.now),
        cancellation_reason: Some(reason.clone()),
        ..row
    };
    let row = store::update(&tx, row).await?;
    let data = json!({ "reason": reason });
    append(&tx, viewer.actor(), row.id, LedgerAction::SolicitationCancelled, &data).await?;
    shown(tx, row, include).await
}
