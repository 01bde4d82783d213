//! Enqueues, claims and completes pending re-evaluations.
//!
//! An item is processed under a lease, so that no two workers process it at once, and another worker
//! can claim it after its holder died. Completing an item that another worker deleted has no effect.
use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

pub use super::entity::Model as PendingReevaluation;
use super::model::{Change, LiftedRules, ReevaluationId};
use super::store;
use crate::database::{Database, Tx};
use crate::fault::Result;

/// How long a worker's lease on an item lasts before another worker may claim it.
const WORKER_LEASE: TimeDelta = TimeDelta::seconds(60);
/// How long a request's lease on the items that it enqueued lasts; it processes them before it
/// answers.
const REQUEST_LEASE: TimeDelta = TimeDelta::seconds(10);
/// How long a worker waits before it retries a failed item.
const RETRY_DELAY: TimeDelta = TimeDelta::seconds(60);

/// Inserts an item in the transaction of the change. The current request gets a lease on an item that
/// is due at once, and processes it after its commit.
pub async fn enqueue(tx: &Tx, change: Change) -> Result<()> {
    store::insert(tx, new_item(tx, change)).await?;
    Ok(())
}

/// As [`enqueue`], unless the same item waits already.
pub async fn enqueue_once(tx: &Tx, change: Change) -> Result<()> {
    let item = new_item(tx, change);
    if !store::has_same(tx, &item).await? {
        store::insert(tx, item).await?;
    }
    Ok(())
}

fn new_item(tx: &Tx, change: Change) -> PendingReevaluation {
    let Change { source, subject_id, lifted_rules, not_before } = change;
    let id = ReevaluationId::generate();
    // An item with a future deadline is left to the workers.
    let leased_from = tx.request_time().filter(|now| not_before <= *now);
    if leased_from.is_some() {
        tx.record_queued(id.uuid());
    }
    PendingReevaluation {
        id,
        source,
        subject_id,
        lifted_rules,
        not_before,
        cursor: None,
        failed_at: None,
        lease_id: leased_from.map(|_| id.uuid()),
        leased_until: leased_from.map(|now| now + REQUEST_LEASE),
    }
}

/// Returns whether any item is due, leased or not.
pub async fn has_due_items(db: &Database, now: DateTime<Utc>) -> Result<bool> {
    Ok(store::has_due(&db.read, now).await?)
}

/// Counts the items that are due, leased or not: what waits for its re-evaluation.
pub async fn count_due_items(db: &Database, now: DateTime<Utc>) -> Result<u64> {
    Ok(store::count_due(&db.read, now).await?)
}

/// Merges items about one subject into the first: their lifted rules are united. After a merge or a
/// failure all dependents are processed again from the start.
fn merge_items(items: &[PendingReevaluation]) -> Option<PendingReevaluation> {
    let mut first = items.first()?.clone();
    let lifted: BTreeSet<_> = items.iter().flat_map(|item| &item.lifted_rules.0).copied().collect();
    first.lifted_rules = LiftedRules(lifted);
    if items.len() > 1 || first.failed_at.is_some() {
        first.cursor = None;
    }
    Some(first)
}

/// Claims the item that has been due the longest under a new lease, merged with all other due items
/// about its subject. Skips the items in `tried` and, unless `retries`, those that failed less than
/// a minute ago.
pub async fn claim(
    db: &Database,
    now: DateTime<Utc>,
    tried: &[ReevaluationId],
    retries: bool,
) -> Result<Option<PendingReevaluation>> {
    let failed_before = if retries { now } else { now - RETRY_DELAY };
    // Read without a lock first: the queue is empty most of the time.
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
    let item = PendingReevaluation {
        failed_at: None,
        lease_id: Some(Uuid::now_v7()),
        leased_until: Some(now + WORKER_LEASE),
        ..item
    };
    let item = store::update(&tx, item).await?;
    tx.commit().await?;
    Ok(Some(item))
}

/// Lists the items that a request enqueued and still has under lease: one merged item for each
/// subject, with the items that were merged into it.
pub async fn list_held_by_request(
    db: &Database,
    ids: Vec<Uuid>,
) -> Result<Vec<(PendingReevaluation, Vec<PendingReevaluation>)>> {
    let mut groups: Vec<Vec<PendingReevaluation>> = Vec::new();
    for item in store::list_by_ids(&db.read, ids).await? {
        if item.lease_id != Some(item.id.uuid()) {
            continue;
        }
        let has_same_subject = |group: &&mut Vec<PendingReevaluation>| {
            group.first().is_some_and(|first| {
                (first.source, first.subject_id) == (item.source, item.subject_id)
            })
        };
        match groups.iter_mut().find(has_same_subject) {
            Some(group) => group.push(item),
            None => groups.push(vec![item]),
        }
    }
    Ok(groups.into_iter().filter_map(|group| Some((merge_items(&group)?, group))).collect())
}

/// Saves an item's progress and extends its lease. Returns whether the lease was still held.
pub async fn extend_lease(
    db: &Database,
    item: &mut PendingReevaluation,
    now: DateTime<Utc>,
) -> Result<bool> {
    item.leased_until = Some(now + WORKER_LEASE);
    let tx = db.begin().await?;
    let is_held = store::update_held(&tx, item.clone(), item.lease_id).await?;
    tx.commit().await?;
    Ok(is_held)
}

/// Saves an item's progress or failure and ends its lease; deletes the others that were merged into
/// it.
pub async fn release(
    db: &Database,
    item: &PendingReevaluation,
    all: &[PendingReevaluation],
) -> Result<()> {
    let tx = db.begin().await?;
    let others: Vec<PendingReevaluation> =
        all.iter().filter(|other| other.id != item.id).cloned().collect();
    let released = PendingReevaluation { lease_id: None, leased_until: None, ..item.clone() };
    if store::update_held(&tx, released, item.lease_id).await? {
        store::delete_held(&tx, &others).await?;
    }
    tx.commit().await
}

/// Deletes items whose dependents were all processed, unless another worker deleted them already.
pub async fn complete(db: &Database, items: &[PendingReevaluation]) -> Result<()> {
    let tx = db.begin().await?;
    store::delete_held(&tx, items).await?;
    tx.commit().await
}

/// Lists every due item, leased or not.
pub async fn list_due(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Vec<PendingReevaluation>> {
    Ok(store::list_due(db, now).await?)
}
