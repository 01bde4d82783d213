//! Appends to the ledger, reads it, and verifies its chains.
mod rows;
mod verify_rows;

pub use verify_rows::{RowVerification, verify_rows};

use std::collections::{BTreeMap, HashMap};

use sea_orm::ConnectionTrait;
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::entity::Model;
use super::model::{
    Actor, EventId, Hashed, LedgerAction, ReadableEntry, RegisterId, TrailViewer, format_time,
    reading_organization,
};
use super::model::{PARENT_KEY, ROWS_KEY, SALT_KEY};
use super::salt;
use super::store;
use crate::canonical::{canonical, sha256};
use crate::database::{Database, RowImage, Tx};
use crate::fault::{Fault, Result};
use crate::id::SubjectId;
use crate::page::{Page, PageArguments};
use rows::Salt;

/// The maximum number of new subjects in one register entry.
const MAX_REGISTER_ENTRY_SUBJECTS: usize = 1_000;

/// Counts the entries of the whole ledger. It takes longer with each entry: not for requests.
pub async fn count_entries(db: &Database) -> Result<u64> {
    Ok(store::count_entries(&db.read).await?)
}

/// Appends an entry for `subject`, in the transaction of the action and under its lock on the
/// subject. The entry includes each row of the subject that was written since its last entry.
///
/// # Errors
/// `Conflict` if another entry was appended meanwhile, `Internal` if `data` is not a JSON object.
pub async fn append(
    tx: &Tx,
    actor: Actor<'_>,
    subject: impl Into<SubjectId>,
    action: LedgerAction,
    data: &impl Serialize,
) -> Result<()> {
    let subject = subject.into();
    tx.record_change(&subject.text, action.as_str());
    let last = store::find_last(&**tx, subject.uuid).await?;
    let mut batch = Batch::default();
    batch.add(tx, actor, subject, last, action, data_object(data)?)?;
    batch.insert(tx).await
}

/// Appends the first entry of a subject with a parent, such as a bid of an organization. The register of
/// `parent` lists the subject from then on, so that deleting it with its chain is detected. Writers to
/// the same register wait until the transaction ends: call this as late as possible.
///
/// # Errors
/// Same as [`append`].
pub async fn begin(
    tx: &Tx,
    actor: Actor<'_>,
    subject: impl Into<SubjectId>,
    parent: impl Into<SubjectId>,
    action: LedgerAction,
    data: &impl Serialize,
) -> Result<()> {
    let (subject, parent) = (subject.into(), parent.into());
    tx.record_change(&subject.text, action.as_str());
    let mut data = data_object(data)?;
    data.insert(PARENT_KEY.to_owned(), parent.text.clone().into());
    let added = data_object(&json!({ "of": parent.text, "added": [subject.text] }))?;
    let register = RegisterId::of(parent.uuid);
    store::lock_register(tx, register).await?;
    let [last, last_in_register] =
        store::find_last_of_both(&**tx, [subject.uuid, register.uuid()]).await?;
    let mut batch = Batch::default();
    batch.add(tx, actor, subject, last, action, data)?;
    batch.add(tx, actor, register.into(), last_in_register, LedgerAction::RegisterAdded, added)?;
    batch.insert(tx).await
}

/// The first entry of a new subject.
#[derive(Clone, Debug)]
pub struct FirstEntry {
    pub subject: SubjectId,
    /// The parent whose register lists the subject, if it has one.
    pub parent: Option<SubjectId>,
    pub data: Value,
}

/// Appends the first entries of new subjects with the same action, as many per statement as the variable
/// limit allows.
///
/// # Errors
/// `Conflict` if one of them already has a chain, `Internal` if its data is not a JSON object.
pub async fn append_first(
    tx: &Tx,
    actor: Actor<'_>,
    action: LedgerAction,
    entries: Vec<FirstEntry>,
) -> Result<()> {
    let mut entries_by_parent = BTreeMap::<Uuid, (SubjectId, Vec<String>)>::new();
    let mut batch = Batch::default();
    for FirstEntry { subject, parent, data } in entries {
        let mut data = data_object(&data)?;
        if let Some(parent) = parent {
            data.insert(PARENT_KEY.to_owned(), parent.text.clone().into());
            let added = entries_by_parent.entry(parent.uuid);
            added.or_insert_with(|| (parent, Vec::new())).1.push(subject.text.clone());
        }
        batch.add(tx, actor, subject, None, action, data)?;
    }
    batch.insert(tx).await?;
    // Locked after the long insert.
    let mut batch = Batch::default();
    for (parent, names) in entries_by_parent.into_values() {
        let register = RegisterId::of(parent.uuid);
        store::lock_register(tx, register).await?;
        let mut last = store::find_last(&**tx, register.uuid()).await?;
        for names in names.chunks(MAX_REGISTER_ENTRY_SUBJECTS) {
            let data = data_object(&json!({ "of": parent.text, "added": names }))?;
            batch.add(tx, actor, register.into(), last, LedgerAction::RegisterAdded, data)?;
            last = batch.rows.last().cloned();
        }
    }
    batch.insert(tx).await
}

/// Entries that are inserted together.
#[derive(Debug, Default)]
struct Batch {
    rows: Vec<Model>,
    salts: Vec<salt::Model>,
}

impl Batch {
    /// Adds the entry of a subject after its `last` one.
    fn add(
        &mut self,
        tx: &Tx,
        actor: Actor<'_>,
        subject: SubjectId,
        last: Option<Model>,
        action: LedgerAction,
        data: Map<String, Value>,
    ) -> Result<()> {
        let (row, salt) = entry_row(tx, actor, subject, last, action, data)?;
        self.rows.push(row);
        self.salts.extend(salt);
        Ok(())
    }

    /// Inserts the entries, as many per statement as the variable limit allows.
    async fn insert(self, tx: &Tx) -> Result<()> {
        store::insert_all(tx, self.rows).await?;
        store::insert_salts(tx, self.salts).await?;
        Ok(())
    }
}

/// Returns the next entry of a subject with the rows that were written, and the salt of their digests if
/// they contain personal data.
fn entry_row(
    tx: &Tx,
    actor: Actor<'_>,
    subject: SubjectId,
    last: Option<Model>,
    action: LedgerAction,
    mut data: Map<String, Value>,
) -> Result<(Model, Option<salt::Model>)> {
    let (sequence, previous) = last.map_or((1, String::new()), |row| (row.sequence + 1, row.hash));
    debug_assert_eq!(undeclared_key(action, &data), None, "{action}: declare who reads this key");
    let images = tx.take_images(subject.uuid);
    let salt = Salt::generate();
    let is_salted = images.iter().any(RowImage::is_personal);
    if is_salted {
        data.insert(SALT_KEY.to_owned(), sha256(&salt.0).into());
    }
    if !images.is_empty() {
        let rows = images.iter().map(|image| rows::recorded_row(image, &salt));
        data.insert(ROWS_KEY.to_owned(), rows.collect::<Result<Vec<_>>>()?.into());
    }
    let data = Value::Object(data);
    let row = Model {
        subject_id: subject.uuid,
        sequence,
        id: EventId::generate(),
        subject: subject.text,
        organization_id: reading_organization(&data)?,
        previous,
        hash: String::new(),
        at: format_time(actor.at),
        actor: actor.subject.to_owned(),
        action: action.as_str().to_owned(),
        data: canonical(&data)?.text,
    };
    let row = Model { hash: hash_entry(&row, &data)?, ..row };
    let salt =
        is_salted.then_some(salt::Model { subject_id: row.subject_id, sequence, salt: salt.0 });
    Ok((row, salt))
}

fn data_object(data: &impl Serialize) -> Result<Map<String, Value>> {
    match serde_json::to_value(data) {
        Ok(Value::Object(data)) => Ok(data),
        Ok(_) => Err(Fault::Internal("the data of a ledger entry is not a JSON object".into())),
        Err(error) => Err(Fault::Internal(error.to_string().into())),
    }
}

/// Returns a data key for which the action declares no readers.
fn undeclared_key(action: LedgerAction, data: &Map<String, Value>) -> Option<&str> {
    let rule = action.read_rule();
    data.keys().find(|key| !rule.declares(key)).map(String::as_str)
}

fn parse_data(data: &str) -> Result<Value> {
    serde_json::from_str(data).map_err(|error| Fault::Internal(format!("ledger: {error}").into()))
}

/// Returns the hash of an entry whose parsed data is `data`.
fn hash_entry(row: &Model, data: &Value) -> Result<String> {
    let hashed = Hashed {
        subject: &row.subject,
        sequence: row.sequence,
        previous: &row.previous,
        at: &row.at,
        actor: &row.actor,
        action: &row.action,
        data,
    };
    Ok(canonical(&hashed)?.sha256)
}

/// Lists a page of the entries of a subject that `viewer` may read, oldest first, with the total count if
/// requested. The caller checks that the viewer may see the subject.
///
/// # Errors
/// `Invalid` for a cursor of another list.
pub async fn list_readable_entries(
    db: &Database,
    subject: Uuid,
    viewer: &TrailViewer,
    arguments: &PageArguments,
    includes_total: bool,
) -> Result<(Page<ReadableEntry>, Option<u64>)> {
    let (page, total) =
        store::list_readable(&db.read, subject, viewer, arguments, includes_total).await?;
    let Page { rows, has_previous, has_next } = page;
    let rows = rows.into_iter().map(|(cursor, row)| Ok((cursor, ReadableEntry::new(row, viewer)?)));
    Ok((Page { rows: rows.collect::<Result<_>>()?, has_previous, has_next }, total))
}

/// Compares an entry with its hash and with the previous one of its chain. Returns its data.
///
/// # Errors
/// The first inconsistency, in words.
fn verify_entry(entry: &Model, before: Option<&Model>) -> Result<Value, String> {
    let wrong = |inconsistency: &str| {
        format!("ledger of {}, entry {}: {inconsistency}", entry.subject, entry.sequence)
    };
    let (sequence, previous) =
        before.map_or((1, ""), |before| (before.sequence + 1, before.hash.as_str()));
    if entry.sequence != sequence {
        return Err(wrong(&format!("sequence {sequence} is missing")));
    }
    if entry.previous != previous {
        return Err(wrong("it does not continue the entry before it"));
    }
    let data = parse_data(&entry.data).map_err(|_| wrong("its data cannot be read"))?;
    if hash_entry(entry, &data).ok().as_ref() != Some(&entry.hash) {
        return Err(wrong("its content does not match its hash"));
    }
    if reading_organization(&data).ok() != Some(entry.organization_id) {
        return Err(wrong("its organization is not the one that its data names"));
    }
    Ok(data)
}

/// The action and data of an entry, for comparison with other stored data.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The action, such as `disclosure.filed`.
    pub action: String,
    /// The data of the action.
    pub data: Value,
}

/// Loads the events of a bounded number of subjects, oldest first. Subjects without entries are left out.
pub async fn load_events(
    db: &impl ConnectionTrait,
    subjects: Vec<Uuid>,
) -> Result<HashMap<Uuid, Vec<Event>>> {
    let mut events = HashMap::<Uuid, Vec<Event>>::new();
    for (subject, action, data) in store::list_events(db, subjects).await? {
        let data = serde_json::from_str(&data)
            .map_err(|error| Fault::Internal(format!("ledger of {subject}: {error}").into()))?;
        events.entry(subject).or_default().push(Event { action, data });
    }
    Ok(events)
}

/// Counts the chains that begin with an action.
pub async fn count_chains_beginning_with(
    db: &impl ConnectionTrait,
    action: LedgerAction,
) -> Result<u64> {
    Ok(store::count_chains_beginning_with(db, action.as_str()).await?)
}
