//! Noting that something has changed, and taking the notes up.
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

pub use super::entity::Model as Note;
use super::model::{Changed, NoteId, Revives};
use super::store;
use crate::database::{Database, Tx};
use crate::fault::Result;

/// Notes a change in the transaction that makes it; from `not_before` on (UTC), whatever hangs on
/// it is looked at again.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn note(
    tx: &Tx,
    (changed, subject_id): (Changed, Uuid),
    revives: Revives,
    not_before: DateTime<Utc>,
) -> Result<()> {
    let id = NoteId::generate();
    let note =
        Note { id, changed, subject_id, revives, not_before, done_to: None, failed_at: None };
    store::insert(tx, note).await?;
    Ok(())
}

/// The first note after `after` whose time has come; those that failed before only for the sweep.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn next(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    after: Option<&Note>,
    failed_too: bool,
) -> Result<Option<Note>> {
    Ok(store::next(db, now, after, failed_too).await?)
}

/// Keeps how far a note was taken up, or that it failed.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn keep(db: &Database, note: Note) -> Result<Note> {
    let tx = db.begin().await?;
    let note = store::update(&tx, note).await?;
    tx.commit().await?;
    Ok(note)
}

/// Removes a note: all that hung on it was looked at again. Another may have removed it already.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn done(db: &Database, note: &Note) -> Result<()> {
    let tx = db.begin().await?;
    store::delete(&tx, note.id).await?;
    tx.commit().await?;
    Ok(())
}
