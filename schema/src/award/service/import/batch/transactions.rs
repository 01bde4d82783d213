//! The transactions of a batch's awards: added, replaced by newer versions, and removed.
use chrono::NaiveDate;

use super::Batch;
use crate::award::entity::{award, transaction, transaction_deletion};
use crate::award::model::{AwardFileRow, AwardId, TransactionDeletion, TransactionVersion};
use crate::award::service::import::merge::with_transactions;
use crate::award::service::import::{ImportFile, RowOutcome};
use crate::award::store;
use crate::database::Tx;
use crate::fault::Result;

/// What a row does to a transaction.
pub enum TransactionChange {
    /// The transaction was deleted.
    Deleted,
    /// The transaction is known.
    Known,
    /// The transaction was added.
    Added,
    /// The transaction replaced an older version.
    Replaced,
}

impl Batch {
    /// Adds the transaction of a row, or the newer version of it.
    pub(super) fn apply_transaction(
        &mut self,
        id: AwardId,
        key: &str,
        row: &AwardFileRow,
        source: &ImportFile,
    ) -> TransactionChange {
        let version = TransactionVersion::of_row(row);
        let complete = source.complete.filter(|span| span.contains(version.action_on));
        let slot = (row.key.clone(), key.to_owned());
        if let Some(deleted_on) = self.deletions.get(&slot).copied() {
            let as_listed =
                TransactionVersion { modified_on: complete.and_then(|it| it.as_of), ..version };
            let is_deleted = match complete {
                // A complete file that is not known to be older than the deletion has it again.
                Some(_) => deleted_on.is_some() && as_listed.is_known_before(deleted_on),
                None => version.is_deleted_on(deleted_on),
            };
            if is_deleted {
                return TransactionChange::Deleted;
            }
            self.deletions.remove(&slot);
            self.changed_deletions.insert(slot);
        }
        let transactions = self.transactions.entry(id).or_default();
        let Some(known) = transactions.get(key).copied() else {
            transactions.insert(key.to_owned(), version);
            self.changed_transactions.insert((id, key.to_owned()));
            return TransactionChange::Added;
        };
        let replaces = known.is_replaced_by(&version)
            || (complete.is_some() && !version.is_known_before(known.modified_on));
        let after = if replaces {
            version
        } else if known.cents == version.cents {
            // An older version of the program did not store the days.
            TransactionVersion {
                cents: known.cents,
                action_on: known.action_on.or(version.action_on),
                modified_on: known.modified_on.or(version.modified_on),
            }
        } else {
            known
        };
        if after != known {
            transactions.insert(key.to_owned(), after);
            self.changed_transactions.insert((id, key.to_owned()));
        }
        let is_same = (after.cents, after.action_on) == (known.cents, known.action_on);
        if is_same { TransactionChange::Known } else { TransactionChange::Replaced }
    }

    /// Removes a deleted transaction, and notes the deletion for files that are imported later.
    pub fn apply_deletion(
        &mut self,
        deletion: TransactionDeletion,
        source: &ImportFile,
    ) -> RowOutcome {
        let TransactionDeletion { line, award_keys, transaction, modified_on } = deletion;
        let is_known = |key: &String| self.awards.contains_key(key);
        let has_known = award_keys.iter().any(is_known);
        let keys: Vec<String> =
            award_keys.into_iter().filter(|key| !has_known || is_known(key)).collect();
        let mut outcome = RowOutcome::Unchanged;
        for award_key in keys {
            let slot = (award_key.clone(), transaction.clone());
            let noted = self.deletions.get(&slot).copied();
            let deleted_on = noted.flatten().max(modified_on);
            if noted != Some(deleted_on) {
                self.deletions.insert(slot.clone(), deleted_on);
                self.changed_deletions.insert(slot);
            }
            if self.remove_transaction(&award_key, &transaction, modified_on, source, line) {
                outcome = RowOutcome::Removed;
            }
        }
        outcome
    }

    /// Removes those transactions of the loaded awards that a complete file should have and has not.
    /// Returns the number of removed ones, and of those whose day is unknown.
    pub fn remove_missing(
        &mut self,
        source: &ImportFile,
        is_listed: impl Fn(&str, &str) -> bool,
    ) -> (u64, u64) {
        let Some(complete) = source.complete else { return (0, 0) };
        let (mut missing, mut undated) = (Vec::new(), 0);
        for (award_key, award) in &self.awards {
            for (key, version) in self.transactions.get(&award.id).into_iter().flatten() {
                if is_listed(award_key, key) {
                    continue;
                }
                undated += u64::from(version.action_on.is_none());
                if complete.contains(version.action_on) {
                    missing.push((award_key.clone(), key.clone(), award.source_line));
                }
            }
        }
        let mut removed = 0;
        for (award_key, key, line) in missing {
            let deletion = TransactionDeletion {
                line: line.unsigned_abs(),
                award_keys: vec![award_key],
                transaction: key,
                modified_on: complete.as_of,
            };
            let is_kept = |batch: &Self| {
                let award = batch.awards.get(&deletion.award_keys[0])?;
                let version = batch.transactions.get(&award.id)?.get(&deletion.transaction)?;
                Some(!version.is_deleted_on(complete.as_of))
            };
            if is_kept(self) == Some(false) {
                removed += u64::from(self.apply_deletion(deletion, source) == RowOutcome::Removed);
            }
        }
        (removed, undated)
    }

    /// Removes a transaction, unless it is known to be later than its deletion. Returns whether it did.
    fn remove_transaction(
        &mut self,
        award_key: &str,
        key: &str,
        deleted_on: Option<NaiveDate>,
        source: &ImportFile,
        line: u64,
    ) -> bool {
        let Some(award) = self.awards.get_mut(award_key) else { return false };
        let Some(transactions) = self.transactions.get_mut(&award.id) else { return false };
        if !transactions.get(key).is_some_and(|version| version.is_deleted_on(deleted_on)) {
            return false;
        }
        transactions.remove(key);
        self.changed_transactions.insert((award.id, key.to_owned()));
        self.has_removal = true;
        let after = with_transactions(award, transactions);
        if after != *award {
            *award = award::Model {
                source_file: source.name.clone(),
                source_line: i64::try_from(line).unwrap_or(i64::MAX),
                ..after
            };
            self.changed_awards.entry(award_key.to_owned()).or_insert(false);
        }
        true
    }

    pub(super) async fn save_transactions(&mut self, tx: &Tx) -> Result<()> {
        let mut new_transactions = Vec::new();
        for (award_id, key) in std::mem::take(&mut self.changed_transactions) {
            let version = self.transactions.get(&award_id).and_then(|all| all.get(&key)).copied();
            let is_stored = self.stored_transactions.contains(&(award_id, key.clone()));
            match version {
                Some(TransactionVersion { cents, action_on, modified_on }) => {
                    let row = transaction::Model { award_id, key, cents, action_on, modified_on };
                    if is_stored {
                        store::awards::update_transaction(tx, row).await?;
                    } else {
                        new_transactions.push(row);
                    }
                }
                None if is_stored => {
                    store::awards::delete_transaction(tx, award_id, key).await?;
                }
                None => {}
            }
        }
        store::awards::insert_transactions(tx, new_transactions).await?;
        for slot in std::mem::take(&mut self.changed_deletions) {
            let is_stored = self.stored_deletions.contains(&slot);
            let modified_on = self.deletions.get(&slot).copied();
            let (award_key, key) = slot;
            if is_stored {
                store::awards::delete_deletion(tx, &award_key, &key).await?;
            }
            if let Some(modified_on) = modified_on {
                let row = transaction_deletion::Model { award_key, key, modified_on };
                store::awards::insert_deletion(tx, row).await?;
            }
        }
        Ok(())
    }
}
