//! The database use of one request: its time limit, the changes that it saved, and the
//! re-evaluations that it queued.
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Clock;

/// How long after its start a request may begin another transaction. The root fields of a mutation run
/// one after another; later ones are refused so that the answer still reports the changes of the others.
const MAX_REQUEST_AGE_TO_BEGIN: Duration = Duration::from_secs(20);

/// A change that was committed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedChange {
    /// The TypeID of the changed subject.
    pub subject: String,
    /// The ledger action, such as `disclosure.filed`.
    pub action: String,
}

/// The effects of a transaction besides its rows.
#[derive(Debug, Default)]
pub(super) struct Effects {
    pub(super) saved: Vec<SavedChange>,
    /// The due re-evaluations that it queued.
    pub(super) queued: Vec<Uuid>,
}

/// One request's use of the database.
#[derive(Debug)]
pub(super) struct RequestUse {
    pub(super) clock: Clock,
    started: Instant,
    effects: Mutex<Effects>,
}

impl RequestUse {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, started: Instant::now(), effects: Mutex::default() }
    }

    /// Returns whether the request has taken too long to begin another transaction.
    pub(super) fn is_over(&self) -> bool {
        self.started.elapsed() > MAX_REQUEST_AGE_TO_BEGIN
    }

    /// Records the effects of a committed transaction.
    pub(super) fn committed(&self, effects: Effects) {
        let mut all = self.effects.lock().unwrap_or_else(PoisonError::into_inner);
        all.saved.extend(effects.saved);
        all.queued.extend(effects.queued);
    }

    pub(super) fn saved(&self) -> Vec<SavedChange> {
        self.effects.lock().unwrap_or_else(PoisonError::into_inner).saved.clone()
    }

    pub(super) fn take_queued(&self) -> Vec<Uuid> {
        let mut effects = self.effects.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut effects.queued)
    }
}
