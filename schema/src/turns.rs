//! Limits how many operations of one subject run concurrently.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use crate::principal::Principal;

/// The number of remembered subjects above which idle ones are dropped.
const CLEANUP_THRESHOLD: usize = 256;

/// A concurrency limit per subject.
#[derive(Debug)]
pub struct Turns {
    at_once: usize,
    subjects: Mutex<HashMap<Principal, Weak<Semaphore>>>,
}

/// A permit of one subject; dropping it frees the slot.
#[derive(Debug)]
pub struct Turn(#[expect(dead_code, reason = "held until it is dropped")] OwnedSemaphorePermit);

impl Turns {
    /// Allows `at_once` concurrent operations per subject.
    #[must_use]
    pub fn new(at_once: usize) -> Self {
        Self { at_once, subjects: Mutex::default() }
    }

    /// Waits for a permit of the subject, first come, first served; none if none is free by `until`.
    pub async fn take(&self, subject: &Principal, until: Instant) -> Option<Turn> {
        let turn = timeout_at(until, self.of(subject).acquire_owned()).await;
        // These semaphores are never closed.
        turn.ok()?.ok().map(Turn)
    }

    fn of(&self, subject: &Principal) -> Arc<Semaphore> {
        let mut subjects = self.subjects.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turns) = subjects.get(subject).and_then(Weak::upgrade) {
            return turns;
        }
        if subjects.len() >= CLEANUP_THRESHOLD {
            subjects.retain(|_, turns| turns.strong_count() > 0);
        }
        let turns = Arc::new(Semaphore::new(self.at_once));
        subjects.insert(subject.clone(), Arc::downgrade(&turns));
        turns
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn person(subject: &str) -> Principal {
        Principal::person("https://issuer.example", subject).expect("a subject")
    }

    #[tokio::test]
    async fn each_subject_has_its_own_turns() {
        let turns = Turns::new(2);
        let soon = || Instant::now() + Duration::from_millis(20);
        let first = turns.take(&person("a"), soon()).await.expect("a turn");
        let _second = turns.take(&person("a"), soon()).await.expect("a second one");
        assert!(turns.take(&person("a"), soon()).await.is_none());
        assert!(turns.take(&person("b"), soon()).await.is_some());
        drop(first);
        assert!(turns.take(&person("a"), soon()).await.is_some());
    }

    #[tokio::test]
    async fn drops_idle_subjects() {
        let turns = Turns::new(1);
        for subject in 0..3 * CLEANUP_THRESHOLD {
            let (subject, until) = (subject.to_string(), Instant::now() + Duration::from_secs(1));
            assert!(turns.take(&person(&subject), until).await.is_some());
        }
        let remembered = turns.subjects.lock().expect("the lock is not poisoned").len();
        assert!(remembered <= CLEANUP_THRESHOLD, "{remembered}");
    }
}
