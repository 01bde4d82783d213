//! The stored awards of some rows, and the changes that the rows make.
mod transactions;

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use self::transactions::TransactionChange;
use super::merge::{merge_row, sum_transactions, with_transactions};
use super::store;
use super::{ImportFile, RowOutcome};
use crate::award::entity::recipient::{Model as RecipientRow, OtherNames};
use crate::award::entity::{award, award_holder, transaction};
use crate::award::model::{
    AwardFileEntry, AwardFileRow, AwardId, Recipient, RecipientId, RowScope, TransactionVersion,
};
use crate::database::Tx;
use crate::fault::Result;
use crate::reevaluation::model::{Change, ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;

/// The unique key of a recipient: name, UEI, DUNS number, CAGE code.
type RecipientKey = (String, String, String, String);

/// The keys of a transaction: of its award, and its own.
type TransactionKey = (String, String);

/// The stored awards and recipients of a batch of rows, and the changes to them.
pub struct Batch {
    revision: i64,
    recipients: HashMap<RecipientKey, RecipientRow>,
    awards: HashMap<String, award::Model>,
    /// The transactions of each award, by key.
    transactions: HashMap<AwardId, HashMap<String, TransactionVersion>>,
    /// The day of each deletion.
    deletions: HashMap<TransactionKey, Option<NaiveDate>>,
    holders: HashSet<(AwardId, RecipientId)>,
    changed_recipients: HashMap<RecipientKey, bool>,
    /// The keys of changed awards; the value is whether the award is new.
    changed_awards: HashMap<String, bool>,
    stored_transactions: HashSet<(AwardId, String)>,
    changed_transactions: BTreeSet<(AwardId, String)>,
    stored_deletions: HashSet<TransactionKey>,
    changed_deletions: BTreeSet<TransactionKey>,
    new_holders: Vec<award_holder::Model>,
    /// Whether a transaction was removed or replaced, so that the newest day may be an earlier one.
    pub has_removal: bool,
}

impl Batch {
    /// Loads what is stored of the awards and recipients of some entries.
    pub async fn load(tx: &Tx, entries: &[AwardFileEntry], revision: i64) -> Result<Self> {
        let (mut names, mut keys) = (BTreeSet::new(), BTreeSet::new());
        for entry in entries {
            match entry {
                AwardFileEntry::Row(row) => {
                    names.insert(row.recipient.name.clone());
                    keys.insert(row.key.clone());
                }
                AwardFileEntry::Deletion(deletion) => keys.extend(deletion.award_keys.clone()),
            }
        }
        let mut batch = Self::load_awards(tx, keys.into_iter().collect(), revision).await?;
        let names = names.into_iter().collect();
        for row in store::recipients::list_by_names(&**tx, names).await? {
            let key = (row.name.clone(), row.uei.clone(), row.duns.clone(), row.cage.clone());
            batch.recipients.insert(key, row);
        }
        Ok(batch)
    }

    /// Loads what is stored of the awards with some keys, without recipients.
    pub async fn load_awards(tx: &Tx, keys: Vec<String>, revision: i64) -> Result<Self> {
        let awards = store::awards::list_by_keys(&**tx, keys.clone()).await?;
        let ids: Vec<Uuid> = awards.iter().map(|award| award.id.uuid()).collect();
        let mut transactions = HashMap::<AwardId, HashMap<String, TransactionVersion>>::new();
        let mut stored_transactions = HashSet::new();
        for row in store::awards::list_transactions(&**tx, ids.clone()).await? {
            stored_transactions.insert((row.award_id, row.key.clone()));
            let transaction::Model { award_id, key, cents, action_on, modified_on } = row;
            let version = TransactionVersion { cents, action_on, modified_on };
            transactions.entry(award_id).or_default().insert(key, version);
        }
        let deletions = store::awards::list_deletions(&**tx, keys).await?;
        let deletions: HashMap<TransactionKey, Option<NaiveDate>> =
            deletions.into_iter().map(|it| ((it.award_key, it.key), it.modified_on)).collect();
        let holders = store::awards::list_holders(&**tx, ids).await?.into_iter();
        Ok(Self {
            revision,
            recipients: HashMap::new(),
            awards: awards.into_iter().map(|row| (row.key.clone(), row)).collect(),
            transactions,
            stored_deletions: deletions.keys().cloned().collect(),
            deletions,
            holders: holders.map(|it| (it.award_id, it.recipient_id)).collect(),
            changed_recipients: HashMap::new(),
            changed_awards: HashMap::new(),
            stored_transactions,
            changed_transactions: BTreeSet::new(),
            changed_deletions: BTreeSet::new(),
            new_holders: Vec::new(),
            has_removal: false,
        })
    }

    /// The latest day of an action of the batch's awards.
    pub fn newest_day(&self) -> Option<NaiveDate> {
        self.awards.values().filter_map(|award| award.latest_on).max()
    }

    /// Applies a row to its award and recipient.
    pub fn apply_row(&mut self, row: AwardFileRow, source: &ImportFile) -> RowOutcome {
        let before = self.awards.get(&row.key).cloned();
        let id = before.as_ref().map_or_else(AwardId::generate, |award| award.id);
        let (mut has_addition, mut has_replacement) = (false, false);
        if let RowScope::Transaction(key) = &row.scope {
            match self.apply_transaction(id, key, &row, source) {
                TransactionChange::Deleted => return RowOutcome::Unchanged,
                TransactionChange::Known => {
                    self.upsert_recipient(&row.recipient);
                    return RowOutcome::Unchanged;
                }
                TransactionChange::Added => has_addition = true,
                TransactionChange::Replaced => (has_addition, has_replacement) = (true, true),
            }
        }
        let recipient = self.upsert_recipient(&row.recipient);
        let sum = self.transactions.get(&id).and_then(sum_transactions);
        if self.holders.insert((id, recipient)) {
            let holder = award_holder::Model {
                award_id: id,
                recipient_id: recipient,
                revision: self.revision,
            };
            self.new_holders.push(holder);
            has_addition = true;
        }
        let mut after = merge_row(before.as_ref(), id, recipient, &row, sum);
        if let Some(transactions) = self.transactions.get(&id).filter(|_| has_replacement) {
            after = with_transactions(&after, transactions);
            self.has_removal = true;
        }
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
        let after = award::Model { source_file: source.name.clone(), source_line: line, ..after };
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

    /// Writes the changes. Returns whether there were any. The decisions about firms that are matched with a changed
    /// award read its amount and its days, so they are made again; the matcher compares names and numbers alone.
    pub async fn save(mut self, tx: &Tx, now: DateTime<Utc>) -> Result<bool> {
        let is_changed = !(self.changed_recipients.is_empty()
            && self.changed_awards.is_empty()
            && self.changed_transactions.is_empty()
            && self.changed_deletions.is_empty()
            && self.new_holders.is_empty());
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
        store::recipients::insert_all(tx, new_recipients).await?;
        for row in changed_recipients {
            store::recipients::update(tx, row).await?;
        }
        store::awards::insert_all(tx, new_awards).await?;
        let changed_ids = changed_awards.iter().map(|row| row.id.uuid()).collect();
        for row in changed_awards {
            store::awards::update(tx, row).await?;
        }
        for organization in store::matches::list_matched_organizations(&**tx, changed_ids).await? {
            let change = Change {
                source: ChangeSource::Organization,
                subject_id: organization.uuid(),
                lifted_rules: LiftedRules::none(),
                not_before: now,
            };
            enqueue(tx, change).await?;
        }
        self.save_transactions(tx).await?;
        store::awards::insert_holders(tx, self.new_holders).await?;
        Ok(is_changed)
    }
}
