//! Appending to the ledger, reading it, and checking its chains.
mod fold;
mod rows;

pub use fold::{Folded, verify_rows};

use std::collections::{BTreeMap, HashMap};

use sea_orm::ConnectionTrait;
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::entity::Model;
use super::model::{
    Actor, EventId, Hashed, LedgerAction, ReadableEntry, RegisterId, TrailViewer, concerned,
    written,
};
use super::model::{ROWS, SALT, UNDER};
use super::salt;
use super::store;
use crate::canonical::{canonical, sha256};
use crate::database::{Database, RowImage, Tx};
use crate::fault::{Fault, Result};
use crate::id::SubjectId;
use crate::page::{Page, PageArguments};
use rows::Salt;

/// How many new subjects one entry of a register names.
const MAX_NAMES_AN_ENTRY: usize = 1_000;

/// Appends what was done to `subject`, in the transaction that does it and under the lock on the
/// subject which that transaction holds. The rows of the subject that were written since its last
/// entry go into this one, each whole.
///
/// # Errors
/// `Conflict` if another entry was appended meanwhile, `Internal` if `data` is no JSON object.
pub async fn append(
    tx: &Tx,
    actor: Actor<'_>,
    subject: impl Into<SubjectId>,
    action: LedgerAction,
    data: &impl Serialize,
) -> Result<()> {
    append_entry(tx, actor, subject.into(), action, object(data)?).await
}

/// As [`append`], for the first entry of what belongs under something else, such as a bid under
/// its organization: the register of `under` names it from now on, so that it cannot be removed
/// together with its chain and not be missed. Whoever adds to the same register waits until the
/// transaction ends: begin a subject as late as may be.
///
/// # Errors
/// As [`append`].
pub async fn begin(
    tx: &Tx,
    actor: Actor<'_>,
    subject: impl Into<SubjectId>,
    under: impl Into<SubjectId>,
    action: LedgerAction,
    data: &impl Serialize,
) -> Result<()> {
    let (subject, under) = (subject.into(), under.into());
    let mut data = object(data)?;
    data.insert(UNDER.to_owned(), under.text.clone().into());
    let added = subject.text.clone();
    append_entry(tx, actor, subject, action, data).await?;
    register(tx, actor, &under, &[added]).await
}

/// What the chain of a new subject begins with.
#[derive(Clone, Debug)]
pub struct Beginning {
    pub subject: SubjectId,
    /// Whose register names it, if it belongs under something.
    pub under: Option<SubjectId>,
    pub data: Value,
}

/// Begins the chains of many new subjects with the same action, in one statement.
///
/// # Errors
/// `Conflict` if one of them has a chain already, `Internal` if its data is no JSON object.
pub async fn append_first(
    tx: &Tx,
    actor: Actor<'_>,
    action: LedgerAction,
    beginnings: Vec<Beginning>,
) -> Result<()> {
    let (mut rows, mut salts) = (Vec::with_capacity(beginnings.len()), Vec::new());
    let mut added = BTreeMap::<Uuid, (SubjectId, Vec<String>)>::new();
    for Beginning { subject, under, data } in beginnings {
        let mut data = object(&data)?;
        if let Some(under) = under {
            data.insert(UNDER.to_owned(), under.text.clone().into());
            let (_, names) = added.entry(under.uuid).or_insert_with(|| (under, Vec::new()));
            names.push(subject.text.clone());
        }
        let (row, salt) = entry(tx, actor, subject, None, action, data)?;
        rows.push(row);
        salts.extend(salt);
    }
    store::append_all(tx, rows).await?;
    store::insert_salts(tx, salts).await?;
    for (under, names) in added.into_values() {
        register(tx, actor, &under, &names).await?;
    }
    Ok(())
}

/// Names new subjects in the register of what they belong under.
async fn register(tx: &Tx, actor: Actor<'_>, under: &SubjectId, names: &[String]) -> Result<()> {
    let register = RegisterId::of(under.uuid);
    store::lock_register(tx, register).await?;
    for names in names.chunks(MAX_NAMES_AN_ENTRY) {
        let data = object(&json!({ "of": under.text, "added": names }))?;
        append_entry(tx, actor, register.into(), LedgerAction::RegisterAdded, data).await?;
    }
    Ok(())
}

async fn append_entry(
    tx: &Tx,
    actor: Actor<'_>,
    subject: SubjectId,
    action: LedgerAction,
    data: Map<String, Value>,
) -> Result<()> {
    if action != LedgerAction::RegisterAdded {
        tx.record_change(&subject.text, action.as_str());
    }
    let last = store::last(&**tx, subject.uuid).await?;
    let (row, salt) = entry(tx, actor, subject, last, action, data)?;
    store::append(tx, row).await?;
    if let Some(salt) = salt {
        store::insert_salts(tx, vec![salt]).await?;
    }
    Ok(())
}

/// An entry after the last one of its subject, with the rows that were written of it, and the salt
/// of their digests if it needs one.
fn entry(
    tx: &Tx,
    actor: Actor<'_>,
    subject: SubjectId,
    last: Option<Model>,
    action: LedgerAction,
    mut data: Map<String, Value>,
) -> Result<(Model, Option<salt::Model>)> {
    let (sequence, previous) = last.map_or((1, String::new()), |row| (row.sequence + 1, row.hash));
    debug_assert_eq!(undeclared(action, &data), None, "{action}: declare who reads this key");
    let images = tx.take_images(subject.uuid);
    let salt = Salt::generate();
    let is_salted = images.iter().any(RowImage::is_personal);
    if is_salted {
        data.insert(SALT.to_owned(), sha256(&salt.0).into());
    }
    if !images.is_empty() {
        let rows = images.iter().map(|image| rows::kept(image, &salt));
        data.insert(ROWS.to_owned(), rows.collect::<Result<Vec<_>>>()?.into());
    }
    let data = Value::Object(data);
    let row = Model {
        subject_id: subject.uuid,
        sequence,
        id: EventId::generate(),
        subject: subject.text,
        organization_id: concerned(&data)?,
        previous,
        hash: String::new(),
        at: written(actor.at),
        actor: actor.subject.to_owned(),
        action: action.as_str().to_owned(),
        data: canonical(&data)?.text,
    };
    let row = Model { hash: hash(&row)?, ..row };
    let salt =
        is_salted.then_some(salt::Model { subject_id: row.subject_id, sequence, salt: salt.0 });
    Ok((row, salt))
}

fn object(data: &impl Serialize) -> Result<Map<String, Value>> {
    match serde_json::to_value(data) {
        Ok(Value::Object(data)) => Ok(data),
        Ok(_) => Err(Fault::Internal("the data of a ledger entry is no object".into())),
        Err(error) => Err(Fault::Internal(error.to_string().into())),
    }
}

/// A key of an entry's data of which it is not declared who reads it.
fn undeclared(action: LedgerAction, data: &Map<String, Value>) -> Option<&str> {
    let rule = action.read_rule();
    data.keys().find(|key| !rule.declares(key)).map(String::as_str)
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
    arguments: &PageArguments,
    counted: bool,
) -> Result<(Page<ReadableEntry>, Option<u64>)> {
    let (sheet, total) = store::trail(&db.read, subject, viewer, arguments, counted).await?;
    let Page { rows, has_previous, has_next } = sheet;
    let rows = rows.into_iter().map(|(cursor, row)| Ok((cursor, ReadableEntry::new(row, viewer)?)));
    Ok((Page { rows: rows.collect::<Result<_>>()?, has_previous, has_next }, total))
}

/// What is wrong with an entry after the one before it on its chain.
fn chain_error(entry: &Model, before: Option<&Model>) -> Option<String> {
    let (sequence, previous) =
        before.map_or((1, ""), |before| (before.sequence + 1, before.hash.as_str()));
    let wrong = if entry.sequence != sequence {
        format!("sequence {sequence} is missing")
    } else if entry.previous != previous {
        "it does not continue the entry before it".to_owned()
    } else if hash(entry).ok().as_ref() != Some(&entry.hash) {
        "its content does not match its hash".to_owned()
    } else if read(&entry.data).and_then(|data| concerned(&data)).ok()
        != Some(entry.organization_id)
    {
        "its organization is not the one that its data names".to_owned()
    } else {
        return None;
    };
    Some(format!("ledger of {}, entry {}: {wrong}", entry.subject, entry.sequence))
}

/// What an entry says, for who compares it with what is stored elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What was done, as `disclosure.filed`.
    pub action: String,
    /// What it was done with.
    pub data: Value,
}

/// All that was done to some subjects, oldest first; those of which nothing is known are not in
/// it. Ask for a bounded number.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn events_of(
    db: &impl ConnectionTrait,
    subjects: Vec<Uuid>,
) -> Result<HashMap<Uuid, Vec<Event>>> {
    let mut events = HashMap::<Uuid, Vec<Event>>::new();
    for (subject, action, data) in store::of_subjects(db, subjects).await? {
        let data = serde_json::from_str(&data)
            .map_err(|error| Fault::Internal(format!("ledger of {subject}: {error}").into()))?;
        events.entry(subject).or_default().push(Event { action, data });
    }
    Ok(events)
}

/// How many chains begin with an action.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn count_begun(db: &impl ConnectionTrait, action: LedgerAction) -> Result<u64> {
    Ok(store::count_begun(db, action.as_str()).await?)
}
