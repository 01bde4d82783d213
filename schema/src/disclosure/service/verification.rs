//! Checking that what was filed is what was signed, and that the ledger says the same.
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::store;
use crate::canonical::sha256;
use crate::disclosure::model::Attestation;
use crate::fault::Result;
use crate::ledger;
use crate::ledger::model::{Claim, LedgerAction, Life};

/// Where each entry on a disclosure leaves it.
const LIFE: &[(LedgerAction, &str)] = &[
    (LedgerAction::DisclosureFiled, "FILED"),
    (LedgerAction::DisclosureSuperseded, "SUPERSEDED"),
    (LedgerAction::DisclosureWithdrawn, "WITHDRAWN"),
];

/// Recomputes the digest of every filing and compares it with the one that was signed. Answers
/// the number of filings and what is wrong with the first wrong one, if any is.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn verify(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    const BATCH: u64 = 500;
    let (mut checked, mut last) = (0, None);
    loop {
        let rows = store::batch(db, last, BATCH).await?;
        let Some(end) = rows.last() else {
            return Ok((checked, None));
        };
        last = Some(end.id.uuid());
        for row in rows {
            checked += 1;
            let signed = serde_json::from_str::<Attestation>(&row.attestation);
            let wrong = if sha256(&row.statement) != row.sha256 {
                Some("its statement does not match its digest")
            } else if signed.is_ok_and(|signed| signed.digest == row.sha256) {
                None
            } else {
                Some("its digest is not the one that was signed")
            };
            if let Some(wrong) = wrong {
                return Ok((checked, Some(format!("filing {}: {wrong}", row.id))));
            }
        }
    }
}

/// Compares every filing, and the disclosure that lives by it, with the ledger. Answers as
/// [`verify`].
///
/// # Errors
/// `Internal` if the database fails.
pub async fn borne_out(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    let batch = async |after, size| store::filed_batch(db, after, size).await;
    ledger::service::borne_out(db, batch, |(filing, row)| Claim {
        row: filing.id.uuid(),
        name: format!("filing {}", filing.id),
        subject: filing.id.uuid(),
        made_by: LedgerAction::DisclosureFiled,
        made_with: json!({
            "organization": filing.organization_id,
            "version": filing.version,
            "kind": filing.kind,
            "policyVersion": filing.policy_version,
            "sha256": filing.sha256,
            "attestation": serde_json::from_str::<Value>(&filing.attestation).ok(),
        }),
        // A filing whose disclosure is gone says so too: the ledger knows a status.
        life: Some(Life {
            status: row.as_ref().map_or("missing".to_owned(), |row| row.status.word()),
            set_by: LIFE,
        }),
    })
    .await
}
