//! Appending to the ledger, reading it, and checking its chains.
mod claims;

pub use claims::{borne_out, said_of};

use sea_orm::ConnectionTrait;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::entity::Model;
use super::model::{
    Actor, EventId, Hashed, LedgerAction, ReadableEntry, TrailViewer, concerned, written,
};
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
    let data = canonical(data)?.text;
    let organization_id = organization_of(action, &data)?;
    let last = store::last(&**tx, subject.uuid).await?;
    let (sequence, previous) = last.map_or((1, String::new()), |row| (row.sequence + 1, row.hash));
    let row = Model {
        subject_id: subject.uuid,
        sequence,
        id: EventId::generate(),
        subject: subject.text,
        organization_id,
        previous,
        hash: String::new(),
        at: written(actor.at),
        actor: actor.subject.to_owned(),
        action: action.as_str().to_owned(),
        data,
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
        let data = canonical(&data)?.text;
        let row = Model {
            subject_id: subject.uuid,
            sequence: 1,
            id: EventId::generate(),
            subject: subject.text,
            organization_id: organization_of(action, &data)?,
            previous: String::new(),
            hash: String::new(),
            at: written(actor.at),
            actor: actor.subject.to_owned(),
            action: action.as_str().to_owned(),
            data,
        };
        Ok(Model { hash: hash(&row)?, ..row })
    });
    store::append_all(tx, rows.collect::<Result<_>>()?).await?;
    Ok(())
}

/// The organization that an entry concerns.
fn organization_of(action: LedgerAction, data: &str) -> Result<Option<Uuid>> {
    let data = read(data)?;
    debug_assert_eq!(undeclared(action, &data), None, "{action}: declare who reads this key");
    concerned(&data)
}

/// A key of an entry's data of which it is not declared who reads it.
fn undeclared(action: LedgerAction, data: &Value) -> Option<&str> {
    let rule = action.read_rule();
    let mut keys = data.as_object().into_iter().flat_map(|data| data.keys());
    keys.find(|key| !rule.declares(key)).map(String::as_str)
}

fn read(data: &str) -> Result<Value> {
    serde_json::from_str(data).map_err(|error| Fault::Internal(format!("ledger: {error}").into()))
}

fn hash(row: &Model) -> Result<String> {
    let data = read(&row.data)?;
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

/// A page of what was done to a subject and `viewer` may read, oldest first, and the number of all
/// such entries if it is asked for. Who may see the subject is for the caller to settle.
///
/// # Errors
/// `Invalid` for arguments of another list.
pub async fn trail(
    db: &Database,
    subject: Uuid,
    viewer: &TrailViewer,
    arguments: &Arguments,
    counted: bool,
) -> Result<(Sheet<ReadableEntry>, Option<u64>)> {
    let (sheet, total) = store::trail(&db.read, subject, viewer, arguments, counted).await?;
    let Sheet { rows, has_previous, has_next } = sheet;
    let rows = rows.into_iter().map(|(cursor, row)| Ok((cursor, ReadableEntry::new(row, viewer)?)));
    Ok((Sheet { rows: rows.collect::<Result<_>>()?, has_previous, has_next }, total))
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
            } else if concerned(&read(&row.data)?)? != row.organization_id {
                Some("its organization is not the one that its data names".to_owned())
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
