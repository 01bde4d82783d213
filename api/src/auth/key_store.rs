//! The current keys of an issuer: read at the start, again by their age, and when a token names an
//! unknown one.
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use reqwest::Client;
use tokio::sync::Mutex;

use super::KeyLocation;
use super::key_source::read_key_set;
use super::keys::KeySet;

/// The age at which keys from an address are read again. A key that the issuer withdrew is accepted
/// for no longer than this, as long as the issuer answers.
const MAX_AGE: TimeDelta = TimeDelta::minutes(5);
/// The same for a file, which costs nothing to read.
const MAX_FILE_AGE: TimeDelta = TimeDelta::seconds(10);
/// The shortest time between two attempts at one address, whatever tokens arrive.
const MIN_INTERVAL: TimeDelta = TimeDelta::seconds(30);
/// How long keys count that could not be read again.
const KEEP_WITHOUT_ISSUER: TimeDelta = TimeDelta::hours(24);

/// Why keys are read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    Age,
    /// A token names a key that is not among them.
    UnknownKey,
}

/// The current keys of one issuer.
#[derive(Debug)]
pub(super) struct KeyStore {
    issuer: String,
    /// None for keys that never change.
    source: Option<(KeyLocation, Client)>,
    state: RwLock<State>,
    /// Held while the keys are read, so that one request reads them for all that wait.
    reading: Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    keys: Option<Arc<KeySet>>,
    /// When the keys were read last with success.
    read_at: Option<DateTime<Utc>>,
    /// When the last attempt began.
    tried_at: Option<DateTime<Utc>>,
    /// Whether the last attempt failed.
    has_failed: bool,
    /// How often the keys have changed.
    generation: u64,
}

impl KeyStore {
    /// Creates a store of keys that never change.
    pub(super) fn fixed(issuer: String, keys: KeySet) -> Self {
        let state = State { keys: Some(Arc::new(keys)), generation: 1, ..State::default() };
        Self { issuer, source: None, state: RwLock::new(state), reading: Mutex::default() }
    }

    /// Creates a store without keys, which reads them from `location`.
    pub(super) fn new(issuer: String, location: KeyLocation, client: Client) -> Self {
        let (source, state) = (Some((location, client)), RwLock::default());
        Self { issuer, source, state, reading: Mutex::default() }
    }

    /// Returns the keys that count at `now`; none if none were read within 24 hours.
    pub(super) fn current(&self, now: DateTime<Utc>) -> Option<Arc<KeySet>> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let is_recent = self.source.is_none() || !is_older(state.read_at, KEEP_WITHOUT_ISSUER, now);
        state.keys.clone().filter(|_| is_recent)
    }

    /// Returns a number that is another one after the keys have changed or ceased to count.
    pub(super) fn generation(&self) -> u64 {
        self.state.read().unwrap_or_else(PoisonError::into_inner).generation
    }

    /// Reads the keys again if that is due, and waits for it. Reading goes on if the caller does not
    /// wait, so that a canceled request does not delay new keys.
    pub(super) async fn refresh(self: &Arc<Self>, reason: Reason, now: DateTime<Utc>) {
        if self.is_due(reason, now) {
            let store = Arc::clone(self);
            let reading = tokio::spawn(async move { store.read_if_due(reason, now).await });
            // A panic is logged by its task; the keys stay as they are.
            let _ = reading.await;
        }
    }

    fn is_due(&self, reason: Reason, now: DateTime<Utc>) -> bool {
        let (max_age, min_interval) = match &self.source {
            None => return false,
            Some((KeyLocation::File(_), _)) => (MAX_FILE_AGE, MAX_FILE_AGE),
            Some((KeyLocation::Address(_), _)) => (MAX_AGE, MIN_INTERVAL),
        };
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        is_older(state.tried_at, min_interval, now)
            && (reason == Reason::UnknownKey
                || state.has_failed
                || is_older(state.read_at, max_age, now))
    }

    async fn read_if_due(&self, reason: Reason, now: DateTime<Utc>) {
        let _reading = self.reading.lock().await;
        // Another one may have read them while this one waited.
        if !self.is_due(reason, now) {
            return;
        }
        // Only a store with a source is due.
        if let Some((location, client)) = &self.source {
            self.state.write().unwrap_or_else(PoisonError::into_inner).tried_at = Some(now);
            let read = read_key_set(location, client).await;
            self.replace(read, location, now);
        }
    }

    /// Stores keys that were read at `now`, or notes that they could not be.
    fn replace(&self, read: anyhow::Result<KeySet>, location: &KeyLocation, now: DateTime<Utc>) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.has_failed = read.is_err();
        let issuer = &self.issuer;
        match read {
            Ok(keys) => {
                state.read_at = Some(now);
                if !state.keys.as_ref().is_some_and(|before| before.is_same(&keys)) {
                    tracing::info!(issuer, keys = keys.len(), "the issuer's keys are new");
                    state.keys = Some(Arc::new(keys));
                    state.generation += 1;
                }
            }
            Err(error) => {
                let until = state.read_at.map(|at| at + KEEP_WITHOUT_ISSUER);
                let is_over = until.is_none_or(|until| until < now);
                if is_over && state.keys.take().is_some() {
                    state.generation += 1;
                }
                let consequence = match until.filter(|_| !is_over) {
                    Some(until) => format!(
                        "the keys read before count until {}",
                        until.to_rfc3339_opts(SecondsFormat::Secs, true)
                    ),
                    None => "its tokens are refused until they can be read".to_owned(),
                };
                tracing::error!(
                    issuer,
                    %location,
                    error = format!("{error:#}"),
                    consequence,
                    "cannot read the issuer's keys"
                );
            }
        }
    }

    /// Reads the keys of a file at the start, where an error ends the command.
    ///
    /// # Errors
    /// Why the file cannot be used.
    pub(super) fn read_file_now(&self, now: DateTime<Utc>) -> anyhow::Result<()> {
        if let Some((location @ KeyLocation::File(path), _)) = &self.source {
            let keys = super::key_source::read_file(path)?;
            self.state.write().unwrap_or_else(PoisonError::into_inner).tried_at = Some(now);
            self.replace(Ok(keys), location, now);
        }
        Ok(())
    }
}

/// Returns whether `age` has passed since `at`, or there is no such time. A clock that was ahead and
/// went back counts as passed, so that nothing waits for it.
fn is_older(at: Option<DateTime<Utc>>, age: TimeDelta, now: DateTime<Utc>) -> bool {
    at.is_none_or(|at| now - at >= age || at - now >= age)
}
