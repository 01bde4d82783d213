//! Verifies matches and award tables against the ledger.
use sea_orm::ConnectionTrait;

use super::digest::digest_award_tables;
use super::facts::load_award_data;
use super::store;
use crate::award::entity::{appeal, award_match};
use crate::award::model::ImportId;
use crate::database::{Database, RecordedTable};
use crate::fault::Result;
use crate::ledger::model::LedgerAction;
use crate::ledger::service::{Event, count_chains_beginning_with, load_events};

/// The tables of matches and appeals whose rows the ledger records.
#[must_use]
pub fn recorded_tables() -> Vec<RecordedTable> {
    vec![RecordedTable::of::<award_match::Entity>(), RecordedTable::of::<appeal::Entity>()]
}

/// The result of comparing the award tables with the ledger's entries about imports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AwardVerification {
    /// The number of rows in the award tables.
    pub rows: u64,
    /// Whether the comparison was skipped because an import is unfinished.
    pub is_import_pending: bool,
    /// The inconsistency, for a person; `None` if there is none.
    pub inconsistency: Option<String>,
}

/// Compares the award tables with the digest that the last finished import recorded.
pub async fn verify_awards(db: &impl ConnectionTrait) -> Result<AwardVerification> {
    let tables = digest_award_tables(db).await?;
    let revision = store::recipients::load_revision(db).await?;
    let checked = AwardVerification { rows: tables.rows, ..AwardVerification::default() };
    let inconsistent =
        |text: String| AwardVerification { inconsistency: Some(text), ..checked.clone() };
    let imports = store::awards::list_imports(db).await?;
    let ids = imports.iter().map(|import| ImportId::from_sha256(&import.sha256).uuid()).collect();
    let mut events = load_events(db, ids).await?;
    let mut last_finished: Option<Event> = None;
    let mut is_import_pending = false;
    for import in &imports {
        let id = ImportId::from_sha256(&import.sha256);
        let events = events.remove(&id.uuid()).unwrap_or_default();
        let Some(newest) = events.last() else {
            return Ok(inconsistent(format!(
                "import {id} of {}: the ledger has no entry for it",
                import.file
            )));
        };
        let is_finished = newest.action == LedgerAction::ImportFinished.as_str();
        let is_consistent = newest.data["sha256"] == import.sha256.as_str()
            && newest.data["file"] == import.file.as_str()
            && is_finished == import.finished_at.is_some();
        if !is_consistent {
            return Ok(inconsistent(format!("import {id}: it differs from the ledger")));
        }
        is_import_pending |= !is_finished;
        let finished = events.into_iter().filter(|event| !event.data["revision"].is_null());
        last_finished =
            last_finished.into_iter().chain(finished).max_by_key(|it| it.data["revision"].as_i64());
    }
    let import_count = u64::try_from(imports.len()).unwrap_or(u64::MAX);
    if count_chains_beginning_with(db, LedgerAction::ImportBegan).await? != import_count {
        return Ok(inconsistent("the ledger has entries for imports that are missing".to_owned()));
    }
    if store::backlog::count_matched_after(db, revision).await? > 0 {
        let message = "an organization was matched against an import revision that does not exist";
        return Ok(inconsistent(message.to_owned()));
    }
    let recorded_revision = last_finished
        .as_ref()
        .and_then(|last_finished| last_finished.data["revision"].as_i64())
        .unwrap_or_default();
    let recorded_digest = last_finished
        .as_ref()
        .and_then(|last_finished| last_finished.data["tablesSha256"].as_str());
    Ok(match recorded_digest {
        _ if recorded_revision > revision => {
            inconsistent("the import revision is lower than in the ledger".to_owned())
        }
        Some(digest) if recorded_revision == revision && digest == tables.sha256 => {
            let data = load_award_data(db).await?;
            let newest_on = store::awards::find_newest_day(db).await?;
            // The digest is filled in at the start after an upgrade.
            if data.newest_on != newest_on || data.sha256.is_some_and(|it| it != digest) {
                return Ok(inconsistent(
                    "the newest day or digest of the federal awards differs from the awards"
                        .to_owned(),
                ));
            }
            checked
        }
        None if revision == 0 && tables.rows == 0 => checked,
        _ if is_import_pending && recorded_revision < revision => {
            AwardVerification { is_import_pending, ..checked }
        }
        _ => {
            inconsistent("the federal awards differ from the digest of the last import".to_owned())
        }
    })
}

/// Fills in the digest of the award tables that the last finished import recorded in the ledger, if an
/// older version imported them. Returns the number of digests.
pub async fn fill_missing_digest(db: &Database) -> Result<u64> {
    let Some(row) = store::recipients::load_revision_row(&db.read).await? else { return Ok(0) };
    if row.number == 0 || row.sha256.is_some() {
        return Ok(0);
    }
    let imports = store::awards::list_imports(&db.read).await?;
    let ids = imports.iter().map(|import| ImportId::from_sha256(&import.sha256).uuid()).collect();
    let events = load_events(&db.read, ids).await?.into_values().flatten();
    let mut of_revision =
        events.filter(|event| event.data["revision"].as_i64() == Some(row.number));
    let Some(event) = of_revision.next() else { return Ok(0) };
    let Some(digest) = event.data["tablesSha256"].as_str() else { return Ok(0) };
    let tx = db.begin().await?;
    if store::recipients::lock_revision(&tx).await? != row.number {
        return Ok(0);
    }
    store::recipients::set_tables_digest(&tx, digest).await?;
    tx.commit().await?;
    Ok(1)
}
