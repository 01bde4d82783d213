//! One digest over all that award files told, which the ledger keeps with each import.
use sea_orm::{ConnectionTrait, DbErr, ModelTrait};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::store;
use crate::database::row_values;
use crate::fault::{Fault, Result};

/// How many rows are read at once.
const ROWS_A_PAGE: u64 = 2_000;

/// What the tables of awards hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AwardTables {
    /// The rows of all of them: recipients, awards, transactions, holders.
    pub rows: u64,
    /// Of all their values, in lower-case hexadecimal: one line of JSON a row, the tables in this
    /// order, each by its key.
    pub sha256: String,
}

/// Reads all that award files told, a page at a time.
///
/// # Errors
/// `Unavailable` or `Internal` if the database fails.
pub async fn award_tables(db: &impl ConnectionTrait) -> Result<AwardTables> {
    let mut digest = RowDigest::default();
    let mut last = None;
    loop {
        let rows = store::recipients::list_batch(db, last, ROWS_A_PAGE).await?;
        let Some(end) = rows.last() else { break };
        last = Some(end.id.uuid());
        digest.add("award_recipient", &rows)?;
    }
    let mut last = None;
    loop {
        let rows = store::awards::list_batch(db, last, ROWS_A_PAGE).await?;
        let Some(end) = rows.last() else { break };
        last = Some(end.id.uuid());
        digest.add("federal_award", &rows)?;
    }
    let mut last = None;
    loop {
        let rows = store::awards::list_transaction_batch(db, last.take(), ROWS_A_PAGE).await?;
        let Some(end) = rows.last() else { break };
        last = Some((end.award_id, end.key.clone()));
        digest.add("award_transaction", &rows)?;
    }
    let mut last = None;
    loop {
        let rows = store::awards::list_holder_batch(db, last, ROWS_A_PAGE).await?;
        let Some(end) = rows.last() else { break };
        last = Some((end.award_id, end.recipient_id));
        digest.add("award_holder", &rows)?;
    }
    Ok(AwardTables { rows: digest.rows, sha256: hex::encode(digest.sha256.finalize()) })
}

#[derive(Default)]
struct RowDigest {
    rows: u64,
    sha256: Sha256,
}

impl RowDigest {
    fn add<M: ModelTrait>(&mut self, table: &str, rows: &[M]) -> Result<()> {
        for row in rows {
            let line = serde_json::to_vec(&json!([table, row_values(row)]))
                .map_err(|error| Fault::from(DbErr::Json(error.to_string())))?;
            self.sha256.update(&line);
            self.sha256.update(b"\n");
            self.rows += 1;
        }
        Ok(())
    }
}
