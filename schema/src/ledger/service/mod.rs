//! Appending to the ledger, reading it, and checking its chains.
mod claims;

pub use claims::{borne_out, said_of};

use sea_orm::ConnectionTrait;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::entity::Model;
use super::model::{Actor, EventId, Hashed, LedgerAction, written};
use super::store;
use crate::canonical::canonical;
use crate::database::{Database, Tx};
use crate::fault::{Fault, Result};
use crate::id::SubjectId;
use crate::page::{Arguments, Sheet};

/// Appends what was done to `subject`, in the transaction that does it and under the lock on the
/// subject which that transaction holds.
///
/// # Errors
/// `Conflict` if another entry was appended meanwhile, `Internal` if `data` is no JSON.
pub async fn append(
    tx: &Tx,
    actor: Actor<'_>,
    subject: impl Into<SubjectId>,
    action: LedgerAction,
    data: &impl Serialize,
) -> Result<()> {
    let subject = subject.into();
    tx.record_change(&subject.text, action.as_str());
    let last = store::last(&**tx, subject.uuid).await?;
    let (sequence, previous) = last.map_or((1, String::new()), |row| (row.sequence + 1, row.hash));
    let row = Model {
        subject_id: subject.uuid,
        sequence,
        id: EventId::generate(),
        subject: subject.text,
        previous,
        hash: String::new(),
        at: written(actor.at),
        actor: actor.subject.to_owned(),
        action: action.as_str().to_owned(),
        data: canonical(data)?.text,
    };
    store::append(tx, Model { hash: hash(&row)?, ..row }).await?;
    Ok(())
}

/// Begins the chains of many new subjects with the same action, in one statement.
///
/// # Errors
/// `Conflict` if one of them has a chain already, `Internal` if its data is no JSON.
pub async fn begin_all(
    tx: &Tx,
    actor: Actor<'_>,
    action: LedgerAction,
    entries: Vec<(SubjectId, Value)>,
) -> Result<()> {
    let rows = entries.into_iter().map(|(subject, data)| {
        let row = Model {
            subject_id: subject.uuid,
            sequence: 1,
            id: EventId::generate(),
            subject: subject.text,
            previous: String::new(),
            hash: String::new(),
            at: written(actor.at),
            actor: actor.subject.to_owned(),
            action: action.as_str().to_owned(),
            data: canonical(&data)?.text,
        };
        Ok(Model { hash: hash(&row)?, ..row })
    });
    store::append_all(tx, rows.collect::<Result<_>>()?).await?;
    Ok(())
}

fn hash(row: &Model) -> Result<String> {
    let data: Value = serde_json::from_str(&row.data)
        .map_err(|error| Fault::Internal(format!("ledger {}: {error}", row.id).into()))?;
    let hashed = Hashed {
        subject: &row.subject,
        sequence: row.sequence,
        previous: &row.previous,
        at: &row.at,
        actor: &row.actor,
        action: &row.action,
        data: &data,
    };
    Ok(canonical(&hashed)?.sha256)
}

/// A page of what was done to a subject, oldest first, and the number of all if it is asked for.
/// Who may see the subject is for the caller to settle.
///
/// # Errors
/// `Invalid` for arguments of another list.
pub async fn trail(
    db: &Database,
    subject: Uuid,
    arguments: &Arguments,
    counted: bool,
) -> Result<(Sheet<Model>, Option<u64>)> {
    store::trail(&db.read, subject, arguments, counted).await
}

/// Recomputes every chain. Answers the number of entries and what is wrong with the first wrong
/// one, if any is.
///
/// # Errors
/// If the database fails.
pub async fn verify(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    const BATCH: u64 = 1_000;
    let (mut checked, mut before): (u64, Option<Model>) = (0, None);
    loop {
        let after = before.as_ref().map(|row| (row.subject_id, row.sequence));
        let rows = store::batch(db, after, BATCH).await?;
        if rows.is_empty() {
            return Ok((checked, None));
        }
        for row in rows {
            checked += 1;
            let chained = before.take().filter(|before| before.subject_id == row.subject_id);
            let (sequence, previous) =
                chained.map_or((1, String::new()), |before| (before.sequence + 1, before.hash));
            let wrong = if row.sequence != sequence {
                Some(format!("sequence {sequence} is missing"))
            } else if row.previous != previous {
                Some("it does not continue the entry before it".to_owned())
            } else if hash(&row).ok().as_ref() != Some(&row.hash) {
                Some("its content does not match its hash".to_owned())
            } else {
                None
            };
            if let Some(wrong) = wrong {
                let place = format!("ledger of {}, entry {}: {wrong}", row.subject, row.sequence);
                return Ok((checked, Some(place)));
            }
            before = Some(row);
        }
    }
}
