//! The search index of waivers and exemptions: filling it after an upgrade, and verifying it.
use sea_orm::ConnectionTrait;

use crate::database::Database;
use crate::fault::Result;
use crate::search::{self, Index};
use crate::waiver::store::{exemptions, waivers};

/// The number of rows that are read at once.
const BATCH: u64 = 500;

/// Fills the search index with the contract number of every waiver and exemption if it is empty, as
/// after an upgrade from a version without it. Returns the number of rows indexed.
pub async fn fill_empty_search_index(db: &Database) -> Result<u64> {
    if !search::is_empty(&db.read, Index::Relief).await? {
        return Ok(0);
    }
    let mut indexed = 0;
    let tx = db.begin().await?;
    macro_rules! fill {
        ($table:ident) => {
            let mut last = None;
            loop {
                let rows = $table::list_batch(&*tx, last, BATCH).await?;
                let Some(end) = rows.last() else { break };
                last = Some(end.id.uuid());
                // Those on a solicitation name no contract number.
                let has_words =
                    |row: &&_| search::digest_of(&$table::searched_texts(row)).is_some();
                let number = rows.iter().filter(has_words).count();
                indexed += u64::try_from(number).unwrap_or(u64::MAX);
                $table::insert_searched_words(&tx, &rows).await?;
            }
        };
    }
    fill!(waivers);
    fill!(exemptions);
    tx.commit().await?;
    Ok(indexed)
}

/// Recomputes the search index of every waiver and exemption and compares it. Returns their number
/// and a description of the first inconsistency.
pub async fn verify_search_index(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    let mut checked = 0;
    let mut words = search::digests(db, Index::Relief).await?;
    macro_rules! verify {
        ($table:ident, $name:literal) => {
            let mut last = None;
            loop {
                let rows = $table::list_batch(db, last, BATCH).await?;
                let Some(end) = rows.last() else { break };
                last = Some(end.id.uuid());
                for row in rows {
                    checked += 1;
                    let texts = $table::searched_texts(&row);
                    if words.remove(&row.id.uuid()) != search::digest_of(&texts) {
                        let message = "its search index entries do not match its contract number";
                        return Ok((checked, Some(format!("{} {}: {message}", $name, row.id))));
                    }
                }
            }
        };
    }
    verify!(waivers, "waiver");
    verify!(exemptions, "exemption");
    let message = "the search index has entries of waivers or exemptions that do not exist";
    Ok((checked, (!words.is_empty()).then(|| message.to_owned())))
}
