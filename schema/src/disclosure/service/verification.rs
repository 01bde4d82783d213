//! Verifies that filings match what was signed, and names the tables that the ledger records.
use sea_orm::ConnectionTrait;

use super::store;
use crate::canonical::sha256;
use crate::database::RecordedTable;
use crate::disclosure::entity::{appeal, clarification, disclosure, filing, review};
use crate::disclosure::model::Attestation;
use crate::fault::Result;

/// Recomputes the digest of every filing and compares it with the signed one, and compares the copied
/// time of filing. Returns the number of filings checked and a description of the first mismatch, if
/// any.
#[tracing::instrument(skip_all)]
pub async fn verify_digests(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    const BATCH: u64 = 500;
    let (mut checked, mut last) = (0, None);
    loop {
        let rows = store::list_batch(db, last, BATCH).await?;
        let Some(end) = rows.last() else {
            let wrong = store::find_wrong_filing_time(db).await?;
            let message = "its disclosure has another time of filing";
            return Ok((checked, wrong.map(|id| format!("filing {id}: {message}"))));
        };
        last = Some(end.id.uuid());
        for row in rows {
            checked += 1;
            let signed = serde_json::from_str::<Attestation>(&row.attestation);
            let mismatch = if sha256(&row.statement) != row.sha256 {
                Some("its statement does not match its digest")
            } else if signed.is_ok_and(|signed| signed.digest == row.sha256) {
                None
            } else {
                Some("its digest is not the one that was signed")
            };
            if let Some(mismatch) = mismatch {
                return Ok((checked, Some(format!("filing {}: {mismatch}", row.id))));
            }
        }
    }
}

/// The tables whose rows the ledger records, for verification.
#[must_use]
pub fn recorded_tables() -> Vec<RecordedTable> {
    vec![
        RecordedTable::of::<filing::Entity>(),
        RecordedTable::of::<disclosure::Entity>(),
        RecordedTable::of::<clarification::Entity>(),
        RecordedTable::of::<review::Entity>(),
        RecordedTable::of::<appeal::Entity>(),
    ]
}
