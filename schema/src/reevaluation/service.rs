//! The queue of re-evaluations: noting that something has changed, and holding an item while what
//! depends on it is decided again.
//!
//! An item is held under a lease, so that no two process it, and one whose holder died is taken by
//! another. Whoever finishes an item that somebody else removed meanwhile has nothing left to do.
use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

pub use super::entity::Model as Note;
use super::model::{ChangeSource, ReevaluationId, LiftedRules};
use super::store;
use crate::database::{Database, Tx};
use crate::fault::Result;

/// How long a worker holds an item before another may take it.
const WORKER_LEASE: TimeDelta = TimeDelta::seconds(60);
/// How long the request holds an item that it has queued: it processes it before its answer.
const REQUEST_LEASE: TimeDelta = TimeDelta::seconds(10);
/// How long an item that failed waits before a worker tries it again.
const RETRY_DELAY: TimeDelta = TimeDelta::seconds(60);

/// Notes a change in the transaction that makes it; from `not_before` on (UTC), what depends on it
/// is decided again. What is due at once belongs to the request, which processes it after its
/// commit.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn enqueue(
    tx: &Tx,
    (changed, subject_id): (ChangeSource, Uuid),
    revives: LiftedRules,
    not_before: DateTime<Utc>,
) -> Result<()> {
    let id = ReevaluationId::generate();
    // A deadline that lies ahead is nobody's yet.
    let held_from = tx.request_time().filter(|now| not_before <= *now);
    if held_from.is_some() {
        tx.record_queued(id.uuid());
    }
    let note = Note {
        id,
        source: changed,
        subject_id,
        lifted_rules: revives,
        not_before,
        cursor: None,
        failed_at: None,
        lease_id: held_from.map(|_| id.uuid()),
        leased_until: held_from.map(|now| now + REQUEST_LEASE),
    };
    store::insert(tx, note).await?;
    Ok(())
}

/// Whether anything is queued that is due, be it held or not.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn has_due_items(db: &Database, now: DateTime<Utc>) -> Result<bool> {
    Ok(store::has_due(&db.read, now).await?)
}

/// Merges items about one subject: what they lift is united. What another change or a failure may
/// have passed by is processed from the start.
fn merge_items(items: &[Note]) -> Option<Note> {
    let mut first = items.first()?.clone();
    let lifted: BTreeSet<_> = items.iter().flat_map(|item| &item.lifted_rules.0).copied().collect();
    first.lifted_rules = LiftedRules(lifted);
    if items.len() > 1 || first.failed_at.is_some() {
        first.cursor = None;
    }
    Some(first)
}

/// Takes the item that is due the longest, with all others about its subject that are due: they
/// become one. None of `tried`, and what failed only after a while, unless `retries`.
///
/// # Errors
/// `Unavailable` or `Internal` if the database fails.
pub async fn claim(
    db: &Database,
    now: DateTime<Utc>,
    tried: &[ReevaluationId],
    retries: bool,
) -> Result<Option<Note>> {
    let failed_before = if retries { now } else { now - RETRY_DELAY };
    // Looked at without a lock first: the queue is empty most of the time.
    if !store::has_next(&db.read, now, failed_before, tried).await? {
        return Ok(None);
    }
    let tx = db.begin().await?;
    let Some(first) = store::lock_next(&tx, now, failed_before, tried).await? else {
        return Ok(None);
    };
    let mut items = store::lock_same_subject(&tx, now, &first).await?;
    items.retain(|item| item.id != first.id);
    items.insert(0, first);
    let Some(item) = merge_items(&items) else { return Ok(None) };
    store::delete_held(&tx, &items[1..]).await?;
    let item = Note {
        failed_at: None,
        lease_id: Some(Uuid::now_v7()),
        leased_until: Some(now + WORKER_LEASE),
        ..item
    };
    let item = store::update(&tx, item).await?;
    tx.commit().await?;
    Ok(Some(item))
}

/// What a request has queued and still holds: one item for each subject, with those that it
/// stands for, itself among them.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn list_held_by_request(db: &Database, ids: Vec<Uuid>) -> Result<Vec<(Note, Vec<Note>)>> {
    let mut groups: Vec<Vec<Note>> = Vec::new();
    for item in store::list_by_ids(&db.read, ids).await? {
        if item.lease_id != Some(item.id.uuid()) {
            continue;
        }
        let same = |group: &&mut Vec<Note>| {
            group.first().is_some_and(|first| {
                (first.source, first.subject_id) == (item.source, item.subject_id)
            })
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(item),
            None => groups.push(vec![item]),
        }
    }
    Ok(groups.into_iter().filter_map(|group| Some((merge_items(&group)?, group))).collect())
}

/// Keeps how far an item was processed, and holds it for longer. Whether it is still held.
///
/// # Errors
/// `Unavailable` or `Internal` if the database fails.
pub async fn extend_lease(db: &Database, item: &mut Note, now: DateTime<Utc>) -> Result<bool> {
    item.leased_until = Some(now + WORKER_LEASE);
    let tx = db.begin().await?;
    let is_held = store::update_held(&tx, item.clone(), item.lease_id).await?;
    tx.commit().await?;
    Ok(is_held)
}

/// Gives an item back with how far it was processed, or that it failed; the others that it stands
/// for are removed.
///
/// # Errors
/// `Unavailable` or `Internal` if the database fails.
pub async fn release(db: &Database, item: &Note, all: &[Note]) -> Result<()> {
    let tx = db.begin().await?;
    let others: Vec<Note> = all.iter().filter(|other| other.id != item.id).cloned().collect();
    let released = Note { lease_id: None, leased_until: None, ..item.clone() };
    if store::update_held(&tx, released, item.lease_id).await? {
        store::delete_held(&tx, &others).await?;
    }
    tx.commit().await
}

/// Removes items whose dependents were all processed. Another may have removed them already.
///
/// # Errors
/// `Unavailable` or `Internal` if the database fails.
pub async fn complete(db: &Database, items: &[Note]) -> Result<()> {
    let tx = db.begin().await?;
    store::delete_held(&tx, items).await?;
    tx.commit().await
}

/// Every item that is due, held or not.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn list_due(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Vec<Note>> {
    Ok(store::list_due(db, now).await?)
}
