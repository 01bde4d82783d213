//! How much of something one subject may have under way at once, so that nobody else waits behind
//! all of it.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use crate::principal::Principal;

/// Above how many remembered subjects those without a request are dropped.
const CLEANUP_THRESHOLD: usize = 256;

/// The turns of each subject.
#[derive(Debug)]
pub struct Turns {
    at_once: usize,
    subjects: Mutex<HashMap<Principal, Weak<Semaphore>>>,
}

/// A subject's turn, which ends when it is dropped.
#[derive(Debug)]
pub struct Turn(#[expect(dead_code, reason = "it is held, not looked at")] OwnedSemaphorePermit);

impl Turns {
    /// So many turns at once for each subject.
    #[must_use]
    pub fn new(at_once: usize) -> Self {
        Self { at_once, subjects: Mutex::default() }
    }

    /// Waits for a turn of the subject; none if there is none by `until`. Turns are given in the
    /// order in which they were asked for.
    pub async fn take(&self, subject: &Principal, until: Instant) -> Option<Turn> {
        let turn = timeout_at(until, self.of(subject).acquire_owned()).await;
        // Nobody closes these semaphores.
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
    async fn subjects_without_a_request_are_forgotten() {
        let turns = Turns::new(1);
        for subject in 0..3 * CLEANUP_THRESHOLD {
            let (subject, until) = (subject.to_string(), Instant::now() + Duration::from_secs(1));
            assert!(turns.take(&person(&subject), until).await.is_some());
        }
        let remembered = turns.subjects.lock().expect("nobody fails with the lock").len();
        assert!(remembered <= CLEANUP_THRESHOLD, "{remembered}");
    }
}
