//! The recipients of awards in memory, ready to be searched.
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::Mutex;

use super::store;
use crate::award::matcher::{Index, Match, Profile, RecordId};
use crate::award::model::RecipientId;
use crate::compute::Compute;
use crate::database::Database;
use crate::fault::Result;

/// How many recipients are read, and put into the index, at a time: searches wait no longer than
/// that takes.
const BATCH: u64 = 500;

/// An index of every recipient, kept beside the database and brought up to date when it is asked.
#[derive(Debug, Default)]
pub struct Recipients {
    /// Held by who brings it up to date.
    reading: Mutex<()>,
    known: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    index: Index,
    /// Each recipient by its number in the index.
    ids: Vec<RecipientId>,
    numbers: HashMap<RecipientId, RecordId>,
    /// Up to which change of the recipients it is complete.
    revision: i64,
}

/// A recipient that was found, with all that are the same firm by their identifiers.
#[derive(Clone, Debug)]
pub struct Hit {
    pub found: Match,
    /// The one that matches best first.
    pub recipients: Vec<RecipientId>,
}

impl Recipients {
    /// The index of a database's recipients, with all that was committed before this was asked.
    ///
    /// # Errors
    /// `Unavailable` or `Internal` if the database fails.
    pub async fn current(db: &Database) -> Result<Arc<Self>> {
        let recipients = db.cached::<Self>();
        if store::recipients::revision(&db.read).await? > recipients.revision() {
            recipients.read_on(db).await?;
        }
        Ok(recipients)
    }

    /// Up to which change of the recipients it is complete, counted in imported batches.
    #[must_use]
    pub fn revision(&self) -> i64 {
        self.with(|known| known.revision)
    }

    fn with<T>(&self, look: impl FnOnce(&Known) -> T) -> T {
        look(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn read_on(self: &Arc<Self>, db: &Database) -> Result<()> {
        let _reading = self.reading.lock().await;
        let (from, to) = (self.revision(), store::recipients::revision(&db.read).await?);
        if to <= from {
            return Ok(());
        }
        let mut after = None;
        loop {
            let rows = store::recipients::list_changed_since(&db.read, from, after, BATCH).await?;
            let Some(last) = rows.last() else { break };
            after = Some(last.id);
            let recipients = Arc::clone(self);
            let put = move || {
                let mut known = recipients.known.write().unwrap_or_else(PoisonError::into_inner);
                for row in &rows {
                    known.put(row.id, &row.record());
                }
            };
            db.cached::<Compute>().run_for_service(put).await?;
        }
        let passed = store::recipients::list_transfers_since(&db.read, from).await?;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        for pair in passed.windows(2).filter(|pair| pair[0].award_id == pair[1].award_id) {
            let numbers = pair.iter().map(|held| known.numbers.get(&held.recipient_id).copied());
            if let [Some(earlier), Some(later)] = numbers.collect::<Vec<_>>()[..] {
                known.index.record_award_transfer(earlier, later);
            }
        }
        known.revision = to;
        Ok(())
    }

    /// The recipients most like who is asked for, best first, each firm once, `limit` of them at
    /// the most. `min_score` is in [0, 1].
    #[must_use]
    pub fn search(&self, asked: &Profile, limit: usize, min_score: f32) -> Vec<Hit> {
        self.with(|known| {
            let found = known.index.search(asked, limit, min_score).into_iter();
            found.map(|found| Hit { recipients: known.same(found.record), found }).collect()
        })
    }

    /// All recipients that are one firm with the given one by their identifiers, itself first.
    #[must_use]
    pub fn identity(&self, recipient: RecipientId) -> Vec<RecipientId> {
        self.with(|known| {
            let number = known.numbers.get(&recipient);
            number.map_or_else(|| vec![recipient], |number| known.same(*number))
        })
    }
}

impl Known {
    fn put(&mut self, id: RecipientId, record: &crate::award::matcher::Record) {
        if let Some(number) = self.numbers.get(&id) {
            self.index.replace(*number, record);
            return;
        }
        let number = self.index.insert(record);
        self.ids.push(id);
        self.numbers.insert(id, number);
    }

    fn same(&self, number: RecordId) -> Vec<RecipientId> {
        let all = self.index.same_firm(number);
        all.filter_map(|one| self.ids.get(one.number() as usize).copied()).collect()
    }
}
