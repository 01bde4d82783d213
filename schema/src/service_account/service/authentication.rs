//! Authenticates requests by API keys, and keeps when each key was last used.
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use super::entity::api_key_use;
use super::store;
use crate::database::Database;
use crate::fault::Result;
use crate::service_account::model::{ApiKeyId, ApiKeyRefusal, ApiKeySecret, ValidApiKey};

/// The time between two writes of the last use of one key.
const WRITE_INTERVAL: TimeDelta = TimeDelta::minutes(1);
/// The number of keys whose last write is remembered; more than can be usable at one time.
const MAX_REMEMBERED: usize = 1_000;

/// When this process last wrote the use of each key.
#[derive(Debug, Default)]
struct WrittenUses(Mutex<HashMap<ApiKeyId, DateTime<Utc>>>);

impl WrittenUses {
    /// Returns whether a use at `now` must be written, and if so remembers it as written.
    fn begin(&self, id: ApiKeyId, now: DateTime<Utc>) -> bool {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if written.get(&id).is_some_and(|last| (now - last).abs() < WRITE_INTERVAL) {
            return false;
        }
        if written.len() >= MAX_REMEMBERED {
            written.clear();
        }
        written.insert(id, now);
        true
    }
}

/// Returns the valid key with the secret that a request sent, or why it is refused. The use is stored in
/// the background, at most once a minute for each key.
///
/// # Errors
/// `Unavailable` if the database does not answer.
pub async fn authenticate_api_key(
    db: &Database,
    secret: &str,
    now: DateTime<Utc>,
) -> Result<Result<ValidApiKey, ApiKeyRefusal>> {
    let Some(secret) = ApiKeySecret::parse(secret) else {
        return Ok(Err(ApiKeyRefusal::Malformed));
    };
    let Some(key) = store::find_by_sha256(&db.sign_in, secret.sha256()).await? else {
        return Ok(Err(ApiKeyRefusal::Unknown));
    };
    if let Some(at) = key.revoked_at {
        return Ok(Err(ApiKeyRefusal::Revoked(at)));
    }
    if now >= key.expires_at {
        return Ok(Err(ApiKeyRefusal::Expired(key.expires_at)));
    }
    if db.cached::<WrittenUses>().begin(key.id, now) {
        let (db, id) = (db.clone(), key.id);
        // In its own task, because a request must not wait for a busy database.
        tokio::spawn(async move {
            if let Err(fault) = save_use(&db, id, now).await {
                tracing::warn!(?fault, %id, "the use of an API key was not saved");
            }
        });
    }
    Ok(Ok(ValidApiKey { id: key.id, scopes: key.scopes(), expires_at: key.expires_at }))
}

async fn save_use(db: &Database, id: ApiKeyId, now: DateTime<Utc>) -> Result<()> {
    let tx = db.begin().await?;
    store::upsert_use(&tx, api_key_use::Model { api_key_id: id, last_used_at: now }).await?;
    tx.commit().await
}
