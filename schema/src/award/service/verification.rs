//! Checking that the ledger says the same of every match.
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::store;
use crate::fault::Result;
use crate::ledger;
use crate::ledger::model::{Claim, LedgerAction, Life};

/// Compares every match with the ledger. Answers their number and what is wrong with the first
/// wrong one, if any is.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn borne_out(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    let batch = async |after, size| store::matches::batch(db, after, size).await;
    ledger::service::borne_out(db, batch, |row| Claim {
        row: row.id.uuid(),
        name: format!("match {}", row.id),
        subject: row.id.uuid(),
        made_by: LedgerAction::MatchFound,
        made_with: json!({ "organization": row.organization_id, "award": row.award_id }),
        // Every entry that moves it says where to.
        life: Some(Life { status: row.status.word(), set_by: &[] }),
    })
    .await
}
