//! Imports rows of award files.
use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::digest::digest_award_tables;
use super::store;
use crate::award::entity::recipient::{Model as RecipientRow, OtherNames};
use crate::award::entity::{award, award_holder, import, transaction};
use crate::award::model::{AwardFileRow, AwardId, ImportId, Recipient, RecipientId, RowScope};
use crate::award::rules;
use crate::database::{Database, Tx};
use crate::fault::Result;
use crate::ledger::model::{Actor, LedgerAction};
use crate::ledger::service::append;
use crate::principal::ServiceActor;

/// The outcome of importing one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowOutcome {
    /// The row added an award.
    New,
    /// The row changed a known award.
    Changed,
    /// The row changed nothing.
    Unchanged,
    /// The row was not imported, for this reason.
    Rejected(String),
}

/// An award file.
#[derive(Clone, Debug)]
pub struct ImportFile {
    /// The file's name, stored with each award.
    pub name: String,
    /// SHA-256 of the file's bytes, in lower-case hexadecimal.
    pub sha256: String,
}

/// The line of the last imported row of an interrupted import. `None` if the file's import was never
/// started or has finished.
pub async fn find_resume_line(db: &Database, source: &ImportFile) -> Result<Option<u64>> {
    let import = store::awards::find_import(&db.read, &source.sha256).await?;
    let import = import.filter(|row| row.finished_at.is_none());
    Ok(import.map(|row| row.last_line.unsigned_abs()))
}

/// Marks a file's import as finished, and records the digest of the award tables in the ledger.
pub async fn finish_import(db: &Database, source: &ImportFile, now: DateTime<Utc>) -> Result<()> {
    loop {
        // Outside the transaction, because reading every award takes long.
        let snapshot = db.snapshot().await?;
        let revision = store::recipients::load_revision(&snapshot).await?;
        let tables = digest_award_tables(&snapshot).await?;
        drop(snapshot);
        let tx = db.begin().await?;
        if store::recipients::lock_revision(&tx).await? != revision {
            // Another import changed the tables meanwhile.
            continue;
        }
        store::awards::finish_import(&tx, &source.sha256, now).await?;
        store::recipients::set_tables_digest(&tx, &tables.sha256).await?;
        let data = json!({
            "file": source.name,
            "sha256": source.sha256,
            "revision": revision,
            "awardRows": tables.rows,
            "tablesSha256": tables.sha256,
        });
        let (actor, id) = (import_actor(now), ImportId::from_sha256(&source.sha256));
        append(&tx, actor, id, LedgerAction::ImportFinished, &data).await?;
        return tx.commit().await;
    }
}

/// The ledger's actor for imports.
const fn import_actor(now: DateTime<Utc>) -> Actor<'static> {
    Actor { subject: ServiceActor::Service.name(), at: now }
}

/// Returns the number of recipients, then the number of awards.
pub async fn count_recipients_and_awards(db: &Database) -> Result<(u64, u64)> {
    let recipients = store::recipients::count(&db.read).await?;
    Ok((recipients, store::awards::count(&db.read).await?))
}

/// Imports rows in one transaction, in order, and saves the progress. Returns each row's line and
/// outcome, in order of line.
///
/// # Errors
/// Database faults only; none of the rows was imported then.
pub async fn import_rows(
    db: &Database,
    source: &ImportFile,
    now: DateTime<Utc>,
    rows: Vec<AwardFileRow>,
) -> Result<Vec<(u64, RowOutcome)>> {
    let last = rows.last().map_or(0, |row| row.line);
    let mut outcomes = BTreeMap::new();
    let mut accepted = Vec::new();
    for row in rows {
        match rules::problem(&row) {
            Some(error) => drop(outcomes.insert(row.line, RowOutcome::Rejected(error))),
            None => accepted.push(row),
        }
    }
    let tx = db.begin().await?;
    // Concurrent imports wait here, so that revisions are committed in order.
    let revision = store::recipients::lock_revision(&tx).await? + 1;
    let mut batch = Batch::load(&tx, &accepted, revision).await?;
    for row in accepted {
        let line = row.line;
        outcomes.insert(line, batch.apply_row(row, &source.name));
    }
    let newest_on = batch.awards.values().filter_map(|award| award.latest_on).max();
    if batch.save(&tx).await? {
        store::recipients::set_revision(&tx, revision, newest_on).await?;
    }
    let progress = import::Model {
        sha256: source.sha256.clone(),
        file: source.name.clone(),
        last_line: i64::try_from(last).unwrap_or(i64::MAX),
        began_at: now,
        finished_at: None,
    };
    let earlier = store::awards::find_import(&*tx, &source.sha256).await?;
    let is_in_progress = earlier.is_some_and(|import| import.finished_at.is_none());
    store::awards::save_import(&tx, progress).await?;
    if !is_in_progress {
        let data = json!({ "file": source.name, "sha256": source.sha256 });
        let (actor, id) = (import_actor(now), ImportId::from_sha256(&source.sha256));
        append(&tx, actor, id, LedgerAction::ImportBegan, &data).await?;
    }
    tx.commit().await?;
    Ok(outcomes.into_iter().collect())
}

/// The unique key of a recipient: name, UEI, DUNS number, CAGE code.
type RecipientKey = (String, String, String, String);

/// The stored awards and recipients of a batch of rows, and the changes to them.
struct Batch {
    revision: i64,
    recipients: HashMap<RecipientKey, RecipientRow>,
    awards: HashMap<String, award::Model>,
    /// The obligation of each transaction in US cents, by award and transaction key.
    transactions: HashMap<AwardId, HashMap<String, Option<i64>>>,
    holders: HashSet<(AwardId, RecipientId)>,
    changed_recipients: HashMap<RecipientKey, bool>,
    /// The keys of changed awards; the value is whether the award is new.
    changed_awards: HashMap<String, bool>,
    new_transactions: Vec<transaction::Model>,
    new_holders: Vec<award_holder::Model>,
}

impl Batch {
    async fn load(tx: &Tx, rows: &[AwardFileRow], revision: i64) -> Result<Self> {
        let names: HashSet<&String> = rows.iter().map(|row| &row.recipient.name).collect();
        let names = names.into_iter().cloned().collect();
        let recipients = store::recipients::list_by_names(&**tx, names).await?;
        let keys: HashSet<&String> = rows.iter().map(|row| &row.key).collect();
        let awards =
            store::awards::list_by_keys(&**tx, keys.into_iter().cloned().collect()).await?;
        let ids: Vec<Uuid> = awards.iter().map(|award| award.id.uuid()).collect();
        let mut transactions = HashMap::<AwardId, HashMap<String, Option<i64>>>::new();
        for transaction in store::awards::list_transactions(&**tx, ids.clone()).await? {
            transactions
                .entry(transaction.award_id)
                .or_default()
                .insert(transaction.key, transaction.cents);
        }
        let holders = store::awards::list_holders(&**tx, ids).await?.into_iter();
        let recipient_key = |row: &RecipientRow| {
            (row.name.clone(), row.uei.clone(), row.duns.clone(), row.cage.clone())
        };
        Ok(Self {
            revision,
            recipients: recipients.into_iter().map(|row| (recipient_key(&row), row)).collect(),
            awards: awards.into_iter().map(|row| (row.key.clone(), row)).collect(),
            transactions,
            holders: holders.map(|it| (it.award_id, it.recipient_id)).collect(),
            changed_recipients: HashMap::new(),
            changed_awards: HashMap::new(),
            new_transactions: Vec::new(),
            new_holders: Vec::new(),
        })
    }

    fn apply_row(&mut self, row: AwardFileRow, file: &str) -> RowOutcome {
        let recipient = self.upsert_recipient(&row.recipient);
        let before = self.awards.get(&row.key).cloned();
        let id = before.as_ref().map_or_else(AwardId::generate, |award| award.id);
        let mut has_addition = false;
        let stored_transactions = self.transactions.entry(id).or_default();
        if let RowScope::Transaction(key) = &row.scope {
            let cents = row.obligated_cents;
            if stored_transactions.contains_key(key) {
                // Repeated within one file or across overlapping files.
                return RowOutcome::Unchanged;
            }
            stored_transactions.insert(key.clone(), cents);
            let transaction = transaction::Model { award_id: id, key: key.clone(), cents };
            self.new_transactions.push(transaction);
            has_addition = true;
        }
        let transaction_cents = stored_transactions.values().flatten();
        let sum = transaction_cents.copied().reduce(i64::saturating_add);
        if self.holders.insert((id, recipient)) {
            let holder = award_holder::Model {
                award_id: id,
                recipient_id: recipient,
                revision: self.revision,
            };
            self.new_holders.push(holder);
            has_addition = true;
        }
        let after = merge_row(before.as_ref(), id, recipient, &row, sum);
        let is_same = before.as_ref().is_some_and(|before| {
            let same_source = award::Model {
                source_file: before.source_file.clone(),
                source_line: before.source_line,
                ..after.clone()
            };
            same_source == *before
        });
        if is_same {
            return if has_addition { RowOutcome::Changed } else { RowOutcome::Unchanged };
        }
        let line = i64::try_from(row.line).unwrap_or(i64::MAX);
        let after = award::Model { source_file: file.to_owned(), source_line: line, ..after };
        let is_new = before.is_none();
        self.changed_awards.entry(row.key.clone()).or_insert(is_new);
        self.awards.insert(row.key, after);
        if is_new { RowOutcome::New } else { RowOutcome::Changed }
    }

    /// Inserts the recipient if it is new, or fills in fields that were empty. Returns its id.
    fn upsert_recipient(&mut self, recipient: &Recipient) -> RecipientId {
        let code = |code: &Option<String>| code.clone().unwrap_or_default();
        let key = (
            recipient.name.clone(),
            code(&recipient.uei),
            code(&recipient.duns),
            code(&recipient.cage),
        );
        let is_new = !self.recipients.contains_key(&key);
        let revision = self.revision;
        let row = self.recipients.entry(key.clone()).or_insert_with(|| RecipientRow {
            id: RecipientId::generate(),
            name: recipient.name.clone(),
            other_names: OtherNames::default(),
            uei: code(&recipient.uei),
            duns: code(&recipient.duns),
            cage: code(&recipient.cage),
            parent: None,
            parent_uei: None,
            address: None,
            city: None,
            state: None,
            revision,
        });
        let before = row.clone();
        for name in [&recipient.raw_name, &recipient.doing_business_as].into_iter().flatten() {
            if *name != row.name && !row.other_names.0.contains(name) {
                row.other_names.0.push(name.clone());
            }
        }
        for (stored, from_row) in [
            (&mut row.parent, &recipient.parent),
            (&mut row.parent_uei, &recipient.parent_uei),
            (&mut row.address, &recipient.address),
            (&mut row.city, &recipient.city),
            (&mut row.state, &recipient.state),
        ] {
            if stored.is_none() {
                stored.clone_from(from_row);
            }
        }
        if is_new || *row != before {
            row.revision = revision;
            self.changed_recipients.entry(key).or_insert(is_new);
        }
        row.id
    }

    /// Writes the changes. Returns whether there were any.
    async fn save(mut self, tx: &Tx) -> Result<bool> {
        let (mut new_recipients, mut changed_recipients) = (Vec::new(), Vec::new());
        for (identity, is_new) in &self.changed_recipients {
            let row = self.recipients.remove(identity);
            if *is_new { new_recipients.extend(row) } else { changed_recipients.extend(row) }
        }
        new_recipients.sort_by_key(|row| row.id);
        let (mut new_awards, mut changed_awards) = (Vec::new(), Vec::new());
        for (key, is_new) in &self.changed_awards {
            let row = self.awards.remove(key);
            if *is_new { new_awards.extend(row) } else { changed_awards.extend(row) }
        }
        let is_changed = !(self.changed_recipients.is_empty()
            && self.changed_awards.is_empty()
            && self.new_transactions.is_empty()
            && self.new_holders.is_empty());
        store::recipients::insert_all(tx, new_recipients).await?;
        for row in changed_recipients {
            store::recipients::update(tx, row).await?;
        }
        store::awards::insert_all(tx, new_awards).await?;
        for row in changed_awards {
            store::awards::update(tx, row).await?;
        }
        store::awards::insert_transactions(tx, self.new_transactions).await?;
        store::awards::insert_holders(tx, self.new_holders).await?;
        Ok(is_changed)
    }
}

/// Merges a row into an award. `sum` is the total of the award's transactions in US cents, including
/// the row's. A summary row decides the obligated amount; the latest action decides recipient and
/// end date. The result does not depend on the order of the files.
fn merge_row(
    before: Option<&award::Model>,
    id: AwardId,
    recipient: RecipientId,
    row: &AwardFileRow,
    sum: Option<i64>,
) -> award::Model {
    let is_summary = row.scope == RowScope::Summary;
    let had_summary = before.is_some_and(|before| before.has_summary);
    let is_newer = before.is_none_or(|before| row.latest_on >= before.latest_on);
    let (awarding, funding) = (&row.awarding, &row.funding);
    let stored = |of: fn(&award::Model) -> Option<String>| before.and_then(of);
    // The newer of the two values, if it is present.
    let prefer_newer = |from_row: &Option<String>, stored: Option<String>| {
        prefer_row(is_newer, from_row.clone(), stored)
    };
    let stored_obligated = before.and_then(|it| it.obligated_cents);
    let stored_signed = before.and_then(|it| it.signed_on);
    award::Model {
        id,
        key: row.key.clone(),
        kind: row.kind,
        award_id: row.award_id.clone(),
        parent_award_id: prefer_newer(
            &row.parent_award_id,
            stored(|it| it.parent_award_id.clone()),
        ),
        prime: prefer_newer(&row.prime, stored(|it| it.prime.clone())),
        recipient_id: match before {
            Some(before) if !is_newer => before.recipient_id,
            _ => recipient,
        },
        component: row.component().or(before.and_then(|before| before.component)),
        awarding_code: prefer_newer(&awarding.code, stored(|it| it.awarding_code.clone())),
        awarding_sub_code: prefer_newer(
            &awarding.sub_code,
            stored(|it| it.awarding_sub_code.clone()),
        ),
        awarding_sub_name: prefer_newer(
            &awarding.sub_name,
            stored(|it| it.awarding_sub_name.clone()),
        ),
        funding_code: prefer_newer(&funding.code, stored(|it| it.funding_code.clone())),
        funding_sub_code: prefer_newer(&funding.sub_code, stored(|it| it.funding_sub_code.clone())),
        funding_sub_name: prefer_newer(&funding.sub_name, stored(|it| it.funding_sub_name.clone())),
        signed_on: match (is_summary, had_summary) {
            (true, _) => row.signed_on.or(stored_signed),
            (false, true) => stored_signed.or(row.signed_on),
            (false, false) => [row.signed_on, stored_signed].into_iter().flatten().min(),
        },
        starts_on: prefer_row(is_newer, row.starts_on, before.and_then(|it| it.starts_on)),
        ends_on: prefer_row(is_newer, row.ends_on, before.and_then(|it| it.ends_on)),
        latest_on: [row.latest_on, before.and_then(|it| it.latest_on)].into_iter().flatten().max(),
        obligated_cents: match (is_summary, had_summary) {
            (true, true) => prefer_row(is_newer, row.obligated_cents, stored_obligated),
            (true, false) => row.obligated_cents.or(stored_obligated),
            (false, true) => stored_obligated,
            (false, false) => sum,
        },
        current_cents: prefer_row(
            is_newer,
            row.current_cents,
            before.and_then(|it| it.current_cents),
        ),
        ceiling_cents: prefer_row(
            is_newer,
            row.ceiling_cents,
            before.and_then(|it| it.ceiling_cents),
        ),
        has_summary: is_summary || had_summary,
        has_base_action: row.is_base_action || before.is_some_and(|before| before.has_base_action),
        naics: prefer_newer(&row.naics, stored(|it| it.naics.clone())),
        psc: prefer_newer(&row.psc, stored(|it| it.psc.clone())),
        // The base action has the most specific description.
        description: {
            let prefers_row = is_summary || row.is_base_action;
            prefer_row(prefers_row, row.description.clone(), stored(|it| it.description.clone()))
        },
        source_file: String::new(),
        source_line: 1,
    }
}

/// The preferred of two values, or the other if the preferred one is missing.
fn prefer_row<T>(is_row_preferred: bool, from_row: Option<T>, stored: Option<T>) -> Option<T> {
    if is_row_preferred { from_row.or(stored) } else { stored.or(from_row) }
}
