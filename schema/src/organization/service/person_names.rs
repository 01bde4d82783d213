//! Keeps the names that tokens give, and loads them to show beside subjects.
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;

use super::store;
use crate::database::Database;
use crate::fault::{Fault, Result};
use crate::organization::entity::person;
use crate::organization::model::PersonName;
use crate::principal::Principal;

/// The number of people whose names are remembered in memory. If more sign in, all are forgotten and
/// read again, one statement each.
const MAX_REMEMBERED: usize = 10_000;
/// The time between two writes of one person's name, also after a failed one. It bounds what a person
/// with two tokens of different names can cause.
const WRITE_INTERVAL: TimeDelta = TimeDelta::minutes(1);
/// How long a sign-in waits for the write. It goes on in the background.
const NAME_WRITE_TIMEOUT: Duration = Duration::from_millis(250);

/// The names that were stored or compared lately, by person.
#[derive(Debug, Default)]
struct RememberedNames(Mutex<HashMap<Principal, Remembered>>);

#[derive(Clone, Debug)]
struct Remembered {
    /// The stored name; none if it could not be stored.
    name: Option<PersonName>,
    /// When it was last stored or compared.
    at: DateTime<Utc>,
}

impl RememberedNames {
    fn lock(&self) -> MutexGuard<'_, HashMap<Principal, Remembered>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether a name must be compared with the stored one now, and if so marks it as being
    /// compared, so that other requests of the person do not do the same.
    fn begin(&self, person: &Principal, name: &PersonName, now: DateTime<Utc>) -> bool {
        let mut names = self.lock();
        if let Some(known) = names.get(person) {
            let is_recent = (now - known.at).abs() < WRITE_INTERVAL;
            if known.name.as_ref() == Some(name) || is_recent {
                return false;
            }
        } else if names.len() >= MAX_REMEMBERED {
            names.clear();
        }
        names.insert(person.clone(), Remembered { name: None, at: now });
        true
    }

    fn finish(&self, person: &Principal, name: PersonName, now: DateTime<Utc>) {
        self.lock().insert(person.clone(), Remembered { name: Some(name), at: now });
    }
}

/// Stores a person's name if it is new or has changed: at most one statement to compare and one
/// transaction, and none while it stays the same. A failure is logged and never fails the sign-in.
pub(super) async fn remember_name(
    db: &Database,
    person: &Principal,
    name: &PersonName,
    now: DateTime<Utc>,
) {
    if !db.cached::<RememberedNames>().begin(person, name, now) {
        return;
    }
    match store::people::list_names(&db.sign_in, &[person.as_str().to_owned()]).await {
        Ok(stored) if stored.iter().any(|(_, stored)| stored == name.as_str()) => {
            db.cached::<RememberedNames>().finish(person, name.clone(), now);
            return;
        }
        Ok(_) => {}
        Err(error) => {
            let fault = Fault::from(error);
            tracing::warn!(?fault, "a person's name was not compared; a later sign-in will retry");
            return;
        }
    }
    // In its own task, because a write must not be stopped half-way, and a sign-in must not wait
    // for a busy database.
    let (db, person, name) = (db.clone(), person.clone(), name.clone());
    let write = tokio::spawn(async move {
        match save_name(&db, &person, &name, now).await {
            Ok(()) => db.cached::<RememberedNames>().finish(&person, name, now),
            Err(fault) => {
                tracing::warn!(?fault, "a person's name was not saved; a later sign-in will retry");
            }
        }
    });
    if tokio::time::timeout(NAME_WRITE_TIMEOUT, write).await.is_err() {
        tracing::debug!("a person's name is still being saved");
    }
}

async fn save_name(
    db: &Database,
    person: &Principal,
    name: &PersonName,
    now: DateTime<Utc>,
) -> Result<()> {
    let tx = db.begin().await?;
    let row = person::Model {
        principal: person.as_str().to_owned(),
        name: name.as_str().to_owned(),
        updated_at: now,
    };
    store::people::upsert_name(&tx, row).await?;
    tx.commit().await
}

/// Loads the names of people by the stored form of each principal, without those who have none. The
/// caller shows them only to who may see the subjects.
pub async fn load_person_names(
    db: &impl ConnectionTrait,
    principals: &[String],
) -> Result<HashMap<String, String>> {
    Ok(store::people::list_names(db, principals).await?.into_iter().collect())
}
