//! Taking up what award files tell.
use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::digest::award_tables;
use super::store;
use crate::award::entity::recipient::{Model as RecipientRow, OtherNames};
use crate::award::entity::{award, holder, import, transaction};
use crate::award::model::{AwardId, AwardFileRow, ImportId, Recipient, RecipientId, RowScope};
use crate::award::rules;
use crate::database::{Database, Tx};
use crate::fault::Result;
use crate::ledger::model::{Actor, LedgerAction};
use crate::ledger::service::append;
use crate::principal::ServiceActor;

/// What came of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Imported {
    /// Its award is new.
    New,
    /// Its award is known, and told otherwise or more now.
    Changed,
    /// Its award is known, with the same in it.
    Unchanged,
    /// It is not kept, and why: what to mend.
    Refused(String),
}

/// A file that is imported.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file's name, which each award keeps with its line.
    pub file: String,
    /// SHA-256 of its bytes, in lower-case hexadecimal.
    pub sha256: String,
}

/// The line up to which an import of a file that was cut off is in; none if it was not begun, or
/// came to its end.
///
/// # Errors
/// `Unavailable` or `Internal` if the database fails.
pub async fn cut_off_at(db: &Database, source: &Source) -> Result<Option<u64>> {
    let known = store::awards::find_import(&db.read, &source.sha256).await?;
    let known = known.filter(|row| row.finished_at.is_none());
    Ok(known.map(|row| row.last_line.unsigned_abs()))
}

/// Marks that a file was imported to its end.
///
/// # Errors
/// `Unavailable` or `Internal` if the database fails.
pub async fn finish(db: &Database, source: &Source, now: DateTime<Utc>) -> Result<()> {
    loop {
        // Read outside of the transaction: it takes as long as there are awards.
        let snapshot = db.snapshot().await?;
        let revision = store::recipients::revision(&snapshot).await?;
        let tables = award_tables(&snapshot).await?;
        drop(snapshot);
        let tx = db.begin().await?;
        if store::recipients::lock_revision(&tx).await? != revision {
            // Another import has added to them meanwhile.
            continue;
        }
        store::awards::finish_import(&tx, &source.sha256, now).await?;
        let data = json!({
            "file": source.file,
            "sha256": source.sha256,
            "revision": revision,
            "awardRows": tables.rows,
            "tablesSha256": tables.sha256,
        });
        let (actor, id) = (importer(now), ImportId::from_sha256(&source.sha256));
        append(&tx, actor, id, LedgerAction::ImportFinished, &data).await?;
        return tx.commit().await;
    }
}

/// In whose name files are imported.
const fn importer(now: DateTime<Utc>) -> Actor<'static> {
    Actor { subject: ServiceActor::Service.name(), at: now }
}

/// How many recipients and awards are known.
///
/// # Errors
/// `Unavailable` or `Internal` if the database fails.
pub async fn counts(db: &Database) -> Result<(u64, u64)> {
    let recipients = store::recipients::count(&db.read).await?;
    Ok((recipients, store::awards::count(&db.read).await?))
}

/// Takes up some rows in one transaction, in their order, and keeps how far that is; what came of
/// each, by its line.
///
/// # Errors
/// `Unavailable` or `Internal` if the database fails; nothing of these rows was kept then.
pub async fn import(
    db: &Database,
    source: &Source,
    now: DateTime<Utc>,
    rows: Vec<AwardFileRow>,
) -> Result<Vec<(u64, Imported)>> {
    let last = rows.last().map_or(0, |row| row.line);
    let mut told = BTreeMap::new();
    let mut kept = Vec::new();
    for row in rows {
        match rules::problem(&row) {
            Some(why) => drop(told.insert(row.line, Imported::Refused(why))),
            None => kept.push(row),
        }
    }
    let tx = db.begin().await?;
    // Who imports at the same time waits here: what is counted is committed in its order.
    let revision = store::recipients::lock_revision(&tx).await? + 1;
    let mut batch = Batch::of(&tx, &kept, revision).await?;
    for row in kept {
        let line = row.line;
        told.insert(line, batch.take(row, &source.file));
    }
    if batch.write(&tx).await? {
        store::recipients::set_revision(&tx, revision).await?;
    }
    let far = import::Model {
        sha256: source.sha256.clone(),
        file: source.file.clone(),
        last_line: i64::try_from(last).unwrap_or(i64::MAX),
        began_at: now,
        finished_at: None,
    };
    let is_underway = store::awards::find_import(&*tx, &source.sha256).await?;
    let is_underway = is_underway.is_some_and(|import| import.finished_at.is_none());
    store::awards::save_import(&tx, far).await?;
    if !is_underway {
        let data = json!({ "file": source.file, "sha256": source.sha256 });
        let (actor, id) = (importer(now), ImportId::from_sha256(&source.sha256));
        append(&tx, actor, id, LedgerAction::ImportBegan, &data).await?;
    }
    tx.commit().await?;
    Ok(told.into_iter().collect())
}

/// What tells recipients apart: name, UEI, DUNS number, CAGE code.
type Identity = (String, String, String, String);

/// What is known of the awards and recipients of some rows, and what has changed of it.
struct Batch {
    revision: i64,
    recipients: HashMap<Identity, RecipientRow>,
    awards: HashMap<String, award::Model>,
    /// What transactions told of each award, by their keys, in cents.
    transactions: HashMap<AwardId, HashMap<String, Option<i64>>>,
    holders: HashSet<(AwardId, RecipientId)>,
    changed_recipients: HashMap<Identity, bool>,
    /// Whether each award that has changed is new.
    changed_awards: HashMap<String, bool>,
    new_transactions: Vec<transaction::Model>,
    new_holders: Vec<holder::Model>,
}

impl Batch {
    async fn of(tx: &Tx, rows: &[AwardFileRow], revision: i64) -> Result<Self> {
        let names: HashSet<&String> = rows.iter().map(|row| &row.recipient.name).collect();
        let names = names.into_iter().cloned().collect();
        let recipients = store::recipients::list_by_names(&**tx, names).await?;
        let keys: HashSet<&String> = rows.iter().map(|row| &row.key).collect();
        let awards = store::awards::list_by_keys(&**tx, keys.into_iter().cloned().collect()).await?;
        let ids: Vec<Uuid> = awards.iter().map(|award| award.id.uuid()).collect();
        let mut transactions = HashMap::<AwardId, HashMap<String, Option<i64>>>::new();
        for told in store::awards::transactions(&**tx, ids.clone()).await? {
            transactions.entry(told.award_id).or_default().insert(told.key, told.cents);
        }
        let holders = store::awards::list_holders(&**tx, ids).await?.into_iter();
        let identity = |row: &RecipientRow| {
            (row.name.clone(), row.uei.clone(), row.duns.clone(), row.cage.clone())
        };
        Ok(Self {
            revision,
            recipients: recipients.into_iter().map(|row| (identity(&row), row)).collect(),
            awards: awards.into_iter().map(|row| (row.key.clone(), row)).collect(),
            transactions,
            holders: holders.map(|it| (it.award_id, it.recipient_id)).collect(),
            changed_recipients: HashMap::new(),
            changed_awards: HashMap::new(),
            new_transactions: Vec::new(),
            new_holders: Vec::new(),
        })
    }

    fn take(&mut self, row: AwardFileRow, file: &str) -> Imported {
        let recipient = self.recipient(&row.recipient);
        let before = self.awards.get(&row.key).cloned();
        let id = before.as_ref().map_or_else(AwardId::generate, |award| award.id);
        let mut is_told = false;
        let known = self.transactions.entry(id).or_default();
        if let RowScope::Transaction(key) = &row.scope {
            let cents = row.obligated_cents;
            if known.contains_key(key) {
                // Told twice, by one file or by two that overlap, it says nothing new.
                return Imported::Unchanged;
            }
            known.insert(key.clone(), cents);
            let told = transaction::Model { award_id: id, key: key.clone(), cents };
            self.new_transactions.push(told);
            is_told = true;
        }
        let told_cents = known.values().flatten();
        let sum = told_cents.copied().reduce(i64::saturating_add);
        if self.holders.insert((id, recipient)) {
            let holder =
                holder::Model { award_id: id, recipient_id: recipient, revision: self.revision };
            self.new_holders.push(holder);
            is_told = true;
        }
        let after = told(before.as_ref(), id, recipient, &row, sum);
        let is_same = before.as_ref().is_some_and(|before| {
            let placed = award::Model {
                source_file: before.source_file.clone(),
                source_line: before.source_line,
                ..after.clone()
            };
            placed == *before
        });
        if is_same {
            return if is_told { Imported::Changed } else { Imported::Unchanged };
        }
        let line = i64::try_from(row.line).unwrap_or(i64::MAX);
        let after = award::Model { source_file: file.to_owned(), source_line: line, ..after };
        let is_new = before.is_none();
        self.changed_awards.entry(row.key.clone()).or_insert(is_new);
        self.awards.insert(row.key, after);
        if is_new { Imported::New } else { Imported::Changed }
    }

    /// The recipient of a row: made if nobody knows it, told more of if the row tells more.
    fn recipient(&mut self, told: &Recipient) -> RecipientId {
        let code = |code: &Option<String>| code.clone().unwrap_or_default();
        let identity = (told.name.clone(), code(&told.uei), code(&told.duns), code(&told.cage));
        let is_new = !self.recipients.contains_key(&identity);
        let revision = self.revision;
        let row = self.recipients.entry(identity.clone()).or_insert_with(|| RecipientRow {
            id: RecipientId::generate(),
            name: told.name.clone(),
            other_names: OtherNames::default(),
            uei: code(&told.uei),
            duns: code(&told.duns),
            cage: code(&told.cage),
            parent: None,
            parent_uei: None,
            address: None,
            city: None,
            state: None,
            revision,
        });
        let before = row.clone();
        for name in [&told.raw_name, &told.doing_business_as].into_iter().flatten() {
            if *name != row.name && !row.other_names.0.contains(name) {
                row.other_names.0.push(name.clone());
            }
        }
        for (known, told) in [
            (&mut row.parent, &told.parent),
            (&mut row.parent_uei, &told.parent_uei),
            (&mut row.address, &told.address),
            (&mut row.city, &told.city),
            (&mut row.state, &told.state),
        ] {
            if known.is_none() {
                known.clone_from(told);
            }
        }
        if is_new || *row != before {
            row.revision = revision;
            self.changed_recipients.entry(identity).or_insert(is_new);
        }
        row.id
    }

    /// Writes what has changed; whether anything has.
    async fn write(mut self, tx: &Tx) -> Result<bool> {
        let (mut fresh, mut changed) = (Vec::new(), Vec::new());
        for (identity, is_new) in &self.changed_recipients {
            let row = self.recipients.remove(identity);
            if *is_new { fresh.extend(row) } else { changed.extend(row) }
        }
        fresh.sort_by_key(|row| row.id);
        let (mut new_awards, mut told_awards) = (Vec::new(), Vec::new());
        for (key, is_new) in &self.changed_awards {
            let row = self.awards.remove(key);
            if *is_new { new_awards.extend(row) } else { told_awards.extend(row) }
        }
        let is_changed = !(self.changed_recipients.is_empty()
            && self.changed_awards.is_empty()
            && self.new_transactions.is_empty()
            && self.new_holders.is_empty());
        store::recipients::insert_all(tx, fresh).await?;
        for row in changed {
            store::recipients::update(tx, row).await?;
        }
        store::awards::insert_all(tx, new_awards).await?;
        for row in told_awards {
            store::awards::update(tx, row).await?;
        }
        store::awards::insert_transactions(tx, self.new_transactions).await?;
        store::awards::insert_holders(tx, self.new_holders).await?;
        Ok(is_changed)
    }
}

/// An award with what a row tells of it; `sum` is what its transactions come to, the row's among
/// them. What was told whole says what was committed, and the latest action who has it and until
/// when, in whatever order the files come.
fn told(
    before: Option<&award::Model>,
    id: AwardId,
    recipient: RecipientId,
    row: &AwardFileRow,
    sum: Option<i64>,
) -> award::Model {
    let whole = row.scope == RowScope::Summary;
    let was_whole = before.is_some_and(|before| before.has_summary);
    let newer = before.is_none_or(|before| row.latest_on >= before.latest_on);
    let (awarding, funding) = (&row.awarding, &row.funding);
    let old = |of: fn(&award::Model) -> Option<String>| before.and_then(of);
    // What the newer row tells, or else what is known.
    let pick = |told: &Option<String>, known: Option<String>| later(newer, told.clone(), known);
    let known_obligated = before.and_then(|it| it.obligated_cents);
    let known_signed = before.and_then(|it| it.signed_on);
    award::Model {
        id,
        key: row.key.clone(),
        kind: row.kind,
        award_id: row.award_id.clone(),
        parent_award_id: pick(&row.parent_award_id, old(|it| it.parent_award_id.clone())),
        prime: pick(&row.prime, old(|it| it.prime.clone())),
        recipient_id: match before {
            Some(before) if !newer => before.recipient_id,
            _ => recipient,
        },
        component: row.component().or(before.and_then(|before| before.component)),
        awarding_code: pick(&awarding.code, old(|it| it.awarding_code.clone())),
        awarding_sub_code: pick(&awarding.sub_code, old(|it| it.awarding_sub_code.clone())),
        awarding_sub_name: pick(&awarding.sub_name, old(|it| it.awarding_sub_name.clone())),
        funding_code: pick(&funding.code, old(|it| it.funding_code.clone())),
        funding_sub_code: pick(&funding.sub_code, old(|it| it.funding_sub_code.clone())),
        funding_sub_name: pick(&funding.sub_name, old(|it| it.funding_sub_name.clone())),
        signed_on: match (whole, was_whole) {
            (true, _) => row.signed_on.or(known_signed),
            (false, true) => known_signed.or(row.signed_on),
            (false, false) => [row.signed_on, known_signed].into_iter().flatten().min(),
        },
        starts_on: later(newer, row.starts_on, before.and_then(|it| it.starts_on)),
        ends_on: later(newer, row.ends_on, before.and_then(|it| it.ends_on)),
        latest_on: [row.latest_on, before.and_then(|it| it.latest_on)].into_iter().flatten().max(),
        obligated_cents: match (whole, was_whole) {
            (true, true) => later(newer, row.obligated_cents, known_obligated),
            (true, false) => row.obligated_cents.or(known_obligated),
            (false, true) => known_obligated,
            (false, false) => sum,
        },
        current_cents: later(newer, row.current_cents, before.and_then(|it| it.current_cents)),
        ceiling_cents: later(newer, row.ceiling_cents, before.and_then(|it| it.ceiling_cents)),
        has_summary: whole || was_whole,
        has_base_action: row.is_base_action || before.is_some_and(|before| before.has_base_action),
        naics: pick(&row.naics, old(|it| it.naics.clone())),
        psc: pick(&row.psc, old(|it| it.psc.clone())),
        // The base action says best what it is for.
        description: {
            let says_best = whole || row.is_base_action;
            later(says_best, row.description.clone(), old(|it| it.description.clone()))
        },
        source_file: String::new(),
        source_line: 1,
    }
}

/// What is told, or what was known: whichever is the later, if it says anything.
fn later<T>(is_told_later: bool, told: Option<T>, known: Option<T>) -> Option<T> {
    if is_told_later { told.or(known) } else { known.or(told) }
}
