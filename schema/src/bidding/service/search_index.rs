//! The search index of solicitations: filling it after an upgrade, and verifying it.
use sea_orm::ConnectionTrait;

use super::store;
use crate::database::Database;
use crate::fault::Result;
use crate::search::{self, Index};

/// The number of solicitations that are read at once.
const BATCH: u64 = 500;

/// Adds the number and title of each solicitation after the last one in the search index: of all after an
/// upgrade from a version without it. Writes in the order of ids and in many transactions, so that an
/// interrupted run goes on where it ended. Returns the number of solicitations indexed.
pub async fn fill_search_index(db: &Database) -> Result<u64> {
    let (mut indexed, mut last) =
        (0, search::find_last_subject(&db.read, Index::Solicitation).await?);
    loop {
        let tx = db.begin().await?;
        let rows = store::list_batch(&*tx, last, BATCH).await?;
        let Some(end) = rows.last() else { return Ok(indexed) };
        last = Some(end.id.uuid());
        indexed += u64::try_from(rows.len()).unwrap_or(u64::MAX);
        store::insert_searched_words(&tx, &rows).await?;
        tx.commit().await?;
    }
}

/// Recomputes the search index of every solicitation and compares it. Returns the number of
/// solicitations and a description of the first inconsistency.
pub async fn verify_search_index(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    let (mut checked, mut last) = (0, None);
    let mut words = search::digests(db, Index::Solicitation).await?;
    loop {
        let rows = store::list_batch(db, last, BATCH).await?;
        let Some(end) = rows.last() else { break };
        last = Some(end.id.uuid());
        for row in rows {
            checked += 1;
            if words.remove(&row.id.uuid()) != search::digest_of(&store::searched_texts(&row)) {
                let message = "its search index entries do not match its number and title";
                return Ok((checked, Some(format!("solicitation {}: {message}", row.id))));
            }
        }
    }
    let message = "the search index has entries of solicitations that do not exist";
    Ok((checked, (!words.is_empty()).then(|| message.to_owned())))
}
