//! Imports rows of award files.
mod batch;
mod merge;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::json;

use self::batch::Batch;
use super::digest::digest_award_tables;
use super::store;
use crate::award::entity::import;
use crate::award::model::{AwardFileEntry, CompleteSpan, ImportId, ListedTransactions};
use crate::award::rules;
use crate::database::{Database, Tx};
use crate::fault::Result;
use crate::ledger::model::{Actor, LedgerAction};
use crate::ledger::service::append;
use crate::principal::Principal;

/// The outcome of importing one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowOutcome {
    /// The row added an award.
    New,
    /// The row changed a known award.
    Changed,
    /// The row removed a transaction.
    Removed,
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
    /// The span of days in which the file has every transaction of its awards; `None` if it only adds
    /// transactions.
    pub complete: Option<CompleteSpan>,
    /// The actor that the ledger names.
    pub actor: Principal,
}

impl ImportFile {
    fn ledger_actor(&self, now: DateTime<Utc>) -> Actor<'_> {
        Actor { subject: self.actor.as_str(), at: now }
    }
}

/// The line of the last imported row of an interrupted import. `None` if the file's import was never
/// started or has finished.
pub async fn find_resume_line(db: &Database, source: &ImportFile) -> Result<Option<u64>> {
    let import = store::awards::find_import(&db.read, &source.sha256).await?;
    let import = import.filter(|row| row.finished_at.is_none());
    Ok(import.map(|row| row.last_line.unsigned_abs()))
}

/// Marks the imports of some files as finished, and records with each the digest of the award tables, which
/// takes a pass over all awards.
pub async fn finish_imports(
    db: &Database,
    sources: &[ImportFile],
    now: DateTime<Utc>,
) -> Result<()> {
    if sources.is_empty() {
        return Ok(());
    }
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
        store::recipients::set_tables_digest(&tx, &tables.sha256).await?;
        for source in sources {
            store::awards::finish_import(&tx, &source.sha256, now).await?;
            let data = json!({
                "file": source.name,
                "sha256": source.sha256,
                "revision": revision,
                "awardRows": tables.rows,
                "tablesSha256": tables.sha256,
            });
            let (actor, id) = (source.ledger_actor(now), ImportId::from_sha256(&source.sha256));
            append(&tx, actor, id, LedgerAction::ImportFinished, &data).await?;
        }
        return tx.commit().await;
    }
}

/// Returns the number of recipients, then the number of awards.
pub async fn count_recipients_and_awards(db: &Database) -> Result<(u64, u64)> {
    let recipients = store::recipients::count(&db.read).await?;
    Ok((recipients, store::awards::count(&db.read).await?))
}

/// Imports entries in one transaction, in order, and saves the progress. Returns each entry's line and
/// outcome, in order of line.
///
/// # Errors
/// Database faults only; none of the entries was imported then.
pub async fn import_rows(
    db: &Database,
    source: &ImportFile,
    now: DateTime<Utc>,
    entries: Vec<AwardFileEntry>,
) -> Result<Vec<(u64, RowOutcome)>> {
    let last = entries.last().map_or(0, AwardFileEntry::line);
    let mut outcomes = BTreeMap::new();
    let mut accepted = Vec::new();
    for entry in entries {
        match rules::problem(&entry) {
            Some(error) => drop(outcomes.insert(entry.line(), RowOutcome::Rejected(error))),
            None => accepted.push(entry),
        }
    }
    let tx = db.begin().await?;
    // Concurrent imports wait here, so that revisions are committed in order.
    let revision = store::recipients::lock_revision(&tx).await? + 1;
    let mut batch = Batch::load(&tx, &accepted, revision).await?;
    for entry in accepted {
        let outcome = match entry {
            AwardFileEntry::Row(row) => (row.line, batch.apply_row(*row, source)),
            AwardFileEntry::Deletion(it) => (it.line, batch.apply_deletion(it, source)),
        };
        outcomes.extend([outcome]);
    }
    save_batch(&tx, batch, revision, now).await?;
    let progress = import::Model {
        sha256: source.sha256.clone(),
        file: source.name.clone(),
        last_line: i64::try_from(last).unwrap_or(i64::MAX),
        began_at: now,
        finished_at: None,
    };
    let earlier = store::awards::find_import(&*tx, &source.sha256).await?;
    // Under another name it begins again, so that the ledger has the name that the row has.
    let is_same = |it: &import::Model| it.finished_at.is_none() && it.file == source.name;
    let is_in_progress = earlier.as_ref().is_some_and(is_same);
    store::awards::save_import(&tx, progress).await?;
    if !is_in_progress {
        let data = json!({ "file": source.name, "sha256": source.sha256 });
        let (actor, id) = (source.ledger_actor(now), ImportId::from_sha256(&source.sha256));
        append(&tx, actor, id, LedgerAction::ImportBegan, &data).await?;
    }
    tx.commit().await?;
    Ok(outcomes.into_iter().collect())
}

/// Writes a batch, with the revision and the newest day of the data if it changes any row.
async fn save_batch(tx: &Tx, batch: Batch, revision: i64, now: DateTime<Utc>) -> Result<()> {
    let (newest_on, has_removal) = (batch.newest_day(), batch.has_removal);
    if batch.save(tx, now).await? {
        store::recipients::set_revision(tx, revision, newest_on).await?;
        if has_removal {
            let newest_on = store::awards::find_newest_day(&**tx).await?;
            store::recipients::set_newest_day(tx, newest_on).await?;
        }
    }
    Ok(())
}

/// The transactions that a complete file no longer has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MissingTransactions {
    /// The number of removed transactions.
    pub removed: u64,
    /// The number of transactions that may be missing but whose day is unknown, because an older version
    /// imported them. They stay.
    pub undated: u64,
}

/// Removes the transactions of the listed awards whose action is in the span of a complete source and
/// which are not listed, except those that are known to be newer than the source.
///
/// # Errors
/// Database faults; the transactions of earlier batches stay removed.
pub async fn remove_missing_transactions(
    db: &Database,
    source: &ImportFile,
    now: DateTime<Utc>,
    listed: &ListedTransactions,
) -> Result<MissingTransactions> {
    /// The number of awards in one transaction.
    const BATCH_AWARDS: usize = 500;
    let mut missing = MissingTransactions::default();
    let keys: Vec<String> = listed.award_keys().map(ToOwned::to_owned).collect();
    for keys in keys.chunks(BATCH_AWARDS) {
        let tx = db.begin().await?;
        let revision = store::recipients::lock_revision(&tx).await? + 1;
        let mut batch = Batch::load_awards(&tx, keys.to_vec(), revision).await?;
        let (removed, undated) =
            batch.remove_missing(source, |award, key| listed.contains(award, key));
        missing.removed += removed;
        missing.undated += undated;
        save_batch(&tx, batch, revision, now).await?;
        tx.commit().await?;
    }
    Ok(missing)
}
