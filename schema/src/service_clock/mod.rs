//! Stores the latest time that the service has seen, so that a clock that went back is detected after a
//! restart and by other processes. Storing it also proves that the database accepts writes.
mod entity;

use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::json;

use crate::clock::Clock;
use crate::database::{Database, Tx, lock_for_change};
use crate::fault::Result;
use crate::ledger::model::{Actor, LedgerAction, ServiceId, format_time};
use crate::ledger::service::append;
use crate::principal::ServiceActor;
use entity::{Entity, Model, ONLY_ROW};

/// The ledger's actor when a clock is accepted by an option of `candor serve`.
const ACCEPTING_ACTOR: ServiceActor = ServiceActor::Operator;

/// Compares the clock with the latest time in the database. If the clock is behind it by more than
/// [`crate::database::CLOCK_TOLERANCE`], `db` refuses transactions.
pub async fn compare(db: &Database, now: DateTime<Utc>) -> Result<()> {
    if let Some(known) = Entity::find_by_id(ONLY_ROW).one(&db.read).await? {
        db.remember_time(known.latest_at);
    }
    db.observe_clock(now);
    Ok(())
}

/// Accepts the clock although the database has a later time, and records it in the ledger. Does nothing
/// unless the clock is behind; returns whether it was.
pub async fn accept(db: &Database, now: DateTime<Utc>) -> Result<bool> {
    compare(db, now).await?;
    if !db.is_clock_behind() {
        return Ok(false);
    }
    let tx = db.begin_at_any_time().await?;
    let before = lock_latest(&tx).await?;
    let data = json!({
        "latest": before.as_ref().map(|row| format_time(row.latest_at)),
        "accepted": format_time(now),
    });
    write_latest(&tx, before, now).await?;
    let actor = Actor { subject: ACCEPTING_ACTOR.name(), at: now };
    append(&tx, actor, ServiceId::only(), LedgerAction::ClockAccepted, &data).await?;
    tx.commit().await?;
    db.accept_clock(now);
    Ok(true)
}

/// Stores the latest time in a transaction of its own, even if it is unchanged, and compares the clock
/// with it.
pub async fn store_latest(db: &Database, clock: &Clock) -> Result<()> {
    let tx = db.begin_at_any_time().await?;
    let before = lock_latest(&tx).await?;
    // Read under the lock, and again after the commit: requests see later times while this waits.
    let now = clock.now();
    let known = before.as_ref().map_or(now, |row| row.latest_at.max(now));
    write_latest(&tx, before, known).await?;
    tx.commit().await?;
    db.remember_time(known);
    db.observe_clock(clock.now());
    Ok(())
}

async fn lock_latest(tx: &Tx) -> Result<Option<Model>> {
    Ok(lock_for_change(Entity::find_by_id(ONLY_ROW)).one(&**tx).await?)
}

async fn write_latest(tx: &Tx, before: Option<Model>, latest_at: DateTime<Utc>) -> Result<()> {
    let row = Model { id: ONLY_ROW, latest_at }.into_active_model().reset_all();
    match before {
        Some(_) => row.update(&**tx).await?,
        None => row.insert(&**tx).await?,
    };
    Ok(())
}
