//! An in-memory search index of all recipients, shared by all requests of a process.
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::Mutex;

use super::store;
use crate::award::model::RecipientId;
use crate::compute::Compute;
use crate::database::Database;
use crate::fault::Result;
use candor_matcher::{Index, Match, Profile, RecordId};

/// The number of recipients indexed under one write lock; it bounds how long a search waits.
const RECIPIENTS_PER_BATCH: u64 = 500;

/// A search index of every recipient, cached with the database and refreshed on use.
#[derive(Debug, Default)]
pub struct RecipientIndex {
    /// Held during a refresh, so that only one runs at a time.
    refresh_lock: Mutex<()>,
    state: RwLock<IndexState>,
}

#[derive(Debug, Default)]
struct IndexState {
    index: Index,
    /// The recipients by their record number in `index`.
    ids: Vec<RecipientId>,
    numbers: HashMap<RecipientId, RecordId>,
    /// The import revision up to which the index is complete.
    revision: i64,
}

/// A firm that a search found.
#[derive(Clone, Debug)]
pub struct RecipientHit {
    pub best: Match,
    /// All recipients of the firm by shared identifiers, the best match first.
    pub recipients: Vec<RecipientId>,
}

impl RecipientIndex {
    /// Returns the database's index, refreshed with every import committed before the call.
    pub async fn refreshed(db: &Database) -> Result<Arc<Self>> {
        let recipients = db.cached::<Self>();
        if store::recipients::load_revision(&db.read).await? > recipients.revision() {
            recipients.refresh(db).await?;
        }
        Ok(recipients)
    }

    /// The import revision up to which the index is complete.
    #[must_use]
    pub fn revision(&self) -> i64 {
        self.read_state(|state| state.revision)
    }

    fn read_state<T>(&self, read: impl FnOnce(&IndexState) -> T) -> T {
        read(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn refresh(self: &Arc<Self>, db: &Database) -> Result<()> {
        let _refreshing = self.refresh_lock.lock().await;
        let (from, to) = (self.revision(), store::recipients::load_revision(&db.read).await?);
        if to <= from {
            return Ok(());
        }
        let mut after = None;
        loop {
            let rows =
                store::recipients::list_changed_since(&db.read, from, after, RECIPIENTS_PER_BATCH)
                    .await?;
            let Some(last) = rows.last() else { break };
            after = Some(last.id);
            let recipients = Arc::clone(self);
            let insert_rows = move || {
                let mut state = recipients.state.write().unwrap_or_else(PoisonError::into_inner);
                for row in &rows {
                    state.upsert(row.id, &row.record());
                }
            };
            db.cached::<Compute>().run_for_service(insert_rows).await?;
        }
        let transfers = store::recipients::list_transfers_since(&db.read, from).await?;
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        for pair in transfers.windows(2).filter(|pair| pair[0].award_id == pair[1].award_id) {
            let numbers = pair.iter().map(|held| state.numbers.get(&held.recipient_id).copied());
            if let [Some(earlier), Some(later)] = numbers.collect::<Vec<_>>()[..] {
                state.index.record_award_transfer(earlier, later);
            }
        }
        state.revision = to;
        Ok(())
    }

    /// Returns up to `limit` firms most similar to the profile, best first. `min_score` is in
    /// [0, 1].
    #[must_use]
    pub fn search(&self, profile: &Profile, limit: usize, min_score: f32) -> Vec<RecipientHit> {
        self.read_state(|state| {
            let best = state.index.search(profile, limit, min_score).into_iter();
            best.map(|best| RecipientHit {
                recipients: state.recipients_of_firm(best.record),
                best,
            })
            .collect()
        })
    }

    /// All recipients of the same firm by shared identifiers, the given one first.
    #[must_use]
    pub fn same_firm(&self, recipient: RecipientId) -> Vec<RecipientId> {
        self.read_state(|state| {
            let number = state.numbers.get(&recipient);
            number.map_or_else(|| vec![recipient], |number| state.recipients_of_firm(*number))
        })
    }
}

impl IndexState {
    fn upsert(&mut self, id: RecipientId, record: &candor_matcher::Record) {
        if let Some(number) = self.numbers.get(&id) {
            self.index.replace(*number, record);
            return;
        }
        let number = self.index.insert(record);
        self.ids.push(id);
        self.numbers.insert(id, number);
    }

    fn recipients_of_firm(&self, number: RecordId) -> Vec<RecipientId> {
        let all = self.index.same_firm(number);
        all.filter_map(|record| self.ids.get(record.number() as usize).copied()).collect()
    }
}
