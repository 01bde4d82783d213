//! What the ledger keeps of matches.
use sea_orm::ConnectionTrait;

use super::digest::award_tables;
use super::store;
use crate::award::entity::{appeal, found};
use crate::award::model::ImportId;
use crate::database::RecordedTable;
use crate::fault::Result;
use crate::ledger::model::LedgerAction;
use crate::ledger::service::{Event, count_begun, events_of};

/// The tables whose rows the ledger keeps, for who compares them.
#[must_use]
pub fn recorded_tables() -> Vec<RecordedTable> {
    vec![RecordedTable::of::<found::Entity>(), RecordedTable::of::<appeal::Entity>()]
}

/// What came of comparing the awards with what the ledger says of their imports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckedAwards {
    /// The rows that award files told.
    pub rows: u64,
    /// They were not compared, since an import has not come to its end.
    pub is_waiting: bool,
    /// What is wrong, in words.
    pub wrong: Option<String>,
}

/// Compares all that award files told with the digest of the last import.
///
/// # Errors
/// `Unavailable` or `Internal` if the database fails.
pub async fn verify_awards(db: &impl ConnectionTrait) -> Result<CheckedAwards> {
    let tables = award_tables(db).await?;
    let revision = store::recipients::revision(db).await?;
    let checked = CheckedAwards { rows: tables.rows, ..CheckedAwards::default() };
    let wrong = |wrong: String| CheckedAwards { wrong: Some(wrong), ..checked.clone() };
    let imports = store::awards::list_imports(db).await?;
    let ids = imports.iter().map(|import| ImportId::from_sha256(&import.sha256).uuid()).collect();
    let mut events = events_of(db, ids).await?;
    let mut last: Option<Event> = None;
    let mut is_waiting = false;
    for import in &imports {
        let id = ImportId::from_sha256(&import.sha256);
        let events = events.remove(&id.uuid()).unwrap_or_default();
        let Some(newest) = events.last() else {
            return Ok(wrong(format!(
                "import {id} of {}: the ledger does not know it",
                import.file
            )));
        };
        let is_finished = newest.action == LedgerAction::ImportFinished.as_str();
        let same = newest.data["sha256"] == import.sha256.as_str()
            && newest.data["file"] == import.file.as_str()
            && is_finished == import.finished_at.is_some();
        if !same {
            return Ok(wrong(format!("import {id}: it is not what the ledger says")));
        }
        is_waiting |= !is_finished;
        let finished = events.into_iter().filter(|event| !event.data["revision"].is_null());
        last = last.into_iter().chain(finished).max_by_key(|it| it.data["revision"].as_i64());
    }
    let known = u64::try_from(imports.len()).unwrap_or(u64::MAX);
    if count_begun(db, LedgerAction::ImportBegan).await? != known {
        return Ok(wrong("the ledger knows of imports that are not there".to_owned()));
    }
    if store::waiting::count_matched_after(db, revision).await? > 0 {
        let told = "an organization is said to be compared with awards that were never imported";
        return Ok(wrong(told.to_owned()));
    }
    let known = last.as_ref().and_then(|last| last.data["revision"].as_i64()).unwrap_or_default();
    let told = last.as_ref().and_then(|last| last.data["tablesSha256"].as_str());
    Ok(match told {
        _ if known > revision => wrong("the number of changes of awards was set back".to_owned()),
        Some(told) if known == revision && told == tables.sha256 => checked,
        None if revision == 0 && tables.rows == 0 => checked,
        _ if is_waiting && known < revision => CheckedAwards { is_waiting, ..checked },
        _ => wrong("the federal awards are not what their last import left".to_owned()),
    })
}
