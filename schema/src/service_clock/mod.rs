//! The latest time that the service has seen, kept in the database: a clock that went back is
//! noticed after a restart and by other processes too, and keeping it proves that the database can
//! be written.
mod entity;

use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::json;

use crate::clock::Clock;
use crate::database::{Database, Tx, lock_for_change};
use crate::fault::Result;
use crate::ledger::model::{Actor, LedgerAction, ServiceId, written};
use crate::ledger::service::append;
use crate::principal::ServiceActor;
use entity::{Entity, Model, ONLY_ROW};

/// Who accepts a clock: whoever may start the service.
const OPERATOR: ServiceActor = ServiceActor::Operator;

/// Compares the clock with the latest time that the database knows. While it is behind by more
/// than [`crate::database::CLOCK_TOLERANCE`], nothing can be written through `db`.
///
/// # Errors
/// `Unavailable` or `Internal` if the database fails.
pub async fn compare(db: &Database, now: DateTime<Utc>) -> Result<()> {
    if let Some(known) = Entity::find_by_id(ONLY_ROW).one(&db.read).await? {
        db.remember_time(known.latest_at);
    }
    db.observe_clock(now);
    Ok(())
}

/// Takes `now` for right although the database knows a later time, and says so in the ledger;
/// does nothing unless the clock is behind. Whether it was.
///
/// # Errors
/// `Unavailable` or `Internal` if the database fails.
pub async fn accept(db: &Database, now: DateTime<Utc>) -> Result<bool> {
    compare(db, now).await?;
    if !db.is_clock_behind() {
        return Ok(false);
    }
    let tx = db.begin_at_any_time().await?;
    let before = latest(&tx).await?;
    let data = json!({
        "latest": before.as_ref().map(|row| written(row.latest_at)),
        "accepted": written(now),
    });
    keep_in(&tx, before, now).await?;
    let actor = Actor { subject: OPERATOR.name(), at: now };
    append(&tx, actor, ServiceId::only(), LedgerAction::ClockAccepted, &data).await?;
    tx.commit().await?;
    db.accept_clock(now);
    Ok(true)
}

/// Keeps the latest time, in a commit of its own even if it is no later than the one before, and
/// compares the clock with it.
///
/// # Errors
/// `Unavailable` or `Internal` if the database cannot be written.
pub async fn keep(db: &Database, clock: &Clock) -> Result<()> {
    let tx = db.begin_at_any_time().await?;
    let before = latest(&tx).await?;
    // Read under the lock, and again after it: requests see later times while this waits.
    let now = clock.now();
    let known = before.as_ref().map_or(now, |row| row.latest_at.max(now));
    keep_in(&tx, before, known).await?;
    tx.commit().await?;
    db.remember_time(known);
    db.observe_clock(clock.now());
    Ok(())
}

async fn latest(tx: &Tx) -> Result<Option<Model>> {
    Ok(lock_for_change(Entity::find_by_id(ONLY_ROW)).one(&**tx).await?)
}

async fn keep_in(tx: &Tx, before: Option<Model>, latest_at: DateTime<Utc>) -> Result<()> {
    let row = Model { id: ONLY_ROW, latest_at }.into_active_model().reset_all();
    match before {
        Some(_) => row.update(&**tx).await?,
        None => row.insert(&**tx).await?,
    };
    Ok(())
}
