//! Computes the digest over the award tables, which the ledger stores with each import.
use sea_orm::{ConnectionTrait, DbErr, ModelTrait};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::store;
use crate::award::entity::transaction;
use crate::database::row_values;
use crate::fault::{Fault, Result};

/// The number of rows in one query.
const ROWS_PER_BATCH: u64 = 2_000;

/// The size and digest of the award tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableDigest {
    /// The number of rows of recipients, awards, transactions, holders and deletions together.
    pub rows: u64,
    /// SHA-256 in lower-case hexadecimal over one line of JSON for each row: tables in the order
    /// above, rows in order of primary key.
    pub sha256: String,
}

/// Reads the award tables batch by batch and computes their digest.
pub async fn digest_award_tables(db: &impl ConnectionTrait) -> Result<TableDigest> {
    let mut digest = RowDigest::default();
    let mut last = None;
    loop {
        let rows = store::recipients::list_batch(db, last, ROWS_PER_BATCH).await?;
        let Some(end) = rows.last() else { break };
        last = Some(end.id.uuid());
        digest.add("award_recipient", &rows)?;
    }
    let mut last = None;
    loop {
        let rows = store::awards::list_batch(db, last, ROWS_PER_BATCH).await?;
        let Some(end) = rows.last() else { break };
        last = Some(end.id.uuid());
        digest.add("federal_award", &rows)?;
    }
    let mut last = None;
    loop {
        let rows = store::awards::list_transaction_batch(db, last.take(), ROWS_PER_BATCH).await?;
        let Some(end) = rows.last() else { break };
        last = Some((end.award_id, end.key.clone()));
        digest.add_transactions(&rows)?;
    }
    let mut last = None;
    loop {
        let rows = store::awards::list_holder_batch(db, last, ROWS_PER_BATCH).await?;
        let Some(end) = rows.last() else { break };
        last = Some((end.award_id, end.recipient_id));
        digest.add("award_holder", &rows)?;
    }
    let mut last = None;
    loop {
        let rows = store::awards::list_deletion_batch(db, last.take(), ROWS_PER_BATCH).await?;
        let Some(end) = rows.last() else { break };
        last = Some((end.award_key.clone(), end.key.clone()));
        digest.add("award_transaction_deletion", &rows)?;
    }
    Ok(TableDigest { rows: digest.rows, sha256: hex::encode(digest.sha256.finalize()) })
}

#[derive(Default)]
struct RowDigest {
    rows: u64,
    sha256: Sha256,
}

impl RowDigest {
    fn add<M: ModelTrait>(&mut self, table: &str, rows: &[M]) -> Result<()> {
        rows.iter().try_for_each(|row| self.add_values(table, &row_values(row)))
    }

    /// Adds transactions. Unknown days at the end are left out, so that the digest of rows that an older
    /// version imported is what it recorded.
    fn add_transactions(&mut self, rows: &[transaction::Model]) -> Result<()> {
        rows.iter().try_for_each(|row| {
            let mut values = row_values(row);
            for day in [row.modified_on, row.action_on] {
                if day.is_some() {
                    break;
                }
                values.pop();
            }
            self.add_values("award_transaction", &values)
        })
    }

    fn add_values(&mut self, table: &str, values: &[Json]) -> Result<()> {
        let line = serde_json::to_vec(&json!([table, values]))
            .map_err(|error| Fault::from(DbErr::Json(error.to_string())))?;
        self.sha256.update(&line);
        self.sha256.update(b"\n");
        self.rows += 1;
        Ok(())
    }
}
